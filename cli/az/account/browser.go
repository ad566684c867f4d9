package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/client"
)

// browser is the program that shows pages: $BROWSER, or what the desktop opens
// them with; "" where there is none.
func browser(c *command.Call) string {
	names := []string{"xdg-open"}
	if b := c.Getenv("BROWSER"); b != "" {
		names = []string{b}
	} else if c.Getenv("DISPLAY") == "" && c.Getenv("WAYLAND_DISPLAY") == "" {
		names = []string{"open"} // macOS needs no display
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path
		}
	}
	return ""
}

// landed is how the browser came back: a code, or why there is none.
type landed struct{ code, problem string }

// byBrowser signs a user in on a page that program shows. The code comes to a port
// of this machine, and is worth nothing without the verifier that stays here.
func (in *signIn) byBrowser(program string) (client.Token, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return client.Token{}, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return client.Token{}, err
	}
	redirect := "http://localhost:" + port
	state, verifier := random(), random()
	sum := sha256.Sum256([]byte(verifier))
	page := in.at.CodePage(redirect, state, base64.RawURLEncoding.EncodeToString(sum[:]), in.scope)
	back := make(chan landed, 1)
	server := &http.Server{Handler: landing(state, back)}
	go func() { _ = server.Serve(l) }() // ends with Close
	defer server.Close()
	in.Warn("A web browser has been opened at %s. Please continue the login in the web browser. If no web browser is available or if the web browser fails to open, use device code flow with `az login --use-device-code`.", pageName(page))
	show := exec.CommandContext(context.WithoutCancel(in.Context), program, page)
	if err := show.Start(); err != nil {
		return client.Token{}, command.Fail("cannot open a browser with %s: %v. Use 'az login --use-device-code'.", program, err)
	}
	go func() { _ = show.Wait() }() // the browser may live on
	select {
	case <-in.Context.Done():
		return client.Token{}, in.Context.Err()
	case got := <-back:
		if got.code == "" {
			return client.Token{}, command.Fail("%s", got.problem)
		}
		return in.at.ByCode(in.Context, got.code, redirect, verifier, in.scope)
	}
}

// pageName is a page without its parameters.
func pageName(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	u.RawQuery = ""
	return u.String()
}

// landing answers the browser when it comes back with the state it was sent with.
func landing(state string, back chan<- landed) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/" || q.Get("state") != state {
			http.NotFound(w, r)
			return
		}
		got := landed{code: q.Get("code"), problem: q.Get("error") + ": " + q.Get("error_description")}
		text := "You have signed in. You may close this page and go on in the terminal.\n"
		if got.code == "" {
			text = "The sign-in failed; the terminal says why.\n"
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write([]byte(text))
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		select {
		case back <- got:
		default: // it came twice
		}
	})
}

// random is 256 random bits as text.
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
