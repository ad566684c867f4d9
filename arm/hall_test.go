package arm_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/access"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const (
	tenant = "11111111-1111-4111-8111-111111111111"
	sub    = "22222222-2222-4222-8222-222222222222"
)

// principals by bearer token; the token is the test's whole identity system.
var principals = map[string]authz.Principal{
	"owner":    {ObjectID: "00000000-0000-4000-8000-000000000001", TenantID: tenant, AppID: "app", Type: authz.User, Name: "owner@test"},
	"reader":   {ObjectID: "00000000-0000-4000-8000-000000000002", TenantID: tenant, AppID: "app", Type: authz.User, Name: "reader@test"},
	"stranger": {ObjectID: "00000000-0000-4000-8000-000000000003", TenantID: tenant, AppID: "app", Type: authz.User, Name: "stranger@test"},
}

// widget is a room of two types: widgets run Ensure and Release, parts do not.
type widget struct {
	Size  int    `json:"size"`
	Color string `json:"color,omitempty"`
}

type widgets struct {
	table   *store.Table[widget]
	gate    chan error // Ensure waits for it
	running chan string
}

func widgetKey(id azure.ResourceID) store.Key { return store.K(id.Key()) }

func (w *widgets) provider() arm.Provider {
	handlers := arm.Handlers[widget]{
		Put: func(_ context.Context, tx *store.Tx, r *arm.Put[widget]) error {
			if r.Properties.Size < 0 {
				return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The size %d is negative.", r.Properties.Size).At("properties.size")
			}
			return w.table.Put(tx, widgetKey(r.ID), r.Properties)
		},
		Get: func(_ context.Context, e *arm.Envelope, _ bool) (widget, error) {
			item, _ := w.table.Get(widgetKey(e.ID))
			return item.Value, nil
		},
		Delete: func(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
			return w.table.Delete(tx, widgetKey(e.ID))
		},
	}
	parts := arm.Resource("widgets/parts", handlers)
	parts.Proxy = true
	handlers.Ensure = func(ctx context.Context, id azure.ResourceID) error {
		w.running <- id.Name()
		select {
		case err := <-w.gate:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	handlers.Release = func(context.Context, *arm.Envelope) error { return nil }
	return arm.Provider{Namespace: "Contoso.Test", Types: []arm.Type{arm.Resource("widgets", handlers), parts}}
}

// world is a hall over a real store, served over HTTP.
type world struct {
	t       *testing.T
	dir     string
	store   *store.Store
	hall    *arm.Hall
	widgets *widgets
	server  *httptest.Server
}

func open(t *testing.T, dir string) *world {
	t.Helper()
	return openWith(t, store.Options{Dir: dir}, arm.Options{})
}

func openWith(t *testing.T, where store.Options, o arm.Options) *world {
	t.Helper()
	s, err := store.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	checker := &authz.Checker{}
	w := &world{t: t, dir: where.Dir, store: s, widgets: &widgets{table: store.NewTable[widget](s, "test.widgets"), gate: make(chan error), running: make(chan string, 10)}}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.hall.ServeHTTP(rw, r) }))
	srv.Start()
	w.server = srv
	o.Store, o.Checker, o.TenantID = s, checker, tenant
	o.Endpoints = arm.Endpoints{ResourceManager: srv.URL, Login: "https://login.test"}
	o.Front = httpd.Front{Authenticate: func(r *http.Request) (authz.Principal, error) {
		p, ok := principals[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if !ok {
			return p, azure.Errorf(azure.Unauthenticated, azure.CodeAuthenticationFailed, "Authentication failed. The 'Authorization' header is missing.")
		}
		return p, nil
	}}
	w.hall = arm.NewHall(o)
	acc := access.New(access.Options{Store: s, Checker: checker, Exists: w.hall.Exists, Principal: func(id string) (authz.PrincipalType, bool) {
		for _, p := range principals {
			if p.ObjectID == id {
				return p.Type, true
			}
		}
		return "", false
	}})
	checker.Source = acc
	w.hall.Register(w.widgets.provider(), acc.Provider())
	w.hall.OnDelete(acc.Forget)
	w.hall.Guard(acc.Locked)
	t.Cleanup(w.close)
	return w
}

func (w *world) close() {
	if w.store == nil {
		return
	}
	w.server.Close()
	w.hall.Close()
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
	w.store = nil
}

func start(t *testing.T) *world {
	w := open(t, t.TempDir())
	scope := azure.ResourceID{Subscription: sub}
	if err := w.hall.CreateSubscription(t.Context(), sub, "Test"); err != nil {
		t.Fatal(err)
	}
	w.do("owner", "GET", "/subscriptions", "", 200, `"value":[]`)
	assign(t, w, "33333333-3333-4333-8333-333333333331", authz.RoleOwner, "owner", scope)
	assign(t, w, "33333333-3333-4333-8333-333333333332", authz.RoleReader, "reader", scope)
	return w
}

// assign writes the first assignments, which nobody could give over HTTP.
func assign(t *testing.T, w *world, name, role, who string, scope azure.ResourceID) {
	t.Helper()
	acc := access.New(access.Options{Store: w.store, Checker: &authz.Checker{}})
	if err := acc.Assign(t.Context(), name, role, principals[who].ObjectID, authz.User, scope); err != nil {
		t.Fatal(err)
	}
}

type answer struct {
	http.Header
	body string
}

// do sends a request and wants the status and the text in the body.
func (w *world) do(who, method, path, body string, status int, want ...string) answer {
	w.t.Helper()
	if !strings.HasPrefix(path, "http") {
		if !strings.Contains(path, "?") {
			path += "?api-version=2024-11-01"
		}
		path = w.server.URL + path
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	data, _ := io.ReadAll(res.Body)
	if res.StatusCode != status {
		w.t.Fatalf("%s %s as %q: status %d, want %d: %s", method, path, who, res.StatusCode, status, data)
	}
	for _, s := range want {
		if !strings.Contains(string(data), s) {
			w.t.Fatalf("%s %s as %q: want %q in %s", method, path, who, s, data)
		}
	}
	return answer{res.Header, string(data)}
}

// poll follows an operation URL until it has ended.
func (w *world) poll(url string) string {
	w.t.Helper()
	for range 200 {
		a := w.do("owner", "GET", url, "", 200)
		var op azure.Operation
		if err := json.Unmarshal([]byte(a.body), &op); err != nil {
			w.t.Fatal(err)
		}
		if op.Status.Done() {
			return a.body
		}
		if a.Get("retry-after-ms") == "" || a.Get("Retry-After") != "" {
			w.t.Fatalf("a running operation must send retry-after-ms alone, got %v", a.Header)
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatal("the operation did not end")
	return ""
}

const rg = "/subscriptions/" + sub + "/resourceGroups/demo"

func TestResourceGroups(t *testing.T) {
	w := start(t)
	w.do("", "PUT", rg, `{"location":"eastus"}`, 401, "AuthenticationFailed")
	w.do("stranger", "PUT", rg, `{"location":"eastus"}`, 403, "AuthorizationFailed", "Microsoft.Resources/subscriptions/resourceGroups/write")
	w.do("reader", "PUT", rg, `{"location":"eastus"}`, 403, "AuthorizationFailed")
	w.do("owner", "PUT", rg, `{"location":"eastus"`, 400, "InvalidRequestContent")
	w.do("owner", "PUT", rg, `{}`, 400, "LocationRequired")
	w.do("owner", "PUT", rg, `{"location":"atlantis"}`, 400, "LocationNotAvailable")
	w.do("owner", "PUT", rg+"?x=1", `{"location":"eastus"}`, 400, "MissingApiVersionParameter")
	w.do("owner", "GET", rg, "", 404, "ResourceGroupNotFound")
	w.do("owner", "PUT", "/subscriptions/"+sub+"/resourcegroups/Demo", `{"location":"East US","tags":{"a":"b"}}`, 201, `"name":"Demo"`, `"location":"eastus"`, `"provisioningState":"Succeeded"`)
	w.do("owner", "PUT", rg, `{"location":"eastus"}`, 200, `"name":"Demo"`)
	w.do("owner", "PUT", rg, `{"location":"westus"}`, 409, "InvalidResourceGroupLocation")
	w.do("owner", "HEAD", rg, "", 204)
	w.do("reader", "GET", "/SUBSCRIPTIONS/"+sub+"/RESOURCEGROUPS", "", 200, `"Demo"`)
	w.do("stranger", "GET", "/subscriptions/"+sub+"/resourcegroups", "", 403)
	w.do("stranger", "GET", "/subscriptions", "", 200, `"value":[]`)
	w.do("owner", "GET", "/subscriptions/"+tenant+"/resourcegroups", "", 404, "SubscriptionNotFound")
	w.do("owner", "POST", rg, "", 405, "HttpMethodNotSupported")
	a := w.do("owner", "DELETE", rg, "", 202)
	for range 100 {
		if a.Get("retry-after-ms") == "" || a.Get("Location") == "" {
			t.Fatalf("no way to poll in %v", a.Header)
		}
		res := w.raw("owner", a.Get("Location"))
		if res.StatusCode == 204 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.do("owner", "GET", rg, "", 404, "ResourceGroupNotFound")
}

func (w *world) raw(who, url string) *http.Response {
	w.t.Helper()
	req, _ := http.NewRequestWithContext(w.t.Context(), "GET", url, nil)
	req.Header.Set("Authorization", "Bearer "+who)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestResourceLifecycle(t *testing.T) {
	w := start(t)
	one := rg + "/providers/Contoso.Test/widgets/w1"
	w.do("owner", "PUT", one, `{"location":"eastus"}`, 404, "ResourceGroupNotFound")
	w.do("owner", "PUT", rg, `{"location":"eastus"}`, 201)
	w.do("owner", "PUT", rg+"/providers/Contoso.Test/gadgets/w1", `{}`, 404, "InvalidResourceType")
	w.do("owner", "PUT", rg+"/providers/Nobody.Here/gadgets/w1", `{}`, 404, "InvalidResourceNamespace")
	w.do("owner", "PUT", one, `{"location":"eastus","properties":{"size":"many"}}`, 400, "InvalidRequestContent")
	w.do("owner", "PUT", one, `{"location":"eastus","properties":{"size":-1}}`, 400, `"target":"properties.size"`)
	w.do("owner", "GET", one, "", 404, "ResourceNotFound")
	a := w.do("owner", "PUT", one, `{"Location":"eastus","tags":{"k":"v"},"properties":{"SIZE":"3","later":{"x":1}}}`, 201, `"provisioningState":"Creating"`, `"size":3`, `"later":{"x":1}`)
	if op := a.Get("Azure-AsyncOperation"); a.Get("retry-after-ms") != "100" || op == "" {
		t.Fatalf("no operation in %v", a.Header)
	}
	w.widgets.gate <- nil
	w.poll(a.Get("Azure-AsyncOperation"))
	w.do("reader", "GET", strings.ToUpper(one), "", 200, `"provisioningState":"Succeeded"`, `"name":"w1"`, `"k":"v"`)
	w.do("reader", "PATCH", one, `{"tags":{}}`, 403)
	a = w.do("owner", "PATCH", one, `{"properties":{"Color":"blue"}}`, 200, `"size":3`, `"color":"blue"`, `"k":"v"`, `"later"`)
	w.widgets.gate <- errors.New("no paint")
	if body := w.poll(a.Get("Azure-AsyncOperation")); !strings.Contains(body, `"status":"Failed"`) || strings.Contains(body, "no paint") {
		t.Fatalf("an untyped failure must end as Failed without telling the cause: %s", body)
	}
	w.do("reader", "GET", one, "", 200, `"provisioningState":"Failed"`)
	w.do("owner", "PUT", one+"/parts/p1", `{"properties":{"size":1}}`, 201, `"provisioningState":"Succeeded"`)
	w.do("owner", "PUT", rg+"/providers/Contoso.Test/widgets/nope/parts/p1", `{"properties":{"size":1}}`, 404, "ParentResourceNotFound")
	w.do("reader", "GET", one+"/parts", "", 200, `"name":"p1"`)
	w.do("reader", "GET", rg+"/providers/Contoso.Test/widgets", "", 200, `"name":"w1"`)
	w.do("reader", "GET", "/subscriptions/"+sub+"/resources?api-version=2021-04-01&$filter=resourceType%20eq%20%27contoso.test/Widgets%27%20and%20name%20eq%20%27w1%27", "", 200, `"name":"w1"`)
	w.do("reader", "GET", "/subscriptions/"+sub+"/resources?api-version=2021-04-01&$filter=tagName%20eq%20%27k%27%20and%20tagValue%20eq%20%27other%27", "", 200, `"value":[]`)
	w.do("reader", "GET", "/subscriptions/"+sub+"/resources?api-version=2021-04-01&$filter=color%20eq%20%27k%27", "", 400, "InvalidFilterInQueryString")
	w.do("owner", "DELETE", one, "", 200)
	w.do("owner", "DELETE", one, "", 204)
	w.do("reader", "GET", one+"/parts/p1", "", 404, "ResourceNotFound")
}

func TestRolesBindAtTheNextRequest(t *testing.T) {
	w := start(t)
	w.do("owner", "PUT", rg, `{"location":"eastus"}`, 201)
	const name = "/providers/Microsoft.Authorization/roleAssignments/44444444-4444-4444-8444-444444444444"
	give := func(role, who string) string {
		return `{"properties":{"roleDefinitionId":"/subscriptions/` + sub + `/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + who + `"}}`
	}
	stranger := principals["stranger"].ObjectID
	w.do("stranger", "GET", rg, "", 403)
	w.do("reader", "PUT", rg+name, give(authz.RoleReader, stranger), 403)
	w.do("owner", "PUT", rg+name, give("99999999-9999-4999-8999-999999999999", stranger), 400, "RoleDefinitionDoesNotExist")
	w.do("owner", "PUT", rg+name, give(authz.RoleReader, tenant), 400, "PrincipalNotFound")
	w.do("owner", "PUT", rg+"/providers/Microsoft.Authorization/roleAssignments/me", give(authz.RoleReader, stranger), 400, "InvalidRoleAssignmentId")
	w.do("owner", "PUT", rg+name, give(authz.RoleReader, stranger), 201, `"principalType":"User"`)
	w.do("stranger", "GET", rg, "", 200)
	w.do("stranger", "GET", "/subscriptions", "", 200, sub)
	w.do("owner", "PUT", rg+strings.Replace(name, "4444-4444", "4444-4445", 1), give(authz.RoleReader, stranger), 409, "RoleAssignmentExists")
	w.do("owner", "GET", "/subscriptions/"+sub+"/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId%20eq%20%27"+stranger+"%27", "", 200, "44444444-4444")
	w.do("owner", "GET", rg+"/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=roleName%20eq%20%27acrpull%27", "", 200, authz.RoleAcrPull)
	w.do("owner", "DELETE", rg+name, "", 200)
	w.do("stranger", "GET", rg, "", 403)
	w.do("owner", "DELETE", rg+name, "", 204)
}

func TestCrashBetweenIntentAndEnsure(t *testing.T) {
	w := start(t)
	one := rg + "/providers/Contoso.Test/widgets/w1"
	w.do("owner", "PUT", rg, `{"location":"eastus"}`, 201)
	a := w.do("owner", "PUT", one, `{"location":"eastus","properties":{"size":1}}`, 201)
	path, _ := strings.CutPrefix(a.Get("Azure-AsyncOperation"), w.server.URL)
	<-w.widgets.running
	w.close() // Ensure is stopped in the middle

	again := open(t, w.dir)
	again.do("owner", "GET", one, "", 200, `"provisioningState":"Creating"`)
	if err := again.hall.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-again.widgets.running
	again.widgets.gate <- nil
	again.poll(again.server.URL + path)
	again.do("owner", "GET", one, "", 200, `"provisioningState":"Succeeded"`)
}

func TestLocks(t *testing.T) {
	w := start(t)
	const locks = "/providers/Microsoft.Authorization/locks/"
	one := rg + "/providers/Contoso.Test/widgets/w1"
	w.do("owner", "PUT", rg, `{"location":"eastus"}`, 201)
	w.do("owner", "PUT", one, `{"location":"eastus"}`, 201)
	w.widgets.gate <- nil
	w.do("reader", "PUT", one+locks+"keep", `{"properties":{"level":"CanNotDelete"}}`, 403)
	w.do("owner", "PUT", one+locks+"keep", `{"properties":{"level":"Forever"}}`, 400, "properties.level")
	w.do("owner", "PUT", one+locks+"keep", `{"properties":{"level":"CanNotDelete","notes":"mine"}}`, 201, `"name":"keep"`)
	w.do("owner", "DELETE", one, "", 409, "ScopeLocked")
	w.do("owner", "DELETE", rg, "", 409, "ScopeLocked")
	w.do("owner", "PATCH", rg, `{"tags":{"a":"b"}}`, 200)
	w.do("owner", "PUT", rg+locks+"still", `{"properties":{"level":"ReadOnly"}}`, 201)
	w.do("owner", "PATCH", rg, `{"tags":{}}`, 409, "ScopeLocked")
	w.do("owner", "PUT", rg+"/providers/Contoso.Test/widgets/w2", `{"location":"eastus"}`, 409, "ScopeLocked")
	w.do("reader", "GET", rg+locks[:len(locks)-1], "", 200, `"keep"`, `"still"`)
	w.do("owner", "DELETE", rg+locks+"still", "", 200)
	w.do("owner", "DELETE", one+locks+"keep", "", 200)
	w.do("owner", "DELETE", one+locks+"keep", "", 204)
	w.do("owner", "DELETE", one, "", 200)
}
