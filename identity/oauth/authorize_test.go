package oauth_test

import (
	"encoding/base64"
	"io"
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

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const verifier = "a-verifier-of-sufficient-length-0123456789-abcdef"

// browser posts the sign-in form of an authorize URL and gives the redirect.
func browser(t *testing.T, w *identitytest.World, query url.Values) *http.Response {
	t.Helper()
	f := form("username", w.Boot.UPN, "password", w.Boot.Password.Reveal())
	r, _ := http.NewRequest("POST", w.Login+"/adfs/oauth2/authorize?"+query.Encode(), strings.NewReader(f.Encode()))
	r.Header.Set("Origin", w.Login)
	return w.Do(r)
}

func authorizeQuery(w *identitytest.World, pairs ...string) url.Values {
	q := form("client_id", cli, "redirect_uri", "http://localhost:8400", "response_type", "code", "scope", w.Management+"/.default offline_access openid",
		"state", "st ate", "nonce", "non&ce", "code_challenge", challenge(verifier), "code_challenge_method", "S256", "prompt", "select_account")
	for k, v := range form(pairs...) {
		if q[k] = v; v[0] == "" {
			q.Del(k)
		}
	}
	return q
}

func location(t *testing.T, resp *http.Response) *url.URL {
	t.Helper()
	u, err := resp.Location()
	if err != nil {
		t.Fatalf("%d %s: %v", resp.StatusCode, body(t, resp), err)
	}
	return u
}

func redeemCode(w *identitytest.World, code string, pairs ...string) (int, map[string]any) {
	f := form("grant_type", "authorization_code", "client_id", cli, "code", code, "code_verifier", verifier, "redirect_uri", "http://localhost:8400", "scope", w.Management+"/.default offline_access openid", "client_info", "1")
	for k, v := range form(pairs...) {
		f[k] = v
	}
	return w.Post("/adfs/oauth2/token", f)
}

func TestAuthorizationCode(t *testing.T) {
	w := identitytest.New(t)
	r, _ := http.NewRequest("GET", w.Login+"/adfs/oauth2/authorize?"+authorizeQuery(w, "login_hint", "admin@lazuli.localhost").Encode(), nil)
	resp := w.Do(r)
	if page := body(t, resp); resp.StatusCode != 200 || !strings.Contains(page, `name="password"`) || !strings.Contains(page, "Azure CLI") || !strings.Contains(page, `value="admin@lazuli.localhost"`) {
		t.Fatalf("%d %s", resp.StatusCode, page)
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' http://localhost:8400;") {
		t.Errorf("CSP %s", csp)
	}
	u := location(t, browser(t, w, authorizeQuery(w)))
	if u.Host != "localhost:8400" || u.Query().Get("state") != "st ate" {
		t.Fatalf("redirect to %s", u)
	}
	code := u.Query().Get("code")
	status, m := redeemCode(w, code, "code_verifier", "another")
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInVerifierMismatch)
	status, m = redeemCode(w, code, "redirect_uri", "http://localhost:8401")
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInInvalidGrant)
	status, m = redeemCode(w, code, "client_id", oauth.ClientAzurePowerShell)
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInInvalidGrant)
	if status, m = redeemCode(w, code); status != 200 {
		t.Fatalf("redeem: %d %v", status, m)
	}
	id, _ := base64.RawURLEncoding.DecodeString(strings.Split(text(t, m, "id_token"), ".")[1])
	if !strings.Contains(string(id), `"nonce":"non\u0026ce"`) {
		t.Errorf("nonce is not in %s", id)
	}
	refresh := text(t, m, "refresh_token")
	status, m = redeemCode(w, code)
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInCodeRedeemed)
	status, m = w.Post("/adfs/oauth2/token", form("grant_type", "refresh_token", "client_id", cli, "refresh_token", refresh, "scope", w.Management+"/.default"))
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInInvalidGrant)

	code = location(t, browser(t, w, authorizeQuery(w))).Query().Get("code")
	w.Clock.Advance(11 * time.Minute)
	status, m = redeemCode(w, code)
	wantError(t, status, m, 400, "invalid_grant", azure.CodeSignInGrantExpired)
}

func TestAuthorizeRefusals(t *testing.T) {
	w := identitytest.New(t)
	for _, c := range []struct {
		name  string
		query url.Values
		at    string // "page", or the error in the redirect
		code  string
	}{
		{"unknown client", authorizeQuery(w, "client_id", "5d8e0000-0000-4000-8000-000000000000"), "page", azure.CodeSignInUnknownApplication},
		{"foreign redirect", authorizeQuery(w, "redirect_uri", "https://evil.example/"), "page", azure.CodeSignInRedirectMismatch},
		{"foreign user info", authorizeQuery(w, "redirect_uri", "http://localhost@evil.example/"), "page", azure.CodeSignInRedirectMismatch},
		{"foreign path", authorizeQuery(w, "redirect_uri", "http://localhost:8400/elsewhere"), "page", azure.CodeSignInRedirectMismatch},
		{"no redirect", authorizeQuery(w, "redirect_uri", ""), "page", azure.CodeSignInMissingParameter},
		{"desktop redirect of the portal", authorizeQuery(w, "client_id", oauth.ClientPortal), "page", azure.CodeSignInRedirectMismatch},
		{"implicit", authorizeQuery(w, "response_type", "token"), "unsupported_response_type", azure.CodeSignInUnsupportedResponseType},
		{"no PKCE", authorizeQuery(w, "code_challenge", ""), "invalid_request", azure.CodeSignInVerifierRequired},
		{"plain PKCE", authorizeQuery(w, "code_challenge_method", "plain"), "invalid_request", azure.CodeSignInInvalidRequest},
		{"unknown resource", authorizeQuery(w, "scope", "https://evil.example/x"), "invalid_resource", azure.CodeSignInResourceNotFound},
		{"silent without session", authorizeQuery(w, "prompt", "none"), "login_required", azure.CodeSignInInteractionRequired},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := http.NewRequest("GET", w.Login+"/adfs/oauth2/authorize?"+c.query.Encode(), nil)
			r.Header.Set("Accept", "text/html")
			resp := w.Do(r)
			if c.at == "page" {
				if page := body(t, resp); resp.StatusCode != 400 || !strings.Contains(page, c.code) {
					t.Errorf("%d %s", resp.StatusCode, page)
				}
				return
			}
			q := location(t, resp).Query()
			if q.Get("error") != c.at || !strings.HasPrefix(q.Get("error_description"), c.code) || q.Get("state") != "st ate" {
				t.Errorf("redirect with %v", q)
			}
		})
	}
	r, _ := http.NewRequest("POST", w.Login+"/adfs/oauth2/authorize?"+authorizeQuery(w).Encode(), strings.NewReader(form("username", w.Boot.UPN, "password", w.Boot.Password.Reveal()).Encode()))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if resp := w.Do(r); resp.StatusCode != 403 {
		t.Errorf("cross-site form: %d", resp.StatusCode)
	}
}

// TestPortal signs in as the portal does: response in the fragment, the token
// request from a page, a second silent sign-in by the session, sign-out.
func TestPortal(t *testing.T) {
	w := identitytest.New(t)
	query := authorizeQuery(w, "client_id", oauth.ClientPortal, "redirect_uri", identitytest.PortalRedirect, "response_mode", "fragment", "prompt", "")
	resp := browser(t, w, query)
	u := location(t, resp)
	answer, err := url.ParseQuery(u.EscapedFragment())
	if err != nil || u.Host != "portal.lazuli.localhost" || answer.Get("code") == "" || answer.Get("state") != "st ate" {
		t.Fatalf("redirect to %s: %v", u, err)
	}
	f := form("grant_type", "authorization_code", "client_id", oauth.ClientPortal, "code", answer.Get("code"), "code_verifier", verifier, "redirect_uri", identitytest.PortalRedirect)
	r, _ := http.NewRequest("POST", w.Login+"/common/oauth2/v2.0/token", strings.NewReader(f.Encode()))
	r.Header.Set("Origin", "https://portal.lazuli.localhost")
	redeemed := w.Do(r)
	if m := w.JSON(redeemed); redeemed.StatusCode != 200 || redeemed.Header.Get("Access-Control-Allow-Origin") != "https://portal.lazuli.localhost" || m["access_token"] == nil {
		t.Fatalf("%d %v %v", redeemed.StatusCode, redeemed.Header, m)
	}
	r, _ = http.NewRequest("OPTIONS", w.Login+"/common/oauth2/v2.0/token", nil)
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Access-Control-Request-Method", "POST")
	if resp := w.Do(r); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("an unknown origin is allowed: %v", resp.Header)
	}
	session := resp.Cookies()[0]
	if !session.HttpOnly || !session.Secure || session.SameSite != http.SameSiteLaxMode {
		t.Errorf("the session cookie is %+v", session)
	}
	silent := func(value, prompt string) *http.Response {
		query.Set("prompt", prompt)
		r, _ := http.NewRequest("GET", w.Login+"/common/oauth2/v2.0/authorize?"+query.Encode(), nil)
		r.Header.Set("Cookie", session.Name+"="+value)
		return w.Do(r)
	}
	if u := location(t, silent(session.Value, "none")); !strings.Contains(u.Fragment, "code=") {
		t.Errorf("silent sign-in gave %s", u)
	}
	if u := location(t, silent("x"+session.Value, "none")); !strings.Contains(u.Fragment, "login_required") {
		t.Errorf("a forged session gave %s", u)
	}
	if resp := silent(session.Value, "login"); resp.StatusCode != 200 {
		t.Errorf("prompt=login: %d", resp.StatusCode)
	}
	w.Clock.Advance(13 * time.Hour)
	if u := location(t, silent(session.Value, "none")); !strings.Contains(u.Fragment, "login_required") {
		t.Errorf("an old session gave %s", u)
	}
	for to, status := range map[string]int{identitytest.PortalRedirect: 302, "https://evil.example/": 200} {
		r, _ := http.NewRequest("GET", w.Login+"/common/oauth2/v2.0/logout?post_logout_redirect_uri="+url.QueryEscape(to), nil)
		if resp := w.Do(r); resp.StatusCode != status || resp.Cookies()[0].MaxAge >= 0 {
			t.Errorf("logout to %s: %d %v", to, resp.StatusCode, resp.Cookies())
		}
	}
}

func TestRegisteredApplication(t *testing.T) {
	w := identitytest.New(t)
	app, _, secret := w.App("site")
	if err := w.Directory.UpdateApplication(t.Context(), app.TenantID, app.ID, func(a *identity.Application) error {
		a.Redirects.Web = []string{"https://site.example/back?x=1"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	query := authorizeQuery(w, "client_id", app.AppID, "redirect_uri", "https://site.example/back?x=1", "code_challenge", "", "response_mode", "form_post")
	resp := browser(t, w, query)
	page := body(t, resp)
	_, rest, ok := strings.Cut(page, `name="code" value="`)
	if resp.StatusCode != 200 || !ok || !strings.Contains(page, `action="https://site.example/back?x=1"`) {
		t.Fatalf("%d %s", resp.StatusCode, page)
	}
	code, _, _ := strings.Cut(rest, `"`)
	f := form("grant_type", "authorization_code", "client_id", app.AppID, "code", code, "redirect_uri", "https://site.example/back?x=1")
	status, m := w.Post("/common/oauth2/v2.0/token", f)
	wantError(t, status, m, 401, "invalid_client", azure.CodeSignInSecretRequired)
	f.Set("client_secret", secret)
	if status, m = w.Post("/common/oauth2/v2.0/token", f); status != 200 {
		t.Fatalf("%d %v", status, m)
	}
	// Its refresh token needs the secret too.
	f = form("grant_type", "refresh_token", "client_id", app.AppID, "refresh_token", text(t, m, "refresh_token"))
	status, m = w.Post("/common/oauth2/v2.0/token", f)
	wantError(t, status, m, 401, "invalid_client", azure.CodeSignInSecretRequired)
}

func TestDiscovery(t *testing.T) {
	w := identitytest.New(t)
	tenant := w.Boot.TenantID
	for path, token := range map[string]string{
		"/adfs/.well-known/openid-configuration":                     "/adfs/oauth2/token",
		"/" + tenant + "/v2.0/.well-known/openid-configuration":      "/" + tenant + "/oauth2/v2.0/token",
		"/adfs/" + tenant + "/v2.0/.well-known/openid-configuration": "/" + tenant + "/oauth2/v2.0/token",
		"/common/v2.0/.well-known/openid-configuration":              "/common/oauth2/v2.0/token",
		"/lazuli.localhost/.well-known/openid-configuration":         "/lazuli.localhost/oauth2/token",
	} {
		r, _ := http.NewRequest("GET", w.Login+path, nil)
		resp := w.Do(r)
		m := w.JSON(resp)
		if resp.StatusCode != 200 || m["token_endpoint"] != w.Login+token || m["issuer"] != w.Login+"/"+tenant+"/v2.0" || m["device_authorization_endpoint"] == nil || m["authorization_endpoint"] == nil {
			t.Errorf("%s: %d %v", path, resp.StatusCode, m)
		}
		r, _ = http.NewRequest("GET", text(t, m, "jwks_uri"), nil)
		if keys, _ := w.JSON(w.Do(r))["keys"].([]any); len(keys) != 1 {
			t.Errorf("%s: the JWKS has %d keys", path, len(keys))
		}
	}
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/nowhere/v2.0/.well-known/openid-configuration", 400, azure.CodeSignInTenantNotFound},
		{"/common/discovery/instance?api-version=1.1&authorization_endpoint=" + url.QueryEscape(w.Login+"/common/oauth2/v2.0/authorize"), 200, w.Login + "/common/v2.0/.well-known/openid-configuration"},
		{"/common/discovery/instance?authorization_endpoint=https%3A%2F%2Fevil.example%2F", 400, azure.CodeSignInInvalidRequest},
		{"/common/userrealm/ann@lazuli.localhost?api-version=1.0", 200, `"account_type":"Managed"`},
		{"/error?code=7000215", 200, "invalid_client"},
		{"/error?code=%3Cscript%3E", 404, "NotFound"},
		{"/common/nothing", 404, "NotFound"},
		{"/common/oauth2/v2.0/token", 405, "HttpMethodNotSupported"},
	} {
		r, _ := http.NewRequest("GET", w.Login+c.path, nil)
		resp := w.Do(r)
		if page := body(t, resp); resp.StatusCode != c.status || !strings.Contains(page, c.want) {
			t.Errorf("%s: %d %s", c.path, resp.StatusCode, page)
		}
	}
}
