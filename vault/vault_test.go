package vault_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/vault"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

const (
	tenant  = "11111111-1111-4111-8111-111111111111"
	sub     = "/subscriptions/22222222-2222-4222-8222-222222222222"
	sub2    = "/subscriptions/33333333-3333-4333-8333-333333333333"
	group   = sub + "/resourceGroups/rg"
	vaults  = group + "/providers/Microsoft.KeyVault/vaults/"
	keeper  = "00000000-0000-4000-8000-000000000001"
	version = "api-version=2023-07-01"
)

// principals by token; the part after '@' in a token is its audience.
var principals = map[string]authz.Principal{
	"owner":    {ObjectID: keeper, TenantID: tenant, AppID: "cli", Type: authz.User, Name: "owner@test", Issuer: "https://login.test"},
	"reader":   {ObjectID: "00000000-0000-4000-8000-000000000002", TenantID: tenant, AppID: "cli", Type: authz.User, Name: "reader@test", Issuer: "https://login.test"},
	"stranger": {ObjectID: "00000000-0000-4000-8000-000000000003", TenantID: tenant, AppID: "cli", Type: authz.User, Name: "stranger@test", Issuer: "https://login.test"},
	"foreign":  {ObjectID: keeper, TenantID: "55555555-5555-4555-8555-555555555555", AppID: "cli", Type: authz.User, Issuer: "https://login.test/other"},
	"app":      {ObjectID: "00000000-0000-4000-8000-000000000004", TenantID: tenant, AppID: "99999999-0000-4000-8000-000000000004", Type: authz.ServicePrincipal, Issuer: "https://login.test"},
}

// roles is a Source from a literal.
type roles map[string][]authz.Assignment

func (r roles) Assignments(id string) []authz.Assignment { return r[id] }

func (r roles) Role(id string) (authz.Role, bool) {
	for _, role := range authz.BuiltIn {
		if role.ID == id {
			return role, true
		}
	}
	return authz.Role{}, false
}

const roleSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6"

// grants: the owner is Owner and Key Vault Administrator, the reader is Reader,
// the app may read the one secret "shared" of kv1, the stranger nothing.
var grants = roles{
	keeper: {{Scope: sub, RoleID: authz.RoleOwner}, {Scope: sub, RoleID: authz.RoleKeyVaultAdministrator},
		{Scope: sub2, RoleID: authz.RoleOwner}, {Scope: sub2, RoleID: authz.RoleKeyVaultAdministrator}},
	"00000000-0000-4000-8000-000000000002": {{Scope: sub, RoleID: authz.RoleReader}},
	"00000000-0000-4000-8000-000000000004": {{Scope: strings.ToLower(vaults + "kv1/secrets/shared"), RoleID: roleSecretsUser}},
}

// world is the room behind a real hall, store and listener.
type world struct {
	t      testing.TB
	dir    string
	store  *store.Store
	vaults *vault.Service
	client *http.Client
	url    string
	offset atomic.Int64 // of the clock, in nanoseconds
}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (w *world) now() time.Time          { return start.Add(time.Duration(w.offset.Load())) }
func (w *world) advance(d time.Duration) { w.offset.Add(int64(d)) }

func newWorld(t testing.TB) *world {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Dir: filepath.Join(dir, "state")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	master, err := seal.OpenMasterFile(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Open(t.Context(), seal.Options{Store: s, Master: master})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, store: s}
	checker := &authz.Checker{Source: grants}
	hall := arm.NewHall(arm.Options{Store: s, Checker: checker, TenantID: tenant, Now: w.now,
		Endpoints: arm.Endpoints{ResourceManager: "https://management.test:8443", Login: "https://login.test:8443"},
		Front:     httpd.Front{Authenticate: tokensFor("arm")}})
	t.Cleanup(hall.Close)
	w.vaults, err = vault.New(t.Context(), vault.Options{Store: s, Seal: ring, Checker: checker, Authenticate: tokensFor("vault"),
		LoginURL: "https://login.test:8443", VaultSuffix: ".vault.test:8443", TenantID: tenant, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	hall.Register(w.vaults.Provider())
	for _, id := range []string{sub, sub2} {
		if err := hall.CreateSubscription(t.Context(), strings.TrimPrefix(id, "/subscriptions/"), "test"); err != nil {
			t.Fatal(err)
		}
	}
	srv := httptest.NewServer(httpd.Hosts{Exact: map[string]http.Handler{"management.test": hall},
		Suffix: map[string]http.Handler{".vault.test": w.vaults.Plane().Handler()}})
	t.Cleanup(srv.Close)
	w.url, w.client = srv.URL, srv.Client()
	for _, id := range []string{sub, sub2} {
		w.arm("owner", "PUT", id+"/resourceGroups/rg", `{"location":"eastus"}`).want(201)
	}
	return w
}

func tokensFor(audience string) func(*http.Request) (authz.Principal, error) {
	return func(r *http.Request) (authz.Principal, error) {
		who, aud, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "@")
		p, ok := principals[who]
		if !ok || aud != audience {
			return authz.Principal{}, azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationToken, "The audience is wrong.")
		}
		return p, nil
	}
}

// reply is an answer, with the checks of the tests.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
}

func (w *world) do(token, method, host, path, body string) reply {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Host = host
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{w.t, method + " " + host + path, resp.StatusCode, resp.Header, string(data)}
}

// arm calls the control plane; the api-version is added unless given.
func (w *world) arm(who, method, path, body string) reply {
	w.t.Helper()
	return w.do(who+"@arm", method, "management.test:8443", withVersion(path), body)
}

// data calls the data plane of the vault called name.
func (w *world) data(who, name, method, path, body string) reply {
	w.t.Helper()
	return w.do(who+"@vault", method, name+".vault.test:8443", withVersion(path), body)
}

func withVersion(path string) string {
	switch {
	case strings.Contains(path, "api-version="):
		return path
	case strings.Contains(path, "?"):
		return path + "&" + version
	}
	return path + "?" + version
}

// want checks the status and that each text occurs, or with a leading '!' does not.
func (r reply) want(status int, texts ...string) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d\n%s", r.what, r.status, status, r.body)
	}
	for _, text := range texts {
		if not, no := strings.CutPrefix(text, "!"); no == strings.Contains(r.body, strings.TrimPrefix(text, "!")) {
			if no {
				r.t.Errorf("%s: contains %q\n%s", r.what, not, r.body)
			} else {
				r.t.Errorf("%s: does not contain %q\n%s", r.what, text, r.body)
			}
		}
	}
	return r
}

// get reads a value out of the body by keys.
func (r reply) get(keys ...string) any {
	r.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		r.t.Fatalf("%s: %v\n%s", r.what, err, r.body)
	}
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func (r reply) str(keys ...string) string {
	s, _ := r.get(keys...).(string)
	return s
}

// body of a vault PUT with RBAC and more properties.
func vaultBody(more string) string {
	return `{"location":"eastus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true` + more + `}}`
}

// create makes a vault with RBAC.
func (w *world) create(name, more string) {
	w.t.Helper()
	w.arm("owner", "PUT", vaults+name, vaultBody(more)).want(201)
}
