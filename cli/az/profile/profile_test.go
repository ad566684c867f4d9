package profile

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// store is an empty directory, at a time of its own.
func store(t *testing.T, now *time.Time) *Store {
	t.Helper()
	return &Store{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Now: func() time.Time { return *now }, Warn: t.Logf}
}

type answers func(form string) string

// RoundTrip answers what the function says.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	form, err := io.ReadAll(r.Body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a(string(form))))}, err
}

// A token is fetched once, kept for its owner only, and renewed before it ends.
func TestTokensAreKept(t *testing.T) {
	now := time.Now()
	s, asked := store(t, &now), 0
	hc := &http.Client{Transport: answers(func(form string) string {
		asked++
		if !strings.Contains(form, "client_secret=word") {
			t.Errorf("the authority got %s", form)
		}
		return `{"access_token":"t` + string(rune('0'+asked)) + `","expires_in":3600}`
	})}
	at := client.Authority{HTTP: hc, URL: "https://login.example", Tenant: "tenant", ClientID: "app"}
	if err := s.KeepServicePrincipal(at, "tenant", "other", Credential{Secret: "word"}, client.Token{AccessToken: "first", ExpiresIn: 3600}); err != nil {
		t.Fatal(err)
	}
	who := Account{value.New("tenantId", "tenant", "user", value.New("name", "app", "type", "servicePrincipal"))}
	at.ClientID = ClientID
	for _, row := range []struct {
		after time.Duration
		scope string
		want  string
	}{
		{0, "other", "first"}, {0, "scope", "t1"}, {0, "scope", "t1"}, {54 * time.Minute, "scope", "t1"}, {2 * time.Minute, "scope", "t2"}, {0, "other", "t3"},
	} {
		now = now.Add(row.after)
		got, err := s.Token(context.Background(), at, who, row.scope)
		if err != nil || got.Secret != row.want {
			t.Errorf("after %s: %q %v, want %q", row.after, got.Secret, err, row.want)
		}
	}
	for _, name := range []string{tokenFile, secretFile} {
		info, err := os.Stat(filepath.Join(s.Dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if err := s.forget("app"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Token(context.Background(), at, who, "scope"); err == nil {
		t.Error("a service principal that was forgotten gets a token")
	}
}

// A user's refresh token is replaced by the one that comes with the next token.
func TestRefreshTokensRotate(t *testing.T) {
	now := time.Now()
	s := store(t, &now)
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	var forms []string
	at := client.Authority{URL: "https://login.example", Tenant: "tenant", ClientID: ClientID, HTTP: &http.Client{Transport: answers(func(form string) string {
		forms = append(forms, form)
		return `{"access_token":"new","expires_in":3600,"refresh_token":"r2"}`
	})}}
	first := client.Token{AccessToken: "a", ExpiresIn: 3600, RefreshToken: "r1", ClientInfo: part(`{"uid":"u","utid":"t"}`),
		IDToken: part("{}") + "." + part(`{"preferred_username":"ann@example","oid":"u"}`) + ".x"}
	name, err := s.KeepUser(at, "scope", "password", first)
	if err != nil || name != "ann@example" {
		t.Fatal(name, err)
	}
	who := Account{value.New("tenantId", "tenant", "user", value.New("name", name, "type", "user"))}
	for _, refresh := range []string{"r1", "r2"} {
		now = now.Add(time.Hour)
		if got, err := s.Token(context.Background(), at, who, "scope"); err != nil || got.Secret != "new" {
			t.Fatal(got, err)
		}
		if last := forms[len(forms)-1]; !strings.Contains(last, "refresh_token="+refresh+"&") {
			t.Errorf("the authority got %s, want %s", last, refresh)
		}
	}
}

func TestConfiguration(t *testing.T) {
	now := time.Now()
	s := store(t, &now)
	write := func(text string) {
		if err := os.WriteFile(s.path("config"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# mine\n[core]\nOutput = table\n\n[defaults]\ngroup=demo\n")
	if v, ok := s.Config("core", "output"); !ok || v != "table" {
		t.Errorf("core.output is %q", v)
	}
	if err := s.SetConfig("defaults", "location", "eastus"); err != nil {
		t.Fatal(err)
	}
	if gone, err := s.RemoveConfig("defaults", "group"); err != nil || !gone {
		t.Errorf("%v %v", gone, err)
	}
	options, err := s.Section("defaults")
	if err != nil || len(options) != 1 || options[0] != (Option{"location", "eastus"}) {
		t.Errorf("%v %v", options, err)
	}
	s.Getenv = func(name string) string { return map[string]string{"AZURE_DEFAULTS_LOCATION": "westus"}[name] }
	if v, _ := s.Config("defaults", "location"); v != "westus" {
		t.Errorf("the environment does not go before the file: %q", v)
	}
}

// A file that is no JSON is never written over.
func TestDamagedProfileStays(t *testing.T) {
	now := time.Now()
	s := store(t, &now)
	if err := os.WriteFile(s.path("azureProfile.json"), []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := s.AddAccounts([]Account{{value.New("id", "1", "name", "n", "state", "Enabled", "environmentName", "AzureCloud")}})
	if text, _ := os.ReadFile(s.path("azureProfile.json")); err == nil || string(text) != "{half" {
		t.Errorf("%v, the file is %q", err, text)
	}
}

func TestCloudFromMetadata(t *testing.T) {
	v, err := value.Decode([]byte(`{"resourceManager":"https://management.example/","microsoftGraphResourceId":"https://graph.example/",
		"authentication":{"loginEndpoint":"https://login.example","audiences":["https://management.example/","https://other"]},
		"suffixes":{"keyVaultDns":"vault.example","acrLoginServer":"azurecr.example"}}`))
	if err != nil {
		t.Fatal(err)
	}
	c, err := FromMetadata("Mine", v)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"resource_manager": "https://management.example/", "active_directory": "https://login.example",
		"active_directory_resource_id": "https://management.example/", "microsoft_graph_resource_id": "https://graph.example/"} {
		if got, err := c.Endpoint(name); err != nil || got != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	for name, want := range map[string]string{"keyvault_dns": ".vault.example", "acr_login_server_endpoint": ".azurecr.example"} {
		if got, err := c.Suffix(name); err != nil || got != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if _, err := FromMetadata("Mine", value.New("x", 1)); err == nil {
		t.Error("an answer without endpoints makes a cloud")
	}
}
