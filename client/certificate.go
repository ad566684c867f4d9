package client

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t, the name of the certificate (RFC 7515, 4.1.7)
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Certificate is what a service principal signs in with: the key of a certificate
// registered for it.
type Certificate struct {
	key *rsa.PrivateKey
	der []byte
	// Chain sends the certificate along, for authorities that know applications by
	// the subject name and issuer of their certificates.
	Chain bool
}

// ReadCertificate reads a PEM file with an RSA private key, not encrypted, and its
// certificate.
func ReadCertificate(text []byte) (*Certificate, error) {
	c := &Certificate{}
	for len(text) > 0 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		switch {
		case block.Type == "CERTIFICATE" && c.der == nil:
			c.der = block.Bytes
		case strings.HasSuffix(block.Type, "PRIVATE KEY") && c.key == nil:
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
			}
			if err != nil {
				return nil, fmt.Errorf("cannot read the private key, which must be one without a password: %w", err)
			}
			var ok bool
			if c.key, ok = key.(*rsa.PrivateKey); !ok {
				return nil, errors.New("the private key is not an RSA key")
			}
		}
	}
	switch {
	case c.der == nil:
		return nil, errors.New("there is no CERTIFICATE in it")
	case c.key == nil:
		return nil, errors.New("there is no PRIVATE KEY in it")
	}
	cert, err := x509.ParseCertificate(c.der)
	if err != nil {
		return nil, err
	}
	if pub, ok := cert.PublicKey.(*rsa.PublicKey); !ok || !pub.Equal(&c.key.PublicKey) {
		return nil, errors.New("the private key is not that of the certificate")
	}
	return c, nil
}

// assertionLife is how long a proof is good for, as MSAL's is.
const assertionLife = 10 * time.Minute

// assertion proves at an audience that the holder of the key asks (RFC 7523).
func (c *Certificate) assertion(client, audience string, now time.Time) (string, error) {
	sum, id := sha1.Sum(c.der), make([]byte, 16) //nolint:gosec // a name
	if _, err := rand.Read(id); err != nil {
		return "", err
	}
	header := map[string]any{"alg": "RS256", "typ": "JWT", "x5t": base64.URLEncoding.EncodeToString(sum[:])}
	if c.Chain {
		header["x5c"] = []string{base64.StdEncoding.EncodeToString(c.der)}
	}
	claims := map[string]any{"aud": audience, "iss": client, "sub": client, "jti": hex.EncodeToString(id), "iat": now.Unix(), "exp": now.Add(assertionLife).Unix()}
	parts := make([]string, 2)
	for i, part := range []map[string]any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(text)
	}
	signed := strings.Join(parts, ".")
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, c.key, crypto.SHA256, digest[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// ByCertificate signs a service principal in with the key of its certificate; its
// id is a.ClientID.
func (a Authority) ByCertificate(ctx context.Context, c *Certificate, scope string, now time.Time) (Token, error) {
	assertion, err := c.assertion(a.ClientID, a.endpoint("token"), now)
	if err != nil {
		return Token{}, err
	}
	return a.ByAssertion(ctx, assertion, scope)
}

// CodePage is the address at which a user signs in for a code, which comes to
// redirect; state comes with it, and challenge is the S256 of the verifier that
// [Authority.ByCode] gives.
func (a Authority) CodePage(redirect, state, challenge, scope string) string {
	q := url.Values{"client_id": {a.ClientID}, "response_type": {"code"}, "redirect_uri": {redirect}, "scope": {scope + userScopes}, "state": {state},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"}, "client_info": {"1"}, "prompt": {"select_account"}}
	return a.endpoint("authorize") + "?" + q.Encode()
}

// ByCode redeems the code of a sign-in.
func (a Authority) ByCode(ctx context.Context, code, redirect, verifier, scope string) (Token, error) {
	return a.token(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier}, "scope": {scope + userScopes}})
}
