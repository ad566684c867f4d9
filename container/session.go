package container

import (
	"context"
	"errors"
	"net/http"
	"strings"

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
	return s.promise(s.target(g, c).Exec(words, size))
}

// target is a container as sessions reach it.
func (s *Service) target(g *group, c *containerSpec) session.Target {
	return session.Target{Streams: s.o.Runtime.Streams, Containers: s.o.Runtime.Containers, Sandbox: g.Sandbox, Container: c.Name}
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
	return s.promise(s.target(g, c).Attach())
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
