package containerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/cmd/containerd/server"
	"github.com/containerd/containerd/v2/cmd/containerd/server/config"
	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/plugins"
	"github.com/containerd/containerd/v2/version"
	"github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	"github.com/containerd/plugin"
	"github.com/containerd/plugin/registry"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
)

// Namespace is the containerd namespace everything of ours is in.
const Namespace = "lazuli"

const capturePlugin plugin.Type = "io.lazuli.capture.v1"

// capture takes what a daemon's plugins made out of the daemon. It travels
// into the plugin by the context, because the registry of plugins is global
// while there may be several daemons in a process.
type capture struct {
	client  *client.Client
	db      *metadata.DB
	cleaner snapshots.Cleaner // of overlayfs; nil without it
}

type captureKey struct{}

// registerCapture runs once: the global registry takes an ID only once.
var registerCapture = sync.OnceFunc(func() { // house: containerd keeps one registry per process
	registry.Register(&plugin.Registration{
		Type: capturePlugin,
		ID:   Namespace,
		Requires: []plugin.Type{
			plugins.EventPlugin, plugins.LeasePlugin, plugins.SandboxStorePlugin, plugins.TransferPlugin,
			plugins.MountManagerPlugin, plugins.ServicePlugin, plugins.MetadataPlugin, plugins.SnapshotPlugin,
		},
		InitFn: func(ic *plugin.InitContext) (any, error) {
			into, ok := ic.Context.Value(captureKey{}).(*capture)
			if !ok {
				return nil, plugin.ErrSkipPlugin
			}
			db, err := ic.GetSingle(plugins.MetadataPlugin)
			if err != nil {
				return nil, err
			}
			into.db = db.(*metadata.DB)
			// The error is that of an overlayfs that does not work here: nothing to clean.
			if sn, err := ic.GetByID(plugins.SnapshotPlugin, "overlayfs"); err == nil {
				into.cleaner, _ = sn.(snapshots.Cleaner)
			}
			into.client, err = client.New("", client.WithDefaultNamespace(Namespace),
				client.WithDefaultPlatform(platforms.Default()), client.WithInMemoryServices(ic))
			return into, err
		},
	})
})

// daemon is containerd running in this process.
type daemon struct {
	capture
	server *server.Server
	spares *spares
	stop   context.CancelFunc
}

// layout says where what lives under Options.Dir. What no boot outlives (bundles,
// the low-level runtime's state) is in memory if it can be: containerd waits for
// the disk with each container's bundle otherwise.
type layout struct {
	dir      string
	volatile string // under /run, or "run" in dir
}

func newLayout(dir string) layout {
	l := layout{dir: dir, volatile: filepath.Join(dir, "run")}
	// Bundles from when it was there, or from a machine without /run in memory.
	if left, _ := filepath.Glob(filepath.Join(l.bundles(), "*")); len(left) > 0 { // the pattern is well formed
		return l
	}
	var fs unix.Statfs_t
	if unix.Statfs(machineDir, &fs) == nil && fs.Type == unix.TMPFS_MAGIC && unix.Access(machineDir, unix.W_OK) == nil {
		l.volatile = filepath.Join(l.machine(), "run")
	}
	return l
}

// machineDir is where this machine keeps what it forgets when it is switched off.
const machineDir = "/run"

// machine is this runtime's folder there.
func (l layout) machine() string { return filepath.Join(machineDir, "lazuli", hash(l.dir)) }

func (l layout) root() string        { return filepath.Join(l.dir, "containerd") }
func (l layout) state() string       { return l.volatile }
func (l layout) bin() string         { return filepath.Join(l.dir, "bin") }
func (l layout) network() string     { return filepath.Join(l.dir, "network") }
func (l layout) sandboxes() string   { return filepath.Join(l.dir, "sandboxes") }
func (l layout) runc() string        { return filepath.Join(l.state(), "runc") }
func (l layout) builtinRunc() string { return filepath.Join(l.dir, "bin", "runc") }
func (l layout) fifos() string       { return filepath.Join(l.state(), "fifo") }
func (l layout) shim() string        { return filepath.Join(l.dir, "bin", shim.Name) }

// bundles is where containerd keeps a folder per running container.
func (l layout) bundles() string {
	return filepath.Join(l.state(), "io.containerd.runtime.v2.task", Namespace)
}

// sockets is short, for the path of a unix socket is: 42 bytes and a hash.
func (l layout) sockets() string {
	if near := filepath.Join(l.dir, "s"); len(near) <= 42 {
		return near
	}
	return l.machine()
}

func (l layout) grpc() string  { return filepath.Join(l.sockets(), "none") }
func (l layout) ttrpc() string { return filepath.Join(l.sockets(), "ttrpc") }

func startDaemon(ctx context.Context, l layout) (*daemon, error) {
	// The pipes of execs, which end with the daemon.
	if err := os.RemoveAll(l.fifos()); err != nil {
		return nil, err
	}
	for _, dir := range []string{l.bin(), l.sandboxes(), l.runc(), l.fifos(), l.sockets()} {
		if err := os.MkdirAll(dir, 0o711); err != nil {
			return nil, fmt.Errorf("cannot make containerd's folders: %w", err)
		}
	}
	cfg := &config.Config{
		Version: version.ConfigVersion, Root: l.root(), State: l.state(),
		Plugins: map[string]any{
			// No such server is linked in; shims hash it into their sockets' names.
			"io.containerd.server.v1.grpc":  map[string]any{"address": l.grpc()},
			"io.containerd.server.v1.ttrpc": map[string]any{"address": l.ttrpc()},
			string(plugins.ShimPlugin) + ".manager": map[string]any{
				"socket_dir": l.sockets(), "env": []string{shim.RuncVariable + "=" + l.builtinRunc()},
			},
		},
	}
	if err := server.CreateTopLevelDirectories(cfg); err != nil {
		return nil, fmt.Errorf("cannot make containerd's folders: %w", err)
	}
	temp := filepath.Join(l.root(), "tmpmounts")
	if err := mount.SetTempMountLocation(temp); err != nil {
		return nil, err
	}
	if _, err := mount.CleanupTempMounts(0); err != nil {
		return nil, fmt.Errorf("cannot clean up temporary mounts in %s: %w", temp, err)
	}
	registerCapture()
	d := &daemon{}
	ctx, d.stop = context.WithCancel(context.WithValue(ctx, captureKey{}, &d.capture))
	var err error
	if d.server, err = server.New(ctx, cfg); err != nil {
		d.stop()
		return nil, err
	}
	if d.client == nil {
		d.close()
		return nil, errors.New("a plugin failed")
	}
	if err := d.server.Start(ctx); err != nil {
		d.close()
		return nil, err
	}
	d.server.Wait()
	if err := d.clean(ctx, l); err != nil {
		d.close()
		return nil, fmt.Errorf("cannot remove abandoned snapshots: %w", err)
	}
	return d, nil
}

// clean removes the folders of snapshots that a killed daemon made and did not
// record. Their numbers are given out again, and making that snapshot would fail
// for good.
func (d *daemon) clean(ctx context.Context, l layout) error {
	if d.cleaner == nil {
		return nil
	}
	err := d.cleaner.Cleanup(ctx)
	if !errdefs.IsNotFound(err) {
		return err
	}
	// No snapshot was ever recorded.
	left, err := filepath.Glob(filepath.Join(l.root(), string(plugins.SnapshotPlugin)+".overlayfs", "snapshots", "*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

func (d *daemon) close() {
	d.stop()
	d.server.Stop()
}
