package session

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/coder/websocket"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Target is a container that sessions reach. All fields are required.
type Target struct {
	Streams    pod.Streams
	Containers pod.Containers
	Sandbox    string
	Container  string
}

// Exec runs a command at a terminal of a size. When the client leaves, the command
// is killed; an exit code that is not zero is an error.
func (t Target) Exec(words []string, size pod.TerminalSize) Run {
	return func(ctx context.Context, conn *websocket.Conn) error {
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
		code, err := t.Streams.Exec(ctx, t.Sandbox, t.Container, pod.ExecSpec{
			Command: words, TTY: true, Size: size, Stdin: typed, Stdout: Output{Context: whole, Conn: conn},
		})
		if err == nil && code != 0 {
			err = fmt.Errorf("exit code %d", code)
		}
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
}

// attachPause is between two looks at what an attached container wrote.
const attachPause = 200 * time.Millisecond

// Attach shows what the container has written and writes, until it ends.
func (t Target) Attach() Run {
	return func(ctx context.Context, conn *websocket.Conn) error {
		ctx = conn.CloseRead(ctx) // ends when the client leaves
		var sent int64
		for {
			ended := !t.runs(ctx)
			n, err := t.copyLog(ctx, sent, Output{Context: ctx, Conn: conn})
			if sent += n; ctx.Err() != nil {
				return nil
			}
			if err != nil || ended {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(attachPause):
			}
		}
	}
}

// copyLog writes what the log has beyond the first skip bytes.
func (t Target) copyLog(ctx context.Context, skip int64, to io.Writer) (int64, error) {
	log, err := t.Streams.Logs(ctx, t.Sandbox, t.Container, pod.LogOptions{})
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

func (t Target) runs(ctx context.Context) bool {
	list, err := t.Containers.Statuses(ctx, t.Sandbox)
	if err != nil {
		return false
	}
	for _, st := range list {
		if st.Name == t.Container {
			return st.State == pod.Running
		}
	}
	return false
}
