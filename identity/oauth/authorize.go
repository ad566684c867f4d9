package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const codeLifetime = 10 * time.Minute

// code is an authorization code. Its row is identity/authorizationCodes, under
// the hash of the code.
type code struct {
	ClientID  string    `json:"clientId"`
	TenantID  string    `json:"tenantId"`
	UserID    string    `json:"userId"`
	Redirect  string    `json:"redirect"`
	Kind      string    `json:"kind"` // of the redirect URI
	Target    target    `json:"target"`
	Nonce     string    `json:"nonce,omitempty"`
	Challenge string    `json:"challenge,omitempty"` // PKCE, S256
	Expires   time.Time `json:"expires"`
	Redeemed  bool      `json:"redeemed,omitempty"`
	Family    string    `json:"family,omitempty"` // of refresh tokens made of it, ended when it comes again
}

// authorization is a parsed request to the authorize endpoint. The query holds
// all of it; the form posted to the same URL adds name and password.
type authorization struct {
	tenant    identity.Tenant
	open      bool
	query     url.Values
	caller    caller
	redirect  string
	kind      string
	mode      string
	target    target
	challenge string
}

// parseAuthorize reads the request. direct tells that the client and the
// redirect URI are not known good, so the error must stay on our page.
func (s *Service) parseAuthorize(r *httpd.Request) (a authorization, direct bool, err error) {
	a.query = r.URL.Query()
	if a.tenant, a.open, err = s.tenant(r.Request); err != nil {
		return a, true, err
	}
	if a.query.Get("client_id") == "" {
		return a, true, missing("client_id")
	}
	if a.caller, err = s.find(a.tenant.ID, a.query.Get("client_id")); err != nil {
		return a, true, err
	}
	if a.redirect = a.query.Get("redirect_uri"); a.redirect == "" {
		return a, true, missing("redirect_uri")
	}
	if a.kind, err = a.caller.redirect(a.redirect); err != nil {
		return a, true, err
	}
	switch a.mode = a.query.Get("response_mode"); a.mode {
	case "":
		a.mode = "query"
	case "query", "fragment", "form_post":
	default:
		mode := a.mode
		a.mode = "query"
		return a, false, azure.Errorf(azure.Invalid, azure.CodeSignInInvalidRequest, "The response_mode '%s' is not supported. Use query, fragment or form_post.", mode)
	}
	if rt := a.query.Get("response_type"); rt != "code" {
		return a, false, azure.Errorf(azure.Invalid, azure.CodeSignInUnsupportedResponseType, "The response_type '%s' is not supported. Use 'code' with PKCE; the implicit grant is not built.", rt)
	}
	if a.target, err = parseTarget(a.query); err != nil {
		return a, false, err
	}
	check := a.target
	if err := s.resolve(a.tenant.ID, &check); err != nil {
		return a, false, err
	}
	a.challenge, err = challengeOf(a.query, a.kind)
	return a, false, err
}

// challengeOf reads the PKCE challenge, which only servers may do without.
func challengeOf(query url.Values, kind string) (string, error) {
	challenge, method := query.Get("code_challenge"), query.Get("code_challenge_method")
	switch {
	case challenge == "" && kind != redirectWeb:
		return "", azure.Errorf(azure.Invalid, azure.CodeSignInVerifierRequired, "Proof Key for Code Exchange is required for authorization code redemption by public clients. Send code_challenge with code_challenge_method=S256.")
	case challenge != "" && (method != "S256" || len(challenge) != 43):
		return "", azure.Errorf(azure.Invalid, azure.CodeSignInInvalidRequest, "The code_challenge_method '%s' is not supported, or the code_challenge is not 43 characters long. Use S256.", method)
	}
	return challenge, nil
}

// showAuthorize shows the sign-in form, or answers at once for a browser that
// is signed in already.
func (s *Service) showAuthorize(w http.ResponseWriter, r *httpd.Request) error {
	a, direct, err := s.parseAuthorize(r)
	if err != nil {
		return s.refuse(w, r, a, direct, err)
	}
	prompt := a.query.Get("prompt")
	if u, ok := s.sessionUser(r.Request); ok && (prompt == "" || prompt == "none") && (a.open || u.TenantID == a.tenant.ID) {
		return s.answer(w, r, a, u)
	}
	if prompt == "none" {
		return s.refuse(w, r, a, false, azure.Errorf(azure.Unauthenticated, azure.CodeSignInInteractionRequired, "A silent sign-in request was sent but no user is signed in. Sign in without prompt=none."))
	}
	return s.render(w, http.StatusOK, a.page(a.query.Get("login_hint"), ""))
}

// postAuthorize checks the form of [Service.showAuthorize].
func (s *Service) postAuthorize(w http.ResponseWriter, r *httpd.Request) error {
	if err := s.sameSite(r); err != nil {
		return err
	}
	a, direct, err := s.parseAuthorize(r)
	if err != nil {
		return s.refuse(w, r, a, direct, err)
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	u, err := s.checkPassword(r.Context(), a.tenant, a.open, form.Get("username"), form.Get("password"))
	if err != nil {
		e := azure.AsError(err)
		if e.Kind == azure.Internal {
			return err
		}
		httpd.SetRetryAfter(w.Header(), e.RetryAfter)
		return s.render(w, e.Kind.Status(), a.page(form.Get("username"), e.Message))
	}
	r.Principal = principalOf(subjectOf(u), a.caller.ID)
	if err := s.setSession(w, u); err != nil {
		return err
	}
	return s.answer(w, r, a, u)
}

func (a authorization) page(username, problem string) page {
	p := page{Title: "Sign in", Form: true, Client: a.caller.Name, Username: username, Error: problem}
	if u, err := url.Parse(a.redirect); err == nil {
		p.FormTo = u.Scheme + ":"
		if u.Host != "" {
			p.FormTo = u.Scheme + "://" + u.Host
		}
	}
	return p
}

// answer makes a code for the user and sends it to the redirect URI.
func (s *Service) answer(w http.ResponseWriter, r *httpd.Request, a authorization, u identity.User) error {
	secret, err := s.random(32)
	if err != nil {
		return err
	}
	c := code{ClientID: a.caller.ID, TenantID: u.TenantID, UserID: u.ID, Redirect: a.redirect, Kind: a.kind, Target: a.target,
		Nonce: a.query.Get("nonce"), Challenge: a.challenge, Expires: s.Now().Add(codeLifetime)}
	err = s.Store.Update(r.Context(), func(tx *store.Tx) error {
		return s.codes.PutTTL(tx, store.K(identity.HashToken(secret)), c, 2*codeLifetime)
	})
	if err != nil {
		return err
	}
	params := url.Values{"code": {secret}}
	if a.query.Get("client_info") == "1" {
		info, err := clientInfoOf(subjectOf(u))
		if err != nil {
			return err
		}
		params.Set("client_info", info)
	}
	return s.send(w, r, a, params)
}

// refuse answers with err: on our page, or at the client's redirect URI.
func (s *Service) refuse(w http.ResponseWriter, r *httpd.Request, a authorization, direct bool, err error) error {
	e := azure.AsError(err)
	if direct || e.Kind == azure.Internal {
		return err
	}
	return s.send(w, r, a, url.Values{"error": {word(e)}, "error_description": {e.Code + ": " + e.Message}})
}

// send hands params and state to the redirect URI in the response mode.
func (s *Service) send(w http.ResponseWriter, r *httpd.Request, a authorization, params url.Values) error {
	if state := a.query.Get("state"); state != "" {
		params.Set("state", state)
	}
	if a.mode == "form_post" {
		p := page{Title: "Signing in", Post: &post{Action: template.URL(a.redirect), Fields: params}}
		p.FormTo = a.page("", "").FormTo
		return s.render(w, http.StatusOK, p)
	}
	to, err := url.Parse(a.redirect)
	if err != nil {
		return err
	}
	if a.mode == "fragment" {
		to.Fragment, to.RawFragment = "", ""
		http.Redirect(w, r.Request, to.String()+"#"+params.Encode(), http.StatusFound)
		return nil
	}
	q := to.Query()
	for k, v := range params {
		q[k] = v
	}
	to.RawQuery = q.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r.Request, to.String(), http.StatusFound)
	return nil
}

// redeemCode trades an authorization code for tokens, once. A code that comes
// again ends the refresh tokens made of it (RFC 6749, 4.1.2).
func (s *Service) redeemCode(ctx context.Context, req tokenRequest) (granted, error) {
	secret := req.form.Get("code")
	if secret == "" {
		return granted{}, missing("code")
	}
	key := store.K(identity.HashToken(secret))
	var c code
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.codes.GetTx(tx, key)
		if err != nil {
			return err
		}
		if !ok {
			return invalidGrant("The authorization code is malformed or too old. Sign in again.")
		}
		c = it.Value
		if c.Redeemed {
			return nil
		}
		if err := s.redeemable(c, req); err != nil {
			return err
		}
		it.Value.Redeemed = true
		return s.codes.PutTTL(tx, key, it.Value, 2*codeLifetime)
	})
	if err != nil {
		return granted{}, err
	}
	if c.Redeemed {
		if err := s.endFamily(ctx, c.Family); err != nil {
			return granted{}, err
		}
		return granted{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInCodeRedeemed, "OAuth2 Authorization code was already redeemed, please retry with a new valid code.")
	}
	u, ok := s.Directory.User(c.TenantID, c.UserID)
	if !ok || u.Disabled {
		return granted{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUserDisabled, "The user who signed in was deleted or disabled meanwhile.")
	}
	t := req.target
	if t.Resource == "" {
		t = c.Target
	}
	g, err := s.grantUser(ctx, u, req.caller, t, c.Nonce)
	if err != nil || g.refresh == "" {
		return g, err
	}
	id, _, _ := s.parseRefresh(g.refresh)
	c.Redeemed, c.Family = true, hex.EncodeToString(id)
	return g, s.Store.Update(ctx, func(tx *store.Tx) error { return s.codes.PutTTL(tx, key, c, 2*codeLifetime) })
}

// redeemable checks that the request may redeem c.
func (s *Service) redeemable(c code, req tokenRequest) error {
	switch {
	case c.ClientID != req.caller.ID || !req.open && c.TenantID != req.tenant.ID:
		return invalidGrant("The authorization code was issued to another client or in another tenant.")
	case req.form.Get("redirect_uri") != c.Redirect:
		return invalidGrant("The redirect_uri '%s' is not the one the authorization code was requested with, '%s'.", req.form.Get("redirect_uri"), c.Redirect)
	case !s.Now().Before(c.Expires):
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInGrantExpired, "The provided authorization code has expired at %s. Sign in again.", c.Expires.UTC().Format(time.RFC3339))
	case c.Kind == redirectWeb && !req.caller.proven:
		return secretRequired()
	}
	if c.Challenge == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(req.form.Get("code_verifier")))
	if subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(c.Challenge)) != 1 {
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInVerifierMismatch, "The code_verifier does not match the code_challenge supplied in the authorization request.")
	}
	return nil
}

// logout ends the browser's session and returns to where a known client said.
func (s *Service) logout(w http.ResponseWriter, r *httpd.Request) error {
	if _, _, err := s.tenant(r.Request); err != nil {
		return err
	}
	clearSession(w)
	to := r.URL.Query().Get("post_logout_redirect_uri")
	u, err := url.Parse(to)
	if to == "" || err != nil || u.Host == "" || !s.knownOrigin(strings.ToLower(u.Scheme+"://"+u.Host)) {
		return s.render(w, http.StatusOK, page{Title: "You are signed out", Message: "You may now close this window."})
	}
	if state := r.URL.Query().Get("state"); state != "" {
		q := u.Query()
		q.Set("state", state)
		u.RawQuery = q.Encode()
	}
	http.Redirect(w, r.Request, u.String(), http.StatusFound)
	return nil
}
