package container

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// A session is promised by the exec or attach call and used up by one web
// socket, in the same process. Until then it is two secrets: the last segment of
// the URL, and the password that the client's first message must be.
type session struct {
	password string
	expires  time.Time
	run      func(ctx context.Context, c *websocket.Conn) error
}

// sessionLife is how long a promised session waits for its web socket, and how
// long a web socket may take to say its password.
const sessionLife = time.Minute

type sessions struct {
	mu   sync.Mutex
	open map[string]session
}

// promise makes a session and the answer that names it.
func (s *Service) promise(run func(ctx context.Context, c *websocket.Conn) error) (ContainerExecResponse, error) {
	if s.o.SessionURL == "" {
		return ContainerExecResponse{}, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "This cloud does not serve exec and attach sessions. Use 'az container logs' instead.")
	}
	id, x := rand.Text(), session{password: rand.Text(), expires: s.o.Now().Add(sessionLife), run: run}
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	if s.sessions.open == nil {
		s.sessions.open = map[string]session{}
	}
	for other, o := range s.sessions.open {
		if s.o.Now().After(o.expires) {
			delete(s.sessions.open, other)
		}
	}
	s.sessions.open[id] = x
	return ContainerExecResponse{WebSocketURI: strings.TrimSuffix(s.o.SessionURL, "/") + "/" + id, Password: x.password}, nil
}

func (s *Service) take(id string) (session, bool) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	x, ok := s.sessions.open[id]
	delete(s.sessions.open, id)
	return x, ok && !s.o.Now().After(x.expires)
}

// Sessions serves the web sockets of exec and attach at {SessionURL}/{id}. It
// needs no token: the id is a secret, and so is the password that the client's
// first message must be. What the client sends then is typed, what the server
// sends is the output; the server closes when the command has ended.
func (s *Service) Sessions() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, ok := s.take(path.Base(r.URL.Path))
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
		defer context.AfterFunc(s.ctx, cancel)()
		if !welcome(ctx, c, x.password) {
			_ = c.Close(websocket.StatusPolicyViolation, "wrong password")
			return
		}
		if err := x.run(ctx, c); err != nil {
			_ = c.Write(ctx, websocket.MessageText, []byte(sentence(err)+"\r\n")) // the client may be gone
		}
		_ = c.Close(websocket.StatusNormalClosure, "")
	})
}

func sentence(err error) string {
	switch {
	case errors.Is(err, pod.ErrStart):
		return "The command cannot be started: " + startReason(err)
	case errors.Is(err, pod.ErrNoContainer), errors.Is(err, pod.ErrNoSandbox):
		return "The container is not running."
	}
	return "The session ended: " + err.Error()
}

func welcome(ctx context.Context, c *websocket.Conn, password string) bool {
	ctx, cancel := context.WithTimeout(ctx, sessionLife)
	defer cancel()
	_, first, err := c.Read(ctx)
	return err == nil && subtle.ConstantTimeCompare(first, []byte(password)) == 1
}

// exec promises a session with a command in a running container.
func (s *Service) exec(_ context.Context, r *arm.CallRequest, in ContainerExecRequest) (ContainerExecResponse, error) {
	g, c, err := s.runningContainer(r)
	if err != nil {
		return ContainerExecResponse{}, err
	}
	words, err := splitWords(in.Command)
	if err != nil || len(words) == 0 {
		return ContainerExecResponse{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The command %q cannot be run: give a program and its arguments, with quotes closed.", in.Command).At("command")
	}
	size := pod.TerminalSize{Columns: dimension(in.TerminalSize.Cols, 80), Rows: dimension(in.TerminalSize.Rows, 24)}
	return s.promise(func(ctx context.Context, conn *websocket.Conn) error {
		// Reading ends with the web socket, not with the command: ending a read
		// cuts the connection, and the client would miss the orderly close.
		whole := ctx
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		typed, keys := io.Pipe()
		defer typed.Close() //nolint:errcheck // an in-memory pipe
		go func() {
			defer cancel() // the client left: the command ends
			for {
				_, data, err := conn.Read(whole)
				if err != nil {
					return
				}
				if _, err := keys.Write(data); err != nil {
					return
				}
			}
		}()
		code, err := s.o.Runtime.Streams.Exec(ctx, g.Sandbox, c.Name, pod.ExecSpec{
			Command: words, TTY: true, Size: size, Stdin: typed, Stdout: frames{whole, conn},
		})
		if err == nil && code != 0 {
			err = fmt.Errorf("exit code %d", code)
		}
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
}

func dimension(n, zero int) uint16 {
	if n <= 0 || n > 10000 {
		return uint16(zero) //nolint:gosec // a constant
	}
	return uint16(n) //nolint:gosec // bounded above
}

// attach promises a session that shows what a running container writes.
func (s *Service) attach(_ context.Context, r *arm.CallRequest, _ httpd.None) (ContainerExecResponse, error) {
	g, c, err := s.runningContainer(r)
	if err != nil {
		return ContainerExecResponse{}, err
	}
	return s.promise(func(ctx context.Context, conn *websocket.Conn) error {
		ctx = conn.CloseRead(ctx) // ends when the client leaves
		var sent int64
		for {
			ended := !s.runs(ctx, g, c.Name)
			n, err := s.copyLog(ctx, g, c.Name, sent, frames{ctx, conn})
			if sent += n; ctx.Err() != nil {
				return nil
			}
			if err != nil || ended {
				return err
			}
			if sleep(ctx, 200*time.Millisecond) != nil {
				return nil
			}
		}
	})
}

// copyLog writes what a log has beyond the first skip bytes.
func (s *Service) copyLog(ctx context.Context, g *group, name string, skip int64, to io.Writer) (int64, error) {
	log, err := s.o.Runtime.Streams.Logs(ctx, g.Sandbox, name, pod.LogOptions{})
	if err != nil {
		return 0, err
	}
	defer log.Close() //nolint:errcheck // reading only
	if n, err := io.CopyN(io.Discard, log, skip); err == io.EOF {
		return n - skip, nil // the log was cut: go on from its new end
	} else if err != nil {
		return 0, err
	}
	return io.Copy(to, log)
}

func (s *Service) runs(ctx context.Context, g *group, name string) bool {
	list, err := s.o.Runtime.Containers.Statuses(ctx, g.Sandbox)
	if err != nil {
		return false
	}
	for _, st := range list {
		if st.Name == name {
			return st.State == pod.Running
		}
	}
	return false
}

func (s *Service) runningContainer(r *arm.CallRequest) (*group, *containerSpec, error) {
	g, c, err := s.containerOf(r)
	if err != nil {
		return nil, nil, err
	}
	if w := s.seen(groupKey(r.ID)).container(c.Name); w == nil || !w.Current.running() {
		return nil, nil, azure.Errorf(azure.Conflict, azure.CodeContainerNotRunning, "The container '%s' in container group '%s' is not running. Start the group with 'az container start', or look at its log.", c.Name, r.ID.Name())
	}
	return g, c, nil
}

// frames sends each write as one binary message.
type frames struct {
	ctx  context.Context
	conn *websocket.Conn
}

func (f frames) Write(p []byte) (int, error) {
	if err := f.conn.Write(f.ctx, websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// splitWords splits a command line at blanks; quotes of both kinds keep blanks,
// and there is no other syntax: no shell reads it.
func splitWords(line string) ([]string, error) {
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
