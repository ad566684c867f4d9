// Package identitytest starts the whole identity room for tests: a real store in
// a temporary directory, the token service and Graph on loopback listeners, and
// a clock that only the test moves. It knows nothing of the other rooms.
package identitytest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/graph"
	"github.com/lazuli-cloud/lazuli/identity/oauth"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// World is a running identity room with its first tenant.
type World struct {
	Store      *store.Store
	Clock      *Clock
	Directory  *identity.Directory
	Tokens     *token.Authority
	OAuth      *oauth.Service
	Login      string // base URL of the token service
	Graph      string // base URL of Graph
	Management string // an audience nobody serves here
	Boot       identity.BootstrapResult
	mu         sync.Mutex
	audit      []httpd.Record
	t          testing.TB
}

// Clock is a clock that moves only by Advance. Safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now gives the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Seal encrypts with a key of the tests.
func Seal(plain []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	return aead.Seal(nonce, nonce, plain, nil), nil
}

// Unseal is the inverse of [Seal].
func Unseal(sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
}

// VaultAudience is a resource the world knows beside Management and Graph.
const VaultAudience = "https://vault.lazuli.localhost"

// PortalRedirect is the redirect URI of the portal.
const PortalRedirect = "https://portal.lazuli.localhost/signed-in"

// New starts a world. Only the first user may administer the directory.
func New(t testing.TB) *World {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	w := &World{t: t, Clock: &Clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}, Management: "https://management.lazuli.localhost"}
	var login, graphHandler http.Handler
	ls := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { login.ServeHTTP(rw, r) }))
	t.Cleanup(ls.Close)
	gs := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { graphHandler.ServeHTTP(rw, r) }))
	t.Cleanup(gs.Close)
	w.Login, w.Graph = ls.URL, gs.URL
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Store, err = store.Open(ctx, store.Options{Dir: t.TempDir()})
	must()
	t.Cleanup(func() { _ = w.Store.Close() })
	w.Directory, err = identity.Open(ctx, identity.Options{Store: w.Store, Seal: Seal, Unseal: Unseal, Domain: "lazuli.localhost", Login: w.Login, Now: w.Clock.Now})
	must()
	w.Boot, _, err = w.Directory.Bootstrap(ctx)
	must()
	w.Tokens, err = token.Open(ctx, token.Options{Store: w.Store, Seal: Seal, Unseal: Unseal, Login: w.Login, Live: w.Directory.Live, Tenant: w.Directory.TenantID, Now: w.Clock.Now})
	must()
	w.OAuth, err = oauth.New(oauth.Options{Directory: w.Directory, Tokens: w.Tokens, Store: w.Store, Login: w.Login, Management: w.Management, Graph: w.Graph, Now: w.Clock.Now, Audit: w.record,
		KnownResource: func(r string) bool { return token.SameAudience(r, VaultAudience) },
		Clients:       []oauth.Client{{ID: oauth.ClientPortal, Name: "Lazuli portal", RedirectURIs: []string{PortalRedirect}}}})
	must()
	g, err := graph.New(graph.Options{Directory: w.Directory, Graph: w.Graph, Authenticate: w.Tokens.AuthenticateAnyTenant(w.Graph), Now: w.Clock.Now,
		MayAdminister: func(p authz.Principal) bool { return p.ObjectID == w.Boot.UserObjectID }})
	must()
	login, graphHandler = w.OAuth.Handler(), g.Handler()
	return w
}

func (w *World) record(r httpd.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.audit = append(w.audit, r)
}

// LastAudit is the newest record of the token service's audit log.
func (w *World) LastAudit() httpd.Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.audit) == 0 {
		return httpd.Record{}
	}
	return w.audit[len(w.audit)-1]
}

// Do sends a request without following redirects.
func (w *World) Do(r *http.Request) *http.Response {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return resp
}

// JSON reads an answer as a JSON object.
func (w *World) JSON(resp *http.Response) map[string]any {
	w.t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	m := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &m); err != nil {
			w.t.Fatalf("not a JSON object: %s", data)
		}
	}
	return m
}

// Form builds url.Values of pairs.
func Form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// Post posts a form to the token service.
func (w *World) Post(path string, form url.Values) (int, map[string]any) {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.Login+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp := w.Do(r)
	return resp.StatusCode, w.JSON(resp)
}

// Call sends a request to Graph with a token; body may be empty.
func (w *World) Call(bearer, method, path, body string) (int, map[string]any) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.Graph+strings.ReplaceAll(path, " ", "%20"), strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	r.Header.Set("Content-Type", "application/json")
	resp := w.Do(r)
	return resp.StatusCode, w.JSON(resp)
}

// UserToken signs a user in by password for a resource.
func (w *World) UserToken(upn, password, resource string) string {
	w.t.Helper()
	status, m := w.Post("/adfs/oauth2/token", Form("grant_type", "password", "client_id", oauth.ClientAzureCLI, "username", upn, "password", password, "scope", resource+"/.default"))
	if status != http.StatusOK {
		w.t.Fatalf("sign in %s: %d %v", upn, status, m)
	}
	tok, _ := m["access_token"].(string)
	return tok
}

// Admin gives a token of the first user for a resource.
func (w *World) Admin(resource string) string {
	w.t.Helper()
	return w.UserToken(w.Boot.UPN, w.Boot.Password.Reveal(), resource)
}

// App makes an application with a service principal and a password.
func (w *World) App(name string) (identity.Application, identity.ServicePrincipal, string) {
	w.t.Helper()
	ctx := context.Background()
	a, err := w.Directory.CreateApplication(ctx, identity.Application{TenantID: w.Boot.TenantID, DisplayName: name})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.Directory.CreateServicePrincipal(ctx, identity.ServicePrincipal{TenantID: w.Boot.TenantID, AppID: a.AppID})
	if err != nil {
		w.t.Fatal(err)
	}
	_, secret, err := w.Directory.AddApplicationPassword(ctx, w.Boot.TenantID, a.ID, identity.Credential{})
	if err != nil {
		w.t.Fatal(err)
	}
	return a, p, secret.Reveal()
}
