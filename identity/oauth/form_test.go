package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/identity/identitytest"
)

// FuzzTokenForm: whatever is posted, the answer is a JSON object with an error
// word, a status below 500, and no token.
func FuzzTokenForm(f *testing.F) {
	w := identitytest.New(f)
	app, _, secret := w.App("robot")
	f.Add("grant_type=client_credentials&client_id=" + app.AppID + "&client_secret=x&scope=" + w.Management + "/.default")
	f.Add("grant_type=refresh_token&client_id=" + cli + "&refresh_token=0.AAAA")
	f.Add("grant_type=password&client_id=" + cli + "&scope=a%2Fb+c%2Fd+openid")
	f.Add("grant_type=authorization_code&code=%00&client_id=%zz")
	f.Add("resource=x&scope=///&grant_type=device_code&client_id=" + cli)
	f.Fuzz(func(t *testing.T, form string) {
		if strings.Contains(form, "username") || strings.Contains(form, secret) {
			return // slow by design, or a real sign-in
		}
		r := httptest.NewRequest(http.MethodPost, "/adfs/oauth2/token", strings.NewReader(form))
		rec := httptest.NewRecorder()
		w.OAuth.Handler().ServeHTTP(rec, r)
		m := map[string]any{}
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
			t.Fatalf("%q: %v in %s", form, err, rec.Body)
		}
		if rec.Code < 400 || rec.Code >= 500 || m["error"] == nil || m["access_token"] != nil {
			t.Errorf("%q: %d %v", form, rec.Code, m)
		}
	})
}

// BenchmarkClientCredentials is a whole sign-in over HTTP, secret verified.
func BenchmarkClientCredentials(b *testing.B) {
	w := identitytest.New(b)
	app, _, secret := w.App("robot")
	h := w.OAuth.Handler()
	body := form("grant_type", "client_credentials", "client_id", app.AppID, "client_secret", secret, "scope", w.Management+"/.default").Encode()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/adfs/oauth2/token", strings.NewReader(body)))
			if rec.Code != http.StatusOK {
				b.Fatal(rec.Body)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
