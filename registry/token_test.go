package registry_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry"
)

// tokens is the answer of the token service.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Token   string `json:"token"`
	Expires int    `json:"expires_in"`
}

// exchange is what az does with a directory token.
func (w *world) exchange(reg, who string) answer {
	w.t.Helper()
	return w.form(reg, "/oauth2/exchange", "grant_type", "access_token", "service", w.host(reg), "tenant", tenant, "access_token", who)
}

func (w *world) refresh(reg, who string) string {
	w.t.Helper()
	var got tokens
	w.exchange(reg, who).want(200).json(&got)
	return got.Refresh
}

// access asks for an access token with a refresh token.
func (w *world) accessToken(reg, refresh string, scopes ...string) string {
	w.t.Helper()
	kv := []string{"grant_type", "refresh_token", "service", w.host(reg), "refresh_token", refresh}
	for _, s := range scopes {
		kv = append(kv, "scope", s)
	}
	var got tokens
	w.form(reg, "/oauth2/token", kv...).want(200).json(&got)
	return "Bearer " + got.Access
}

// claims reads a token as the Azure SDK for Go does: with standard base64.
func claims(t *testing.T, token string) (c map[string]any) {
	t.Helper()
	payload := strings.Split(strings.TrimPrefix(token, "Bearer "), ".")[1]
	for len(payload)%4 > 0 {
		payload += "="
	}
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		t.Fatalf("the payload is not standard base64: %v", err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChallenges(t *testing.T) {
	w := start(t)
	w.registry("shop1")
	h := w.host("shop1")
	for path, want := range map[string]string{
		"/v2/":                  `Bearer realm="https://` + h + `/oauth2/token",service="` + h + `"`,
		"/v2/_catalog":          `Bearer realm="https://` + h + `/oauth2/token",service="` + h + `",scope="registry:catalog:*"`,
		"/v2/a/b/manifests/v1":  `Bearer realm="https://` + h + `/oauth2/token",service="` + h + `",scope="repository:a/b:pull"`,
		"/v2/a/b/tags/list":     `Bearer realm="https://` + h + `/oauth2/token",service="` + h + `",scope="repository:a/b:pull"`,
		"/acr/v1/a/b":           `Bearer realm="https://` + h + `/oauth2/token",service="` + h + `",scope="repository:a/b:metadata_read"`,
		"/acr/v1/_catalog?n=10": `Bearer realm="https://` + h + `/oauth2/token",service="` + h + `",scope="registry:catalog:*"`,
	} {
		a := w.at("shop1", "", "GET", path, "").want(401, `"code":"UNAUTHORIZED"`)
		if a.Get("WWW-Authenticate") != want || a.Get("Docker-Distribution-Api-Version") != "registry/2.0" || a.Get("x-ms-correlation-request-id") == "" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	a := w.at("shop1", "", "POST", "/v2/a/b/blobs/uploads/", "").want(401, `"detail":[{"Type":"repository","Name":"a/b","Action":"push"}]`)
	if !strings.HasSuffix(a.Get("WWW-Authenticate"), `,scope="repository:a/b:pull,push"`) {
		t.Errorf("push: %q", a.Get("WWW-Authenticate"))
	}
	if a := w.at("shop1", "", "HEAD", "/v2/", "").want(401); a.body != "" {
		t.Errorf("HEAD has the body %q", a.body)
	}
}

// TestAzLogin follows az acr login, then az acr repository list and show-tags.
func TestAzLogin(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	w.at("shop1", "", "GET", "/v2/", "").want(401)
	refresh := w.refresh("shop1", "owner")
	c := claims(t, refresh)
	if c["iss"] != "Azure Container Registry" || c["grant_type"] != "refresh_token" || c["exp"].(float64)-c["iat"].(float64) != 3*3600 {
		t.Fatalf("refresh token: %v", c)
	}
	catalog := w.accessToken("shop1", refresh, "registry:catalog:*")
	w.at("shop1", catalog, "GET", "/v2/_catalog?n=100", "").want(200, `["app"]`)
	w.at("shop1", catalog, "GET", "/v2/app/manifests/v1", "").want(401, "does not cover repository:app:pull")
	tags := w.accessToken("shop1", refresh, "repository:app:metadataRead")
	w.at("shop1", tags, "GET", "/acr/v1/app/_tags?n=100&orderby=timedesc&api-version=2021-07-01", "").want(200, `"name":"v1"`)
	w.at("shop1", tags, "GET", "/v2/app/tags/list", "").want(200, "v1")

	// docker login with the refresh token as password, then a pull.
	user := basic("00000000-0000-0000-0000-000000000000", refresh)
	var got tokens
	w.at("shop1", user, "GET", "/oauth2/token?account=x&service="+w.host("shop1")+"&client_id=docker&offline_token=true", "").want(200).json(&got)
	if got.Access == "" || got.Token != got.Access || got.Expires != 75*60 || got.Refresh != "" {
		t.Fatalf("login: %+v", got)
	}
	w.at("shop1", "Bearer "+got.Access, "GET", "/v2/", "").want(200)
	w.at("shop1", user, "GET", "/oauth2/token?service="+w.host("shop1")+"&scope=repository:app:pull,push&scope=repository:other:pull", "").want(200).json(&got)
	w.at("shop1", "Bearer "+got.Access, "GET", "/v2/app/manifests/v1", "").want(200)
	w.at("shop1", "Bearer "+got.Access, "POST", "/v2/app/blobs/uploads/", "").want(202)
	a := w.at("shop1", "Bearer "+got.Access, "DELETE", "/v2/app/manifests/v1", "").want(401, "does not cover repository:app:delete")
	if !strings.HasSuffix(a.Get("WWW-Authenticate"), `,scope="repository:app:delete",error="insufficient_scope"`) {
		t.Fatalf("challenge: %q", a.Get("WWW-Authenticate"))
	}
	// An access token gives no longer-lived ones, and no wider ones.
	w.form("shop1", "/oauth2/token", "grant_type", "refresh_token", "refresh_token", got.Access, "scope", "repository:app:pull").want(401, "access token")
	w.at("shop1", basic("00000000-0000-0000-0000-000000000000", got.Access), "GET", "/oauth2/token?scope=repository:app:delete", "").want(200).json(&got)
	if c := claims(t, got.Access); c["access"] != nil {
		t.Fatalf("widened to %v", c["access"])
	}
}

func TestTokenRequestsThatAreWrong(t *testing.T) {
	w := start(t)
	w.registry("shop1")
	w.registry("shop2")
	w.exchange("shop1", "nobody").want(401, "UNAUTHORIZED", "The token is not valid")
	w.exchange("shop1", "stranger").want(401, "stranger@lazuli", "no role in the registry")
	w.form("shop1", "/oauth2/exchange", "grant_type", "password", "access_token", "owner").want(400, "grant_type")
	w.form("shop1", "/oauth2/exchange", "grant_type", "access_token", "service", "other.example", "access_token", "owner").want(400, "other.example")
	w.form("shop1", "/oauth2/exchange", "grant_type", "access_token", "tenant", "99999999-1111-4111-8111-111111111111", "access_token", "owner").want(401, "tenant")
	w.form("shop1", "/oauth2/exchange", "grant_type", "access_token").want(400, "access_token")
	w.form("shop1", "/oauth2/token", "grant_type", "password", "username", "", "password", "").want(401, "no anonymous access")
	w.at("shop1", "", "POST", "/oauth2/token", "{}", "Content-Type", "application/json").want(400, "form")
	w.at("shop1", "", "DELETE", "/oauth2/token", "").want(405)
	w.at("shop1", "", "GET", "/oauth2/nope", "").want(404)
	w.at("shop1", "", "GET", "/oauth2/token", "").want(401)
	w.at("shop1", "Basic !!", "GET", "/v2/", "").want(401, "well-formed")
	w.at("shop1", "Digest x", "GET", "/v2/", "").want(401, "Digest")
	w.at("shop1", "Bearer owner", "GET", "/v2/", "").want(401, "not a valid token")

	refresh := w.refresh("shop1", "owner")
	w.at("shop2", "Bearer "+refresh, "GET", "/v2/", "").want(401, "not for the registry 'shop2'")
	head, rest, _ := strings.Cut(refresh, ".")
	payload, sig, _ := strings.Cut(rest, ".")
	for _, forged := range []string{
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + payload + ".",
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS512","typ":"JWT"}`)) + "." + payload + "." + sig,
		head + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"Azure Container Registry","exp":99999999999}`)) + "." + sig,
		head + "." + payload + "." + strings.Repeat("A", len(sig)),
	} {
		w.at("shop1", "Bearer "+forged, "GET", "/v2/", "").want(401, "not a valid token")
	}
	w.later(3*time.Hour + time.Second)
	w.at("shop1", "Bearer "+refresh, "GET", "/v2/", "").want(401, "expired")

	// A registry made again under the name does not take the old one's tokens.
	refresh = w.refresh("shop1", "owner")
	w.arm("owner", "DELETE", prov+"shop1", "", 200)
	w.registry("shop1")
	w.at("shop1", "Bearer "+refresh, "GET", "/v2/", "").want(401, "not for the registry")
}

// TestRightsBindAtTheNextRequest takes away what tokens were made with.
func TestRightsBindAtTheNextRequest(t *testing.T) {
	w := start(t)
	passwords := w.registry("shop1")
	admin := basic("shop1", passwords[0])
	w.image("shop1", admin, "app", "v1", "layer")
	get := func(auth string, status int, texts ...string) {
		t.Helper()
		w.at("shop1", auth, "GET", "/v2/app/manifests/v1", "").want(status, texts...)
	}
	token := func(user, password string) string {
		t.Helper()
		var got tokens
		w.form("shop1", "/oauth2/token", "grant_type", "password", "service", w.host("shop1"), "username", user, "password", password, "scope", "repository:app:pull,push").want(200).json(&got)
		if c := claims(t, got.Access); user == "pusher" && c["sub"] != people["pusher"].Name {
			t.Fatalf("sub is %q", c["sub"])
		}
		return "Bearer " + got.Access
	}
	// A role taken away; a token asked for without one covers nothing.
	none := token("pusher", "pusher-secret")
	get(none, 403, `"DENIED"`, "AcrPull")
	w.grant("shop1", authz.RoleAcrPush, "pusher")
	get(none, 401, "does not cover")
	push := token("pusher", "pusher-secret")
	get(push, 200)
	get(basic("pusher", "pusher-secret"), 200)
	w.revoke("shop1", "pusher")
	get(push, 403, "DENIED", `"Action":"pull"`)
	get(basic("pusher", "pusher-secret"), 403, "DENIED")

	// A role that allows less than the token says.
	w.grant("shop1", authz.RoleAcrPull, "pusher")
	get(push, 200)
	w.at("shop1", push, "POST", "/v2/app/blobs/uploads/", "").want(403, "DENIED", "AcrPush")

	// A secret removed.
	w.kill("pusher")
	get(push, 401, "removed or has expired")
	get(basic("pusher", "pusher-secret"), 401, "Invalid client secret")

	// Admin passwords and the admin user.
	first, second := token("shop1", passwords[0]), token("shop1", passwords[1])
	w.arm("owner", "POST", prov+"shop1/regenerateCredential", `{"name":"password"}`, 200)
	get(first, 401, "regenerated")
	get(second, 200)
	w.arm("owner", "PATCH", prov+"shop1", `{"properties":{"adminUserEnabled":false}}`, 200)
	get(second, 401, "disabled")
	get(basic("shop1", passwords[1]), 401, "disabled", "--admin-enabled true")
}

func TestRoles(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	const acrDelete = "c2f4ef07-c644-48eb-af81-4b1b4947fb11"
	for role, want := range map[string][4]int{ // pull, push, delete a tag, list
		authz.RoleOwner:       {200, 202, 404, 200},
		authz.RoleContributor: {200, 202, 404, 200},
		authz.RoleReader:      {200, 403, 403, 200},
		authz.RoleAcrPull:     {200, 403, 403, 200},
		authz.RoleAcrPush:     {200, 202, 403, 200},
		acrDelete:             {403, 403, 404, 403},
		"":                    {403, 403, 403, 403},
	} {
		if role != "" {
			w.grant("shop1", role, "puller")
		}
		auth := basic("puller", "puller-secret")
		got := [4]int{
			w.at("shop1", auth, "GET", "/v2/app/manifests/v1", "").status,
			w.at("shop1", auth, "POST", "/v2/app/blobs/uploads/", "").status,
			w.at("shop1", auth, "DELETE", "/v2/app/manifests/nope", "").status,
			w.at("shop1", auth, "GET", "/v2/_catalog", "").status,
		}
		if got != want {
			t.Errorf("role %s: %v, want %v", role, got, want)
		}
		if role != "" {
			w.revoke("shop1", "puller")
		}
	}
}

func TestGuessingIsBraked(t *testing.T) {
	w := start(t)
	password := w.registry("shop1")[0]
	for range 10 {
		w.at("shop1", basic("shop1", "guess"), "GET", "/v2/", "").want(401)
	}
	a := w.at("shop1", basic("Shop1", password), "GET", "/v2/", "").want(429, "TOOMANYREQUESTS")
	if a.Get("Retry-After") == "" {
		t.Fatalf("headers: %v", a.Header)
	}
	w.at("shop1", basic("puller", "puller-secret"), "GET", "/v2/", "").want(200)
	w.later(time.Minute)
	w.at("shop1", basic("shop1", password), "GET", "/v2/", "").want(200)
}

// TestEveryRouteIsGuarded walks the tables: nobody gets 401, one without a role
// 403, a reader who writes 403.
func TestEveryRouteIsGuarded(t *testing.T) {
	w := start(t)
	w.registry("shop1")
	w.grant("shop1", authz.RoleAcrPull, "puller")
	fill := strings.NewReplacer("{name}", "app", "{reference}", "v1", "{tag}", "v1", "{id}", "d0000000-0000-4000-8000-000000000001",
		"{digest}", "sha256:"+strings.Repeat("0", 64))
	for _, row := range registry.Table() {
		path := fill.Replace(row.Path)
		if row.Method == "PUT" {
			path += "?digest=sha256:" + strings.Repeat("0", 64)
		}
		if strings.HasPrefix(path, "/oauth2/") {
			continue // where credentials are checked
		}
		if a := w.at("shop1", "", row.Method, path, ""); a.status != 401 {
			t.Errorf("%s %s as nobody: %d", row.Method, path, a.status)
		}
		if path == "/v2/" {
			continue // any valid credential
		}
		if a := w.at("shop1", basic("pusher", "pusher-secret"), row.Method, path, ""); a.status != 403 {
			t.Errorf("%s %s as one without a role: %d", row.Method, path, a.status)
		}
		reads := row.Action.Name == "Microsoft.ContainerRegistry/registries/pull/read"
		if a := w.at("shop1", basic("puller", "puller-secret"), row.Method, path, ""); (a.status == 403) == reads {
			t.Errorf("%s %s (%s) as a puller: %d", row.Method, path, row.Action.Name, a.status)
		}
	}
}

// TestGroupPull is the door of container groups: the same checks, told apart.
func TestGroupPull(t *testing.T) {
	w := start(t)
	passwords := w.registry("shop1")
	m := w.image("shop1", basic("shop1", passwords[0]), "app", "v1", "layer")
	w.grant("shop1", authz.RoleAcrPull, "puller")
	pull := func(host, repo, ref, user, password string) error {
		d, err := w.service.Authorize(t.Context(), registry.Pull{Host: host, Repository: repo, Reference: ref, Username: user, Password: azure.NewSecret(password)})
		if err == nil && (d.Size != int64(len(m)) || d.MediaType != imageType) {
			t.Errorf("descriptor %+v", d)
		}
		return err
	}
	h := w.host("shop1")
	for _, c := range []struct {
		host, repo, ref, user, password, code string
	}{
		{h, "app", "v1", "shop1", passwords[1], ""},
		{h, "app", "v1", "puller", "puller-secret", ""},
		{"SHOP1" + domain, "app", "v1", "puller", "puller-secret", ""},
		{h, "app", "v1", "pusher", "pusher-secret", azure.CodeOCIDenied},
		{h, "app", "v1", "puller", "wrong", azure.CodeOCIUnauthorized},
		{h, "app", "v1", "", "", azure.CodeOCIUnauthorized},
		{"nope" + domain, "app", "v1", "puller", "puller-secret", azure.CodeHostNotFound},
		{h, "nope", "v1", "puller", "puller-secret", azure.CodeOCINameUnknown},
		{h, "app", "v2", "puller", "puller-secret", azure.CodeOCIManifestUnknown},
		{h, "app", "", "puller", "puller-secret", azure.CodeOCIManifestUnknown},
		{h, "../app", "v1", "puller", "puller-secret", azure.CodeOCINameInvalid},
	} {
		err := pull(c.host, c.repo, c.ref, c.user, c.password)
		if c.code == "" && err != nil || c.code != "" && !azure.HasCode(err, c.code) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	w.revoke("shop1", "puller")
	if err := pull(h, "app", "v1", "puller", "puller-secret"); !azure.HasCode(err, azure.CodeOCIDenied) {
		t.Errorf("after the role is gone: %v", err)
	}
	if !w.service.Hosts(h) || w.service.Hosts("docker.io") {
		t.Error("Hosts is wrong")
	}
}
