package portal_test

import (
	"bytes"
	"compress/gzip"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/portal"
)

const script = `console.log("a script of the bundle")`

// bundle is a folder with a built page and one script, stored as the build stores it.
func bundle(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(script))
	_ = z.Close()
	for name, text := range map[string]string{
		"index.html":         `<meta name="lazuli" content="__LAZULI_SETTINGS__"><script nonce="__LAZULI_NONCE__" src="/assets/a.js"></script>`,
		"assets/a-1.js.gz":   packed.String(),
		"assets/a-1.js.br":   "as brotli",
		"assets/secret.txt":  "not of a kind that is served",
		"favicon.svg":        "<svg/>",
		"../outside.js":      "outside",
		"assets/plain-2.css": "body{}",
	} {
		path := filepath.Join(dir, "dist", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "dist")
}

func handler(t *testing.T, dir string) http.Handler {
	t.Helper()
	h, err := portal.Handler(portal.Options{ResourceManager: "https://management.d:8443", Login: "https://login.d:8443", Graph: "https://graph.d:8443", Sessions: "wss://sessions.d:8443",
		VaultSuffix: "vault.d:8443", RegistrySuffix: "azurecr.d:8443", ClientID: "client", Tenant: `t"<`, Domain: "d", HTTP: "127.0.0.1:8080", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, method, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://portal.d:8443/", nil)
	r.URL.Path = path
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPageHasItsNonceAndTheCloudsAddresses(t *testing.T) {
	h := handler(t, bundle(t))
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/create", "/resource/subscriptions/s/resourceGroups/g", "/signed-in"} {
		w := get(h, "GET", path, "")
		policy, page := w.Header().Get("Content-Security-Policy"), w.Body.String()
		nonce := regexp.MustCompile(`style-src 'self' 'nonce-([\w-]{20,})'`).FindStringSubmatch(policy)
		if w.Code != 200 || nonce == nil || !strings.Contains(page, `nonce="`+nonce[1]+`"`) || nonces[nonce[1]] {
			t.Fatalf("%s: %d, policy %q, page %q", path, w.Code, policy, page)
		}
		nonces[nonce[1]] = true
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "https://*.vault.d:8443", "https://*.azurecr.d:8443", "wss://sessions.d:8443"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q has no %q", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy %q lets in what is unsafe", path, policy)
		}
		settings := html.UnescapeString(page)
		if strings.Contains(page, `t"<`) || !strings.Contains(settings, `"resourceManager":"https://management.d:8443"`) || !strings.Contains(settings, `"httpPort":":8080"`) {
			t.Errorf("%s: the settings are not as they should be: %s", path, page)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a page with a nonce may be kept: %q", path, w.Header().Get("Cache-Control"))
		}
	}
}

func TestAssetsGoOutAsTheyLie(t *testing.T) {
	h := handler(t, bundle(t))
	for _, c := range []struct{ accept, encoding, body string }{
		{"gzip, deflate, br", "br", "as brotli"},
		{"br;q=0, gzip", "gzip", ""},
		{"identity", "", script},
		{"", "", script},
	} {
		w := get(h, "GET", "/assets/a-1.js", c.accept)
		if w.Code != 200 || w.Header().Get("Content-Encoding") != c.encoding || c.body != "" && w.Body.String() != c.body {
			t.Errorf("accepting %q: %d %q %q", c.accept, w.Code, w.Header().Get("Content-Encoding"), w.Body)
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") || w.Header().Get("Vary") != "Accept-Encoding" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
			t.Errorf("accepting %q: headers %v", c.accept, w.Header())
		}
	}
	if w := get(h, "GET", "/assets/plain-2.css", "br"); w.Code != 200 || w.Body.String() != "body{}" {
		t.Errorf("a file that is not compressed: %d %q", w.Code, w.Body)
	}
	if w := get(h, "GET", "/favicon.svg", "br"); w.Code != 200 || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the icon: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/assets/none.js", "/assets/secret.txt", "/assets/", "/assets/../../outside.js", "/assets/../index.html", "/assets//a-1.js"} {
		if w := get(h, "GET", path, ""); w.Code != 404 {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	if w := get(h, "POST", "/", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestWithoutBundleThePageSaysHowToBuildIt(t *testing.T) {
	w := get(handler(t, t.TempDir()), "GET", "/", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "make build") || !strings.Contains(w.Body.String(), "https://management.d:8443") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
