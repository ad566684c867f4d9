package fake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// container is one that runs or ran. Status is guarded by the runtime's mu.
type container struct {
	status pod.ContainerStatus
	spec   pod.ContainerSpec
	log    *output
	done   chan struct{}

	mu      sync.Mutex
	signals chan os.Signal
	forced  int // the exit code a kill decided on, or -1
	ended   bool
	ports   []net.Listener
}

// output keeps what a container writes, line by line with the time.
type output struct {
	now   func() time.Time
	mu    sync.Mutex
	lines []outputLine
}

type outputLine struct {
	text []byte
	at   time.Time
}

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for text := range bytes.Lines(p) {
		if n := len(o.lines); n > 0 && !bytes.HasSuffix(o.lines[n-1].text, []byte("\n")) {
			o.lines[n-1].text = append(o.lines[n-1].text, text...)
			continue
		}
		o.lines = append(o.lines, outputLine{text: bytes.Clone(text), at: o.now()})
	}
	return len(p), nil
}

// kill ends the program with a code, whatever it returns.
func (c *container) kill(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || c.forced >= 0 {
		return
	}
	c.forced = code
	close(c.signals)
	for _, l := range c.ports {
		l.Close()
	}
}

func (c *container) signal(s os.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || c.forced >= 0 {
		return
	}
	select {
	case c.signals <- s:
	default: // as the kernel does with a pending signal
	}
}

// StartContainer implements [pod.Containers].
func (r *Runtime) StartContainer(ctx context.Context, id string, spec pod.ContainerSpec) (pod.ContainerStatus, error) {
	if err := pod.ValidName(spec.Name); err != nil {
		return pod.ContainerStatus{}, err
	}
	log := &output{now: r.opts.Now}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[id]
	if !ok {
		return pod.ContainerStatus{}, fmt.Errorf("%w: %q", pod.ErrNoSandbox, id)
	}
	image, ok := r.images[spec.Image]
	if !ok {
		return pod.ContainerStatus{}, fmt.Errorf("%w: %q", pod.ErrNoImage, spec.Image)
	}
	if len(spec.Command) > 0 && r.opts.Commands != nil && !r.opts.Commands(spec.Command[0]) {
		return pod.ContainerStatus{}, fmt.Errorf("%w of container %q: exec: %q: no such file or directory", pod.ErrStart, spec.Name, spec.Command[0])
	}
	if old := s.containers[spec.Name]; old != nil {
		if old.status.State == pod.Running && old.status.Attempt == spec.Attempt {
			return old.status, nil
		}
		old.kill(killed)
		r.mu.Unlock()
		err := await(ctx, old.done)
		r.mu.Lock()
		if err != nil {
			return pod.ContainerStatus{}, err
		}
		if spec.Attempt > 0 {
			log = old.log
		}
	}
	r.lastPID++
	c := &container{
		spec: spec, log: log, done: make(chan struct{}), signals: make(chan os.Signal, 1), forced: -1,
		status: pod.ContainerStatus{
			Name: spec.Name, State: pod.Running, Attempt: spec.Attempt, PID: r.lastPID, StartedAt: r.opts.Now().UTC(),
			Image: spec.Image, ImageDigest: image.Digest, Labels: maps.Clone(spec.Labels),
		},
	}
	s.containers[spec.Name] = c
	r.send(pod.Event{Type: pod.EventStarted, Sandbox: id, Container: spec.Name, Attempt: spec.Attempt, Time: c.status.StartedAt})
	go r.run(id, s, c, process(s, c, s.spec.Ports))
	return c.status, nil
}

func process(s *sandbox, c *container, declared []pod.Port) Process {
	p := Process{
		Args: c.spec.Command, Image: c.spec.Image, Stdin: strings.NewReader(""), Stdout: c.log, Stderr: c.log, Signals: c.signals,
		Dial: func(port uint16) (net.Conn, error) { return s.wires.dial(context.Background(), port) },
		Listen: func(port uint16) (net.Listener, error) {
			l, err := s.wires.listen(port)
			if err != nil {
				return nil, err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.forced >= 0 || c.ended {
				l.Close()
				return nil, net.ErrClosed
			}
			c.ports = append(c.ports, l)
			return l, nil
		},
	}
	for _, e := range c.spec.Env {
		p.Env = append(p.Env, e.Name+"="+e.Value)
	}
	for _, port := range declared {
		if port.Protocol == pod.TCP {
			p.Ports = append(p.Ports, port.Number)
		}
	}
	return p
}

func (r *Runtime) program(image string) Program {
	plain, _, _ := strings.Cut(image, "@")
	for _, name := range []string{image, plain} {
		if p := r.opts.Programs[name]; p != nil {
			return p
		}
	}
	return Serve
}

func (r *Runtime) run(id string, s *sandbox, c *container, p Process) {
	code := r.program(c.spec.Image)(p)
	c.mu.Lock()
	c.ended = true
	if c.forced >= 0 {
		code = c.forced
	}
	ports := c.ports
	c.mu.Unlock()
	for _, l := range ports {
		l.Close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.status.State, c.status.PID, c.status.ExitCode, c.status.FinishedAt = pod.Exited, 0, code, r.opts.Now().UTC()
	close(c.done)
	r.send(pod.Event{
		Type: pod.EventExited, Sandbox: id, Container: c.spec.Name, Attempt: c.spec.Attempt,
		Time: c.status.FinishedAt, ExitCode: code, OOMKilled: c.status.OOMKilled,
	})
}

// Exit ends a running container with a code, as if its program had, and
// returns when that is known. OOM says that the kernel did it.
func (r *Runtime) Exit(sandbox, name string, code int, oom bool) error {
	c, err := r.find(sandbox, name)
	if err != nil {
		return err
	}
	r.mu.Lock()
	c.status.OOMKilled = oom
	r.mu.Unlock()
	c.kill(code)
	<-c.done
	return nil
}

// Mounts tells what a container was started with.
func (r *Runtime) Mounts(sandbox, name string) []pod.Mount {
	c, err := r.find(sandbox, name)
	if err != nil {
		return nil
	}
	return slices.Clone(c.spec.Mounts)
}

func (r *Runtime) find(id, name string) (*container, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.sandboxes[id]; ok {
		if c, ok := s.containers[name]; ok {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w: %q in sandbox %q", pod.ErrNoContainer, name, id)
}

// StopContainer implements [pod.Containers].
func (r *Runtime) StopContainer(ctx context.Context, id, name string, grace time.Duration) error {
	c, err := r.find(id, name)
	if err != nil {
		return nil //nolint:nilerr // an unknown container is stopped
	}
	c.signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	c.kill(killed)
	return await(ctx, c.done)
}

// RemoveContainer implements [pod.Containers].
func (r *Runtime) RemoveContainer(ctx context.Context, id, name string) error {
	c, err := r.find(id, name)
	if err != nil {
		return nil //nolint:nilerr // unknown is removed
	}
	c.kill(killed)
	if err := await(ctx, c.done); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.sandboxes[id]; ok && s.containers[name] == c {
		delete(s.containers, name)
	}
	return nil
}

// Statuses implements [pod.Containers].
func (r *Runtime) Statuses(ctx context.Context, id string) ([]pod.ContainerStatus, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[id]
	if !ok {
		return nil, ctx.Err()
	}
	list := make([]pod.ContainerStatus, 0, len(s.containers))
	for _, c := range s.containers {
		st := c.status
		st.Labels = maps.Clone(st.Labels)
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b pod.ContainerStatus) int { return strings.Compare(a.Name, b.Name) })
	return list, ctx.Err()
}

// Logs implements [pod.Streams].
func (r *Runtime) Logs(ctx context.Context, id, name string, opts pod.LogOptions) (io.ReadCloser, error) {
	c, err := r.find(id, name)
	if err != nil {
		return nil, err
	}
	if opts.Tail < 0 {
		return nil, fmt.Errorf("%w: a tail of %d lines", pod.ErrInvalid, opts.Tail)
	}
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	var kept []outputLine
	for _, l := range c.log.lines {
		if !l.at.Before(opts.Since) {
			kept = append(kept, l)
		}
	}
	if opts.Tail > 0 && len(kept) > opts.Tail {
		kept = kept[len(kept)-opts.Tail:]
	}
	var out bytes.Buffer
	for _, l := range kept {
		if opts.Timestamps {
			out.WriteString(l.at.UTC().Format(time.RFC3339Nano) + " ")
		}
		out.Write(l.text)
	}
	return io.NopCloser(&out), ctx.Err()
}

// Exec implements [pod.Streams]. The command runs as the image's program with
// other arguments, in the same network.
func (r *Runtime) Exec(ctx context.Context, id, name string, spec pod.ExecSpec) (int, error) {
	c, err := r.find(id, name)
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	state, s := c.status.State, r.sandboxes[id]
	var declared []pod.Port
	if s != nil {
		declared = s.spec.Ports
	}
	r.mu.Unlock()
	if state != pod.Running || s == nil {
		return 0, fmt.Errorf("%w: %q in sandbox %q is not running", pod.ErrNoContainer, name, id)
	}
	if len(spec.Command) == 0 {
		return 0, fmt.Errorf("%w: exec without a command", pod.ErrInvalid)
	}
	if r.opts.Commands != nil && !r.opts.Commands(spec.Command[0]) {
		return 0, fmt.Errorf("%w %q: no such file or directory", pod.ErrStart, spec.Command[0])
	}
	side := &container{spec: c.spec, log: c.log, signals: make(chan os.Signal, 1), forced: -1}
	side.spec.Command = spec.Command
	side.spec.Env = append(slices.Clone(c.spec.Env), spec.Env...)
	p := process(s, side, declared)
	p.Stdin, p.Stdout, p.Stderr = orEmpty(spec.Stdin), orDiscard(spec.Stdout), orDiscard(spec.Stderr)
	if spec.TTY {
		p.Stderr = p.Stdout
	}
	code := make(chan int, 1)
	go func() { code <- r.program(c.spec.Image)(p) }()
	select {
	case n := <-code:
		return n, nil
	case <-ctx.Done():
		side.kill(killed)
		return 0, ctx.Err()
	case <-c.done:
		side.kill(killed)
		return killed, nil
	}
}

func orEmpty(r io.Reader) io.Reader {
	if r == nil {
		return strings.NewReader("")
	}
	return r
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}
