package oauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// The grant types.
const (
	grantClientCredentials = "client_credentials"
	grantPassword          = "password"
	grantDeviceCode        = "urn:ietf:params:oauth:grant-type:device_code"
	grantAuthorizationCode = "authorization_code"
	grantRefreshToken      = "refresh_token"
)

// tokenResponse is the answer of the token endpoint (RFC 6749, 5.1), with the
// fields of versions 1 and 2 of Microsoft's platform.
type tokenResponse struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	ExtExpiresIn int    `json:"ext_expires_in"`
	ExpiresOn    string `json:"expires_on,omitempty"` // version 1: unix seconds
	NotBefore    string `json:"not_before,omitempty"` // version 1
	Resource     string `json:"resource,omitempty"`   // version 1
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"` // base64url of {"uid","utid"}
}

// tokenRequest is a parsed request to the token endpoint.
type tokenRequest struct {
	tenant identity.Tenant
	open   bool // any tenant's users
	form   url.Values
	caller caller
	target target
}

// granted is a proven right to tokens.
type granted struct {
	subject token.Subject
	caller  caller
	target  target
	nonce   string
	refresh string // the refresh token to hand out, if any
}

// token serves the token endpoint.
func (s *Service) token(ctx context.Context, r *httpd.Request, form url.Values) (httpd.Reply[tokenResponse], error) {
	var reply httpd.Reply[tokenResponse]
	req := tokenRequest{form: form}
	var err error
	if req.tenant, req.open, err = s.tenant(r.Request); err != nil {
		return reply, err
	}
	grants := map[string]func(context.Context, tokenRequest) (granted, error){
		grantClientCredentials: s.clientCredentials, grantPassword: s.password, grantDeviceCode: s.redeemDevice,
		"device_code":          s.redeemDevice, // version 1 clients
		grantAuthorizationCode: s.redeemCode, grantRefreshToken: s.refresh,
	}
	grant := form.Get("grant_type")
	if grant == "" {
		return reply, missing("grant_type")
	}
	redeem := grants[grant]
	if redeem == nil {
		return reply, azure.Errorf(azure.Invalid, azure.CodeSignInUnsupportedGrant, "The app requested an unsupported grant type '%s'. Use client_credentials, password, authorization_code, refresh_token or device_code.", grant)
	}
	if req.target, err = parseTarget(form); err != nil {
		return reply, err
	}
	if req.caller, err = s.authenticate(r.Request, req.tenant.ID, form); err != nil {
		return reply, err
	}
	g, err := redeem(ctx, req)
	if err != nil {
		return reply, err
	}
	r.Principal = principalOf(g.subject, g.caller.ID)
	body, err := s.issue(ctx, g, form.Get("client_info") == "1")
	return httpd.Reply[tokenResponse]{Header: http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}, Body: body}, err
}

// issue signs the tokens of g.
func (s *Service) issue(ctx context.Context, g granted, clientInfo bool) (tokenResponse, error) {
	user := g.subject.Type == authz.User
	claims := token.Grant{Subject: g.subject, ClientID: g.caller.ID, Secret: g.caller.proven, Audience: g.target.Resource, Scopes: g.target.Scopes, Nonce: g.nonce}
	access, err := s.Tokens.Access(ctx, claims)
	if err != nil {
		return tokenResponse{}, err
	}
	seconds := int(access.Expires.Sub(access.Issued).Seconds())
	body := tokenResponse{TokenType: "Bearer", ExpiresIn: seconds, ExtExpiresIn: seconds, AccessToken: access.Raw.Reveal(), Scope: g.target.Asked, RefreshToken: g.refresh}
	if g.target.V1 {
		body.Scope, body.Resource = strings.Join(g.target.Scopes, " "), g.target.Resource
		body.ExpiresOn, body.NotBefore = strconv.FormatInt(access.Expires.Unix(), 10), strconv.FormatInt(access.Issued.Unix(), 10)
	}
	if user && g.target.OpenID {
		id, err := s.Tokens.ID(ctx, claims)
		if err != nil {
			return tokenResponse{}, err
		}
		body.IDToken = id.Raw.Reveal()
	}
	if user && clientInfo {
		body.ClientInfo, err = clientInfoOf(g.subject)
	}
	return body, err
}

// clientInfoOf tells MSAL the account.
func clientInfoOf(sub token.Subject) (string, error) {
	data, err := json.Marshal(map[string]string{"uid": sub.ObjectID, "utid": sub.TenantID})
	return base64.RawURLEncoding.EncodeToString(data), err
}

func subjectOf(u identity.User) token.Subject {
	return token.Subject{TenantID: u.TenantID, ObjectID: u.ID, Type: authz.User, Name: u.DisplayName, UPN: u.UPN}
}

// principalOf is who signed in, for the audit log.
func principalOf(sub token.Subject, appID string) authz.Principal {
	p := authz.Principal{ObjectID: sub.ObjectID, TenantID: sub.TenantID, AppID: appID, Type: sub.Type, Name: sub.Name}
	if sub.UPN != "" {
		p.Name = sub.UPN
	}
	return p
}

func (s *Service) clientCredentials(_ context.Context, req tokenRequest) (granted, error) {
	if !req.caller.proven {
		return granted{}, secretRequired()
	}
	if req.target.Resource == "" {
		return granted{}, missing("scope")
	}
	if err := s.resolve(req.tenant.ID, &req.target); err != nil {
		return granted{}, err
	}
	sp := req.caller.sp
	return granted{
		subject: token.Subject{TenantID: sp.TenantID, ObjectID: sp.ID, Type: authz.ServicePrincipal, Name: sp.DisplayName},
		caller:  req.caller, target: req.target,
	}, nil
}

func (s *Service) password(ctx context.Context, req tokenRequest) (granted, error) {
	if err := req.caller.mayActForUsers(); err != nil {
		return granted{}, err
	}
	name, password := req.form.Get("username"), req.form.Get("password")
	switch {
	case name == "":
		return granted{}, missing("username")
	case password == "":
		return granted{}, missing("password")
	}
	u, err := s.checkPassword(ctx, req.tenant, req.open, name, password)
	if err != nil {
		return granted{}, err
	}
	return s.grantUser(ctx, u, req.caller, req.target, "")
}

// checkPassword checks a user's password in the tenant, or if open in the
// user's own.
func (s *Service) checkPassword(ctx context.Context, t identity.Tenant, open bool, name, password string) (identity.User, error) {
	tenantID := t.ID
	if u, ok := s.Directory.UserByUPN(strings.TrimSpace(name)); ok && open {
		tenantID = u.TenantID
	}
	return s.Directory.VerifyPassword(ctx, tenantID, name, azure.NewSecret(password))
}

// grantUser makes the grant of a user who has just signed in, with a new family
// of refresh tokens if one was asked for.
func (s *Service) grantUser(ctx context.Context, u identity.User, c caller, t target, nonce string) (granted, error) {
	if err := s.resolve(u.TenantID, &t); err != nil {
		return granted{}, err
	}
	g := granted{subject: subjectOf(u), caller: c, target: t, nonce: nonce}
	if !t.Offline {
		return g, nil
	}
	var err error
	g.refresh, err = s.newFamily(ctx, refreshGrant{ClientID: c.ID, UserID: u.ID, TenantID: u.TenantID, Secret: c.proven})
	return g, err
}
