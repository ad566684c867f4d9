package token

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// maxTokenBytes bounds what is hashed and parsed for a caller nobody knows.
const maxTokenBytes = 16 << 10

// Authenticate gives the check of a service whose tokens carry one of the
// audiences. Of `Authorization: Bearer` it makes the principal, or an
// Unauthenticated error:
//
//   - CodeAuthenticationFailed: there is no Authorization header
//   - CodeInvalidAuthenticationToken: malformed, tampered with, unknown key, or of a principal that is gone
//   - CodeExpiredAuthenticationToken: its time is over
//   - CodeInvalidAuthenticationTokenAudience: issued for another service
//   - CodeInvalidAuthenticationTokenTenant: of another tenant than Options.Tenant
func (a *Authority) Authenticate(audiences ...string) func(*http.Request) (authz.Principal, error) {
	verify := a.AuthenticateAnyTenant(audiences...)
	return func(r *http.Request) (authz.Principal, error) {
		p, err := verify(r)
		if err != nil || a.Tenant == nil || strings.EqualFold(p.TenantID, a.Tenant()) {
			return p, err
		}
		return authz.Principal{}, azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationTokenTenant,
			"The access token is from the wrong issuer '%s'. It must match the tenant '%s' of this cloud. Sign in to that tenant.", p.Issuer, a.Issuer(a.Tenant()))
	}
}

// AuthenticateAnyTenant is [Authority.Authenticate] without the check of the
// tenant, for services that serve each tenant its own.
func (a *Authority) AuthenticateAnyTenant(audiences ...string) func(*http.Request) (authz.Principal, error) {
	return func(r *http.Request) (authz.Principal, error) {
		header := r.Header.Get("Authorization")
		if header == "" {
			return authz.Principal{}, azure.Errorf(azure.Unauthenticated, azure.CodeAuthenticationFailed,
				"Authentication failed. The 'Authorization' header is missing. Sign in and send 'Authorization: Bearer <token>'.")
		}
		scheme, raw, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return authz.Principal{}, invalid("Authentication failed. The 'Authorization' header has the scheme '%s' where 'Bearer' is expected.", clip(scheme))
		}
		return a.Verify(strings.TrimSpace(raw), audiences...)
	}
}

func invalid(format string, args ...any) *azure.Error {
	return azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationToken, format, args...)
}

func clip(s string) string { return s[:min(len(s), 40)] }

// Verify makes the principal of a raw access token of any tenant that carries
// one of the audiences. The errors are those of [Authority.Authenticate].
func (a *Authority) Verify(raw string, audiences ...string) (authz.Principal, error) {
	if raw == "" || len(raw) > maxTokenBytes {
		return authz.Principal{}, invalid("The access token is empty or longer than %d bytes. Sign in again.", maxTokenBytes)
	}
	sum := sha256.Sum256([]byte(raw))
	v, ok := a.seen.get(sum)
	if ok {
		if it, known := a.keys.Get(store.K(v.kid)); !known || !a.published(it.Value, a.Now()) {
			return authz.Principal{}, invalid("The access token is signed with a key that is no longer valid. Sign in again.")
		}
	} else {
		var err error
		if v, err = a.verify(raw); err != nil {
			return authz.Principal{}, err
		}
		a.seen.put(sum, v)
	}
	if err := a.current(v, audiences); err != nil {
		return authz.Principal{}, err
	}
	return v.principal, nil
}

// current is what must hold at every use, also of a remembered token.
func (a *Authority) current(v verified, audiences []string) error {
	p := v.principal
	if !a.Now().Before(p.Expires) {
		return expired(p.Expires)
	}
	if !accepts(audiences, v.audience) {
		return azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationTokenAudience,
			"The access token has been obtained for the wrong audience or resource '%s'. It must be for one of '%s'. Ask for a token with scope '%s/.default'.",
			v.audience, strings.Join(audiences, "', '"), first(audiences))
	}
	if !a.Live(p.TenantID, p.ObjectID) {
		return invalid("The principal '%s' of the access token was deleted or disabled. Sign in as another one.", p.ObjectID)
	}
	return nil
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return strings.TrimSuffix(s[0], "/")
}

// accepts compares without regard to case and to one slash at the end.
func accepts(audiences []string, audience string) bool {
	for _, a := range audiences {
		if SameAudience(a, audience) {
			return true
		}
	}
	return false
}

// SameAudience reports whether both name one resource: case and one slash at
// the end do not matter, because clients differ in both.
func SameAudience(x, y string) bool {
	return x != "" && strings.EqualFold(strings.TrimSuffix(x, "/"), strings.TrimSuffix(y, "/"))
}

func expired(at time.Time) *azure.Error {
	return azure.Errorf(azure.Unauthenticated, azure.CodeExpiredAuthenticationToken,
		"The access token expired at %s. Sign in again.", at.UTC().Format(time.RFC3339))
}

// verify checks signature, times and issuer.
func (a *Authority) verify(raw string) (verified, error) {
	var c Claims
	t, err := a.parser.ParseWithClaims(raw, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, ok := a.public(kid)
		if !ok {
			return nil, errors.New("the key is unknown")
		}
		return key, nil
	})
	switch {
	// Only a token whose signature is good is told that its time is over.
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return verified{}, expired(c.ExpiresAt.Time)
	case err != nil:
		return verified{}, invalid("The access token is invalid: it is malformed, was changed, or is not signed by this cloud. Sign in again.").Because(err)
	}
	if c.Issuer != a.Issuer(c.TID) || c.OID == "" || c.TID == "" || c.AppID == "" || len(c.Audience) != 1 {
		return verified{}, invalid("The access token is invalid: its issuer '%s' is not this cloud's '%s', or it is not an access token. Sign in again.", c.Issuer, a.Issuer(c.TID))
	}
	kid, _ := t.Header["kid"].(string)
	p := authz.Principal{ObjectID: c.OID, TenantID: c.TID, AppID: c.AppID, Type: authz.ServicePrincipal, Name: c.AppDisplayName, Issuer: c.Issuer, Expires: c.ExpiresAt.Time}
	if c.IDTyp == "user" {
		p.Type, p.Name = authz.User, c.UPN
	}
	return verified{principal: p, audience: c.Audience[0], kid: kid}, nil
}
