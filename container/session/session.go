package session

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// A session is promised by a call and used up by one web socket, in the same
// process. Until then it is two secrets: the last segment of the URL, and the
// password that the client's first message must be.
type session struct {
	password string
	expires  time.Time
	run      Run
}

// Run is what happens in a session. Its error is told to the client.
type Run func(ctx context.Context, c *websocket.Conn) error

// life is how long a promised session waits for its web socket, and how long a
// web socket may take to say its password.
const life = time.Minute

// Book keeps the sessions that were promised and not used yet. Make it as a
// literal; safe for concurrent use.
type Book struct {
	Now func() time.Time // required
	// Ends stops every session when it is done. Required.
	Ends context.Context
	// Sentence words the error of a Run for its client. Required.
	Sentence func(error) string

	mu   sync.Mutex
	open map[string]session
}

// Promise makes a session and returns the last segment of its address and its
// password.
func (b *Book) Promise(run Run) (id, password string) {
	id, x := rand.Text(), session{password: rand.Text(), expires: b.Now().Add(life), run: run}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = map[string]session{}
	}
	for other, o := range b.open {
		if b.Now().After(o.expires) {
			delete(b.open, other)
		}
	}
	b.open[id] = x
	return id, x.password
}

func (b *Book) take(id string) (session, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x, ok := b.open[id]
	delete(b.open, id)
	return x, ok && !b.Now().After(x.expires)
}

// ServeHTTP opens the web socket of the session that the path's last segment
// names. It needs no token: the id is a secret, and so is the password that the
// client's first message must be. What the client sends then is typed, what the
// server sends is the output; the server closes when the session has ended.
func (b *Book) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, ok := b.take(path.Base(r.URL.Path))
	if !ok {
		httpd.WriteError(w, r, azure.Errorf(azure.NotFound, azure.CodePathNotFound, "There is no such session, or it is over. Each is opened once, within a minute. Ask for a new one."))
		return
	}
	// Any origin may connect: browsers send nothing here that is not typed in.
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow() //nolint:errcheck // closed in order below
	c.SetReadLimit(1 << 20)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(b.Ends, cancel)()
	if !welcome(ctx, c, x.password) {
		_ = c.Close(websocket.StatusPolicyViolation, "wrong password")
		return
	}
	if err := x.run(ctx, c); err != nil {
		_ = c.Write(ctx, websocket.MessageText, []byte(b.Sentence(err)+"\r\n")) // the client may be gone
	}
	_ = c.Close(websocket.StatusNormalClosure, "")
}

func welcome(ctx context.Context, c *websocket.Conn, password string) bool {
	ctx, cancel := context.WithTimeout(ctx, life)
	defer cancel()
	_, first, err := c.Read(ctx)
	return err == nil && subtle.ConstantTimeCompare(first, []byte(password)) == 1
}

// Output sends each write as one binary message.
type Output struct {
	Context context.Context
	Conn    *websocket.Conn
}

// Write implements [io.Writer].
func (o Output) Write(p []byte) (int, error) {
	if err := o.Conn.Write(o.Context, websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Words splits a command line at blanks; quotes of both kinds keep blanks, and
// there is no other syntax: no shell reads it. The error is an open quote.
func Words(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, in := rune(0), false
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if in {
				words = append(words, word.String())
				word.Reset()
			}
			in = false
		default:
			in = true
			word.WriteRune(c)
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}
