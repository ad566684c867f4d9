// Package shim is the process that holds a group's containers: containerd's
// runc shim, as a role of another binary and, in folder slim, as one of its
// own that starts in a quarter of the time and takes two thirds of the memory.
// It knows nothing of the daemon; they speak by containerd's protocol.
package shim

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2/manager"
	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2/task"
	"github.com/containerd/containerd/v2/pkg/shim"
	"github.com/containerd/containerd/v2/pkg/shutdown"
	"github.com/containerd/containerd/v2/plugins"
	"github.com/containerd/log"
	"github.com/containerd/plugin"
	"github.com/containerd/plugin/registry"
)

const (
	// Name is the file name containerd starts the shim by.
	Name = "containerd-shim-lazuli-v2"
	// roleVariable marks the shim's second process: it starts itself again by
	// the real path of the binary, which may have lost the name.
	roleVariable = "LAZULI_ROLE"
	role         = "shim"
)

// Main runs the shim, and does not return before it ends, when this process was
// started as one; otherwise it answers false at once.
func Main(args []string) (handled bool) {
	named := len(args) > 0 && filepath.Base(args[0]) == Name
	marked := os.Getenv(roleVariable) == role && slices.Contains(args, "-namespace") // house: a shim is another program, this is its main
	if !named && !marked {
		return false
	}
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
		InitFn:   newTaskService,
	})
	shim.RunShim(context.Background(), manager.NewShimManager("io.containerd.runc.v2"))
	return true
}

func newTaskService(ic *plugin.InitContext) (any, error) {
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
