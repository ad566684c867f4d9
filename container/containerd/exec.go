package containerd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/pkg/cio"
	"github.com/google/uuid"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Exec implements [pod.Streams].
func (r *Runtime) Exec(ctx context.Context, id, name string, spec pod.ExecSpec) (int, error) {
	ctx = r.in(ctx)
	s, c, err := r.find(id, name)
	if err != nil {
		return 0, err
	}
	if s.statusOf(c).State != pod.Running {
		return 0, fmt.Errorf("%w: %q in sandbox %q is not running", pod.ErrNoContainer, name, id)
	}
	if len(spec.Command) == 0 {
		return 0, fmt.Errorf("%w: exec without a command", pod.ErrInvalid)
	}
	process, err := r.execProcess(ctx, c, spec)
	if err != nil {
		return 0, err
	}
	stdin := newInput(spec.Stdin)
	task, err := c.task.Exec(ctx, "exec-"+uuid.NewString(), process, r.execStreams(spec, stdin))
	if err != nil {
		return 0, startExecError(spec, err)
	}
	defer func() {
		// An open Stdin would keep the streams from ending.
		task.IO().Cancel()
		_, _ = task.Delete(context.WithoutCancel(ctx), client.WithProcessKill)
	}()
	exited, err := task.Wait(context.WithoutCancel(ctx))
	if err != nil {
		return 0, err
	}
	if err := task.Start(ctx); err != nil {
		return 0, startExecError(spec, err)
	}
	done := make(chan struct{})
	defer close(done)
	stdin.onEnd(done, func() { _ = task.CloseIO(context.WithoutCancel(ctx), client.WithStdinCloser) })
	return waitExec(ctx, task, exited, spec.Resize)
}

func startExecError(spec pod.ExecSpec, err error) error {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "exec failed: "); ok {
		after = strings.TrimPrefix(after, "unable to start container process: ")
		return fmt.Errorf("%w %q: %s", pod.ErrStart, spec.Command[0], after)
	}
	return fmt.Errorf("cannot run %q: %w", spec.Command[0], err)
}

// execProcess is the container's own process with another command.
func (r *Runtime) execProcess(ctx context.Context, c *container, spec pod.ExecSpec) (*specs.Process, error) {
	made, err := r.client().LoadContainer(ctx, c.record.CID)
	if err != nil {
		return nil, fmt.Errorf("%w: %q has just ended", pod.ErrNoContainer, c.record.Name)
	}
	full, err := made.Spec(ctx)
	if err != nil {
		return nil, err
	}
	p := full.Process
	p.Args, p.Terminal = spec.Command, spec.TTY
	if spec.TTY {
		p.Env = append(p.Env, "TERM=xterm") // unless the caller knows better
	}
	p.Env = append(p.Env, environment(spec.Env)...)
	if spec.TTY {
		if spec.Size != (pod.TerminalSize{}) {
			// Set from the start: a resize right after it would race.
			p.ConsoleSize = &specs.Box{Width: uint(spec.Size.Columns), Height: uint(spec.Size.Rows)}
		}
	}
	return p, nil
}

// input is an exec's Stdin. The shim holds the pipe open until it is told of
// the end, which it can only be once the command has started.
type input struct {
	io.Reader
	ended chan struct{}
	once  sync.Once
}

func newInput(r io.Reader) *input {
	if r == nil {
		return nil
	}
	return &input{Reader: r, ended: make(chan struct{})}
}

// Read implements [io.Reader].
func (in *input) Read(p []byte) (int, error) {
	n, err := in.Reader.Read(p)
	if err != nil {
		in.once.Do(func() { close(in.ended) })
	}
	return n, err
}

// onEnd calls f when the input ends, if that is before done.
func (in *input) onEnd(done <-chan struct{}, f func()) {
	if in == nil {
		return
	}
	go func() {
		select {
		case <-in.ended:
			f()
		case <-done:
		}
	}()
}

func (r *Runtime) execStreams(spec pod.ExecSpec, stdin *input) cio.Creator {
	out, errOut := spec.Stdout, spec.Stderr
	if out == nil {
		out = io.Discard
	}
	if errOut == nil {
		errOut = io.Discard
	}
	if spec.TTY {
		errOut = nil
	}
	var in io.Reader
	if stdin != nil {
		in = stdin
	}
	opts := []cio.Opt{cio.WithFIFODir(r.layout.fifos()), cio.WithStreams(in, out, errOut)}
	if spec.TTY {
		opts = append(opts, cio.WithTerminal)
	}
	return cio.NewCreator(opts...)
}

// waitExec carries resizes until the command ends, and kills it with ctx.
func waitExec(ctx context.Context, task client.Process, exited <-chan client.ExitStatus, resize <-chan pod.TerminalSize) (int, error) {
	for {
		select {
		case size, ok := <-resize:
			if !ok {
				resize = nil
				continue
			}
			// A command that has just ended cannot be resized: no matter.
			_ = task.Resize(ctx, uint32(size.Columns), uint32(size.Rows))
		case <-ctx.Done():
			_ = task.Kill(context.WithoutCancel(ctx), unix.SIGKILL)
			<-exited
			return 0, ctx.Err()
		case status := <-exited:
			code, _, err := status.Result()
			if err != nil {
				return 0, fmt.Errorf("cannot follow the command: %w", err)
			}
			task.IO().Wait() // until all output has been written
			return int(code), nil
		}
	}
}
