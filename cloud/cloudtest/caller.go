package cloudtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/client"
)

// Grant is a role at a scope: a role's GUID and a path such as [Cloud.Group]'s.
type Grant struct{ Role, Scope string }

// Caller is somebody who sends requests. Safe for concurrent use.
type Caller struct {
	cloud *Cloud
	// Name is what [Cloud.As] was asked for, ID the object id in the directory.
	Name, ID string
	fixed    string // a token to send whatever the host; see Cloud.Bearer
	refresh  string
	tokens   map[string]heldToken // by resource or registry; under cloud.mu
}

type heldToken struct {
	raw   string
	until time.Time
}

// password is every made user's.
const password = "Correct-Horse-9"

// As gives a signed-in principal by name, and makes it at the first use:
//
//   - "nobody" sends no token
//   - "owner" is the cloud's first user
//   - "reader" has the role Reader at the subscription, which sees no secrets
//   - any other name is a user with the grants given at the first use;
//     "stranger", by custom, has none
//
// Users and roles are made through the cloud's own API.
func (c *Cloud) As(name string, grants ...Grant) *Caller {
	c.t.Helper()
	c.mu.Lock()
	known := c.callers[name]
	c.mu.Unlock()
	if known != nil {
		return known
	}
	k := &Caller{cloud: c, Name: name, tokens: map[string]heldToken{}}
	switch name {
	case "nobody":
	case "owner":
		once := c.SignIn()
		k.signIn(once.User, once.Password)
	case "reader":
		grants = append(grants, Grant{authz.RoleReader, "/subscriptions/" + c.Status.SubscriptionID})
		fallthrough
	default:
		k.make(grants)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.callers[name] = k
	return k
}

// Bearer is a caller who sends this token to every host.
func (c *Cloud) Bearer(token string) *Caller { return &Caller{cloud: c, Name: "bearer", fixed: token} }

// make makes the user, signs it in and gives it its roles.
func (k *Caller) make(grants []Grant) {
	t, c := k.cloud.t, k.cloud
	t.Helper()
	upn := k.Name + "@" + c.Status.Domain
	var user struct{ ID string }
	answer := c.As("owner").Do("POST", "graph/v1.0/users", `{"displayName":"`+k.Name+`","userPrincipalName":"`+upn+`","accountEnabled":true,"passwordProfile":{"password":"`+password+`"}}`, 201)
	answer.JSON(&user)
	k.ID = user.ID
	for _, g := range grants {
		k.Grant(g)
	}
	k.signIn(upn, password)
}

// Grant gives the caller a role more, and returns the path of the assignment.
func (k *Caller) Grant(g Grant) string {
	c := k.cloud
	c.t.Helper()
	path := strings.TrimSuffix(g.Scope, "/") + "/providers/Microsoft.Authorization/roleAssignments/" + uuid.NewString()
	role := "/subscriptions/" + c.Status.SubscriptionID + "/providers/Microsoft.Authorization/roleDefinitions/" + g.Role
	c.As("owner").Do("PUT", path, `{"properties":{"roleDefinitionId":"`+role+`","principalId":"`+k.ID+`"}}`, 201)
	return path
}

// signIn gets the refresh token that all other tokens are got with.
func (k *Caller) signIn(user, password string) {
	k.cloud.t.Helper()
	k.redeem(url.Values{"grant_type": {"password"}, "username": {user}, "password": {password}}, k.cloud.Status.Endpoints["resourceManager"])
}

// azureCLI is the public client id of the Azure CLI.
const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

// redeem asks the token service for a token of the resource.
func (k *Caller) redeem(form url.Values, resource string) string {
	c := k.cloud
	c.t.Helper()
	form.Set("client_id", azureCLI)
	form.Set("scope", resource+"/.default offline_access")
	res, err := c.http.PostForm(c.Status.Endpoints["login"]+"/"+c.Status.TenantID+"/oauth2/v2.0/token", form)
	c.check(err)
	defer res.Body.Close()
	var out struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		ExpiresIn    int    `json:"expires_in"`
	}
	data, err := io.ReadAll(res.Body)
	c.check(err)
	if err := json.Unmarshal(data, &out); err != nil || out.AccessToken == "" || out.RefreshToken == "" {
		c.t.Fatalf("%s gets no token for %s: %d %s", k.Name, resource, res.StatusCode, data)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k.refresh = out.RefreshToken
	k.tokens[resource] = heldToken{out.AccessToken, c.Clock.Now().Add(time.Duration(out.ExpiresIn)*time.Second - time.Minute)}
	return out.AccessToken
}

// Token is a valid access token of the caller for a resource, such as
// c.Status.Endpoints["graph"].
func (k *Caller) Token(resource string) string {
	c := k.cloud
	c.t.Helper()
	c.mu.Lock()
	held := k.tokens[resource]
	c.mu.Unlock()
	if held.raw != "" && c.Clock.Now().Before(held.until) {
		return held.raw
	}
	return k.redeem(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {k.refresh}}, resource)
}

// VaultResource is what tokens for vaults are for.
func (c *Cloud) VaultResource() string { return c.Origin("vault") }

// Origin is scheme, host and port of a host name below the domain:
// c.Origin("mykeyvault.vault").
func (c *Cloud) Origin(host string) string {
	return "https://" + host + "." + c.Status.Domain + strings.TrimPrefix(c.Status.Endpoints["graph"], "https://graph."+c.Status.Domain)
}

// authorization is the header for a host below the domain.
func (k *Caller) authorization(r *http.Request, host string) {
	c := k.cloud
	c.t.Helper()
	switch {
	case k.Name == "nobody" || host == "login" || host == "portal":
	case k.fixed != "":
		r.Header.Set("Authorization", "Bearer "+k.fixed)
	case strings.HasSuffix(host, ".azurecr"):
		r.SetBasicAuth(client.RegistryUser, k.registryToken(r))
	case strings.HasSuffix(host, ".vault"):
		r.Header.Set("Authorization", "Bearer "+k.Token(c.VaultResource()))
	case host == "sessions": // consoles are of the control plane
		r.Header.Set("Authorization", "Bearer "+k.Token(c.Origin("management")))
	default:
		r.Header.Set("Authorization", "Bearer "+k.Token(c.Origin(host)))
	}
}

// registryToken is the caller's refresh token for the registry of r, as
// `az acr login` gets it.
func (k *Caller) registryToken(r *http.Request) string {
	c := k.cloud
	c.t.Helper()
	c.mu.Lock()
	held := k.tokens[r.URL.Host]
	c.mu.Unlock()
	if held.raw == "" || !c.Clock.Now().Before(held.until) {
		raw, err := client.RegistryLogin(r.Context(), c.http, r.URL.Host, c.Status.TenantID, k.Token(c.Status.Endpoints["resourceManager"]))
		c.check(err)
		held = heldToken{raw, c.Clock.Now().Add(time.Hour)}
		c.mu.Lock()
		k.tokens[r.URL.Host] = held
		c.mu.Unlock()
	}
	return held.raw
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	t      testing.TB
}

// JSON reads the body into v.
func (a Answer) JSON(v any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.Body), v); err != nil {
		a.t.Fatalf("the answer is not JSON: %v: %s", err, a.Body)
	}
}

// Send sends a request and returns whatever comes back. A target that begins
// with a slash is a path of the control plane; any other begins with a host
// name without the domain: "graph/v1.0/me", "mykeyvault.vault/secrets/x".
// Where the query has no api-version, one is added. headers are name, value,
// name, value.
func (k *Caller) Send(method, target, body string, headers ...string) Answer {
	c := k.cloud
	c.t.Helper()
	host, path := "management", target
	if !strings.HasPrefix(target, "/") {
		host, path, _ = strings.Cut(target, "/")
		path = "/" + path
	}
	if v := versions[host[strings.LastIndex(host, ".")+1:]]; v != "" && !strings.Contains(path, "api-version") {
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "api-version=" + v
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.Origin(host)+path, strings.NewReader(body))
	c.check(err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	k.authorization(r, host)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(r)
	c.check(err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	c.check(err)
	return Answer{res.StatusCode, res.Header, string(data), c.t}
}

// versions are the api-versions that planes want.
var versions = map[string]string{"management": "2024-11-01", "vault": "7.4"}

// Do sends a request as [Caller.Send] does and wants the status. The body must
// contain each of the texts, and none of those that begin with "!".
func (k *Caller) Do(method, target, body string, status int, texts ...string) Answer {
	t := k.cloud.t
	t.Helper()
	a := k.Send(method, target, body)
	if a.Status != status {
		t.Fatalf("%s: %s %s: status %d, want %d: %s", k.Name, method, target, a.Status, status, a.Body)
	}
	for _, text := range texts {
		if not, ok := strings.CutPrefix(text, "!"); ok && strings.Contains(a.Body, not) {
			t.Fatalf("%s: %s %s: the answer contains %q: %s", k.Name, method, target, not, a.Body)
		} else if !ok && !strings.Contains(a.Body, text) {
			t.Fatalf("%s: %s %s: the answer does not contain %q: %s", k.Name, method, target, text, a.Body)
		}
	}
	return a
}
