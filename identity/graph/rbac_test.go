package graph_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/identitytest"
)

func text(t *testing.T, m map[string]any, key string) string {
	t.Helper()
	s, ok := m[key].(string)
	if !ok {
		t.Fatalf("%s is not in %v", key, m)
	}
	return s
}

// values gives one property of all entries of a list.
func values(m map[string]any, key string) string {
	var out []string
	list, _ := m["value"].([]any)
	for _, e := range list {
		entry, _ := e.(map[string]any)
		out = append(out, fmt.Sprint(entry[key]))
	}
	return strings.Join(out, " ")
}

func wantCode(t *testing.T, what string, status int, m map[string]any, wantStatus int, code string) {
	t.Helper()
	e, _ := m["error"].(map[string]any)
	if status != wantStatus || e["code"] != code || e["message"] == "" || e["message"] == nil {
		t.Errorf("%s: %d %v, want %d %s", what, status, m, wantStatus, code)
	}
	// az repeats requests for minutes when it reads these words.
	if message := fmt.Sprint(e["message"]); strings.Contains(message, "does not exist") || strings.Contains(message, "does not reference") {
		t.Errorf("%s: az would repeat on %q", what, message)
	}
}

// TestCreateForRBAC is the sequence of `az ad sp create-for-rbac --name
// http://myregistry-pull`, twice, and of `az ad sp show --id
// http://myregistry-pull`, as captured.
func TestCreateForRBAC(t *testing.T) {
	w := identitytest.New(t)
	admin := w.Admin(w.Graph)
	call := func(method, path, body string, want int) map[string]any {
		t.Helper()
		status, m := w.Call(admin, method, path, body)
		if status != want {
			t.Fatalf("%s %s: %d %v", method, path, status, m)
		}
		return m
	}
	const name = "http://myregistry-pull"
	lookups := []string{"/v1.0/servicePrincipals?$filter=displayName eq '" + name + "'", "/v1.0/applications?$filter=startswith(displayName,'" + name + "')"}
	for _, path := range lookups {
		if m := call("GET", path, "", 200); len(m["value"].([]any)) != 0 {
			t.Fatalf("%s: %v", path, m)
		}
	}
	app := call("POST", "/v1.0/applications", `{"displayName":"`+name+`","keyCredentials":[]}`, 201)
	for _, key := range []string{"identifierUris", "passwordCredentials", "keyCredentials"} {
		if list, ok := app[key].([]any); !ok || len(list) != 0 {
			t.Errorf("%s is %v", key, app[key])
		}
	}
	id, appID := text(t, app, "id"), text(t, app, "appId")
	password := `{"passwordCredential":{"displayName":"rbac","startDateTime":"2026-11-23T12:00:00.123456Z","endDateTime":"2027-11-23T12:00:00.123456Z"}}`
	m := call("POST", "/v1.0/applications/"+id+"/addPassword", password, 200)
	secret := text(t, m, "secretText")
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9~._]{39}$`).MatchString(secret) || m["endDateTime"] != "2027-11-23T12:00:00Z" || m["displayName"] != "rbac" || m["hint"] != secret[:3] {
		t.Errorf("addPassword: %v", m)
	}
	sp := call("POST", "/v1.0/servicePrincipals", `{"appId":"`+appID+`","accountEnabled":true}`, 201)
	if got := fmt.Sprint(sp["servicePrincipalNames"]); got != "["+appID+" "+name+"]" {
		t.Errorf("servicePrincipalNames %s", got)
	}
	if sp["appId"] != appID || sp["displayName"] != name || sp["id"] == id {
		t.Errorf("service principal %v", sp)
	}
	signIn := func(secret string) int {
		status, _ := w.Post("/adfs/oauth2/token", identitytest.Form("grant_type", "client_credentials", "client_id", appID, "client_secret", secret, "scope", w.Graph+"/.default"))
		return status
	}
	if status := signIn(secret); status != 200 {
		t.Fatalf("sign-in with the new secret: %d", status)
	}
	// az ad sp show
	m = call("GET", "/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '"+name+"')", "", 200)
	if values(m, "id") != sp["id"] {
		t.Fatalf("lookup by name: %v", m)
	}
	call("GET", "/v1.0/servicePrincipals/"+text(t, sp, "id"), "", 200)
	// The second run.
	m = call("GET", strings.ReplaceAll(lookups[1], "'", "%27"), "", 200)
	if values(m, "id") != id {
		t.Fatalf("the application is not found again: %v", m)
	}
	call("PATCH", "/v1.0/applications/"+id, `{"displayName":"`+name+`","keyCredentials":[]}`, 204)
	m = call("GET", "/v1.0/applications/"+id, "", 200)
	old, _ := m["passwordCredentials"].([]any)
	if len(old) != 1 || fmt.Sprint(m) != strings.ReplaceAll(fmt.Sprint(m), secret, "") {
		t.Fatalf("credentials %v", old)
	}
	keyID := text(t, old[0].(map[string]any), "keyId")
	call("POST", "/v1.0/applications/"+id+"/removePassword", `{"keyId":"`+keyID+`"}`, 204)
	second := text(t, call("POST", "/v1.0/applications/"+id+"/addPassword", password, 200), "secretText")
	if old, fresh := signIn(secret), signIn(second); old != 401 || fresh != 200 {
		t.Errorf("old secret %d, new secret %d", old, fresh)
	}
	// Role listings.
	m = call("POST", "/v1.0/directoryObjects/getByIds", `{"ids":["`+text(t, sp, "id")+`","`+w.Boot.UserObjectID+`","00000000-0000-4000-8000-000000000000"]}`, 200)
	if got := values(m, "@odata.type"); !strings.Contains(got, "#microsoft.graph.servicePrincipal") || !strings.Contains(got, "#microsoft.graph.user") || len(m["value"].([]any)) != 2 {
		t.Errorf("getByIds: %s", got)
	}
}

func TestSignedIn(t *testing.T) {
	w := identitytest.New(t)
	_, _, secret := w.App("robot")
	app := w.Directory.Applications(w.Boot.TenantID)[0]
	status, m := w.Post("/adfs/oauth2/token", identitytest.Form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", "00000003-0000-0000-c000-000000000000/.default"))
	if status != 200 {
		t.Fatalf("Graph by its application id: %d %v", status, m)
	}
	robot := text(t, m, "access_token")
	admin := w.Admin(w.Graph)
	status, m = w.Call(admin, "GET", "/v1.0/me", "")
	if status != 200 || m["id"] != w.Boot.UserObjectID || m["userPrincipalName"] != "admin@lazuli.localhost" || m["displayName"] != "Administrator" || m["passwordHash"] != nil {
		t.Errorf("me: %d %v", status, m)
	}
	status, m = w.Call(robot, "GET", "/v1.0/me", "")
	wantCode(t, "me of an application", status, m, 400, azure.CodeBadRequest)
	if status, m = w.Call(robot, "GET", "/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '"+app.AppID+"')", ""); status != 200 || values(m, "appId") != app.AppID {
		t.Errorf("own principal: %d %v", status, m)
	}
	status, m = w.Call("", "GET", "/v1.0/me", "")
	wantCode(t, "nobody", status, m, 401, azure.CodeAuthenticationFailed)
	status, m = w.Call(w.Admin(w.Management), "GET", "/v1.0/me", "")
	wantCode(t, "a token for ARM", status, m, 401, azure.CodeInvalidAuthenticationTokenAudience)
}

// TestWhoMayWrite: administrators everything, owners and the application itself
// its passwords, everybody else nothing.
func TestWhoMayWrite(t *testing.T) {
	w := identitytest.New(t)
	ann, err := w.Directory.CreateUser(t.Context(), identity.User{TenantID: w.Boot.TenantID, UPN: "ann@lazuli.localhost", DisplayName: "Ann"}, azure.NewSecret("Sesame-12"))
	if err != nil {
		t.Fatal(err)
	}
	app, sp, secret := w.App("robot")
	other, _, _ := w.App("other")
	admin, user := w.Admin(w.Graph), w.UserToken(ann.UPN, "Sesame-12", w.Graph)
	_, m := w.Post("/adfs/oauth2/token", identitytest.Form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", w.Graph+"/.default"))
	robot := text(t, m, "access_token")
	for _, c := range []struct{ token, path, role string }{
		{admin, "/v1.0/me/memberOf", "Global Administrator"}, {user, "/v1.0/me/memberOf", ""}, {user, "/v1.0/users/" + w.Boot.UserObjectID + "/transitiveMemberOf", "Global Administrator"},
		{admin, "/v1.0/servicePrincipals/" + sp.ID + "/memberOf", ""},
	} {
		if status, m := w.Call(c.token, "GET", c.path, ""); status != 200 || values(m, "displayName") != c.role {
			t.Errorf("%s: %d %v, want the role %q", c.path, status, m, c.role)
		}
	}
	for _, c := range []struct {
		who, token, method, path, body string
		status                         int
	}{
		{"user", user, "POST", "/v1.0/applications", `{"displayName":"x"}`, 403},
		{"user", user, "POST", "/v1.0/servicePrincipals", `{"appId":"` + app.AppID + `"}`, 403},
		{"user", user, "POST", "/v1.0/users", `{}`, 403},
		{"user", user, "PATCH", "/v1.0/users/" + ann.ID, `{"displayName":"x"}`, 403},
		{"user", user, "DELETE", "/v1.0/users/" + w.Boot.UserObjectID, "", 403},
		{"user", user, "POST", "/v1.0/applications/" + app.ID + "/addPassword", `{}`, 403},
		{"user", user, "DELETE", "/v1.0/servicePrincipals/" + sp.ID, "", 403},
		{"user", user, "POST", "/v1.0/applications/" + app.ID + "/owners/$ref", `{"@odata.id":"https://x/v1.0/directoryObjects/` + ann.ID + `"}`, 403},
		{"user", user, "GET", "/v1.0/applications/" + app.ID, "", 200},
		{"itself", robot, "POST", "/v1.0/applications/" + app.ID + "/addPassword", `{}`, 200},
		{"itself", robot, "POST", "/v1.0/applications(appId='" + app.AppID + "')/addPassword", `{}`, 200},
		{"itself", robot, "POST", "/v1.0/servicePrincipals/" + sp.ID + "/addPassword", `{}`, 200},
		{"itself", robot, "POST", "/v1.0/applications/" + other.ID + "/addPassword", `{}`, 403},
		{"itself", robot, "PATCH", "/v1.0/applications/" + app.ID, `{"displayName":"x"}`, 403},
		{"admin", admin, "POST", "/v1.0/applications/" + app.ID + "/owners/$ref", `{"@odata.id":"https://x/v1.0/directoryObjects/` + ann.ID + `"}`, 204},
		{"owner", user, "POST", "/v1.0/applications/" + app.ID + "/addPassword", `{}`, 200},
		{"owner", user, "PATCH", "/v1.0/applications/" + app.ID, `{"displayName":"renamed"}`, 204},
		{"owner", user, "POST", "/v1.0/servicePrincipals/" + sp.ID + "/addPassword", `{}`, 403},
		{"admin", admin, "DELETE", "/v1.0/applications/" + app.ID + "/owners/" + ann.ID + "/$ref", "", 204},
		{"owner no more", user, "POST", "/v1.0/applications/" + app.ID + "/addPassword", `{}`, 403},
		{"own password", user, "POST", "/v1.0/me/changePassword", `{"currentPassword":"wrong","newPassword":"Sesame-34"}`, 400},
		{"own password", user, "POST", "/v1.0/me/changePassword", `{"currentPassword":"Sesame-12","newPassword":"short"}`, 400},
		{"own password", user, "POST", "/v1.0/me/changePassword", `{"currentPassword":"Sesame-12","newPassword":"Sesame-34"}`, 204},
		{"admin", admin, "DELETE", "/v1.0/users/" + w.Boot.UserObjectID, "", 403}, // the first user stays
		{"admin", admin, "DELETE", "/v1.0/users/ann@lazuli.localhost", "", 204},
		{"deleted", user, "GET", "/v1.0/applications", "", 401},
		{"admin", admin, "DELETE", "/v1.0/applications/" + app.ID, "", 204},
		{"deleted with its application", robot, "GET", "/v1.0/applications", "", 401},
	} {
		if status, m := w.Call(c.token, c.method, c.path, c.body); status != c.status {
			t.Errorf("%s %s %s: %d %v, want %d", c.who, c.method, c.path, status, m, c.status)
		}
	}
}

// TestDeletion: an application takes its principal along, not the other way.
func TestDeletion(t *testing.T) {
	w := identitytest.New(t)
	admin := w.Admin(w.Graph)
	app, sp, _ := w.App("one")
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/v1.0/servicePrincipals", `{"appId":"` + app.AppID + `"}`, 409},
		{"DELETE", "/v1.0/servicePrincipals/" + sp.ID, "", 204},
		{"GET", "/v1.0/servicePrincipals(appId='" + app.AppID + "')", "", 404},
		{"GET", "/beta/applications(appId='" + app.AppID + "')", "", 200},
		{"POST", "/v1.0/servicePrincipals", `{"appId":"` + app.AppID + `"}`, 201},
		{"GET", "/v1.0/servicePrincipals(appId='" + app.AppID + "')", "", 200},
		{"DELETE", "/v1.0/applications(appId='" + app.AppID + "')", "", 204},
		{"GET", "/v1.0/servicePrincipals(appId='" + app.AppID + "')", "", 404},
		{"GET", "/v1.0/applications/" + app.ID, "", 404},
		{"DELETE", "/v1.0/applications/" + app.ID, "", 404},
		{"POST", "/v1.0/servicePrincipals", `{"appId":"` + app.AppID + `"}`, 400},
	} {
		status, m := w.Call(admin, c.method, c.path, c.body)
		if status != c.status {
			t.Errorf("%s %s: %d %v, want %d", c.method, c.path, status, m, c.status)
		}
		if status >= 400 {
			wantCode(t, c.method+" "+c.path, status, m, c.status, fmt.Sprint(m["error"].(map[string]any)["code"]))
		}
	}
}

// TestOtherTenant: what is in another tenant is not there.
func TestOtherTenant(t *testing.T) {
	w := identitytest.New(t)
	other, err := w.Directory.CreateTenant(t.Context(), "Other", "other.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Directory.CreateUser(t.Context(), identity.User{TenantID: other.ID, UPN: "eve@other.example", DisplayName: "Eve"}, azure.NewSecret("Sesame-12")); err != nil {
		t.Fatal(err)
	}
	app, sp, secret := w.App("robot")
	eve := w.UserToken("eve@other.example", "Sesame-12", w.Graph)
	for _, path := range []string{"/v1.0/applications/" + app.ID, "/v1.0/servicePrincipals/" + sp.ID, "/v1.0/users/" + w.Boot.UserObjectID, "/v1.0/users/admin@lazuli.localhost", "/v1.0/directoryObjects/" + sp.ID} {
		if status, m := w.Call(eve, "GET", path, ""); status != 404 {
			t.Errorf("%s: %d %v", path, status, m)
		}
	}
	if _, m := w.Call(eve, "GET", "/v1.0/users", ""); values(m, "userPrincipalName") != "eve@other.example" {
		t.Errorf("users: %v", m)
	}
	status, m := w.Post("/other.example/oauth2/v2.0/token", identitytest.Form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", w.Management+"/.default"))
	if status != 400 || !strings.HasPrefix(text(t, m, "error_description"), azure.CodeSignInUnknownApplication) {
		t.Errorf("sign-in in another tenant: %d %v", status, m)
	}
	// A service of the first tenant refuses the other's token.
	r, _ := http.NewRequest("GET", "https://management.lazuli.localhost/", nil)
	r.Header.Set("Authorization", "Bearer "+w.UserToken("eve@other.example", "Sesame-12", w.Management))
	if _, err := w.Tokens.Authenticate(w.Management)(r); !azure.HasCode(err, azure.CodeInvalidAuthenticationTokenTenant) {
		t.Errorf("another tenant's token: %v", err)
	}
}

func TestBadBodies(t *testing.T) {
	w := identitytest.New(t)
	admin := w.Admin(w.Graph)
	app, _, _ := w.App("robot")
	if status, m := w.Call(admin, "PATCH", "/v1.0/applications/"+app.ID, `{"identifierUris":["api://robot"],"web":{"redirectUris":["https://r.example/"],"homePageUrl":"https://r.example"},"tags":["a"],"@odata.type":"x"}`); status != 204 {
		t.Fatalf("%d %v", status, m)
	}
	_, m := w.Call(admin, "GET", "/v1.0/applications/"+app.ID+"?$select=id,web,tags,identifierUris", "")
	if got := fmt.Sprint(m["web"], m["tags"], m["identifierUris"], m["displayName"]); got != "map[homePageUrl:https://r.example redirectUris:[https://r.example/]] [a] [api://robot] <nil>" {
		t.Errorf("kept %s", got)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/v1.0/applications", `{}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications", `{"displayName":"x","colour":"red"}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications", `{"displayName":7}`, 400, azure.CodeInvalidRequestContent},
		{"POST", "/v1.0/applications", `{"displayName":"x"`, 400, azure.CodeInvalidRequestContent},
		{"POST", "/v1.0/applications", `{"displayName":"x","identifierUris":["api://robot"]}`, 409, azure.CodeDirectoryDuplicate},
		{"POST", "/v1.0/applications", `{"displayName":"x","identifierUris":["no uri"]}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications", `{"displayName":"x","spa":{"redirectUris":["javascript:alert(1)"]}}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications", `{"displayName":"x","keyCredentials":[{"type":"Symmetric","key":"QUJD"}]}`, 501, azure.CodeUnimplemented},
		{"POST", "/v1.0/applications", `{"displayName":"x","keyCredentials":[{"type":"AsymmetricX509Cert"}]}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications", `{"displayName":"x","keyCredentials":[{"type":"AsymmetricX509Cert","key":"QUJD"}]}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications/" + app.ID + "/addPassword", `{"passwordCredential":{"endDateTime":"soon"}}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications/" + app.ID + "/addPassword", `{"passwordCredential":{"endDateTime":"2020-01-01T00:00:00Z"}}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/applications/" + app.ID + "/removePassword", `{"keyId":"x"}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/servicePrincipals", `{}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/users", `{"displayName":"x","userPrincipalName":"x@elsewhere.example","passwordProfile":{"password":"Sesame-12"}}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/users", `{"displayName":"x","userPrincipalName":"x@lazuli.localhost","passwordProfile":{"password":"sesame"}}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/users", `{"displayName":"x","userPrincipalName":"ADMIN@lazuli.localhost","passwordProfile":{"password":"Sesame-12"}}`, 409, azure.CodeDirectoryDuplicate},
		{"POST", "/v1.0/users", `{"displayName":"x","userPrincipalName":"x@lazuli.localhost"}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/directoryObjects/getByIds", `{"ids":[]}`, 400, azure.CodeDirectoryBadRequest},
		{"GET", "/v1.0/groups/x", "", 404, azure.CodeDirectoryNotFound},
		{"POST", "/v1.0/groups", `{"displayName":"x","mailNickname":"x","mailEnabled":true,"securityEnabled":true}`, 501, azure.CodeUnimplemented},
		{"POST", "/v1.0/groups", `{"displayName":"x","mailNickname":"x y","mailEnabled":false,"securityEnabled":true}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/groups", `{"displayName":"x","mailNickname":"x","members@odata.bind":["https://graph/v1.0/directoryObjects/none"]}`, 400, azure.CodeDirectoryBadRequest},
		{"POST", "/v1.0/$batch", `{}`, 501, azure.CodeUnimplemented},
		{"GET", "/v1.0/nothing", "", 404, azure.CodePathNotFound},
		{"PUT", "/v1.0/applications", "", 405, azure.CodeMethodNotAllowed},
	} {
		status, m := w.Call(admin, c.method, c.path, c.body)
		wantCode(t, c.method+" "+c.path+" "+c.body, status, m, c.status, c.code)
	}
	status, m := w.Call(admin, "POST", "/v1.0/users", `{"accountEnabled":true,"displayName":"Bob","mailNickname":"bob","userPrincipalName":"bob@lazuli.localhost","passwordProfile":{"password":"Sesame-12","forceChangePasswordNextSignIn":false}}`)
	if status != 201 || m["passwordProfile"] != nil {
		t.Fatalf("%d %v", status, m)
	}
	w.Clock.Advance(time.Minute)
	if status, m := w.Call(admin, "PATCH", "/v1.0/users/bob@lazuli.localhost", `{"passwordProfile":{"password":"Sesame-34"},"userPrincipalName":"bobby@lazuli.localhost"}`); status != 204 {
		t.Fatalf("%d %v", status, m)
	}
	w.UserToken("bobby@lazuli.localhost", "Sesame-34", w.Graph)
}
