package access

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// TokenUser is the user name that says: the password is a registry token.
const TokenUser = "00000000-0000-0000-0000-000000000000"

// Options are what the guard needs from outside.
type Options struct {
	Checker *authz.Checker
	// Store is where the rows are that Checker answers from: its answers are
	// remembered until a row changes.
	Store *store.Store
	Now   func() time.Time
	// Key signs the tokens: 32 random bytes, the same at every start.
	Key []byte
	// SignIn verifies a user's or service principal's password. credential names
	// the secret that matched, for Alive; it may be empty. Errors are
	// Unauthenticated and say what is wrong.
	SignIn func(ctx context.Context, user, password string) (p authz.Principal, credential string, err error)
	// Alive reports whether the principal exists, is enabled, and the credential
	// it signed in with has neither ended nor been removed. It answers from
	// memory. Nil means that everybody is.
	Alive func(objectID, credential string) bool
	// Token finds a registry's token by its name, in any case, from memory. Nil
	// means that there are none.
	Token func(reg Registry, name string) (Token, bool)
}

// Guard finds and checks callers. Safe for concurrent use.
type Guard struct {
	o      Options
	tokens tokens
	brake  brake
	roles  *store.Memo[roleAsked, bool]
}

// roleAsked is a question to the roles.
type roleAsked struct {
	registry, principal string // uid, object id
	action              Action
}

// NewGuard makes a guard.
func NewGuard(o Options) *Guard {
	return &Guard{o: o, tokens: tokens{key: o.Key, now: o.Now}, roles: store.NewMemo[roleAsked, bool](o.Store)}
}

func unauthorized(format string, args ...any) *azure.Error {
	return azure.Errorf(azure.Unauthenticated, azure.CodeOCIUnauthorized, format, args...)
}

// Authenticate finds the caller of a request from its Authorization header:
// Bearer with a registry token, or Basic with a password. Errors are
// Unauthenticated with CodeOCIUnauthorized, or Throttled.
func (g *Guard) Authenticate(r *http.Request, reg Registry) (Caller, error) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	value = strings.TrimSpace(value)
	switch {
	case scheme == "":
		return Caller{}, unauthorized("Authentication is required for the registry '%s'. Sign in with 'az acr login --name %s' or 'docker login %s'.", reg.Name, reg.Name, reg.LoginServer)
	case strings.EqualFold(scheme, "Bearer"):
		return g.Token(reg, value)
	case strings.EqualFold(scheme, "Basic"):
		user, password, ok := basic(value)
		if !ok {
			return Caller{}, unauthorized("The Authorization header is not a well-formed Basic credential.")
		}
		return g.Password(r.Context(), reg, user, password, r.RemoteAddr)
	}
	return Caller{}, unauthorized("The registry takes Basic and Bearer credentials, not '%s'.", scheme)
}

func basic(value string) (user, password string, ok bool) {
	data, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(data), ":")
}

// Token finds the caller of a registry token, access or refresh.
func (g *Guard) Token(reg Registry, token string) (Caller, error) {
	c, err := g.tokens.verify(reg, token)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return Caller{}, unauthorized("The token for the registry '%s' has expired. Sign in again with 'az acr login --name %s'.", reg.Name, reg.Name).Because(err)
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return Caller{}, unauthorized("The token is not for the registry '%s'. Sign in to it with 'az acr login --name %s'.", reg.Name, reg.Name).Because(err)
	case err != nil:
		return Caller{}, unauthorized("The token is not a valid token of the registry '%s'. Sign in again.", reg.Name).Because(err)
	}
	caller := c.caller()
	return caller, g.alive(reg, caller)
}

// RefreshToken finds the caller of a refresh token; an access token is refused.
func (g *Guard) RefreshToken(reg Registry, token string) (Caller, error) {
	c, err := g.Token(reg, token)
	if err == nil && c.limited {
		return Caller{}, unauthorized("The refresh_token is an access token. Send the refresh token that /oauth2/exchange gave.")
	}
	return c, err
}

// Password finds the caller of a user name and password: the admin user, a
// registry token with the user [TokenUser], or a user or service principal.
// remote is the address the brake counts by.
func (g *Guard) Password(ctx context.Context, reg Registry, user, password, remote string) (Caller, error) {
	if user == TokenUser {
		return g.Token(reg, password)
	}
	key := brakeKey(reg, remote, strings.ToLower(user))
	if d := g.brake.wait(key, g.o.Now()); d > 0 {
		e := azure.Errorf(azure.Throttled, azure.CodeOCITooManyRequests, "Too many failed logins of '%s' to the registry '%s'. Wait, then try again.", user, reg.Name)
		e.RetryAfter = d
		return Caller{}, e
	}
	c, err := g.password(ctx, reg, user, password)
	if err == nil {
		g.brake.succeeded(key)
	} else if azure.AsError(err).Kind == azure.Unauthenticated {
		g.brake.failed(key, g.o.Now())
	}
	return c, err
}

func (g *Guard) password(ctx context.Context, reg Registry, user, password string) (Caller, error) {
	if strings.EqualFold(user, reg.Name) {
		if !reg.Admin.Enabled {
			return Caller{}, unauthorized("The admin user of the registry '%s' is disabled. Enable it with 'az acr update --name %s --admin-enabled true', or sign in with a service principal.", reg.Name, reg.Name)
		}
		k, ok := reg.Admin.login(password)
		if !ok {
			return Caller{}, unauthorized("The password of the admin user '%s' is wrong. Show it with 'az acr credential show --name %s'.", reg.Name, reg.Name)
		}
		return Caller{Principal: authz.Principal{Name: reg.Name}, admin: &k, registry: reg.UID}, nil
	}
	if t, ok := g.tokenOf(reg, user); ok {
		if k, ok := t.login(password, g.o.Now()); ok && t.Enabled {
			return Caller{Principal: authz.Principal{Name: t.Name}, token: &k, registry: reg.UID}, nil
		}
		return Caller{}, unauthorized("The token '%s' of the registry '%s' is disabled, or the password is wrong or has expired. Make another with 'az acr token credential generate'.", t.Name, reg.Name)
	}
	if user == "" && password == "" && reg.Anonymous {
		return Anonymous(reg), nil
	}
	if user == "" || password == "" {
		return Caller{}, unauthorized("The user name or the password is empty. The registry '%s' has no anonymous access.", reg.Name)
	}
	p, credential, err := g.o.SignIn(ctx, user, password)
	if err != nil {
		e := azure.AsError(err)
		if e.Kind == azure.Internal || e.Kind == azure.Unavailable {
			return Caller{}, err
		}
		return Caller{}, unauthorized("The registry '%s' refused the login of '%s': %s", reg.Name, user, e.Message).Because(err)
	}
	return Caller{Principal: p, Credential: credential, registry: reg.UID}, nil
}

// Exchanged is the caller of a verified token of the directory.
func Exchanged(reg Registry, p authz.Principal) Caller {
	return Caller{Principal: p, registry: reg.UID}
}

// Anonymous is the caller without a credential, of a registry that lets everybody
// pull.
func Anonymous(reg Registry) Caller {
	return Caller{Principal: authz.Principal{Name: "anonymous"}, anonymous: true, registry: reg.UID}
}

func (g *Guard) tokenOf(reg Registry, name string) (Token, bool) {
	if g.o.Token == nil || name == "" {
		return Token{}, false
	}
	return g.o.Token(reg, name)
}

// tokenNow is the caller's token as it is now; ok is false when it no longer counts.
func (g *Guard) tokenNow(reg Registry, c Caller) (Token, bool) {
	t, ok := g.tokenOf(reg, c.token.Name)
	return t, ok && t.holds(*c.token, g.o.Now())
}

// alive asks whether what the caller signed in with still counts.
func (g *Guard) alive(reg Registry, c Caller) error {
	switch {
	case c.token != nil:
		if _, ok := g.tokenNow(reg, c); !ok {
			return unauthorized("The token '%s' of the registry '%s' has been disabled or deleted, or its password has been changed or has expired.", c.token.Name, reg.Name)
		}
		return nil
	case c.anonymous && !reg.Anonymous:
		return unauthorized("The registry '%s' no longer has anonymous pull. Sign in with 'az acr login --name %s'.", reg.Name, reg.Name)
	case c.anonymous:
		return nil
	case c.admin != nil && !reg.Admin.Enabled:
		return unauthorized("The admin user of the registry '%s' has been disabled.", reg.Name)
	case c.admin != nil && !reg.Admin.holds(*c.admin):
		return unauthorized("The admin password behind this token has been regenerated. Sign in to the registry '%s' again.", reg.Name)
	case c.admin == nil && g.o.Alive != nil && !g.o.Alive(c.Principal.ObjectID, c.Credential):
		return unauthorized("The principal '%s' or the secret it signed in with has been removed or has expired. Sign in to the registry '%s' again.", c.name(), reg.Name)
	}
	return nil
}

// may asks the roles, the admin user or the scope map, now, for one action on
// one thing.
func (g *Guard) may(reg Registry, c Caller, on Access, a Action) bool {
	switch {
	case c.registry != reg.UID:
		return false
	case c.admin != nil:
		return reg.Admin.holds(*c.admin)
	case c.token != nil:
		t, ok := g.tokenNow(reg, c)
		return ok && t.allows(on.Type, on.Name, a)
	case c.anonymous:
		return reg.Anonymous && on.Type == TypeRepository && (a == Pull || a == MetadataRead)
	}
	ok, _ := g.roles.Get(roleAsked{reg.UID, c.Principal.ObjectID, a}, func() (bool, error) {
		return slices.ContainsFunc(rights[a], func(right authz.Action) bool { return g.o.Checker.Allowed(c.Principal, right, reg.ID) }), nil
	})
	return ok
}

// Authorize asks whether the caller may do any of the needed actions. A token
// that was not made for them is Unauthenticated, so that the client asks for a
// better one; a caller without the right is Forbidden with CodeOCIDenied.
func (g *Guard) Authorize(reg Registry, c Caller, need Access) error {
	if len(need.Actions) == 0 {
		return nil
	}
	var right bool
	for i, a := range need.Actions {
		one := Access{need.Type, need.Name, need.Actions[i : i+1]}
		if g.may(reg, c, one, a) {
			right = true
			if !c.limited || covers(c.grants, one) {
				return nil
			}
		}
	}
	if right {
		e := unauthorized("The token does not cover %s. Ask the token service for this scope.", need)
		e.Additional = []azure.AdditionalInfo{{Type: insufficientScope, Info: need}}
		return e
	}
	if c.token != nil || c.anonymous {
		return azure.Errorf(azure.Forbidden, azure.CodeOCIDenied, "'%s' may not %s '%s' in the registry '%s'. Sign in as somebody who may, or change the token's scope map with 'az acr scope-map update'.",
			c.name(), verb(need.Actions[0]), need.Name, reg.Name)
	}
	return azure.Errorf(azure.Forbidden, azure.CodeOCIDenied, "'%s' may not %s '%s' in the registry '%s': no role assignment allows '%s' at the registry. Assign a role such as %s, then try again.",
		c.name(), verb(need.Actions[0]), need.Name, reg.Name, rights[need.Actions[0]][0].Name, roleFor(need.Actions[0]))
}

// insufficientScope marks errors that a better token would cure.
const insufficientScope = "insufficient_scope"

// NeedsScope reports whether err says that the token lacks a scope which its
// caller could have.
func NeedsScope(err error) bool {
	if err == nil {
		return false
	}
	var e *azure.Error
	return errors.As(err, &e) && len(e.Additional) > 0 && e.Additional[0].Type == insufficientScope
}

func verb(a Action) string {
	switch a {
	case Push:
		return "push to"
	case Delete:
		return "delete in"
	case MetadataRead, Everything:
		return "list"
	case MetadataWrite:
		return "change the metadata of"
	}
	return "pull from"
}

func roleFor(a Action) string {
	switch a {
	case Push, MetadataWrite:
		return "AcrPush"
	case Delete:
		return "AcrDelete"
	}
	return "AcrPull"
}

// Grant gives the part of the asked accesses that the caller has the right to.
func (g *Guard) Grant(reg Registry, c Caller, asked []Access) []Access {
	granted := []Access{}
	for _, a := range asked {
		got := Access{Type: a.Type, Name: a.Name, Actions: []Action{}}
		for _, action := range a.Actions {
			if g.may(reg, c, a, action) && (!c.limited || covers(c.grants, Access{a.Type, a.Name, []Action{action}})) {
				got.Actions = append(got.Actions, action)
			}
		}
		if len(got.Actions) > 0 {
			granted = append(granted, got)
		}
	}
	return granted
}

// Entry refuses a caller who has no right to anything in the registry.
// Azure: the real service answers 401 to such a login, too.
func (g *Guard) Entry(reg Registry, c Caller) error {
	if c.token != nil || c.anonymous {
		return g.alive(reg, c)
	}
	for _, a := range []Action{Pull, Push, Delete, MetadataRead} {
		if g.may(reg, c, Access{}, a) {
			return nil
		}
	}
	return unauthorized("'%s' has no role in the registry '%s'. Assign AcrPull, AcrPush or another role at the registry, then sign in again.", c.name(), reg.Name)
}

// AccessToken makes a token for the granted accesses.
func (g *Guard) AccessToken(reg Registry, c Caller, grants []Access) (string, error) {
	return g.tokens.sign(reg, c, kindAccess, grants)
}

// MakeRefreshToken makes a token that gives access tokens.
func (g *Guard) MakeRefreshToken(reg Registry, c Caller) (string, error) {
	return g.tokens.sign(reg, c, kindRefresh, nil)
}
