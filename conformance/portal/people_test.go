package portal

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/lazuli-cloud/lazuli/client"
)

// reader is Azure's role Reader.
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"

// groups is how many resource groups the long list has; the walk knows the number.
const groups = 300

// TestPeople looks at the portal as different people do: who comes back after a reload, who has a long list, who may only read, who uses the keyboard, who reads Korean.
func TestPeople(t *testing.T) {
	o := newOperator(t)
	scope := o.subscription
	var parallel sync.WaitGroup
	for worker := range 8 {
		parallel.Go(func() {
			for i := worker; i < groups; i += 8 {
				o.send("PUT", o.management, fmt.Sprintf("%s/resourceGroups/people-%03d?api-version=2021-04-01", scope, i), `{"location":"eastus"}`)
			}
		})
	}
	const password = "Correct-Horse-9"
	name := "reader@" + o.domain
	user := o.send("POST", o.graph, "/v1.0/users", fmt.Sprintf(`{"displayName":"Rita Reader","userPrincipalName":%q,"accountEnabled":true,"passwordProfile":{"password":%q}}`, name, password))
	o.send("PUT", o.management, fmt.Sprintf("%s/providers/Microsoft.Authorization/roleAssignments/%s?api-version=2022-04-01", scope, guid()),
		fmt.Sprintf(`{"properties":{"roleDefinitionId":"%s/providers/Microsoft.Authorization/roleDefinitions/%s","principalId":%q}}`, scope, reader, user["id"]))
	parallel.Wait()
	o.send("PUT", o.management, scope+"/resourceGroups/people-000/providers/Microsoft.ContainerRegistry/registries/peoplereg?api-version=2023-07-01",
		`{"location":"eastus","sku":{"name":"Basic"},"properties":{"adminUserEnabled":true}}`)
	walk(t, "people.mjs", map[string]string{"reader": name, "readerPassword": password, "group": scope + "/resourceGroups/people-000"})
}

// guid is the name of a new role assignment.
func guid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// operator sends requests with the first user's tokens.
type operator struct {
	t     *testing.T
	http  *http.Client
	admin client.Admin

	management, graph string // addresses
	subscription      string // its resource id
	domain            string

	mu     sync.Mutex
	tokens map[string]string
}

// newOperator is who prepares what a walk finds. Where there is no browser to walk with, the test is skipped.
func newOperator(t *testing.T) *operator {
	t.Helper()
	needBrowser(t)
	status, err := cloud.Status()
	if err != nil {
		t.Fatal(err)
	}
	endpoints, _ := status["endpoints"].(map[string]any)
	return &operator{
		t: t, http: cloud.Client(t), admin: client.Admin{Socket: filepath.Join(cloud.Dir, "run", "admin.sock")}, tokens: map[string]string{},
		management: fmt.Sprint(endpoints["resourceManager"]), graph: fmt.Sprint(endpoints["graph"]),
		subscription: fmt.Sprint("/subscriptions/", status["subscriptionId"]), domain: fmt.Sprint(status["domain"]),
	}
}

func (o *operator) token(resource string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tokens[resource] == "" {
		token, err := o.admin.Token(o.t.Context(), resource)
		if err != nil {
			o.t.Error(err)
		}
		o.tokens[resource] = token
	}
	return o.tokens[resource]
}

// send sends a request, which must succeed, and returns the answer.
func (o *operator) send(method, host, path, body string) map[string]any {
	r, err := http.NewRequestWithContext(o.t.Context(), method, host+path, bytes.NewReader([]byte(body)))
	if err != nil {
		o.t.Error(err)
		return nil
	}
	r.Header.Set("Authorization", "Bearer "+o.token(host))
	r.Header.Set("Content-Type", "application/json")
	answer, err := o.http.Do(r)
	if err != nil {
		o.t.Error(err)
		return nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		o.t.Errorf("%s %s: %d %v %s", method, path, answer.StatusCode, err, text)
		return nil
	}
	var value map[string]any
	if err := json.Unmarshal(text, &value); err != nil {
		o.t.Errorf("%s %s: %v: %s", method, path, err, text)
	}
	return value
}
