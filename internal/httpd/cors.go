package httpd

import (
	"net/http"
	"strings"
)

// CORS lets the pages of one origin call the services it wraps, and nobody
// else's. Callers prove who they are with a token in a header, never with a
// cookie, so credentials are not allowed. The zero value allows nobody.
type CORS struct {
	Origin string // scheme, host and port: "https://portal.lazuli.localhost:8443"
}

// exposed are the headers of answers that pages may read beside the plain ones.
const exposed = "Azure-AsyncOperation, Content-Range, Docker-Content-Digest, ETag, Link, Location, Retry-After, retry-after-ms, WWW-Authenticate, x-ms-request-id"

// Wrap is next with the answers to preflights, and the headers that let the
// origin's pages read the others.
func (c CORS) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.Origin == "" || !strings.EqualFold(r.Header.Get("Origin"), c.Origin) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Allow-Origin", c.Origin)
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			h.Set("Access-Control-Expose-Headers", exposed)
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, If-Match, If-None-Match, Range, x-ms-client-request-id, x-ms-correlation-request-id")
		h.Set("Access-Control-Max-Age", "7200") // the longest Chromium keeps it
		w.WriteHeader(http.StatusNoContent)
	})
}
