package portal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
)

// Options of [Handler]: the addresses the page may speak to, each scheme, host
// and port without a slash at the end, and suffixes of host names with their
// port and no leading dot.
type Options struct {
	Portal          string // this host
	ResourceManager string
	Login           string
	Graph           string
	Sessions        string // wss://...: where consoles are opened; asked for by HTTPS, too
	VaultSuffix     string // vault.lazuli.localhost:8443
	RegistrySuffix  string
	ClientID        string // of the portal, at Login
	Tenant          string // the first tenant's id
	Domain          string
	HTTP            string // the address of plain HTTP to container groups, or "off"
	// Dir is a folder to serve the bundle from instead of the one inside the
	// binary, read anew at every request; for work on the portal. "" means the
	// binary's own.
	Dir string
}

// settings is what the page is told of the cloud: a meta element of index.html.
type settings struct {
	ResourceManager string `json:"resourceManager"`
	Login           string `json:"login"`
	Graph           string `json:"graph"`
	VaultSuffix     string `json:"vaultSuffix"`
	RegistrySuffix  string `json:"registrySuffix"`
	ClientID        string `json:"clientId"`
	Tenant          string `json:"tenant"`
	Domain          string `json:"domain"`
	// HTTPPort is where names of container groups answer to plain HTTP: ":8080",
	// "" on port 80, "off" when they do not.
	HTTPPort string `json:"httpPort"`
}

// What index.html of the bundle holds in place of the values of one answer.
const (
	nonceMark    = "__LAZULI_NONCE__"
	settingsMark = "__LAZULI_SETTINGS__"
)

// site serves one bundle.
type site struct {
	files    fs.FS
	settings string // JSON, escaped for an attribute
	policy   string // with nonceMark
	unbuilt  []byte // the page of a cloud without bundle
}

// Handler serves the portal: the bundle's files below /assets/ for ever, and its
// page for every other path, because the page's URLs are ids of resources.
func Handler(o Options) (http.Handler, error) {
	bundle, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, err
	}
	if o.Dir != "" {
		bundle = os.DirFS(o.Dir)
	}
	text, err := json.Marshal(settings{ResourceManager: o.ResourceManager, Login: o.Login, Graph: o.Graph, VaultSuffix: o.VaultSuffix,
		RegistrySuffix: o.RegistrySuffix, ClientID: o.ClientID, Tenant: o.Tenant, Domain: o.Domain, HTTPPort: httpPort(o.HTTP)})
	if err != nil {
		return nil, err
	}
	s := &site{files: bundle, settings: html.EscapeString(string(text)), policy: policy(o)}
	var b strings.Builder
	if err := unbuiltPage.Execute(&b, o); err != nil {
		return nil, err
	}
	s.unbuilt = []byte(b.String())
	return s, nil
}

// httpPort is the port of an address as URLs write it.
func httpPort(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return "off"
	case port == "80":
		return ""
	}
	return ":" + port
}

// policy is the content security policy: nothing but the bundle's own scripts,
// styles with the answer's nonce, and calls to this cloud.
func policy(o Options) string {
	connect := []string{"'self'", o.ResourceManager, o.Login, o.Graph, o.Sessions, "https" + strings.TrimPrefix(o.Sessions, "wss"), "https://*." + o.VaultSuffix, "https://*." + o.RegistrySuffix}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self' 'nonce-" + nonceMark + "'", "img-src 'self' data:", "font-src 'self'",
		"connect-src " + strings.Join(connect, " "), "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
	}, "; ")
}

// ServeHTTP serves files of the bundle, else the page.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The portal only serves pages; the cloud's API is at management.D.", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	if name, ok := strings.CutPrefix(r.URL.Path, "/assets/"); ok {
		s.asset(w, r, "assets/"+name)
		return
	}
	if r.URL.Path == "/favicon.svg" {
		s.asset(w, r, "favicon.svg")
		return
	}
	if err := s.page(w); err != nil {
		http.Error(w, "The portal's page cannot be read.", http.StatusInternalServerError)
	}
}

// page writes index.html with this answer's nonce, or what to do without it.
func (s *site) page(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store") // the nonce is of this answer only
	text, err := fs.ReadFile(s.files, "index.html")
	if err != nil {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		_, err = w.Write(s.unbuilt)
		return err
	}
	random := make([]byte, 18)
	if _, err := rand.Read(random); err != nil {
		return fmt.Errorf("cannot make a nonce: %w", err)
	}
	nonce := base64.RawURLEncoding.EncodeToString(random)
	h.Set("Content-Security-Policy", strings.ReplaceAll(s.policy, nonceMark, nonce))
	_, err = strings.NewReplacer(nonceMark, nonce, settingsMark, s.settings).WriteString(w, string(text))
	return err
}

// unbuiltPage is served by a binary that was built without the bundle.
var unbuiltPage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lazuli</title>
<style>body{font:16px/1.6 system-ui,sans-serif;margin:12vh auto;max-width:40rem;padding:0 1rem;color:#1b2a4a}code{background:#eef2f9;padding:.1em .35em;border-radius:4px}</style>
</head><body><main><h1>Lazuli is running</h1>
<p>This binary was built without the web portal. To build it in, install Node.js 20 or later and run <code>make build</code> in the source tree, then start <code>bin/lazuli</code> again.</p>
<p>The control plane answers at <code>{{.ResourceManager}}</code>. Run <code>lazuli shell</code> on the cloud's machine: in it az, curl, docker and terraform reach the cloud and trust it.</p>
</main></body></html>
`))
