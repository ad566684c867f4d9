package identity

import (
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t, the name clients give certificates (RFC 7515, 4.1.7); nothing rests on it
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Certificate is one certificate by whose key an application or service principal
// proves itself. It is public.
type Certificate struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName,omitempty"`
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	DER         []byte    `json:"der"`
}

// minKeyBits is the least length of an RSA key.
const minKeyBits = 2048

// NewCertificate reads a certificate, PEM or DER, for use as a credential. Of c it
// keeps KeyID (empty: made here), DisplayName, Start and End (zero: those of the
// certificate, which also bounds them). The error is CodeDirectoryBadRequest.
func (d *Directory) NewCertificate(c Certificate, data []byte) (Certificate, error) {
	bad := func(format string, args ...any) (Certificate, error) {
		return Certificate{}, azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, format, args...).At("keyCredentials")
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	cert, err := x509.ParseCertificate(data)
	if err != nil {
		return bad("Key credential is invalid: it is not an X.509 certificate in DER or PEM. Send the public certificate, base64.")
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < minKeyBits {
		return bad("Key credential is invalid: the certificate's key must be RSA of %d bits or more. Make another certificate.", minKeyBits)
	}
	if c.Start.IsZero() || c.Start.Before(cert.NotBefore) {
		c.Start = cert.NotBefore
	}
	if c.End.IsZero() || c.End.After(cert.NotAfter) {
		c.End = cert.NotAfter
	}
	if !c.End.After(c.Start) {
		return bad("Key credential end date is invalid: it would end at %s, which is not after its start at %s.", c.End.UTC().Format(time.RFC3339), c.Start.UTC().Format(time.RFC3339))
	}
	if c.KeyID == "" {
		if c.KeyID, err = d.newID(); err != nil {
			return Certificate{}, err
		}
	}
	c.DER, c.Start, c.End = cert.Raw, c.Start.UTC(), c.End.UTC()
	return c, nil
}

// Thumbprint is the SHA-1 of the certificate, upper case hex, as Azure shows it.
func (c Certificate) Thumbprint() string {
	sum := sha1.Sum(c.DER) //nolint:gosec // a name
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// named reports whether the header of a token names the certificate.
func (c Certificate) named(header map[string]any) bool {
	sum1, sum256 := sha1.Sum(c.DER), sha256.Sum256(c.DER) //nolint:gosec // a name
	for name, sum := range map[string][]byte{"x5t": sum1[:], "x5t#S256": sum256[:]} {
		if v, ok := header[name].(string); ok {
			return strings.TrimRight(v, "=") == base64.RawURLEncoding.EncodeToString(sum)
		}
	}
	kid, _ := header["kid"].(string)
	return strings.EqualFold(kid, c.Thumbprint()) || strings.EqualFold(kid, c.KeyID)
}

// maxAssertion is the longest time an assertion may be good for.
const maxAssertion = 24 * time.Hour

// ProvenBy checks an assertion: a token that an application signed with the key of
// one of its certificates (RFC 7523). audience reports whether it was made for this
// service. Errors beside those of [Directory.VerifySecret], all Unauthenticated:
// CodeSignInAssertionKey, CodeSignInAssertionAudience, CodeSignInAssertionTime,
// CodeSignInAssertionClient, CodeSignInAssertionMalformed.
func (d *Directory) ProvenBy(assertion, tenantID, appID string, audience func(string) bool) (ServicePrincipal, error) {
	refuse := func(code, format string, args ...any) (ServicePrincipal, error) {
		return ServicePrincipal{}, azure.Errorf(azure.Unauthenticated, code, format, args...)
	}
	p, registered, err := d.certificates(tenantID, appID)
	if err != nil {
		return p, err
	}
	claims := jwt.RegisteredClaims{}
	// Times are checked below, with a word of their own.
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "PS256"}), jwt.WithoutClaimsValidation())
	unverified, _, err := parser.ParseUnverified(assertion, &claims)
	if err != nil {
		return refuse(azure.CodeSignInAssertionMalformed, "The client assertion is no token: a JWT with three parts, signed with RS256 or PS256, is needed.")
	}
	i := slices.IndexFunc(registered, func(c Certificate) bool { return c.named(unverified.Header) })
	if i < 0 {
		return refuse(azure.CodeSignInAssertionKey, "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.] "+
			"Register it with 'az ad app credential reset --id %s --cert', or sign with one that is registered.", appID)
	}
	c, now := registered[i], d.Now()
	cert, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return ServicePrincipal{}, err
	}
	if _, err := parser.ParseWithClaims(assertion, &claims, func(*jwt.Token) (any, error) { return cert.PublicKey, nil }); err != nil {
		return refuse(azure.CodeSignInAssertionKey, "Client assertion failed signature validation. [Reason - The signature is not that of the registered certificate '%s'.] Sign with its private key.", c.Thumbprint())
	}
	switch {
	case !now.Before(c.End) || now.Add(clockSkew).Before(c.Start):
		return refuse(azure.CodeSignInAssertionKey, "The certificate '%s' of application '%s' is good from %s to %s only. [Reason - The key used is expired.] Register another one.",
			c.Thumbprint(), appID, c.Start.Format(time.RFC3339), c.End.Format(time.RFC3339))
	case !strings.EqualFold(claims.Issuer, appID) || !strings.EqualFold(claims.Subject, appID):
		return refuse(azure.CodeSignInAssertionClient, "Client assertion application identifier doesn't match 'client_id' parameter. Set iss and sub to '%s'.", appID)
	case !slices.ContainsFunc(claims.Audience, audience):
		return refuse(azure.CodeSignInAssertionAudience, "Client assertion audience claim does not match Realm issuer. Set aud to the address of this token endpoint.")
	case claims.ExpiresAt == nil || !now.Before(claims.ExpiresAt.Add(clockSkew)) || claims.NotBefore != nil && now.Add(clockSkew).Before(claims.NotBefore.Time):
		return refuse(azure.CodeSignInAssertionTime, "Client assertion is not within its valid time range. Current time: %s. Sign a new one; its exp must be ahead.", now.UTC().Format(time.RFC3339))
	case claims.ExpiresAt.After(now.Add(maxAssertion)):
		return refuse(azure.CodeSignInAssertionTime, "Client assertion is not within its valid time range: its exp is more than %s ahead. Sign one for a shorter time.", maxAssertion)
	}
	return p, nil
}

// certificates are those of an application and of its service principal, which
// must be there and enabled.
func (d *Directory) certificates(tenantID, appID string) (ServicePrincipal, []Certificate, error) {
	a, ok := d.ApplicationByAppID(tenantID, appID)
	if !ok {
		return ServicePrincipal{}, nil, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUnknownApplication,
			"Application with identifier '%s' was not found in the directory '%s'. Check the client id, or create the application in this tenant.", appID, tenantID)
	}
	p, err := d.usable(tenantID, appID)
	return p, slices.Concat(a.Certificates, p.Certificates), err
}
