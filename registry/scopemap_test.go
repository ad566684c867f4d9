package registry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/registry"
)

// token makes a token with a scope map of the given name and gives its passwords.
func (w *world) token(reg, name, scopeMap string) registry.GeneratedCredentials {
	w.t.Helper()
	id := prov + reg + "/tokens/" + name
	w.arm("owner", "PUT", id, fmt.Sprintf(`{"properties":{"scopeMapId":%q,"status":"enabled"}}`, prov+reg+"/scopeMaps/"+scopeMap), 201, `"status":"enabled"`)
	return w.generate(reg, name, "")
}

func (w *world) generate(reg, name, more string) (got registry.GeneratedCredentials) {
	w.t.Helper()
	w.arm("owner", "POST", prov+reg+"/generateCredentials", fmt.Sprintf(`{"tokenId":%q%s}`, prov+reg+"/tokens/"+name, more), 200, `"username":"`+name+`"`).json(&got)
	return got
}

func TestTokensMayWhatTheirScopeMapSays(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	for _, repo := range []string{"app", "team/one", "teamtwo", "secret"} {
		w.image("shop1", admin, repo, "v1", "layer of "+repo)
	}
	maps := prov + "shop1/scopeMaps/"
	w.arm("owner", "GET", prov+"shop1/scopeMaps", "", 200, `"name":"_repositories_pull"`, `"type":"SystemDefined"`, "repositories/*/metadata/read")
	w.arm("owner", "GET", maps+"_repositories_push", "", 200, "repositories/*/content/write")
	w.arm("owner", "PUT", maps+"_repositories_push", `{"properties":{"actions":[]}}`, 400, "is invalid")
	w.arm("owner", "PUT", maps+"builders", `{"properties":{"description":"for builds","actions":["repositories/app/content/read","repositories/app/content/write","repositories/team/*/content/read"]}}`, 201, `"UserDefined"`, `"for builds"`)
	w.arm("owner", "GET", prov+"shop1/scopeMaps", "", 200, `"name":"builders"`, `"name":"_repositories_admin"`)
	for _, bad := range []string{"repositories/app", "repositories//content/read", "repositories/App/content/read", "repositories/te*/content/read", "gateway/x/config/read"} {
		w.arm("owner", "PUT", maps+"wrong", `{"properties":{"actions":["`+bad+`"]}}`, 400, "is invalid")
	}
	w.arm("reader", "PUT", maps+"builders", `{"properties":{"actions":[]}}`, 403)
	w.arm("owner", "PUT", prov+"shop1/tokens/builder", `{"properties":{"scopeMapId":"`+maps+`none"}}`, 400, "names no scope map")

	got := w.token("shop1", "builder", "builders")
	if len(got.Passwords) != 2 || got.Passwords[0].Name != "password1" || len(got.Passwords[0].Value) < 40 {
		t.Fatalf("passwords: %+v", got)
	}
	if a := w.arm("owner", "GET", prov+"shop1/tokens/builder", "", 200, `"password1"`, `"password2"`); strings.Contains(a.body, got.Passwords[0].Value) {
		t.Fatal("a password is shown again")
	}
	login := basic("builder", got.Passwords[1].Value)
	w.at("shop1", login, "GET", "/v2/", "").want(200)
	w.at("shop1", login, "GET", "/v2/app/manifests/v1", "").want(200)
	w.at("shop1", login, "POST", "/v2/app/blobs/uploads/", "").want(202)
	w.at("shop1", login, "GET", "/v2/team/one/manifests/v1", "").want(200)
	w.at("shop1", login, "POST", "/v2/team/one/blobs/uploads/", "").want(403, "DENIED")
	w.at("shop1", login, "GET", "/v2/teamtwo/manifests/v1", "").want(403, "DENIED")
	w.at("shop1", login, "GET", "/v2/secret/manifests/v1", "").want(403, "DENIED")
	w.at("shop1", login, "DELETE", "/v2/app/manifests/v1", "").want(403, "DENIED")
	w.at("shop1", login, "GET", "/v2/_catalog", "").want(403, "DENIED")
	w.at("shop1", login, "PATCH", "/acr/v1/app", `{}`).want(403, "DENIED")

	// Through the token service, as docker does: what is granted, and what a change takes away.
	var tok tokens
	w.at("shop1", login, "GET", "/oauth2/token?service="+w.host("shop1")+"&scope=repository:app:pull,push,delete&scope=repository:secret:pull", "").want(200).json(&tok)
	bearer := "Bearer " + tok.Access
	w.at("shop1", bearer, "GET", "/v2/app/manifests/v1", "").want(200)
	w.at("shop1", bearer, "DELETE", "/v2/app/manifests/v1", "").want(403)
	w.at("shop1", bearer, "GET", "/v2/secret/manifests/v1", "").want(403)
	w.arm("owner", "PATCH", maps+"builders", `{"properties":{"actions":["repositories/team/*/content/read"]}}`, 200)
	w.at("shop1", bearer, "GET", "/v2/app/manifests/v1", "").want(403, "DENIED")
	w.arm("owner", "PATCH", prov+"shop1/tokens/builder", `{"properties":{"scopeMapId":"`+maps+`_repositories_admin"}}`, 200)
	w.at("shop1", login, "GET", "/v2/_catalog", "").want(200, "secret")
	w.arm("owner", "PATCH", prov+"shop1/tokens/builder", `{"properties":{"status":"disabled"}}`, 200, `"disabled"`)
	w.at("shop1", bearer, "GET", "/v2/app/manifests/v1", "").want(401, "has been disabled")
	w.at("shop1", login, "GET", "/v2/", "").want(401)
	w.arm("owner", "PATCH", prov+"shop1/tokens/builder", `{"properties":{"status":"enabled"}}`, 200)
	w.at("shop1", bearer, "GET", "/v2/app/manifests/v1", "").want(200)

	w.restart()
	w.at("shop1", login, "GET", "/v2/app/manifests/v1", "").want(200)
	w.arm("owner", "DELETE", maps+"builders", "", 200)
	w.arm("owner", "DELETE", prov+"shop1/tokens/builder", "", 200)
	w.at("shop1", bearer, "GET", "/v2/app/manifests/v1", "").want(401)
	// One made again under the name is another.
	again := w.token("shop1", "builder", "_repositories_admin")
	w.at("shop1", bearer, "GET", "/v2/app/manifests/v1", "").want(401)
	w.at("shop1", login, "GET", "/v2/", "").want(401)
	w.at("shop1", basic("BUILDER", again.Passwords[0].Value), "GET", "/v2/", "").want(200)
	// Nobody's token counts in another registry.
	w.registry("shop2")
	w.at("shop2", basic("builder", again.Passwords[0].Value), "GET", "/v2/", "").want(401)
	w.arm("owner", "DELETE", prov+"shop1", "", 200)
}

func TestTokenPasswords(t *testing.T) {
	w := start(t)
	w.registry("shop1")
	got := w.token("shop1", "robot", "_repositories_pull")
	first, second := basic("robot", got.Passwords[0].Value), basic("robot", got.Passwords[1].Value)
	renewed := w.generate("shop1", "robot", `,"name":"password1"`)
	if len(renewed.Passwords) != 1 || renewed.Passwords[0].Name != "password1" {
		t.Fatalf("renewed: %+v", renewed)
	}
	w.at("shop1", first, "GET", "/v2/", "").want(401)
	w.at("shop1", second, "GET", "/v2/", "").want(200)

	// az acr token credential delete sends the list without the one.
	w.arm("owner", "PATCH", prov+"shop1/tokens/robot", `{"properties":{"credentials":{"passwords":[{"name":"password1"}]}}}`, 200, "password1")
	w.at("shop1", second, "GET", "/v2/", "").want(401)
	w.at("shop1", basic("robot", renewed.Passwords[0].Value), "GET", "/v2/", "").want(200)

	until := w.now().Add(time.Hour).UTC().Format(time.RFC3339)
	short := w.generate("shop1", "robot", `,"name":"password2","expiry":"`+until+`"`)
	login := basic("robot", short.Passwords[0].Value)
	var tok tokens
	w.at("shop1", login, "GET", "/oauth2/token?scope=repository:app:pull", "").want(200).json(&tok)
	w.later(59 * time.Minute)
	w.at("shop1", "Bearer "+tok.Access, "GET", "/v2/", "").want(200)
	w.later(2 * time.Minute)
	w.at("shop1", login, "GET", "/v2/", "").want(401)
	w.at("shop1", "Bearer "+tok.Access, "GET", "/v2/", "").want(401)

	bad := func(body string) {
		t.Helper()
		w.arm("owner", "POST", prov+"shop1/generateCredentials", body, 400)
	}
	bad(`{"tokenId":"` + prov + `shop1/tokens/robot","name":"password3"}`)
	bad(`{"tokenId":"` + prov + `shop1/tokens/robot","expiry":"2001-01-01"}`)
	bad(`{"tokenId":"` + prov + `other/tokens/robot"}`)
	w.arm("owner", "POST", prov+"shop1/generateCredentials", `{"tokenId":"`+prov+`shop1/tokens/nobody"}`, 404)
	w.arm("reader", "POST", prov+"shop1/generateCredentials", `{"tokenId":"`+prov+`shop1/tokens/robot"}`, 403)
}

func TestAnonymousPull(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	ask := "/oauth2/token?service=" + w.host("shop1") + "&scope=repository:app:pull,push"
	w.at("shop1", "", "GET", ask, "").want(401)
	w.arm("owner", "PATCH", prov+"shop1", `{"properties":{"anonymousPullEnabled":true}}`, 400, "Standard or Premium")
	w.arm("owner", "PATCH", prov+"shop1", `{"sku":{"name":"Standard"},"properties":{"anonymousPullEnabled":true}}`, 200, `"anonymousPullEnabled":true`)

	w.at("shop1", "", "GET", "/v2/", "").want(401) // or docker would never ask for a password
	w.at("shop1", "", "GET", "/v2/app/manifests/v1", "").want(401)
	var tok tokens
	w.at("shop1", "", "GET", ask, "").want(200).json(&tok)
	nobody := "Bearer " + tok.Access
	w.at("shop1", nobody, "GET", "/v2/app/manifests/v1", "").want(200)
	w.at("shop1", nobody, "GET", "/v2/app/tags/list", "").want(200, "v1")
	w.at("shop1", nobody, "POST", "/v2/app/blobs/uploads/", "").want(403, "DENIED")
	w.at("shop1", nobody, "DELETE", "/v2/app/manifests/v1", "").want(403, "DENIED")
	w.at("shop1", nobody, "GET", "/v2/_catalog", "").want(403, "DENIED")
	w.form("shop1", "/oauth2/token", "grant_type", "password", "scope", "repository:app:pull").want(200).json(&tok)
	w.at("shop1", "Bearer "+tok.Access, "GET", "/v2/app/manifests/v1", "").want(200)
	if _, err := w.service.Authorize(t.Context(), registry.Pull{Host: w.host("shop1"), Repository: "app", Reference: "v1"}); err != nil {
		t.Errorf("a container group without a credential: %v", err)
	}

	w.arm("owner", "PATCH", prov+"shop1", `{"properties":{"anonymousPullEnabled":false}}`, 200)
	w.at("shop1", nobody, "GET", "/v2/app/manifests/v1", "").want(401, "no longer has anonymous pull")
}
