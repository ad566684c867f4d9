package oauth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/identitytest"
)

// pair is a certificate with its key.
type pair struct {
	key *rsa.PrivateKey
	der []byte
}

func newPair(t *testing.T, w *identitytest.World, bits int, life time.Duration) pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	now := w.Clock.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CLI-Login"}, NotBefore: now, NotAfter: now.Add(life)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{key, der}
}

// sign makes an assertion as MSAL does, changed by change.
func (p pair) sign(t *testing.T, w *identitytest.World, id string, method jwt.SigningMethod, change func(*jwt.Token, jwt.MapClaims)) string {
	t.Helper()
	now := w.Clock.Now()
	claims := jwt.MapClaims{"aud": w.Login + "/" + w.Boot.TenantID + "/oauth2/v2.0/token", "iss": id, "sub": id, "exp": float64(now.Add(10*time.Minute).UnixMilli()) / 1000, "iat": now.Unix(), "jti": "1"}
	token := jwt.NewWithClaims(method, claims)
	sum := sha1.Sum(p.der)
	token.Header["x5t"] = base64.URLEncoding.EncodeToString(sum[:])
	if change != nil {
		change(token, claims)
	}
	var key any = p.key
	switch method.Alg() {
	case "HS256":
		key = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.der})
	case "none":
		key = jwt.UnsafeAllowNoneSignatureType
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// An application signs in with the key of its certificate, and with nothing else.
func TestCertificates(t *testing.T) {
	w := identitytest.New(t)
	app, sp, _ := w.App("app")
	other, _, _ := w.App("other")
	good, short, foreign := newPair(t, w, 2048, 1000*time.Hour), newPair(t, w, 2048, time.Hour), newPair(t, w, 2048, 1000*time.Hour)
	register := func(pairs ...pair) {
		t.Helper()
		err := w.Directory.UpdateApplication(t.Context(), w.Boot.TenantID, app.ID, func(a *identity.Application) error {
			a.Certificates = nil
			for _, p := range pairs {
				c, err := w.Directory.NewCertificate(identity.Certificate{}, p.der)
				if err != nil {
					return err
				}
				a.Certificates = append(a.Certificates, c)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(id, assertion string) (int, map[string]any) {
		return w.Post("/"+w.Boot.TenantID+"/oauth2/v2.0/token", form("grant_type", "client_credentials", "client_id", id, "client_assertion", assertion,
			"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "scope", w.Management+"/.default"))
	}
	register(good, short)
	rs, ps := jwt.SigningMethodRS256, jwt.SigningMethodPS256
	for name, assertion := range map[string]string{
		"RS256, as az":   good.sign(t, w, app.AppID, rs, nil),
		"the second one": short.sign(t, w, app.AppID, rs, nil),
		"by the issuer":  good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["aud"] = w.Tokens.Issuer(w.Boot.TenantID) }),
		"by the domain":  good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["aud"] = w.Login + "/lazuli.localhost/oauth2/token" }),
		"as AD FS":       good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["aud"] = w.Login + "/adfs/oauth2/token" }),
		"PS256, as newer": good.sign(t, w, app.AppID, ps, func(j *jwt.Token, _ jwt.MapClaims) {
			delete(j.Header, "x5t")
			sum := sha256.Sum256(good.der)
			j.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(sum[:])
		}),
	} {
		status, m := ask(app.AppID, assertion)
		if p, err := w.Tokens.Verify(text(t, m, "access_token"), w.Management); status != 200 || err != nil || p.ObjectID != sp.ID {
			t.Errorf("%s: %d %v %v", name, status, m, err)
		}
	}
	valid := good.sign(t, w, app.AppID, rs, nil)
	flipped := valid[:len(valid)-10] + map[bool]string{true: "B", false: "A"}[valid[len(valid)-10] == 'A'] + valid[len(valid)-9:]
	for _, c := range []struct{ name, id, assertion, code string }{
		{"no token", app.AppID, "x", azure.CodeSignInAssertionMalformed},
		{"another's key", app.AppID, foreign.sign(t, w, app.AppID, rs, nil), azure.CodeSignInAssertionKey},
		{"another's key under the name of ours", app.AppID, foreign.sign(t, w, app.AppID, rs, func(j *jwt.Token, _ jwt.MapClaims) {
			sum := sha1.Sum(good.der)
			j.Header["x5t"] = base64.URLEncoding.EncodeToString(sum[:])
		}), azure.CodeSignInAssertionKey},
		{"the certificate as a shared secret", app.AppID, good.sign(t, w, app.AppID, jwt.SigningMethodHS256, nil), azure.CodeSignInAssertionKey},
		{"unsigned", app.AppID, good.sign(t, w, app.AppID, jwt.SigningMethodNone, nil), azure.CodeSignInAssertionKey},
		{"changed", app.AppID, flipped, azure.CodeSignInAssertionKey},
		{"for another service", app.AppID, good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) {
			c["aud"] = "https://login.microsoftonline.com/x/oauth2/v2.0/token"
		}), azure.CodeSignInAssertionAudience},
		{"for another tenant", app.AppID, good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["aud"] = w.Login + "/nowhere.example/oauth2/token" }), azure.CodeSignInAssertionAudience},
		{"too old", app.AppID, good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["exp"] = w.Clock.Now().Add(-time.Hour).Unix() }), azure.CodeSignInAssertionTime},
		{"without an end", app.AppID, good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { delete(c, "exp") }), azure.CodeSignInAssertionTime},
		{"for ever", app.AppID, good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["exp"] = w.Clock.Now().AddDate(1, 0, 0).Unix() }), azure.CodeSignInAssertionTime},
		{"not yet", app.AppID, good.sign(t, w, app.AppID, rs, func(_ *jwt.Token, c jwt.MapClaims) { c["nbf"] = w.Clock.Now().Add(time.Hour).Unix() }), azure.CodeSignInAssertionTime},
		{"another's name", app.AppID, good.sign(t, w, other.AppID, rs, nil), azure.CodeSignInAssertionClient},
		{"at another application", other.AppID, good.sign(t, w, app.AppID, rs, nil), azure.CodeSignInAssertionKey},
	} {
		status, m := ask(c.id, c.assertion)
		if description, _ := m["error_description"].(string); status < 400 || m["error"] != "invalid_client" || !strings.HasPrefix(description, c.code+": ") {
			t.Errorf("%s: %d %v, want %s", c.name, status, m, c.code)
		}
	}
	// A certificate ends, and one that is taken away is void at once.
	w.Clock.Advance(2 * time.Hour)
	status, m := ask(app.AppID, short.sign(t, w, app.AppID, rs, nil))
	wantError(t, status, m, 401, "invalid_client", azure.CodeSignInAssertionKey)
	if status, m = ask(app.AppID, good.sign(t, w, app.AppID, rs, nil)); status != 200 {
		t.Errorf("before it is taken away: %d %v", status, m)
	}
	register()
	status, m = ask(app.AppID, good.sign(t, w, app.AppID, rs, nil))
	wantError(t, status, m, 401, "invalid_client", azure.CodeSignInAssertionKey)
	if _, err := w.Directory.NewCertificate(identity.Certificate{}, newPair(t, w, 1024, time.Hour).der); err == nil {
		t.Error("a short key was taken")
	}
}
