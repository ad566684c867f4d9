package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// metadata is where a virtual machine of Azure gives tokens of its identities.
const metadata = "http://169.254.169.254/metadata/identity/oauth2/token"

// Managed reports which managed identity an account signed in as: MSI, or
// MSIClient-, MSIObject- and MSIResource- with an id; "" for none.
func (a Account) Managed() string { return value.String(a.Object, "user.assignedIdentityInfo") }

// ManagedToken asks the place this program runs in for a token of one of its
// managed identities, as [Account.Managed] names it: by IDENTITY_ENDPOINT and
// IDENTITY_HEADER, which container groups and web apps have, or else as virtual
// machines do. Nothing of it is kept.
func (s *Store) ManagedToken(ctx context.Context, hc *http.Client, which, scope string) (client.Token, error) {
	endpoint, header := s.Getenv("IDENTITY_ENDPOINT"), s.Getenv("IDENTITY_HEADER")
	query := url.Values{"resource": {strings.TrimSuffix(scope, "/.default")}, "api-version": {"2019-08-01"}}
	resourceID := "mi_res_id"
	if endpoint == "" {
		endpoint, resourceID = metadata, "msi_res_id"
		query.Set("api-version", "2018-02-01")
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
	}
	kind, id, _ := strings.Cut(which, "-")
	if name := map[string]string{"MSIClient": "client_id", "MSIObject": "object_id", "MSIResource": resourceID}[kind]; name != "" {
		query.Set(name, id)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"?"+query.Encode(), nil)
	if err != nil {
		return client.Token{}, fmt.Errorf("the variable IDENTITY_ENDPOINT is no address: %w", err)
	}
	r.Header.Set("Metadata", "true")
	r.Header.Set("X-IDENTITY-HEADER", header)
	res, err := hc.Do(r)
	if err != nil {
		return client.Token{}, value.Said("Failed to connect to MSI. Please make sure MSI is configured correctly.\nGet Token request returned: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return client.Token{}, err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresOn   string `json:"expires_on"` // seconds since 1970
	}
	if res.StatusCode != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.AccessToken == "" {
		return client.Token{}, value.Said("Failed to connect to MSI. Please make sure MSI is configured correctly.\nGet Token request returned http error: %d, reason: %s", res.StatusCode, strings.TrimSpace(string(body)))
	}
	end := time.Unix(seconds(answer.ExpiresOn), 0)
	return client.Token{AccessToken: answer.AccessToken, ExpiresIn: int64(end.Sub(s.Now()).Seconds())}, nil
}
