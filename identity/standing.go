package identity

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"slices"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// SignInCredential is [Directory.SignIn] that also names the credential that
// matched, for [Directory.Stands]: services that give tokens of their own for it
// can tell at every use whether it still counts.
func (d *Directory) SignInCredential(ctx context.Context, name string, secret azure.Secret) (authz.Principal, string, error) {
	p, err := d.SignIn(ctx, name, secret)
	if err != nil {
		return p, "", err
	}
	if p.Type == authz.User {
		u, _ := d.User(p.TenantID, p.ObjectID)
		return p, d.passwordMark(u), nil
	}
	for _, c := range d.credentialsOf(p.TenantID, p.ObjectID) {
		if hmac.Equal(c.MAC, d.credentialMAC(c.KeyID, secret.Reveal())) {
			return p, c.KeyID, nil
		}
	}
	return p, "", nil
}

// Stands reports, from memory, whether the principal exists and is enabled and
// the credential that [Directory.SignInCredential] named has neither ended nor
// been removed or changed. An empty credential asks for the principal alone.
func (d *Directory) Stands(objectID, credential string) bool {
	key := store.K(objectID)
	if u, ok := d.users.Get(key); ok {
		return !u.Value.Disabled && (credential == "" || credential == d.passwordMark(u.Value))
	}
	p, ok := d.principals.Get(key)
	if !ok || p.Value.Disabled {
		return false
	}
	now := d.Now()
	return credential == "" || slices.ContainsFunc(d.credentialsOf(p.Value.TenantID, objectID), func(c Credential) bool {
		return c.KeyID == credential && now.Before(c.End)
	})
}

// passwordMark changes when the user's password does.
func (d *Directory) passwordMark(u User) string {
	return hex.EncodeToString(d.MAC("password-mark", []byte(u.ID), []byte(u.PasswordHash)))
}

// credentialsOf are the secrets a service principal can sign in with: its
// application's and its own.
func (d *Directory) credentialsOf(tenantID, objectID string) []Credential {
	p, ok := d.ServicePrincipal(tenantID, objectID)
	if !ok {
		return nil
	}
	a, _ := d.ApplicationByAppID(tenantID, p.AppID)
	return slices.Concat(a.Credentials, p.Credentials)
}
