package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/session"
	"github.com/lazuli-cloud/lazuli/container/wire"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// promise makes a session and the answer that names it.
func (s *Service) promise(run session.Run) (wire.ContainerExecResponse, error) {
	if s.o.SessionURL == "" {
		return wire.ContainerExecResponse{}, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "This cloud does not serve exec and attach sessions. Use 'az container logs' instead.")
	}
	id, password := s.sessions.Promise(run)
	return wire.ContainerExecResponse{WebSocketURI: strings.TrimSuffix(s.o.SessionURL, "/") + "/" + id, Password: password}, nil
}

// Sessions serves the web sockets of exec and attach at {SessionURL}/{id}.
func (s *Service) Sessions() http.Handler { return &s.sessions }

func sentence(err error) string {
	switch {
	case errors.Is(err, pod.ErrStart):
		return "The command cannot be started: " + startReason(err)
	case errors.Is(err, pod.ErrNoContainer), errors.Is(err, pod.ErrNoSandbox):
		return "The container is not running."
	}
	return "The session ended: " + err.Error()
}

// exec promises a session with a command in a running container.
func (s *Service) exec(_ context.Context, r *arm.CallRequest, in wire.ContainerExecRequest) (wire.ContainerExecResponse, error) {
	g, c, err := s.runningContainer(r)
	if err != nil {
		return wire.ContainerExecResponse{}, err
	}
	words, err := session.Words(in.Command)
	if err != nil || len(words) == 0 {
		return wire.ContainerExecResponse{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The command %q cannot be run: give a program and its arguments, with quotes closed.", in.Command).At("command")
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
			Command: words, TTY: true, Size: size, Stdin: typed, Stdout: session.Output{Context: whole, Conn: conn},
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
func (s *Service) attach(_ context.Context, r *arm.CallRequest, _ httpd.None) (wire.ContainerExecResponse, error) {
	g, c, err := s.runningContainer(r)
	if err != nil {
		return wire.ContainerExecResponse{}, err
	}
	return s.promise(func(ctx context.Context, conn *websocket.Conn) error {
		ctx = conn.CloseRead(ctx) // ends when the client leaves
		var sent int64
		for {
			ended := !s.runs(ctx, g, c.Name)
			n, err := s.copyLog(ctx, g, c.Name, sent, session.Output{Context: ctx, Conn: conn})
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
