// Package probe asks containers whether they are well: liveness and readiness
// probes, by a command in the container or by HTTP, with Kubernetes' thresholds.
//
// It owns the reading and showing of a probe's settings, one check, and the
// counting of its outcomes. It does not know what follows from them: restarting
// a container and closing its ports is the room's business.
package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/container/wire"
	"golang.org/x/net/http/httpguts"
)

// Spec is one probe, defaults filled in. Exactly one of Exec and HTTP is set.
// It is stored. Durations are in seconds.
type Spec struct {
	Exec []string `json:",omitempty"`
	HTTP *HTTP    `json:",omitempty"`
	// Delay is waited after the container's start, Period between two checks.
	Delay, Period, Timeout int
	// Failures and Successes in a row change the verdict.
	Failures, Successes int
}

// HTTP is a GET that must answer 200 to 399. Certificates are not looked at:
// the request does not leave the group.
type HTTP struct {
	Path    string
	Port    uint16
	Secure  bool        `json:",omitempty"`
	Headers [][2]string `json:",omitempty"`
}

// maxSeconds bounds each duration of a probe.
const maxSeconds = 24 * 60 * 60

// Read checks a probe and fills Kubernetes' defaults in: 10 s between checks, 1 s
// for each, 3 failures, 1 success. wrong words an error about a field.
func Read(p *wire.ContainerProbe, wrong func(field, format string, args ...any) error) (*Spec, error) {
	s := &Spec{Period: 10, Timeout: 1, Failures: 3, Successes: 1}
	switch {
	case p.Exec != nil && p.HTTPGet != nil:
		return nil, wrong("", "the probe has both exec and httpGet; give one.")
	case p.Exec == nil && p.HTTPGet == nil:
		return nil, wrong("", "the probe needs one of exec and httpGet.")
	case p.Exec != nil:
		if len(p.Exec.Command) == 0 || p.Exec.Command[0] == "" {
			return nil, wrong(".exec.command", "the probe's command is empty; give a program and its arguments.")
		}
		s.Exec = p.Exec.Command
	default:
		var err error
		if s.HTTP, err = readHTTP(p.HTTPGet, wrong); err != nil {
			return nil, err
		}
	}
	for _, f := range []struct {
		name     string
		from, to *int
		least    int
	}{
		{"initialDelaySeconds", p.InitialDelaySeconds, &s.Delay, 0}, {"periodSeconds", p.PeriodSeconds, &s.Period, 1}, {"timeoutSeconds", p.TimeoutSeconds, &s.Timeout, 1},
		{"failureThreshold", p.FailureThreshold, &s.Failures, 1}, {"successThreshold", p.SuccessThreshold, &s.Successes, 1},
	} {
		if f.from == nil || *f.from == 0 { // zero means the default, as in Kubernetes
			continue
		}
		if *f.from < f.least || *f.from > maxSeconds {
			return nil, wrong("."+f.name, "the probe's %s is %d; give %d to %d.", f.name, *f.from, f.least, maxSeconds)
		}
		*f.to = *f.from
	}
	return s, nil
}

func readHTTP(p *wire.ContainerHTTPGet, wrong func(field, format string, args ...any) error) (*HTTP, error) {
	h := &HTTP{Path: p.Path, Secure: strings.EqualFold(p.Scheme, "https")}
	if p.Port < 1 || p.Port > 65535 {
		return nil, wrong(".httpGet.port", "the probe's port %d is not between 1 and 65535.", p.Port)
	}
	h.Port = uint16(p.Port)
	if p.Scheme != "" && !h.Secure && !strings.EqualFold(p.Scheme, "http") {
		return nil, wrong(".httpGet.scheme", "the probe's scheme '%s' is not one of 'http', 'https'.", p.Scheme)
	}
	if !strings.HasPrefix(h.Path, "/") {
		h.Path = "/" + h.Path
	}
	if _, err := http.NewRequest(http.MethodGet, "http://x"+h.Path, nil); err != nil {
		return nil, wrong(".httpGet.path", "the probe's path '%s' is not the path of a URL.", p.Path)
	}
	for _, x := range p.HTTPHeaders {
		if !httpguts.ValidHeaderFieldName(x.Name) || !httpguts.ValidHeaderFieldValue(x.Value) {
			return nil, wrong(".httpGet.httpHeaders", "the probe's header '%s' has a name or value that HTTP does not allow.", x.Name)
		}
		h.Headers = append(h.Headers, [2]string{x.Name, x.Value})
	}
	return h, nil
}

// Show is the probe as clients read it; nil for nil.
func (s *Spec) Show() *wire.ContainerProbe {
	if s == nil {
		return nil
	}
	p := &wire.ContainerProbe{PeriodSeconds: &s.Period, TimeoutSeconds: &s.Timeout, FailureThreshold: &s.Failures, SuccessThreshold: &s.Successes}
	if s.Delay > 0 {
		p.InitialDelaySeconds = &s.Delay
	}
	if s.HTTP == nil {
		p.Exec = &wire.ContainerExec{Command: s.Exec}
		return p
	}
	p.HTTPGet = &wire.ContainerHTTPGet{Path: s.HTTP.Path, Port: int(s.HTTP.Port), Scheme: "http"}
	if s.HTTP.Secure {
		p.HTTPGet.Scheme = "https"
	}
	for _, x := range s.HTTP.Headers {
		p.HTTPGet.HTTPHeaders = append(p.HTTPGet.HTTPHeaders, wire.HTTPHeader{Name: x[0], Value: x[1]})
	}
	return p
}

// Target is the container that is asked.
type Target struct {
	// Exec runs a command in it, with its output, and returns the exit code.
	Exec func(ctx context.Context, command []string, output io.Writer) (int, error)
	// Dial connects to one of its ports.
	Dial func(ctx context.Context, port uint16) (net.Conn, error)
}

// maxOutput is how much of a command's output or a page an event shows.
const maxOutput = 300

// Check asks once, no longer than the probe's timeout (counted in units of
// second), and returns what was wrong.
func (s *Spec) Check(ctx context.Context, second time.Duration, t Target) error {
	limit := time.Duration(s.Timeout) * second
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	check := s.get
	if s.HTTP == nil {
		check = s.run
	}
	err := check(limited, t)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return fmt.Errorf("no answer within %d s", s.Timeout)
	}
	return err
}

func (s *Spec) run(ctx context.Context, t Target) error {
	var out clipped
	code, err := t.Exec(ctx, s.Exec, &out)
	switch {
	case err != nil:
		return err
	case code == 0:
		return nil
	case out.text() == "":
		return fmt.Errorf("the command ended with exit code %d", code)
	}
	return errors.New(out.text())
}

func (s *Spec) get(ctx context.Context, t Target) error {
	h := s.HTTP
	scheme := "http"
	if h.Secure {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://localhost:"+strconv.Itoa(int(h.Port))+h.Path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", "lazuli-probe")
	for _, x := range h.Headers {
		if name := textproto.CanonicalMIMEHeaderKey(x[0]); name == "Host" {
			r.Host = x[1]
		} else {
			r.Header.Add(name, x[1])
		}
	}
	transport := &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see HTTP
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return t.Dial(ctx, h.Port) },
	}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r) // a redirect is an answer
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // reading only
	if answer.StatusCode < 200 || answer.StatusCode > 399 {
		return fmt.Errorf("HTTP probe failed with statuscode: %d", answer.StatusCode)
	}
	return nil
}

// clipped keeps the beginning of what is written to it, by a command's output and
// its errors at once.
type clipped struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements [io.Writer].
func (c *clipped) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if room := maxOutput - c.all.Len(); room > 0 {
		c.all.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (c *clipped) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.ToValidUTF8(strings.TrimSpace(c.all.String()), "\uFFFD")
}

// Outcome is what one check gave.
type Outcome struct {
	Err error // nil: well
	// Changed: so many checks in a row agreed that the verdict is now another;
	// the first verdict is a change, too.
	Changed bool
}

// Watch checks again and again until ctx ends or report returns false. A second
// of the settings takes that long; started is when the container was.
func (s *Spec) Watch(ctx context.Context, second time.Duration, t Target, report func(Outcome) bool) {
	wait := time.Duration(s.Delay) * second
	row, last, verdict := 0, true, (*bool)(nil)
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = time.Duration(s.Period) * second
		err := s.Check(ctx, second, t)
		if ctx.Err() != nil {
			return
		}
		well := err == nil
		if well != last || row == 0 {
			row, last = 0, well
		}
		row++
		need := s.Failures
		if well {
			need = s.Successes
		}
		changed := row >= need && (verdict == nil || *verdict != well)
		if changed {
			verdict = &well
		}
		if !report(Outcome{Err: err, Changed: changed}) {
			return
		}
	}
}
