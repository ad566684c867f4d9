package token_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity/identitytest"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const (
	login    = "https://login.lazuli.localhost"
	arm      = "https://management.lazuli.localhost"
	tenant   = "11111111-1111-4111-8111-111111111111"
	tenant2  = "22222222-2222-4222-8222-222222222222"
	objectID = "33333333-3333-4333-8333-333333333333"
)

type world struct {
	*token.Authority
	clock *atomic.Int64 // unix seconds
	dead  *atomic.Bool
	store *store.Store
}

func open(t testing.TB) world {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := world{clock: &atomic.Int64{}, dead: &atomic.Bool{}, store: s}
	w.clock.Store(1_800_000_000)
	w.Authority = reopen(t, w)
	return w
}

func reopen(t testing.TB, w world) *token.Authority {
	t.Helper()
	a, err := token.Open(t.Context(), token.Options{Store: w.store, Seal: identitytest.Seal, Unseal: identitytest.Unseal, Login: login,
		Live: func(string, string) bool { return !w.dead.Load() }, Tenant: func() string { return tenant }, Now: func() time.Time { return time.Unix(w.clock.Load(), 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func grant(tenantID, audience string) token.Grant {
	return token.Grant{Subject: token.Subject{TenantID: tenantID, ObjectID: objectID, Type: authz.User, Name: "Ann", UPN: "ann@lazuli.localhost"}, ClientID: "client", Audience: audience, Scopes: []string{"user_impersonation"}}
}

func (w world) issue(t testing.TB, tenantID, audience string) string {
	t.Helper()
	tok, err := w.Access(t.Context(), grant(tenantID, audience))
	if err != nil {
		t.Fatal(err)
	}
	return tok.Raw.Reveal()
}

func (w world) authenticate(header string, audiences ...string) (authz.Principal, error) {
	r, _ := http.NewRequest("GET", arm, nil)
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	return w.Authenticate(audiences...)(r)
}

func TestAuthenticate(t *testing.T) {
	w := open(t)
	good := w.issue(t, tenant, arm)
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	hmacSigned := func() string { // the public key as an HMAC secret
		set, _ := w.JWKS()
		key, _ := json.Marshal(set.Keys[0])
		tok := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"aud": arm})
		tok.Header["kid"] = set.Keys[0].Kid
		s, _ := tok.SignedString(key)
		return s
	}()
	foreign := func() string { // signed by another key under our kid
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		set, _ := w.JWKS()
		tok := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"aud": arm, "exp": w.clock.Load() - 5, "oid": objectID, "tid": tenant, "appid": "x", "iss": w.Issuer(tenant)})
		tok.Header["kid"] = set.Keys[0].Kid
		s, _ := tok.SignedString(key)
		return s
	}()
	id, err := w.ID(t.Context(), grant(tenant, ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, header string
		audiences    []string
		code         string // "" is good
	}{
		{"good", "Bearer " + good, []string{arm}, ""},
		{"again, remembered", "bearer " + good, []string{arm}, ""},
		{"one slash more", "Bearer " + good, []string{"https://other", arm + "/"}, ""},
		{"one slash in the token", "Bearer " + w.issue(t, tenant, arm+"/"), []string{arm}, ""},
		{"two slashes", "Bearer " + w.issue(t, tenant, arm+"//"), []string{arm}, azure.CodeInvalidAuthenticationTokenAudience},
		{"other audience", "Bearer " + good, []string{"https://vault.lazuli.localhost"}, azure.CodeInvalidAuthenticationTokenAudience},
		{"audience as prefix", "Bearer " + good, []string{arm + ".evil"}, azure.CodeInvalidAuthenticationTokenAudience},
		{"no audience", "Bearer " + w.issue(t, tenant, ""), []string{arm, ""}, azure.CodeInvalidAuthenticationTokenAudience},
		{"other tenant", "Bearer " + w.issue(t, tenant2, arm), []string{arm}, azure.CodeInvalidAuthenticationTokenTenant},
		{"no header", "", []string{arm}, azure.CodeAuthenticationFailed},
		{"basic", "Basic YTpi", []string{arm}, azure.CodeInvalidAuthenticationToken},
		{"empty", "Bearer ", []string{arm}, azure.CodeInvalidAuthenticationToken},
		{"not a token", "Bearer x.y.z", []string{arm}, azure.CodeInvalidAuthenticationToken},
		{"alg none", "Bearer " + none, []string{arm}, azure.CodeInvalidAuthenticationToken},
		{"alg HS256 with the public key", "Bearer " + hmacSigned, []string{arm}, azure.CodeInvalidAuthenticationToken},
		{"another key, expired too", "Bearer " + foreign, []string{arm}, azure.CodeInvalidAuthenticationToken},
		{"id token", "Bearer " + id.Raw.Reveal(), []string{"client"}, azure.CodeInvalidAuthenticationToken},
		{"endless", "Bearer " + strings.Repeat("a", 20<<10), []string{arm}, azure.CodeInvalidAuthenticationToken},
	} {
		p, err := w.authenticate(c.header, c.audiences...)
		switch {
		case c.code == "" && (err != nil || p.ObjectID != objectID || p.Type != authz.User || p.Name != "ann@lazuli.localhost" || p.Issuer != login+"/"+tenant+"/v2.0" || p.Expires.Unix() != 1_800_003_600):
			t.Errorf("%s: %+v %v", c.name, p, err)
		case c.code != "" && (!azure.HasCode(err, c.code) || !p.IsZero() || azure.AsError(err).Kind != azure.Unauthenticated):
			t.Errorf("%s: %+v %v, want %s", c.name, p, err, c.code)
		}
	}
	w.dead.Store(true)
	if _, err := w.authenticate("Bearer "+good, arm); !azure.HasCode(err, azure.CodeInvalidAuthenticationToken) {
		t.Errorf("deleted principal: %v", err)
	}
	w.dead.Store(false)
	w.clock.Add(3600)
	for _, name := range []string{"remembered", "fresh"} {
		if name == "fresh" {
			w.Authority = reopen(t, w)
		}
		if _, err := w.authenticate("Bearer "+good, arm); !azure.HasCode(err, azure.CodeExpiredAuthenticationToken) {
			t.Errorf("expired, %s: %v", name, err)
		}
	}
}

// TestEveryByteCounts changes each byte of a token in turn.
func TestEveryByteCounts(t *testing.T) {
	w := open(t)
	good := []byte(w.issue(t, tenant, arm))
	for i := range good {
		bad := bytes.Clone(good)
		if bad[i]++; bad[i] == '.' || good[i] == '.' {
			bad[i] = 'A'
		}
		if _, err := w.Verify(string(bad), arm); err == nil {
			t.Fatalf("byte %d changed from %q to %q verifies", i, good[i], bad[i])
		}
	}
}

func TestRotation(t *testing.T) {
	w := open(t)
	kids := func() []string {
		set, err := w.JWKS()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, k := range set.Keys {
			if k.Kty != "EC" || k.Crv != "P-256" || k.Alg != "ES256" || len(k.X) != 43 || len(k.Y) != 43 {
				t.Errorf("key %+v", k)
			}
			out = append(out, k.Kid)
		}
		return out
	}
	old := w.issue(t, tenant, arm)
	if err := w.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := w.issue(t, tenant, arm)
	kidOf := func(tok string) any {
		parsed, _, err := jwt.NewParser().ParseUnverified(tok, jwt.MapClaims{})
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Header["kid"]
	}
	if kidOf(old) == kidOf(fresh) {
		t.Error("the new key does not sign")
	}
	for _, tok := range []string{old, fresh} {
		if _, err := w.Verify(tok, arm); err != nil {
			t.Error(err)
		}
	}
	if n := len(kids()); n != 2 {
		t.Errorf("%d keys published", n)
	}
	// Another process, same store: same key, and old tokens are good.
	other := world{Authority: reopen(t, w), clock: w.clock, dead: w.dead}
	if _, err := other.Verify(old, arm); err != nil {
		t.Error(err)
	}
	if kidOf(other.issue(t, tenant, arm)) != kidOf(fresh) {
		t.Error("another process made its own key")
	}
	w.clock.Add(2 * 3600)
	if k := kids(); len(k) != 1 || k[0] != kidOf(fresh) {
		t.Errorf("published after the tokens ended: %v", k)
	}
	w.clock.Add(31 * 24 * 3600)
	if tok := w.issue(t, tenant, arm); kidOf(tok) == kidOf(fresh) {
		t.Error("an old key signs")
	}
}

// FuzzVerify: nothing but a token this cloud issued authenticates.
func FuzzVerify(f *testing.F) {
	w := open(f)
	good := w.issue(f, tenant, arm)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := w.Verify(raw, arm)
		if (err == nil) != (raw == good) || err != nil && !p.IsZero() {
			t.Errorf("%q: %+v %v", raw, p, err)
		}
		if err != nil && azure.AsError(err).Kind != azure.Unauthenticated {
			t.Errorf("%q: %v", raw, err)
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	w := open(b)
	g := grant(tenant, arm)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := w.Access(b.Context(), g); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkVerifyRemembered(b *testing.B) {
	w := open(b)
	tok := w.issue(b, tenant, arm)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := w.Verify(tok, arm); err != nil {
				b.Fatal(err)
			}
		}
	})
}
