// Package page answers visitors of a group's name when the group cannot: a small
// HTML page for browsers, one line of text for programs. It knows no groups.
package page

import (
	"fmt"
	"html"
	"net/http"
	"strings"
)

// Write answers with an error for people, or one line for programs.
func Write(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, "%s. %s\n", title, text)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>%[1]s</title><body style=\"font:16px system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem\"><h1 style=\"font-size:1.4rem\">%[1]s</h1><p>%[2]s</p>\n",
		html.EscapeString(title), html.EscapeString(text))
}
