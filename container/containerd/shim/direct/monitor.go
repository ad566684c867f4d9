//go:build cgo

package direct

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/pkg/sys/reaper"
	runc "github.com/containerd/go-runc"
	"github.com/opencontainers/runc/libcontainer/seccomp"
	"golang.org/x/sys/unix"
)

// Monitor is the shim's [runc.ProcessMonitor]. Use NewMonitor. It is safe for
// concurrent use.
type Monitor struct {
	runc.ProcessMonitor        // starts what is not done here
	path                string // of the runc whose work is done here

	// spawning is held while libcontainer starts a process, whose helpers it
	// waits for itself: nobody else may bury them meanwhile.
	spawning sync.Mutex

	mu      sync.Mutex
	done    map[chan runc.Exit]int // what was done here, and how it ended
	created map[string]*created    // containers created here and not yet started
}

// NewMonitor does the work of the runc at path, and lets others be started by
// next. With no path, or built without seccomp, it does nothing itself.
func NewMonitor(path string, next runc.ProcessMonitor) *Monitor {
	if !seccomp.Enabled {
		path = ""
	}
	return &Monitor{
		ProcessMonitor: next, path: path,
		done: map[chan runc.Exit]int{}, created: map[string]*created{},
	}
}

// Reap buries children as they end, instead of the shim's own loop, until ctx ends.
func (m *Monitor) Reap(ctx context.Context) {
	ended := make(chan os.Signal, 32)
	signal.Notify(ended, unix.SIGCHLD)
	defer signal.Stop(ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			m.spawning.Lock()
			_ = reaper.Reap() // as the shim's own loop: there is nobody to tell
			m.spawning.Unlock()
		}
	}
}

// Start implements [runc.ProcessMonitor].
func (m *Monitor) Start(cmd *exec.Cmd) (chan runc.Exit, error) {
	if c, ok := parse(m.path, cmd); ok {
		return m.do(c, cmd), nil
	}
	return m.ProcessMonitor.Start(cmd)
}

// StartLocked implements [runc.ProcessMonitor].
func (m *Monitor) StartLocked(cmd *exec.Cmd) (chan runc.Exit, error) {
	if c, ok := parse(m.path, cmd); ok {
		return m.do(c, cmd), nil
	}
	return m.ProcessMonitor.StartLocked(cmd)
}

// Wait implements [runc.ProcessMonitor].
func (m *Monitor) Wait(cmd *exec.Cmd, exit chan runc.Exit) (int, error) {
	m.mu.Lock()
	status, ours := m.done[exit]
	delete(m.done, exit)
	m.mu.Unlock()
	if ours {
		return status, nil
	}
	return m.ProcessMonitor.Wait(cmd, exit)
}

// do does a command and says how it ended as runc does: by a line in its log
// and an exit status.
func (m *Monitor) do(c command, cmd *exec.Cmd) chan runc.Exit {
	var err error
	switch c.verb {
	case "create":
		if err = m.create(c, cmd); err != nil {
			err = fmt.Errorf("runc create failed: %w", err)
		}
	case "start":
		err = m.start(c)
	case "kill":
		err = kill(c)
	case "delete":
		err = remove(c)
	}
	exit, status := make(chan runc.Exit, 1), 0
	if err != nil {
		status = 1
		complain(c, cmd, err)
	}
	m.mu.Lock()
	m.done[exit] = status
	m.mu.Unlock()
	return exit
}

// complain writes the last line of runc's log, which the shim reads, and what
// runc prints.
func complain(c command, cmd *exec.Cmd, err error) {
	line, merr := json.Marshal(map[string]string{"level": "error", "msg": err.Error(), "time": time.Now().UTC().Format(time.RFC3339)}) // house: a log line's time, in a program of its own
	if f, ferr := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); ferr == nil && merr == nil {
		_, _ = f.Write(append(line, '\n')) // a full disk: the status says that it failed
		f.Close()
	}
	if c.verb != "create" && cmd.Stderr != nil { // create's is the container's own
		fmt.Fprintln(cmd.Stderr, err)
	}
}
