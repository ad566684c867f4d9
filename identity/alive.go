package identity

import (
	"crypto/hmac"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// CredentialOf names what a successful [Directory.SignIn] used: the key id of
// the application's secret, or a fingerprint of the user's password. It holds
// no secret. ok is false when nothing matches.
func (d *Directory) CredentialOf(name string, secret azure.Secret) (credential string, ok bool) {
	if strings.Contains(name, "@") {
		u, ok := d.UserByUPN(name)
		return d.fingerprint(u), ok
	}
	a, _ := d.ApplicationByAppID(d.TenantID(), name)
	p, _ := d.ServicePrincipalByAppID(d.TenantID(), name)
	for _, c := range slices.Concat(a.Credentials, p.Credentials) {
		if d.inTime(c) && hmac.Equal(c.MAC, d.credentialMAC(c.KeyID, secret.Reveal())) {
			return c.KeyID, true
		}
	}
	return "", false
}

// CredentialLive reports whether the principal exists and is enabled and the
// credential that [Directory.CredentialOf] named is still there and in its
// time. An empty credential asks only for the principal.
func (d *Directory) CredentialLive(objectID, credential string) bool {
	key := store.K(strings.ToLower(objectID))
	if it, ok := d.users.Get(key); ok {
		return !it.Value.Disabled && (credential == "" || credential == d.fingerprint(it.Value))
	}
	it, ok := d.principals.Get(key)
	if !ok || it.Value.Disabled {
		return false
	}
	a, _ := d.ApplicationByAppID(it.Value.TenantID, it.Value.AppID)
	return credential == "" || slices.ContainsFunc(slices.Concat(a.Credentials, it.Value.Credentials), func(c Credential) bool {
		return c.KeyID == credential && d.inTime(c)
	})
}

func (d *Directory) inTime(c Credential) bool {
	now := d.Now()
	return now.Before(c.End) && !now.Before(c.Start)
}

// fingerprint changes with the user's password.
func (d *Directory) fingerprint(u User) string {
	return hex.EncodeToString(d.MAC("password-fingerprint", []byte(u.ID), []byte(u.PasswordHash))[:16])
}
