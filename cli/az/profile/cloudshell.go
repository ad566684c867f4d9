package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// InCloudShell reports whether this is a Cloud Shell, whose endpoint gives tokens
// of its user.
func (s *Store) InCloudShell() bool {
	return s.Getenv("ACC_CLOUD") != "" && s.Getenv("MSI_ENDPOINT") != ""
}

// CloudShell reports whether the account signed in by Cloud Shell: no token of it
// is kept, each is asked for.
func (a Account) CloudShell() bool { return value.Path(a.Object, "user.cloudShellID") == true }

// CloudShellToken asks Cloud Shell for a token of its user for a scope. Azure: this
// is what MSAL does in its Cloud Shell.
func (s *Store) CloudShellToken(ctx context.Context, hc *http.Client, scope string) (client.Token, error) {
	if !s.InCloudShell() {
		return client.Token{}, value.Said("This account signed in by Cloud Shell, and this is none. Run `az login`.")
	}
	resource := strings.TrimSuffix(scope, "/.default")
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Getenv("MSI_ENDPOINT"), strings.NewReader(url.Values{"resource": {resource}}.Encode()))
	if err != nil {
		return client.Token{}, fmt.Errorf("the variable MSI_ENDPOINT is no address: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Metadata", "true")
	res, err := hc.Do(r)
	if err != nil {
		return client.Token{}, fmt.Errorf("cannot ask Cloud Shell for a token: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return client.Token{}, err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   string `json:"expires_in"`
		Error       struct{ Message string }
	}
	err = json.Unmarshal(body, &answer)
	if res.StatusCode != http.StatusOK && answer.Error.Message != "" {
		return client.Token{}, value.Said("Cloud Shell gives no token for '%s': %s", resource, answer.Error.Message)
	}
	if err != nil || answer.AccessToken == "" {
		return client.Token{}, value.Said("Cloud Shell answered with status %d and no token.", res.StatusCode)
	}
	seconds, err := strconv.ParseInt(answer.ExpiresIn, 10, 64)
	return client.Token{AccessToken: answer.AccessToken, ExpiresIn: seconds}, err
}

// fromCloudShell is [Store.CloudShellToken] with its end.
func (s *Store) fromCloudShell(ctx context.Context, hc *http.Client, scope string) (AccessToken, error) {
	t, err := s.CloudShellToken(ctx, hc, scope)
	return AccessToken{t.AccessToken, s.Now().Add(time.Duration(t.ExpiresIn) * time.Second)}, err
}
