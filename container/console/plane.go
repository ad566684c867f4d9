package console

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// routes are the consoles' own addresses. No role is asked for: only who owns the
// console finds it. The web sockets are not among them; their addresses are
// secrets.
var routes = []httpd.Route[*Service]{
	{Pattern: "POST /consoles/{console}/terminals", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).postTerminal)},
	{Pattern: "POST /consoles/{console}/terminals/{terminal}/size", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).postSize)},
	{Pattern: "POST /consoles/{console}/accessToken", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).postToken)},
}

// Plane is the table of the consoles' own addresses.
func (s *Service) Plane() *httpd.Plane[*Service] {
	return &httpd.Plane[*Service]{Front: s.o.Front, Service: s, Routes: routes}
}

// address is where a console is asked for terminals.
func (s *Service) address(c *console) string { return s.o.URL + "/consoles/" + c.id }

// owned finds the console of a path if it is the caller's, and takes the token
// they show.
func (s *Service) owned(r *httpd.Request) (*console, error) {
	c, err := s.console(r.Principal)
	if err != nil {
		return nil, err
	}
	if c == nil || c.id != r.PathValue("console") {
		return nil, noConsole()
	}
	c.renew(r.Principal)
	return c, nil
}

func (s *Service) postTerminal(_ context.Context, r *httpd.Request, _ TerminalRequest) (Terminal, error) {
	c, err := s.owned(r)
	if err != nil {
		return Terminal{}, err
	}
	if shell := r.URL.Query().Get("shell"); shell != "" && !strings.EqualFold(shell, "bash") {
		return Terminal{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The shell '%s' is not built: ask for 'bash'.", shell).At("shell")
	}
	size, err := sizeOf(r.URL.Query())
	if err != nil {
		return Terminal{}, err
	}
	c.touch()
	t, err := c.promise(size)
	if err != nil {
		return Terminal{}, err
	}
	return Terminal{ID: t.id, SocketURI: "ws" + strings.TrimPrefix(s.address(c), "http") + "/terminals/" + t.id + "/" + t.secret,
		IdleTimeout: clock(s.o.Idle), TokenUpdated: true, RootDirectory: c.home.target}, nil
}

// clock is a time span as .NET writes it.
func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// sizeOf reads cols and rows; without them it is 80 by 24.
func sizeOf(q url.Values) (size pod.TerminalSize, err error) {
	size = pod.TerminalSize{Columns: 80, Rows: 24}
	for name, to := range map[string]*uint16{"cols": &size.Columns, "rows": &size.Rows} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 || n > 2000 {
			return size, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The query parameter '%s' is '%s'; give a number from 1 to 2000.", name, text).At(name)
		}
		*to = uint16(n)
	}
	return size, nil
}

func (s *Service) postSize(_ context.Context, r *httpd.Request, _ TerminalRequest) (struct{}, error) {
	c, err := s.owned(r)
	if err != nil {
		return struct{}{}, err
	}
	size, err := sizeOf(r.URL.Query())
	if err != nil {
		return struct{}{}, err
	}
	c.mu.Lock()
	t := c.terminals[r.PathValue("terminal")]
	c.mu.Unlock()
	if t == nil {
		return struct{}{}, azure.Errorf(azure.NotFound, azure.CodeConsoleNotFound, "The Cloud Shell has no terminal '%s', or it has ended. Ask for a new one.", r.PathValue("terminal"))
	}
	t.resize(size)
	return struct{}{}, nil
}

func (s *Service) postToken(_ context.Context, r *httpd.Request, _ TerminalRequest) (struct{}, error) {
	_, err := s.owned(r)
	return struct{}{}, err
}

// newID is a name nobody can guess.
func newID() string { return strings.ToLower(rand.Text()) }
