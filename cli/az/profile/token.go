package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// ClientID is the application az signs users in as.
const ClientID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

// The files of tokens and secrets, both 0600.
const (
	tokenFile  = "msal_token_cache.json"
	secretFile = "service_principal_entries.json"
)

// margin is how long before its end a token is not used any more.
const margin = 5 * time.Minute

// AccessToken is a token with the time of its end.
type AccessToken struct {
	Secret  string
	Expires time.Time
}

// Scope is the scope of a resource: its default permissions.
func Scope(resource string) string { return resource + "/.default" }

// Authority is the place that signs an account in.
func (s *Store) Authority(hc *http.Client, cloud *Cloud, tenant string) (client.Authority, error) {
	at, err := cloud.Endpoint("active_directory")
	return client.Authority{HTTP: hc, URL: at, Tenant: tenant, ClientID: ClientID}, err
}

// Token gives a token of an account for a scope: a kept one while it is good,
// else a new one, which is kept.
func (s *Store) Token(ctx context.Context, at client.Authority, a Account, scope string) (AccessToken, error) {
	if a.CloudShell() {
		return s.fromCloudShell(ctx, at.HTTP, scope)
	}
	if which := a.Managed(); which != "" {
		t, err := s.ManagedToken(ctx, at.HTTP, which, scope)
		return AccessToken{t.AccessToken, s.Now().Add(time.Duration(t.ExpiresIn) * time.Second)}, err
	}
	if a.ServicePrincipal() {
		at.ClientID = a.User()
	}
	cache, err := s.readTokens()
	if err != nil {
		return AccessToken{}, err
	}
	home := ""
	if !a.ServicePrincipal() {
		if home = cache.home(at, a.User()); home == "" {
			return AccessToken{}, value.Said("User '%s' does not exist in MSAL token cache. Run `az login`.", a.User())
		}
	}
	if t, ok := cache.find(at, home, scope, s.Now().Add(margin)); ok {
		return t, nil
	}
	var t AccessToken
	err = s.locked(tokenFile+".lockfile", func() error {
		if cache, err = s.readTokens(); err != nil { // somebody else may have been faster
			return err
		}
		var ok bool
		if t, ok = cache.find(at, home, scope, s.Now().Add(margin)); ok {
			return nil
		}
		t, err = s.renew(ctx, cache, at, a, home, scope)
		return err
	})
	return t, err
}

// renew asks the authority and keeps the answer.
func (s *Store) renew(ctx context.Context, cache *tokens, at client.Authority, a Account, home, scope string) (AccessToken, error) {
	var got client.Token
	var err error
	if a.ServicePrincipal() {
		got, err = s.signInAgain(ctx, at, a, scope)
	} else {
		refresh := cache.refresh(at, home)
		if refresh == "" {
			return AccessToken{}, signInAgain(errors.New("no refresh token is kept"), scope)
		}
		if got, err = at.ByRefresh(ctx, refresh, scope); err != nil {
			err = signInAgain(err, scope)
		}
	}
	if err != nil {
		return AccessToken{}, err
	}
	cache.add(at, home, scope, got, s.Now())
	return AccessToken{got.AccessToken, s.Now().Add(time.Duration(got.ExpiresIn) * time.Second)}, s.saveTokens(cache)
}

// signInAgain words a refusal to renew a user's token; other errors stay.
func signInAgain(err error, scope string) error {
	var refused *client.OAuthError
	if errors.As(err, &refused) || !isTransport(err) {
		return fmt.Errorf("%w\nInteractive authentication is needed. Please run:\naz login --scope %s", err, scope)
	}
	return err
}

func isTransport(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t)
}

// signInAgain signs a service principal in with the secret that is kept.
func (s *Store) signInAgain(ctx context.Context, at client.Authority, a Account, scope string) (client.Token, error) {
	entries, err := s.readJSON(secretFile)
	if err != nil {
		return client.Token{}, err
	}
	var entry any
	list, _ := entries.([]any)
	for _, e := range list {
		if value.String(e, "client_id") == a.User() && (entry == nil || value.String(e, "tenant") == a.Tenant()) {
			entry = e
		}
	}
	if entry == nil {
		return client.Token{}, value.Said("Could not retrieve credential from local cache for service principal %s. Run `az login` for this service principal.", a.User())
	}
	return s.SignIn(ctx, at, readCredential(entry), scope)
}

// KeepUser keeps what a user's sign-in gave, and returns the user's name.
func (s *Store) KeepUser(at client.Authority, scope, source string, got client.Token) (string, error) {
	claims, err := got.Claims()
	if err != nil {
		return "", err
	}
	return claims.Username(), s.locked(tokenFile+".lockfile", func() error {
		cache, err := s.readTokens()
		if err != nil {
			return err
		}
		home := got.HomeAccount()
		kind := "MSSTS"
		if at.ADFS() {
			kind = "ADFS"
		}
		local := claims.ObjectID
		if local == "" {
			local = claims.Subject
		}
		cache.put("Account", strings.ToLower(home+"-"+at.Host()+"-"+at.Realm()), value.New("home_account_id", home, "environment", at.Host(), "realm", at.Realm(),
			"local_account_id", local, "username", claims.Username(), "authority_type", kind, "account_source", source))
		cache.put("AppMetadata", "appmetadata-"+at.Host()+"-"+at.ClientID, value.New("client_id", at.ClientID, "environment", at.Host()))
		cache.add(at, home, scope, got, s.Now())
		return s.saveTokens(cache)
	})
}

// KeepServicePrincipal keeps what a service principal signed in with, and its first
// token.
func (s *Store) KeepServicePrincipal(at client.Authority, tenant, scope string, with Credential, got client.Token) error {
	entry := with.entry(at.ClientID, tenant)
	old, err := s.readJSON(secretFile)
	if err != nil {
		return err
	}
	list, _ := old.([]any)
	list = slices.DeleteFunc(list, func(e any) bool {
		return value.String(e, "client_id") == at.ClientID && value.String(e, "tenant") == tenant
	})
	data, err := value.Encode(append(list, entry))
	if err != nil {
		return err
	}
	if err := s.write(secretFile, data, 0o600); err != nil {
		return err
	}
	return s.locked(tokenFile+".lockfile", func() error {
		cache, err := s.readTokens()
		if err != nil {
			return err
		}
		cache.add(at, "", scope, got, s.Now())
		return s.saveTokens(cache)
	})
}

// forget removes tokens and secrets of a user or service principal, "" of all.
func (s *Store) forget(user string) error {
	if user == "" {
		return errors.Join(remove(s.path(tokenFile)), remove(s.path(secretFile)))
	}
	old, err := s.readJSON(secretFile)
	if err != nil {
		return err
	}
	if list, ok := old.([]any); ok {
		kept := slices.DeleteFunc(list, func(e any) bool { return value.String(e, "client_id") == user })
		data, err := value.Encode(kept)
		if err != nil {
			return err
		}
		if err := s.write(secretFile, data, 0o600); err != nil {
			return err
		}
	}
	return s.locked(tokenFile+".lockfile", func() error {
		cache, err := s.readTokens()
		if err != nil {
			return err
		}
		cache.forget(user)
		return s.saveTokens(cache)
	})
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// tokens is the token cache in MSAL's unified schema.
type tokens struct{ root *value.Object }

func (s *Store) readTokens() (*tokens, error) {
	v, err := s.readJSON(tokenFile)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*value.Object)
	if !ok {
		o = value.New()
	}
	return &tokens{o}, nil
}

func (s *Store) saveTokens(c *tokens) error {
	data, err := value.Encode(c.root)
	if err != nil {
		return err
	}
	return s.write(tokenFile, data, 0o600)
}

func (c *tokens) section(name string) *value.Object {
	o := value.ObjectAt(c.root, name)
	if o == nil {
		o = value.New()
		c.root.Set(name, o)
	}
	return o
}

func (c *tokens) put(section, key string, entry *value.Object) { c.section(section).Set(key, entry) }

// home finds the account of a user's name.
func (c *tokens) home(at client.Authority, user string) string {
	accounts := c.section("Account")
	for _, k := range accounts.Keys() {
		a := accounts.Get(k)
		if strings.EqualFold(value.String(a, "username"), user) && value.String(a, "environment") == at.Host() {
			return value.String(a, "home_account_id")
		}
	}
	return ""
}

// find gives a kept token that is good beyond a time.
func (c *tokens) find(at client.Authority, home, scope string, until time.Time) (AccessToken, bool) {
	all := c.section("AccessToken")
	for _, k := range all.Keys() {
		e := all.Get(k)
		if value.String(e, "home_account_id") != home || value.String(e, "client_id") != at.ClientID || value.String(e, "environment") != at.Host() ||
			value.String(e, "realm") != at.Realm() || !slices.Contains(strings.Fields(value.String(e, "target")), scope) {
			continue
		}
		if end := seconds(value.Path(e, "expires_on")); end > until.Unix() {
			return AccessToken{value.String(e, "secret"), time.Unix(end, 0)}, true
		}
	}
	return AccessToken{}, false
}

// seconds reads a number that may be written as text.
func seconds(v any) int64 {
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = string(v)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// refresh is the newest refresh token of an account.
func (c *tokens) refresh(at client.Authority, home string) string {
	all, newest, secret := c.section("RefreshToken"), int64(-1), ""
	for _, k := range all.Keys() {
		e := all.Get(k)
		when := seconds(value.Path(e, "last_modification_time"))
		if value.String(e, "home_account_id") == home && value.String(e, "client_id") == at.ClientID && value.String(e, "environment") == at.Host() && when >= newest {
			newest, secret = when, value.String(e, "secret")
		}
	}
	return secret
}

// add keeps a token, and the refresh token that came with it instead of those
// before.
func (c *tokens) add(at client.Authority, home, scope string, got client.Token, now time.Time) {
	var homeID any
	target := scope
	if home != "" {
		homeID = home
		target += " offline_access openid profile"
	}
	when, end := strconv.FormatInt(now.Unix(), 10), strconv.FormatInt(now.Unix()+got.ExpiresIn, 10)
	key := func(kind, realm string) string {
		return strings.ToLower(strings.Join([]string{home, at.Host(), kind, at.ClientID, realm, target}, "-"))
	}
	c.put("AccessToken", key("accesstoken", at.Realm()), value.New("credential_type", "AccessToken", "secret", got.AccessToken, "home_account_id", homeID, "environment", at.Host(),
		"client_id", at.ClientID, "target", target, "realm", at.Realm(), "token_type", "Bearer", "cached_at", when, "expires_on", end, "extended_expires_on", end))
	if got.RefreshToken == "" {
		return
	}
	all := c.section("RefreshToken")
	for _, k := range slices.Clone(all.Keys()) {
		if e := all.Get(k); value.String(e, "home_account_id") == home && value.String(e, "client_id") == at.ClientID && value.String(e, "environment") == at.Host() {
			all.Delete(k)
		}
	}
	c.put("RefreshToken", key("refreshtoken", ""), value.New("credential_type", "RefreshToken", "secret", got.RefreshToken, "home_account_id", homeID, "environment", at.Host(),
		"client_id", at.ClientID, "target", target, "last_modification_time", when))
}

// forget removes everything of a user's name or a service principal's id.
func (c *tokens) forget(user string) {
	accounts, homes := c.section("Account"), []string{}
	for _, k := range slices.Clone(accounts.Keys()) {
		if e := accounts.Get(k); strings.EqualFold(value.String(e, "username"), user) {
			homes = append(homes, value.String(e, "home_account_id"))
			accounts.Delete(k)
		}
	}
	for _, name := range []string{"AccessToken", "RefreshToken", "IdToken"} {
		all := c.section(name)
		for _, k := range slices.Clone(all.Keys()) {
			if e := all.Get(k); slices.Contains(homes, value.String(e, "home_account_id")) || value.String(e, "client_id") == user {
				all.Delete(k)
			}
		}
	}
}
