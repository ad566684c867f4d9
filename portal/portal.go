// Package portal serves the web portal. It holds no business logic: the portal
// is a client of the public API. Until its bundle is built into the binary, it
// serves one page that says so and how to reach the cloud.
//
// It does not know: rooms, principals, or anything the page shows.
package portal

import (
	"html/template"
	"net/http"
	"strings"
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lazuli</title>
<style>body{font:16px/1.6 system-ui,sans-serif;margin:12vh auto;max-width:38rem;padding:0 1rem;color:#1b2a4a}code{background:#eef2f9;padding:.1em .35em;border-radius:4px}</style>
</head><body><h1>Lazuli is running</h1>
<p>This build carries no web portal. The control plane answers at <code>{{.}}</code>.</p>
<p>Run <code>lazuli shell</code> on the cloud's machine: in it az, curl, docker and terraform reach the cloud and trust it.</p>
</body></html>
`))

// Handler serves the page. resourceManager is the control plane's base URL.
func Handler(resourceManager string) http.Handler {
	var b strings.Builder
	if err := page.Execute(&b, resourceManager); err != nil {
		panic(err) // a constant template with a string cannot fail
	}
	body := []byte(b.String())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "the portal only serves pages", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body)
	})
}
