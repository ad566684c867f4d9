package deployment_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/deployment"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// everybody is Owner of everything.
type everybody struct{}

func (everybody) Assignments(string) []authz.Assignment {
	return []authz.Assignment{{Scope: "/", RoleID: authz.RoleOwner}}
}

func (everybody) Role(id string) (authz.Role, bool) {
	return authz.Role{ID: id, Permissions: []authz.Permission{{Actions: []string{"*"}}}}, true
}

// A scope keeps its last deployments: older ones that have ended make room, with their operations and templates; those of
// other scopes stay.
func TestHistoryIsBounded(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	who := authz.Principal{ObjectID: "owner", Type: authz.User}
	hall := arm.NewHall(arm.Options{Store: s, Checker: &authz.Checker{Source: everybody{}}, TenantID: "t", Endpoints: arm.Endpoints{ResourceManager: "https://management.test"}, Front: httpd.Front{}})
	t.Cleanup(hall.Close)
	same := func(b []byte) ([]byte, error) { return b, nil }
	service := deployment.New(deployment.Options{Hall: hall, Store: s, Endpoints: arm.Endpoints{ResourceManager: "https://management.test"}, Seal: same, Unseal: same, History: 5})
	t.Cleanup(service.Close)
	hall.Register(service.Provider())
	const sub = "22222222-2222-4222-8222-222222222222"
	if err := hall.CreateSubscription(t.Context(), sub, "Test"); err != nil {
		t.Fatal(err)
	}
	do := func(method, at, body string) arm.Answer {
		return hall.Do(t.Context(), who, method, at+"?api-version=2024-11-01", []byte(body))
	}
	const group = "/subscriptions/" + sub + "/resourceGroups/rg"
	if a := do("PUT", group, `{"location":"eastus"}`); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	deploy := func(scope, name, template string) string {
		t.Helper()
		path := scope + "/providers/Microsoft.Resources/deployments/" + name
		if a := do("PUT", path, `{"location":"eastus","properties":{"template":`+template+`}}`); a.Err() != nil {
			t.Fatal(a.Err())
		}
		for until := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			if a := do("GET", path, ""); bytes.Contains(a.Body, []byte(`"provisioningState":"Succeeded"`)) {
				return path
			} else if time.Now().After(until) {
				t.Fatalf("it does not end: %s", a.Body)
			}
		}
	}
	text := resources("")
	other := deploy("/subscriptions/"+sub, "other", leveled("subscription", "", ""))
	var made []string
	for i := range 12 {
		made = append(made, deploy(group, fmt.Sprint("d", i), text))
	}
	deploy(group, "d9", text) // again: takes no room
	for i, path := range made {
		want := http.StatusOK
		if i < 7 {
			want = http.StatusNotFound
		}
		for _, at := range []string{path, path + "/operations"} {
			if a := do("GET", at, ""); a.Status != want {
				t.Errorf("%s: %d, want %d: %s", at, a.Status, want, a.Body)
			}
		}
	}
	if a := do("GET", other, ""); a.Status != http.StatusOK {
		t.Errorf("that of the subscription: %d", a.Status)
	}
}
