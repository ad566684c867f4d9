package pod

import (
	"context"
	"io"
	"time"
)

// Streams gives access to what containers write and to processes beside theirs.
// Safe for concurrent use.
type Streams interface {
	// Logs returns what the container wrote to stdout and stderr so far, in the
	// order written, the last attempt and the ones before it as far as they are
	// kept (see each runtime's bound). The caller closes it. [ErrNoContainer]
	// for an unknown container.
	Logs(ctx context.Context, sandbox, name string, opts LogOptions) (io.ReadCloser, error)
	// Exec runs a command beside the container's process and returns its exit
	// code when it ends. If ctx ends before, the command is killed.
	// [ErrNoContainer] unless the container is running, [ErrStart] when the
	// command cannot be started.
	Exec(ctx context.Context, sandbox, name string, spec ExecSpec) (int, error)
}

// LogOptions selects from a log. The zero value is all of it.
type LogOptions struct {
	// Tail keeps the last so many lines; 0 means all.
	Tail int
	// Timestamps puts the time in RFC 3339 with nanoseconds, UTC, and a space
	// before each line. [ErrUnsupported] from a runtime that does not know them.
	Timestamps bool
	// Since leaves out lines written before; zero means from the start.
	// Needs what Timestamps needs.
	Since time.Time
}

// ExecSpec is a command to run in a container that is running.
type ExecSpec struct {
	Command []string
	Env     []EnvVar // added to the container's environment
	// TTY gives the command a terminal of Size; its output then all comes on
	// Stdout. Resize, if not nil, changes the size while it runs; the caller may
	// close it at any time.
	TTY    bool
	Size   TerminalSize
	Resize <-chan TerminalSize
	// Stdin, Stdout and Stderr may each be nil: no input, output dropped. Exec
	// returns without waiting for a Read of Stdin that is under way.
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// TerminalSize is measured in characters.
type TerminalSize struct{ Columns, Rows uint16 }
