// Package shim is the process that holds a group's containers: containerd's
// runc shim, as a role of another binary and, in folder slim, as one of its
// own that starts in a quarter of the time and takes two thirds of the memory.
// It knows nothing of the daemon; they speak by containerd's protocol.
package shim

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"

	taskapi "github.com/containerd/containerd/api/runtime/task/v3"
	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2/manager"
	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2/task"
	"github.com/containerd/containerd/v2/pkg/shim"
	"github.com/containerd/containerd/v2/pkg/shutdown"
	"github.com/containerd/containerd/v2/pkg/sys/reaper"
	"github.com/containerd/containerd/v2/plugins"
	runc "github.com/containerd/go-runc"
	"github.com/containerd/log"
	"github.com/containerd/plugin"
	"github.com/containerd/plugin/registry"
	"github.com/containerd/ttrpc"
	"golang.org/x/sys/unix"
)

const (
	// Name is the file name containerd starts the shim by.
	Name = "containerd-shim-lazuli-v2"
	// roleVariable marks the shim's second process: it starts itself again by
	// the real path of the binary, which may have lost the name.
	roleVariable = "LAZULI_ROLE"
	role         = "shim"
	// RuncVariable tells a shim the path of the runc whose work it may do itself.
	RuncVariable = "LAZULI_RUNC"
	// SpareVariable marks a shim that was started before there was a container for
	// it. It ends when the pipe that is its file sparePipe closes, unless it has had
	// one by then.
	SpareVariable = "LAZULI_SPARE"
	sparePipe     = 4
	// FilterRole is the argument that makes the slim shim write the record of a
	// seccomp filter, see package filter: stdin has the profile as in a container's
	// specification. FilterFile is where containers' first processes look for one,
	// beside the shim.
	FilterRole, FilterFile = "filter", "seccomp.filter"
)

// Monitor starts the low-level runtime's processes, and buries the shim's
// children: both in one, because who starts one waits for it.
type Monitor interface {
	runc.ProcessMonitor
	// Reap buries children until ctx ends.
	Reap(ctx context.Context)
}

// Main runs the shim, and does not return before it ends, when this process was
// started as one; otherwise it answers false at once. observe makes the monitor,
// which leaves what it does not know to next; nil leaves all to containerd's own.
func Main(args []string, observe func(next runc.ProcessMonitor) Monitor) (handled bool) {
	named := len(args) > 0 && filepath.Base(args[0]) == Name
	marked := os.Getenv(roleVariable) == role && slices.Contains(args, "-namespace") // house: a shim is another program, this is its main
	if !named && !marked {
		return false
	}
	spare := os.Getenv(SpareVariable) != "" // house: as above
	os.Setenv(roleVariable, role)
	// It would come out on the daemon's stderr: each group's end as an error.
	// What matters is answered to the daemon, too.
	_ = log.SetLevel("fatal")
	// A shim loads every registered plugin: the daemon's are linked in, too.
	registry.Reset()
	registry.Register(&plugin.Registration{
		Type:     plugins.TTRPCPlugin,
		ID:       "task",
		Requires: []plugin.Type{plugins.EventPlugin, plugins.InternalPlugin},
		InitFn: func(ic *plugin.InitContext) (any, error) {
			// RunShim sets 40, which collects several times while a container starts; and
			// it gives all free memory back twice a minute, whatever is set.
			debug.SetGCPercent(100)
			service, err := newTaskService(ic)
			if err == nil && spare {
				service, err = wait(ic, service)
			}
			if err == nil && observe != nil {
				monitor := observe(reaper.Default) // which the service has just set
				runc.Monitor = monitor
				go monitor.Reap(ic.Context)
			}
			return service, err
		},
	})
	if observe != nil {
		runc.Monitor = observe(runc.Monitor) // for the shim that only cleans up after another
	}
	shim.RunShim(context.Background(), manager.NewShimManager("io.containerd.runc.v2"), func(c *shim.Config) {
		c.NoReaper = observe != nil
		c.NoSetupLogger = spare // it has no bundle whose pipe takes a log
	})
	return true
}

func newTaskService(ic *plugin.InitContext) (taskapi.TTRPCTaskService, error) {
	publisher, err := ic.GetByID(plugins.EventPlugin, "publisher")
	if err != nil {
		return nil, err
	}
	stop, err := ic.GetByID(plugins.InternalPlugin, "shutdown")
	if err != nil {
		return nil, err
	}
	return task.NewTaskService(ic.Context, publisher.(shim.Publisher), stop.(shutdown.Service))
}

// waiting is the service of a spare shim.
type waiting struct {
	taskapi.TTRPCTaskService
	used atomic.Bool
}

// wait ends the shim when its pipe closes and it has had no container.
func wait(ic *plugin.InitContext, service taskapi.TTRPCTaskService) (taskapi.TTRPCTaskService, error) {
	stop, err := ic.GetByID(plugins.InternalPlugin, "shutdown")
	if err != nil {
		return nil, err
	}
	w := &waiting{TTRPCTaskService: service}
	unix.CloseOnExec(sparePipe)
	pipe := os.NewFile(sparePipe, "pipe")
	go func() {
		_, _ = io.Copy(io.Discard, pipe) // nothing is written: its end is the message
		pipe.Close()
		if !w.used.Load() {
			stop.(shutdown.Service).Shutdown()
		}
	}()
	return w, nil
}

// RegisterTTRPC implements containerd's shim.TTRPCService.
func (w *waiting) RegisterTTRPC(server *ttrpc.Server) error {
	taskapi.RegisterTTRPCTaskService(server, w)
	return nil
}

// Create implements the service: from now on the shim ends with its containers.
func (w *waiting) Create(ctx context.Context, r *taskapi.CreateTaskRequest) (*taskapi.CreateTaskResponse, error) {
	w.used.Store(true)
	return w.TTRPCTaskService.Create(ctx, r)
}
