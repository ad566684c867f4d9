package cloud

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/reference"
	"github.com/lazuli-cloud/lazuli/identity/managed"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// identities are the managed identities of container groups, and what they may
// read of the vaults.
type identities struct {
	*managed.Service
	cloud *Cloud
}

// Secret implements container.Identities. The secret is fetched at the vault's own
// door, with a token of the identity: all that binds a client binds here, and the
// vault's audit log names the identity.
func (i identities) Secret(ctx context.Context, m azure.ManagedIdentity, uri string) (azure.Secret, error) {
	at, err := reference.Parse(uri)
	if err != nil {
		return azure.Secret{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "It %v.", err)
	}
	c := i.cloud
	if !strings.HasSuffix(at.Host, "."+c.config.Host(vaultSuffix)) {
		return azure.Secret{}, azure.Errorf(azure.Invalid, azure.CodeHostNotFound, "The host '%s' is not a key vault of this cloud: their names end in '.%s'.", at.Host, c.config.Host(vaultSuffix))
	}
	token, _, err := i.Token(ctx, m, c.config.URL(vaultSuffix))
	if err != nil {
		return azure.Secret{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+at.Host+c.config.Port()+"/secrets/"+at.Name+"/"+at.Version+"?api-version=7.4", nil)
	if err != nil {
		return azure.Secret{}, err
	}
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	r.RemoteAddr = "127.0.0.1:0" // this machine asks: a vault's network rules hold
	out := &httpd.Recorder{Limit: maxPage}
	c.rooms.hosts.ServeHTTP(out, r)
	var answer struct {
		Value azure.Secret
		Error *struct{ Code, Message string }
	}
	err = json.Unmarshal(out.Body.Bytes(), &answer)
	switch {
	case err == nil && out.Status == http.StatusOK:
		return answer.Value, nil
	case err != nil || answer.Error == nil:
		return azure.Secret{}, azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The vault answered with status %d.", out.Status)
	}
	kind := azure.Invalid
	if out.Status == http.StatusForbidden {
		kind = azure.Forbidden
	}
	return azure.Secret{}, azure.Errorf(kind, answer.Error.Code, "%s", answer.Error.Message)
}
