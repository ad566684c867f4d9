package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/session"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

const (
	// waiting is how long a terminal waits for its web socket.
	waiting = time.Minute
	// partingLimit bounds how long the end of a console waits for its terminals to
	// be told.
	partingLimit = 2 * time.Second
	// mostTerminals is how many terminals a console has.
	mostTerminals = 16
)

// Status codes of a web socket that this end closes, beside 1000 for a shell that
// was left with exit: of the range that is for applications.
const (
	// statusEnded: the console has ended; the reason says why.
	statusEnded websocket.StatusCode = 4001
	// statusFailed: the shell could not be started or followed; the reason says why.
	statusFailed websocket.StatusCode = 4002
)

// terminal is a bash with a terminal, from the promise to its end.
type terminal struct {
	id, secret string
	console    *console
	size       pod.TerminalSize
	sizes      chan pod.TerminalSize
	late       *time.Timer // forgets a promise nobody used
	done       chan struct{}
}

// promise makes a terminal that waits for its web socket.
func (c *console) promise(size pod.TerminalSize) (*terminal, error) {
	t := &terminal{id: newID(), secret: newID(), console: c, size: size, sizes: make(chan pod.TerminalSize, 1), done: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.terminals) >= mostTerminals {
		return nil, azure.Errorf(azure.Conflict, azure.CodeCloudShellUnavailable, "The Cloud Shell has %d terminals open, as many as it may have. Close one of them.", mostTerminals)
	}
	c.terminals[t.id] = t
	t.late = time.AfterFunc(waiting, t.forget)
	return t, nil
}

func (t *terminal) forget() {
	t.console.mu.Lock()
	defer t.console.mu.Unlock()
	if t.console.terminals[t.id] == t {
		delete(t.console.terminals, t.id)
		close(t.done)
	}
}

// wait waits until the terminal has ended, so long at most.
func (t *terminal) wait(limit time.Duration) {
	if t.late.Stop() { // nobody came
		t.forget()
	}
	select {
	case <-t.done:
	case <-time.After(limit):
	}
}

// resize keeps the newest size only.
func (t *terminal) resize(size pod.TerminalSize) {
	select {
	case <-t.sizes:
	default:
	}
	select {
	case t.sizes <- size:
	default:
	}
}

// socketPath takes /consoles/{console}/terminals/{terminal}/{secret} apart.
func socketPath(r *http.Request) (console, terminal, secret string, ok bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if r.Method != http.MethodGet || len(parts) != 5 || parts[0] != "consoles" || parts[2] != "terminals" {
		return "", "", "", false
	}
	return parts[1], parts[3], parts[4], true
}

// redeem finds a promised terminal and uses its promise up.
func (s *Service) redeem(console, id, secret string) *terminal {
	for _, at := range s.all() {
		c := at.current()
		if c == nil || c.id != console {
			continue
		}
		c.mu.Lock()
		t := c.terminals[id]
		c.mu.Unlock()
		if t != nil && subtle.ConstantTimeCompare([]byte(t.secret), []byte(secret)) == 1 && t.late.Stop() {
			return t
		}
	}
	return nil
}

// serveSocket is the web socket of a terminal. It needs no token: only who asked
// for the terminal knows its address, which is used up by the first who opens it.
// A page of another origin than the portal's is refused nevertheless.
func (s *Service) serveSocket(w http.ResponseWriter, r *http.Request, console, id, secret string) {
	if origin := r.Header.Get("Origin"); origin != "" && origin != s.o.Origin {
		httpd.WriteError(w, r, azure.Errorf(azure.Forbidden, azure.CodeCloudShellUnavailable, "Pages of '%s' may not open terminals of this cloud.", origin))
		return
	}
	t := s.redeem(console, id, secret)
	if t == nil {
		httpd.WriteError(w, r, azure.Errorf(azure.NotFound, azure.CodeConsoleNotFound, "There is no such terminal, or it is over. Each is opened once, within a minute. Ask for a new one."))
		return
	}
	defer t.forget()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // the origin was looked at
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow() //nolint:errcheck // closed in order below
	conn.SetReadLimit(1 << 20)
	ctx := context.WithoutCancel(r.Context()) // a hijacked request has no end of its own
	status, reason := t.run(ctx, conn)
	_ = conn.Close(status, reason) // the client may be gone
}

// run runs the shell until it, its client or its console ends.
func (t *terminal) run(whole context.Context, conn *websocket.Conn) (websocket.StatusCode, string) {
	// Reading ends with the web socket, not with the shell: ending a read cuts the
	// connection, and the client would miss the orderly close.
	ctx, cancel := context.WithCancel(whole)
	defer cancel()
	defer context.AfterFunc(t.console.ctx, cancel)()
	typed, keys := io.Pipe()
	defer typed.Close() //nolint:errcheck // an in-memory pipe
	go func() {
		defer cancel() // the client left: the shell ends
		for {
			_, data, err := conn.Read(whole)
			if err != nil {
				return
			}
			t.console.touch()
			if _, err := keys.Write(data); err != nil {
				return
			}
		}
	}()
	_, err := t.console.s.o.Runtime.Exec(ctx, t.console.sandbox, container, pod.ExecSpec{
		Command: []string{"bash", "-i"}, TTY: true, Size: t.size, Resize: t.sizes, Stdin: typed, Stdout: session.Output{Context: whole, Conn: conn},
		Env: []pod.EnvVar{{Name: "TERM", Value: "xterm-256color"}, {Name: "COLORTERM", Value: "truecolor"}, {Name: "ACC_TERM_ID", Value: t.id}},
	})
	var why ended
	switch {
	case t.console.ctx.Err() != nil && errors.As(context.Cause(t.console.ctx), &why):
		return statusEnded, reasonOf(string(why))
	case t.console.ctx.Err() != nil:
		return statusEnded, "The cloud has stopped."
	case ctx.Err() != nil, err == nil:
		return websocket.StatusNormalClosure, ""
	case errors.Is(err, pod.ErrNoContainer), errors.Is(err, pod.ErrNoSandbox):
		t.console.end("The container of the Cloud Shell has ended.")
		return statusEnded, "The container of the Cloud Shell has ended."
	}
	return statusFailed, reasonOf(fmt.Sprintf("The shell cannot be started: %v", err))
}

// reasonOf fits a close frame, which has room for 123 bytes.
func reasonOf(s string) string {
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:117], "") + "..."
	}
	return s
}
