package profile

import (
	"context"
	"os"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// Credential is what a service principal signs in with: one of Secret, Assertion
// (a token of another issuer) and Certificate (the path of a PEM file).
type Credential struct {
	Secret      string
	Assertion   string
	Certificate string
	Chain       bool // send the certificate along
}

// SignIn signs the service principal at.ClientID in.
func (s *Store) SignIn(ctx context.Context, at client.Authority, with Credential, scope string) (client.Token, error) {
	switch {
	case with.Secret != "":
		return at.BySecret(ctx, with.Secret, scope)
	case with.Certificate == "":
		return at.ByAssertion(ctx, with.Assertion, scope)
	}
	text, err := os.ReadFile(with.Certificate)
	if err != nil {
		return client.Token{}, value.Said("[Errno 2] No such file or directory: '%s'", with.Certificate)
	}
	c, err := client.ReadCertificate(text)
	if err != nil {
		return client.Token{}, value.Said("Invalid certificate, please use a valid PEM file. Error detail: %v", err)
	}
	c.Chain = with.Chain
	return at.ByCertificate(ctx, c, scope, s.Now())
}

// entry is the credential as service_principal_entries.json has it.
func (c Credential) entry(id, tenant string) *value.Object {
	entry := value.New("client_id", id, "tenant", tenant)
	switch {
	case c.Secret != "":
		entry.Set("client_secret", c.Secret)
	case c.Certificate != "":
		entry.Set("certificate", c.Certificate)
		if c.Chain {
			entry.Set("use_cert_sn_issuer", true)
		}
	default:
		entry.Set("client_assertion", c.Assertion)
	}
	return entry
}

// readCredential is the credential of an entry.
func readCredential(entry any) Credential {
	return Credential{Secret: value.String(entry, "client_secret"), Assertion: value.String(entry, "client_assertion"),
		Certificate: value.String(entry, "certificate"), Chain: value.Path(entry, "use_cert_sn_issuer") == true}
}

// Home is a path that may begin with ~ as the shell would read it.
func (s *Store) Home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return s.Getenv("HOME") + "/" + rest
	}
	return path
}
