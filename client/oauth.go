package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Authority is a place that issues tokens. URL is a cloud's login endpoint, such
// as https://login.lazuli.localhost/adfs or https://login.microsoftonline.com;
// Tenant is ignored where the URL ends with /adfs. Safe for concurrent use.
type Authority struct {
	HTTP     *http.Client
	URL      string
	Tenant   string // "" is organizations
	ClientID string // the application that asks
}

// Token is what an authority gives.
type Token struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	ClientInfo   string `json:"client_info"`
	Scope        string `json:"scope"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
}

// Claims are what an id token says about who signed in.
type Claims struct {
	TenantID          string `json:"tid"`
	ObjectID          string `json:"oid"`
	Subject           string `json:"sub"`
	UPN               string `json:"upn"`
	PreferredUsername string `json:"preferred_username"`
}

// Username is the name the user is known by.
func (c Claims) Username() string {
	if c.PreferredUsername != "" {
		return c.PreferredUsername
	}
	return c.UPN
}

// DeviceCode is the start of a sign-in on another device.
type DeviceCode struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	Message    string `json:"message"`
	ExpiresIn  int64  `json:"expires_in"` // seconds
	Interval   int64  `json:"interval"`   // seconds
}

// OAuthError is a refusal of an authority. Code is OAuth's, such as
// invalid_grant; Description begins with Entra ID's, such as AADSTS50126.
type OAuthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// Error is the description, which is what users know.
func (e *OAuthError) Error() string {
	if e.Description != "" {
		return e.Description
	}
	return e.Code
}

// ADFS reports whether the authority has the shape of AD FS, where the tenant
// has no place in the path.
func (a Authority) ADFS() bool { return strings.HasSuffix(strings.TrimRight(a.URL, "/"), "/adfs") }

// Realm is the tenant as the token cache names it.
func (a Authority) Realm() string {
	switch {
	case a.ADFS():
		return "adfs"
	case a.Tenant == "":
		return "organizations"
	}
	return a.Tenant
}

// Host is the authority's host name without a port.
func (a Authority) Host() string {
	u, err := url.Parse(a.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func (a Authority) endpoint(name string) string {
	at := strings.TrimRight(a.URL, "/")
	if a.ADFS() {
		return at + "/oauth2/" + name
	}
	return at + "/" + a.Realm() + "/oauth2/v2.0/" + name
}

// userScopes are asked for beside a resource when a user signs in.
const userScopes = " offline_access openid profile"

// ByPassword signs a user in.
func (a Authority) ByPassword(ctx context.Context, user, password, scope string) (Token, error) {
	return a.token(ctx, url.Values{"grant_type": {"password"}, "username": {user}, "password": {password}, "scope": {scope + userScopes}})
}

// BySecret signs a service principal in; its id is a.ClientID.
func (a Authority) BySecret(ctx context.Context, secret, scope string) (Token, error) {
	return a.token(ctx, url.Values{"grant_type": {"client_credentials"}, "client_secret": {secret}, "scope": {scope}})
}

// ByAssertion signs a service principal in with a token of another issuer.
func (a Authority) ByAssertion(ctx context.Context, assertion, scope string) (Token, error) {
	return a.token(ctx, url.Values{"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "scope": {scope}})
}

// ByRefresh redeems a refresh token for a token of another scope.
func (a Authority) ByRefresh(ctx context.Context, refresh, scope string) (Token, error) {
	return a.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "scope": {scope + userScopes}})
}

// StartDevice begins a sign-in on another device; show the message to the user
// and call [Authority.ByDevice].
func (a Authority) StartDevice(ctx context.Context, scope string) (DeviceCode, error) {
	var d DeviceCode
	err := a.post(ctx, "devicecode", url.Values{"scope": {scope + userScopes}}, &d)
	return d, err
}

// ByDevice waits until the user has signed in elsewhere, or the code expires.
func (a Authority) ByDevice(ctx context.Context, d DeviceCode, scope string) (Token, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(max(d.ExpiresIn, 1))*time.Second)
	defer cancel()
	wait := time.Duration(max(d.Interval, 1)) * time.Second
	for {
		t, err := a.token(ctx, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {d.DeviceCode}, "code": {d.DeviceCode},
			"scope": {scope + userScopes}})
		var refused *OAuthError
		if !errors.As(err, &refused) || refused.Code != "authorization_pending" && refused.Code != "slow_down" {
			return t, err
		}
		if refused.Code == "slow_down" {
			wait += 5 * time.Second
		}
		select {
		case <-ctx.Done():
			return Token{}, errors.New("the code has expired before anybody signed in with it")
		case <-time.After(wait):
		}
	}
}

func (a Authority) token(ctx context.Context, form url.Values) (Token, error) {
	form.Set("client_info", "1")
	form.Set("claims", `{"access_token": {"xms_cc": {"values": ["CP1"]}}}`)
	var t Token
	err := a.post(ctx, "token", form, &t)
	return t, err
}

func (a Authority) post(ctx context.Context, name string, form url.Values, out any) error {
	form.Set("client_id", a.ClientID)
	at := a.endpoint(name)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := a.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		var refused OAuthError
		if json.Unmarshal(data, &refused) == nil && refused.Code != "" {
			return &refused
		}
		return fmt.Errorf("%s answered %s: %.300s", at, res.Status, data)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s answered no JSON: %w", at, err)
	}
	return nil
}

// Claims reads the claims of a JSON web token without verifying it: it came
// straight from the authority.
func (t Token) Claims() (Claims, error) {
	return ReadClaims(t.IDToken)
}

// ReadClaims reads the claims of a JSON web token without verifying it.
func ReadClaims(token string) (Claims, error) {
	var c Claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errors.New("the token is no JSON web token")
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return c, fmt.Errorf("the token is no JSON web token: %w", err)
	}
	return c, json.Unmarshal(data, &c)
}

// HomeAccount is the id by which the token cache knows the account: uid.utid of
// client_info, or the subject where there is none.
func (t Token) HomeAccount() string {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(t.ClientInfo, "="))
	var info struct{ UID, UTID string }
	if err == nil && json.Unmarshal(data, &info) == nil && info.UID != "" {
		return info.UID + "." + info.UTID
	}
	c, err := t.Claims()
	if err != nil {
		return ""
	}
	return c.Subject
}
