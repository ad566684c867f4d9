package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/identitytest"
	"github.com/lazuli-cloud/lazuli/identity/oauth"
)

var form = identitytest.Form

const cli = oauth.ClientAzureCLI

// wantError checks an OAuth error: status, word and AADSTS number.
func wantError(t *testing.T, status int, m map[string]any, wantStatus int, word, code string) {
	t.Helper()
	description, _ := m["error_description"].(string)
	if status != wantStatus || m["error"] != word || !strings.HasPrefix(description, code+": ") {
		t.Errorf("got %d %v %q, want %d %s %s", status, m["error"], description, wantStatus, word, code)
	}
	for _, k := range []string{"timestamp", "trace_id", "correlation_id", "error_codes"} {
		if m[k] == nil || m[k] == "" {
			t.Errorf("%s is missing in %v", k, m)
		}
	}
}

func text(t *testing.T, m map[string]any, key string) string {
	t.Helper()
	s, ok := m[key].(string)
	if !ok || s == "" {
		t.Fatalf("%s is missing in %v", key, m)
	}
	return s
}

// TestErrors is every refusal of the token endpoint that needs no preparation.
func TestErrors(t *testing.T) {
	w := identitytest.New(t)
	app, _, secret := w.App("app")
	noSP, err := w.Directory.CreateApplication(t.Context(), identity.Application{TenantID: w.Boot.TenantID, DisplayName: "no principal"})
	if err != nil {
		t.Fatal(err)
	}
	_, noSPSecret, err := w.Directory.AddApplicationPassword(t.Context(), w.Boot.TenantID, noSP.ID, identity.Credential{})
	if err != nil {
		t.Fatal(err)
	}
	off, offSP, offSecret := w.App("off")
	if err := w.Directory.UpdateServicePrincipal(t.Context(), w.Boot.TenantID, offSP.ID, func(p *identity.ServicePrincipal) error { p.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	arm := w.Management + "/.default"
	upn, password := w.Boot.UPN, w.Boot.Password.Reveal()
	tenant := "/" + w.Boot.TenantID
	for _, c := range []struct {
		name, path string
		form       url.Values
		status     int
		word, code string
	}{
		{"no grant", tenant + "/oauth2/v2.0/token", form(), 400, "invalid_request", azure.CodeSignInMissingParameter},
		{"bad grant", tenant + "/oauth2/v2.0/token", form("grant_type", "magic"), 400, "unsupported_grant_type", azure.CodeSignInUnsupportedGrant},
		{"no client", tenant + "/oauth2/v2.0/token", form("grant_type", "password"), 400, "invalid_request", azure.CodeSignInMissingParameter},
		{"tenant", "/nowhere.example/oauth2/v2.0/token", form("grant_type", "password"), 400, "invalid_request", azure.CodeSignInTenantNotFound},
		{"wrong secret", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", "wrong", "scope", arm), 401, "invalid_client", azure.CodeSignInWrongSecret},
		{"key id as secret", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", app.AppID, "scope", arm), 401, "invalid_client", azure.CodeSignInWrongSecret},
		{"no secret", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "scope", arm), 401, "invalid_client", azure.CodeSignInSecretRequired},
		{"assertion", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_assertion", "x", "scope", arm), 400, "invalid_request", azure.CodeSignInAssertionType},
		{"unknown app", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", "5d8e0000-0000-4000-8000-000000000000", "client_secret", "x", "scope", arm), 400, "unauthorized_client", azure.CodeSignInUnknownApplication},
		{"no principal", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", noSP.AppID, "client_secret", noSPSecret.Reveal(), "scope", arm), 400, "unauthorized_client", azure.CodeSignInNoServicePrincipal},
		{"disabled app", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", off.AppID, "client_secret", offSecret, "scope", arm), 400, "unauthorized_client", azure.CodeSignInApplicationDisabled},
		{"secret of a public client", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", cli, "client_secret", "x", "scope", arm), 401, "invalid_client", azure.CodeSignInSecretForbidden},
		{"unknown resource", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", "https://evil.example/.default"), 400, "invalid_resource", azure.CodeSignInResourceNotFound},
		{"no resource", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret), 400, "invalid_request", azure.CodeSignInMissingParameter},
		{"two resources", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", arm+" "+w.Graph+"/.default"), 400, "invalid_scope", azure.CodeSignInScopesOfManyResources},
		{"scope without permission", tenant + "/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", w.Management+"/"), 400, "invalid_scope", azure.CodeSignInScopeMalformed},
		{"unknown user", "/adfs/oauth2/token", form("grant_type", "password", "client_id", cli, "username", "nobody@lazuli.localhost", "password", "x", "scope", arm), 400, "invalid_grant", azure.CodeSignInUnknownUser},
		{"wrong password", "/adfs/oauth2/token", form("grant_type", "password", "client_id", cli, "username", upn, "password", "x", "scope", arm), 400, "invalid_grant", azure.CodeSignInWrongPassword},
		{"no password", "/adfs/oauth2/token", form("grant_type", "password", "client_id", cli, "username", upn, "scope", arm), 400, "invalid_request", azure.CodeSignInMissingParameter},
		{"password with a confidential client", "/adfs/oauth2/token", form("grant_type", "password", "client_id", app.AppID, "username", upn, "password", password, "scope", arm), 401, "invalid_client", azure.CodeSignInSecretRequired},
		{"password with no public client", "/adfs/oauth2/token", form("grant_type", "password", "client_id", "00000000-0000-4000-8000-000000000000", "username", upn, "password", password, "scope", arm), 400, "unauthorized_client", azure.CodeSignInUnknownApplication},
		{"bad device code", "/adfs/oauth2/token", form("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", cli, "device_code", "x"), 400, "bad_verification_code", azure.CodeSignInBadDeviceCode},
		{"bad code", "/adfs/oauth2/token", form("grant_type", "authorization_code", "client_id", cli, "code", "x"), 400, "invalid_grant", azure.CodeSignInInvalidGrant},
		{"bad refresh token", "/adfs/oauth2/token", form("grant_type", "refresh_token", "client_id", cli, "refresh_token", "0.AAAA"), 400, "invalid_grant", azure.CodeSignInInvalidGrant},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, m := w.Post(c.path, c.form)
			wantError(t, status, m, c.status, c.word, c.code)
		})
	}
}

func TestClientCredentials(t *testing.T) {
	w := identitytest.New(t)
	app, sp, secret := w.App("app")
	for _, path := range []string{"/adfs/oauth2/token", "/" + w.Boot.TenantID + "/oauth2/v2.0/token", "/adfs/" + w.Boot.TenantID + "/oauth2/v2.0/token", "/common/oauth2/v2.0/token", "/organizations/oauth2/v2.0/token", "/Lazuli.localhost/oauth2/v2.0/token"} {
		status, m := w.Post(path, form("grant_type", "client_credentials", "client_id", strings.ToUpper(app.AppID), "client_secret", secret, "scope", w.Management+"//.default openid profile offline_access"))
		if status != 200 || m["refresh_token"] != nil || m["id_token"] != nil || m["expires_in"] != float64(3600) || m["token_type"] != "Bearer" {
			t.Fatalf("%s: %d %v", path, status, m)
		}
		p, err := w.Tokens.Verify(text(t, m, "access_token"), w.Management)
		if err != nil || p.ObjectID != sp.ID || p.AppID != app.AppID || p.TenantID != w.Boot.TenantID || p.Type != "ServicePrincipal" || p.Name != "app" {
			t.Fatalf("%s: %+v %v", path, p, err)
		}
	}
	// Version 1, Basic header.
	r, _ := http.NewRequest("POST", w.Login+"/"+w.Boot.TenantID+"/oauth2/token", strings.NewReader(form("grant_type", "client_credentials", "resource", w.Management).Encode()))
	r.SetBasicAuth(app.AppID, secret)
	resp := w.Do(r)
	m := w.JSON(resp)
	if resp.StatusCode != 200 || m["resource"] != w.Management || m["expires_on"] != "1795438800" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("version 1: %d %v %v", resp.StatusCode, m, resp.Header)
	}
	// A secret ends, and one that is removed is void at once.
	w.Clock.Advance(3 * 365 * 24 * time.Hour)
	status, m := w.Post("/adfs/oauth2/token", form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", w.Management+"/.default"))
	wantError(t, status, m, 401, "invalid_client", azure.CodeSignInExpiredSecret)
	c, fresh, err := w.Directory.AddServicePrincipalPassword(t.Context(), w.Boot.TenantID, sp.ID, identity.Credential{})
	if err != nil {
		t.Fatal(err)
	}
	again := form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", fresh.Reveal(), "scope", w.Management+"/.default")
	if status, m = w.Post("/adfs/oauth2/token", again); status != 200 {
		t.Fatalf("fresh secret: %d %v", status, m)
	}
	if err := w.Directory.RemoveServicePrincipalPassword(t.Context(), w.Boot.TenantID, sp.ID, c.KeyID); err != nil {
		t.Fatal(err)
	}
	status, m = w.Post("/adfs/oauth2/token", again)
	wantError(t, status, m, 401, "invalid_client", azure.CodeSignInWrongSecret)
}

func TestPasswordAndRefresh(t *testing.T) {
	w := identitytest.New(t)
	status, m := w.Post("/organizations/oauth2/v2.0/token", form("grant_type", "password", "client_id", cli, "client_info", "1", "username", "ADMIN@lazuli.localhost", "password", w.Boot.Password.Reveal(), "scope", w.Management+"/.default offline_access openid profile"))
	if status != 200 {
		t.Fatalf("%d %v", status, m)
	}
	info, _ := base64.RawURLEncoding.DecodeString(text(t, m, "client_info"))
	if want := `{"uid":"` + w.Boot.UserObjectID + `","utid":"` + w.Boot.TenantID + `"}`; string(info) != want {
		t.Errorf("client_info %s, want %s", info, want)
	}
	id, _ := base64.RawURLEncoding.DecodeString(strings.Split(text(t, m, "id_token"), ".")[1])
	for _, want := range []string{`"aud":"` + cli + `"`, `"tid":"` + w.Boot.TenantID, `"preferred_username":"admin@lazuli.localhost"`, `"upn":"admin@lazuli.localhost"`, `"iss":"` + w.Login + "/"} {
		if !strings.Contains(string(id), want) {
			t.Errorf("the id token has no %s: %s", want, id)
		}
	}
	redeem := func(tok, client, scope string) (int, map[string]any) {
		return w.Post("/adfs/oauth2/token", form("grant_type", "refresh_token", "client_id", client, "refresh_token", tok, "scope", scope))
	}
	first := text(t, m, "refresh_token")
	status, m = redeem(first, cli, w.Graph+"/.default offline_access openid")
	if status != 200 {
		t.Fatalf("refresh: %d %v", status, m)
	}
	if _, err := w.Tokens.Verify(text(t, m, "access_token"), w.Graph); err != nil {
		t.Error(err)
	}
	second := text(t, m, "refresh_token")
	if second == first {
		t.Error("the refresh token did not rotate")
	}
	// Side by side; bound to the client.
	if status, m = redeem(first, cli, w.Management+"/.default"); status != 200 || m["refresh_token"] != second {
		t.Fatalf("side by side: %d %v", status, m)
	}
	status, m = redeem(second, oauth.ClientAzurePowerShell, w.Management+"/.default")
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInInvalidGrant)
	status, m = redeem(second[:len(second)-2]+"AA", cli, w.Management+"/.default")
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInInvalidGrant)
	// A day later, and with newer ones made, the first is still good: az may run
	// side by side on copies of one token cache.
	w.Clock.Advance(24 * time.Hour)
	if status, m = redeem(second, cli, w.Management+"/.default"); status != 200 {
		t.Fatalf("the newest: %d %v", status, m)
	}
	third := m["refresh_token"]
	if status, m = redeem(first, cli, w.Management+"/.default"); status != 200 || m["refresh_token"] != third {
		t.Fatalf("the first, a day later: %d %v", status, m)
	}
}

func TestRefreshEndsWithPasswordUserAndTime(t *testing.T) {
	w := identitytest.New(t)
	u, err := w.Directory.CreateUser(t.Context(), identity.User{TenantID: w.Boot.TenantID, UPN: "ann@lazuli.localhost", DisplayName: "Ann"}, azure.NewSecret("Sesame-12"))
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(password string) string {
		t.Helper()
		status, m := w.Post("/adfs/oauth2/token", form("grant_type", "password", "client_id", cli, "username", u.UPN, "password", password, "scope", w.Management+"/.default offline_access"))
		if status != 200 {
			t.Fatalf("%d %v", status, m)
		}
		return text(t, m, "refresh_token")
	}
	refused := func(tok, code string) {
		t.Helper()
		status, m := w.Post("/adfs/oauth2/token", form("grant_type", "refresh_token", "client_id", cli, "refresh_token", tok, "scope", w.Management+"/.default"))
		wantError(t, status, m, 400, "invalid_grant", code)
	}
	tok := signIn("Sesame-12")
	w.Clock.Advance(time.Second)
	if err := w.Directory.SetPassword(t.Context(), u.TenantID, u.ID, azure.NewSecret("Sesame-34")); err != nil {
		t.Fatal(err)
	}
	refused(tok, azure.CodeSignInGrantRevoked)
	tok = signIn("Sesame-34")
	w.Clock.Advance(91 * 24 * time.Hour)
	refused(tok, azure.CodeSignInGrantExpired)
	tok = signIn("Sesame-34")
	if err := w.Directory.UpdateUser(t.Context(), u.TenantID, u.ID, func(u *identity.User) error { u.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	refused(tok, azure.CodeSignInUserDisabled)
	status, m := w.Post("/adfs/oauth2/token", form("grant_type", "password", "client_id", cli, "username", u.UPN, "password", "Sesame-34", "scope", w.Management+"/.default"))
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInUserDisabled)
	if err := w.Directory.DeleteUser(t.Context(), u.TenantID, u.ID); err != nil {
		t.Fatal(err)
	}
	refused(tok, azure.CodeSignInUnknownUser)
}

func TestDeviceCode(t *testing.T) {
	w := identitytest.New(t)
	start := func() (device, user string) {
		t.Helper()
		status, m := w.Post("/adfs/oauth2/devicecode", form("client_id", cli, "scope", w.Management+"/.default offline_access openid profile"))
		if status != 200 || m["verification_uri"] != w.Login+"/device" || !strings.Contains(text(t, m, "message"), text(t, m, "user_code")) || m["interval"] != float64(1) {
			t.Fatalf("%d %v", status, m)
		}
		return text(t, m, "device_code"), text(t, m, "user_code")
	}
	poll := func(device string) (int, map[string]any) {
		return w.Post("/adfs/oauth2/token", form("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", cli, "device_code", device, "client_info", "1"))
	}
	answer := func(header string, f url.Values) *http.Response {
		r, _ := http.NewRequest("POST", w.Login+"/device", strings.NewReader(f.Encode()))
		if header != "" {
			r.Header.Set("Origin", header)
		}
		return w.Do(r)
	}
	device, user := start()
	status, m := poll(device)
	wantError(t, status, m, 400, "authorization_pending", azure.CodeSignInAuthorizationPending)
	for _, c := range []struct {
		name, origin, code, password string
		status                       int
	}{
		{"another site's form", "https://evil.example", user, w.Boot.Password.Reveal(), 403},
		{"wrong code", "", "BBBBBBBBB", w.Boot.Password.Reveal(), 400},
		{"wrong password", "", user, "wrong", 401},
	} {
		if resp := answer(c.origin, form("user_code", c.code, "username", w.Boot.UPN, "password", c.password)); resp.StatusCode != c.status {
			t.Errorf("%s: %d", c.name, resp.StatusCode)
		}
	}
	if resp := answer(w.Login, form("user_code", strings.ToLower(user), "username", w.Boot.UPN, "password", w.Boot.Password.Reveal())); resp.StatusCode != 200 {
		t.Fatalf("approve: %d", resp.StatusCode)
	}
	if a := w.LastAudit(); a.Principal.ObjectID != w.Boot.UserObjectID || a.Principal.Name != w.Boot.UPN || a.Principal.AppID != cli || a.Path != "/device" {
		t.Errorf("the audit log says %+v", a)
	}
	if status, m = poll(device); status != 200 || m["refresh_token"] == nil || m["id_token"] == nil || m["client_info"] == nil {
		t.Fatalf("after approval: %d %v", status, m)
	}
	status, m = poll(device)
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInCodeRedeemed)

	device, user = start()
	if resp := answer("", form("user_code", user, "username", w.Boot.UPN, "password", w.Boot.Password.Reveal(), "decline", "1")); resp.StatusCode != 200 {
		t.Fatalf("decline: %d", resp.StatusCode)
	}
	status, m = poll(device)
	wantError(t, status, m, 400, "authorization_declined", azure.CodeSignInDeclined)

	device, user = start()
	w.Clock.Advance(16 * time.Minute)
	status, m = poll(device)
	wantError(t, status, m, 400, "expired_token", azure.CodeSignInDeviceCodeExpired)
	if resp := answer("", form("user_code", user, "username", w.Boot.UPN, "password", w.Boot.Password.Reveal())); resp.StatusCode != 400 {
		t.Errorf("late approval: %d", resp.StatusCode)
	}
	r, _ := http.NewRequest("GET", w.Login+"/device?user_code=%22%3E%3Cscript%3E", nil)
	resp := w.Do(r)
	page := body(t, resp)
	if resp.StatusCode != 200 || strings.Contains(page, `"><script>`) || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("page: %d %v %s", resp.StatusCode, resp.Header, page)
	}
}

func TestBrake(t *testing.T) {
	w := identitytest.New(t)
	try := func(password string) (int, map[string]any) {
		return w.Post("/adfs/oauth2/token", form("grant_type", "password", "client_id", cli, "username", w.Boot.UPN, "password", password, "scope", w.Management+"/.default"))
	}
	for range 10 {
		status, m := try("wrong")
		wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInWrongPassword)
	}
	status, m := try(w.Boot.Password.Reveal())
	wantError(t, status, m, 429, "invalid_grant", azure.CodeSignInLocked)
	w.Clock.Advance(2 * time.Second)
	status, m = try("wrong")
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInWrongPassword)
	w.Clock.Advance(time.Second) // the second wait is longer than the first
	status, m = try(w.Boot.Password.Reveal())
	wantError(t, status, m, 429, "invalid_grant", azure.CodeSignInLocked)
	w.Clock.Advance(5 * time.Minute)
	if status, m = try(w.Boot.Password.Reveal()); status != 200 {
		t.Fatalf("%d %v", status, m)
	}
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
