package identity

import (
	"context"
	"crypto/hmac"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// maxCredentials bounds the passwords of one object.
const maxCredentials = 100

const (
	secretLength   = 40
	plainAlphabet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	secretAlphabet = plainAlphabet + "~._"
)

// newSecret makes 40 characters of [A-Za-z0-9~._], the first a letter or digit,
// so that a shell passes it on unquoted and no command takes it for a flag.
func (d *Directory) newSecret() (azure.Secret, error) {
	out := make([]byte, 0, secretLength)
	var b [1]byte
	for len(out) < secretLength {
		if _, err := io.ReadFull(d.Random, b[:]); err != nil {
			return azure.Secret{}, fmt.Errorf("identity: make a secret: %w", err)
		}
		alphabet := secretAlphabet
		if len(out) == 0 {
			alphabet = plainAlphabet
		}
		if i := int(b[0]); i < 256/len(alphabet)*len(alphabet) { // else the first letters came more often
			out = append(out, alphabet[i%len(alphabet)])
		}
	}
	return azure.NewSecret(string(out)), nil
}

// newCredential completes c with key id, hint and MAC of a secret made here.
func (d *Directory) newCredential(c Credential) (Credential, azure.Secret, error) {
	if c.Start.IsZero() {
		c.Start = d.Now()
	}
	if c.End.IsZero() {
		c.End = c.Start.AddDate(2, 0, 0) // Azure: two years unless said otherwise
	}
	if !c.End.After(c.Start) {
		return c, azure.Secret{}, azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The password would end at %s, which is not after its start at %s. Give a later endDateTime.",
			c.End.Format(time.RFC3339), c.Start.Format(time.RFC3339)).At("endDateTime")
	}
	id, err := d.newID()
	if err != nil {
		return c, azure.Secret{}, err
	}
	secret, err := d.newSecret()
	if err != nil {
		return c, azure.Secret{}, err
	}
	c.KeyID, c.Hint, c.MAC = id, secret.Reveal()[:3], d.credentialMAC(id, secret.Reveal())
	return c, secret, nil
}

func (d *Directory) credentialMAC(keyID, secret string) []byte {
	return d.MAC("credential", []byte(keyID), []byte(secret))
}

// credentialList is how AddPassword and RemovePassword reach the list of either
// kind of object.
type credentialList func(ctx context.Context, change func(*[]Credential) error) error

func (d *Directory) ofApplication(tenantID, id string) credentialList {
	return func(ctx context.Context, change func(*[]Credential) error) error {
		return d.UpdateApplication(ctx, tenantID, id, func(a *Application) error { return change(&a.Credentials) })
	}
}

func (d *Directory) ofPrincipal(tenantID, id string) credentialList {
	return func(ctx context.Context, change func(*[]Credential) error) error {
		return d.UpdateServicePrincipal(ctx, tenantID, id, func(p *ServicePrincipal) error { return change(&p.Credentials) })
	}
}

// AddApplicationPassword gives an application a new password. Of c it uses
// DisplayName, Start (zero: now) and End (zero: two years later). The secret is
// not kept.
func (d *Directory) AddApplicationPassword(ctx context.Context, tenantID, id string, c Credential) (Credential, azure.Secret, error) {
	return d.addPassword(ctx, d.ofApplication(tenantID, id), c)
}

// AddServicePrincipalPassword is [Directory.AddApplicationPassword] for a
// service principal.
func (d *Directory) AddServicePrincipalPassword(ctx context.Context, tenantID, id string, c Credential) (Credential, azure.Secret, error) {
	return d.addPassword(ctx, d.ofPrincipal(tenantID, id), c)
}

// RemoveApplicationPassword removes the password keyID; it is void at once.
func (d *Directory) RemoveApplicationPassword(ctx context.Context, tenantID, id, keyID string) error {
	return d.removePassword(ctx, d.ofApplication(tenantID, id), keyID)
}

// RemoveServicePrincipalPassword removes the password keyID; it is void at once.
func (d *Directory) RemoveServicePrincipalPassword(ctx context.Context, tenantID, id, keyID string) error {
	return d.removePassword(ctx, d.ofPrincipal(tenantID, id), keyID)
}

func (d *Directory) addPassword(ctx context.Context, list credentialList, c Credential) (Credential, azure.Secret, error) {
	c, secret, err := d.newCredential(c)
	if err != nil {
		return Credential{}, azure.Secret{}, err
	}
	err = list(ctx, func(cs *[]Credential) error {
		if len(*cs) >= maxCredentials {
			return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The object has %d passwords, the most it can have. Remove one first.", len(*cs))
		}
		*cs = append(*cs, c)
		return nil
	})
	if err != nil {
		return Credential{}, azure.Secret{}, err
	}
	return c, secret, nil
}

func (d *Directory) removePassword(ctx context.Context, list credentialList, keyID string) error {
	return list(ctx, func(cs *[]Credential) error {
		n := len(*cs)
		*cs = slices.DeleteFunc(*cs, func(c Credential) bool { return c.KeyID == keyID })
		if len(*cs) == n {
			return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "No password credential found with keyId '%s'. Read the object's passwordCredentials to see the ids.", keyID).At("keyId")
		}
		return nil
	})
}

// VerifySecret checks the secret of an application in the tenant. Its service
// principal must exist and be enabled. Errors, all Unauthenticated:
// CodeSignInUnknownApplication, CodeSignInNoServicePrincipal,
// CodeSignInApplicationDisabled, CodeSignInWrongSecret, CodeSignInExpiredSecret.
func (d *Directory) VerifySecret(tenantID, appID string, secret azure.Secret) (ServicePrincipal, error) {
	var zero ServicePrincipal
	a, ok := d.ApplicationByAppID(tenantID, appID)
	if !ok {
		return zero, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUnknownApplication,
			"Application with identifier '%s' was not found in the directory '%s'. Check the client id, or create the application in this tenant.", appID, tenantID)
	}
	p, _ := d.ServicePrincipalByAppID(tenantID, appID)
	if err := d.match(appID, slices.Concat(a.Credentials, p.Credentials), secret.Reveal()); err != nil {
		return zero, err
	}
	return d.usable(tenantID, appID)
}

// usable is the service principal of an application, which must be there and
// enabled. Errors: CodeSignInNoServicePrincipal, CodeSignInApplicationDisabled.
func (d *Directory) usable(tenantID, appID string) (ServicePrincipal, error) {
	var zero ServicePrincipal
	p, ok := d.ServicePrincipalByAppID(tenantID, appID)
	if !ok {
		return zero, azure.Errorf(azure.Unauthenticated, azure.CodeSignInNoServicePrincipal,
			"The client application '%s' is missing service principal in the tenant '%s'. Create it with 'az ad sp create --id %s'.", appID, tenantID, appID)
	}
	if p.Disabled {
		return zero, azure.Errorf(azure.Unauthenticated, azure.CodeSignInApplicationDisabled, "Application '%s'(%s) is disabled. Enable its service principal.", appID, p.DisplayName)
	}
	return p, nil
}

// clockSkew is how far a client's clock may be ahead: az takes the start of a
// new password from its own.
const clockSkew = 5 * time.Minute

// match finds the credential that secret belongs to; all are compared, so the
// time taken does not tell which one it was.
func (d *Directory) match(appID string, creds []Credential, secret string) error {
	now := d.Now()
	good := false
	var other *Credential // right, but not now
	for i, c := range creds {
		switch {
		case !hmac.Equal(c.MAC, d.credentialMAC(c.KeyID, secret)):
		case now.Before(c.End) && !now.Add(clockSkew).Before(c.Start):
			good = true
		default:
			other = &creds[i]
		}
	}
	switch {
	case good:
		return nil
	case other != nil && now.Before(other.End):
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInWrongSecret,
			"Invalid client secret provided. The secret of app '%s' is not valid before %s.", appID, other.Start.UTC().Format(time.RFC3339))
	case other != nil:
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInExpiredSecret,
			"The provided client secret keys for app '%s' are expired. Create new keys for the app with 'az ad sp credential reset --id %s'.", appID, appID)
	}
	return azure.Errorf(azure.Unauthenticated, azure.CodeSignInWrongSecret,
		"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", appID)
}
