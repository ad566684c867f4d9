package containerd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/log"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/containerd/runc"
	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
	"github.com/lazuli-cloud/lazuli/container/network"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Options says where and how a [Runtime] works. Only Dir is required.
type Options struct {
	// Dir holds everything. One runtime per Dir: a second Open is refused.
	Dir string
	// Network names the network; its Dir is ours. Without a bridge name:
	// "lazuli0", table "lazuli", subnet 10.89.0.0/16.
	Network network.Options
	// Runc is the path of another runc or crun; empty means the one built in.
	Runc string
	// Shim is the binary that is the shim; empty means the slim one built in, and
	// without it this binary (see [Main]).
	Shim string
	// Transport carries pulls; nil means Go's default with bounded dials.
	Transport http.RoundTripper
	// PlainHTTP says which registries speak HTTP; nil means those on loopback.
	PlainHTTP func(host string) (bool, error)
	// Origin has the content of images that [Runtime.PrepareImage] is asked for and
	// the content store lacks; nil means that nobody has it.
	Origin remotes.Fetcher
	// Snapshotter is "overlayfs" or "native"; empty means overlayfs if it works.
	Snapshotter string
	// Unpacks bounds how many images are unpacked at a time; 0 means 2.
	Unpacks int64
	// LogLimit is the size in bytes at which a log is rotated; 0 means 4 MiB.
	LogLimit int64
	// Spares is how many shims run ahead of the groups they will hold, about 5 MB
	// each, and how many network namespaces; 0 means 2, below 0 none.
	Spares int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes our errors, and containerd's warnings as debug; nil means nowhere.
	Log *slog.Logger
}

// Runtime is a [pod.Runtime] of processes on this machine, and the content
// store its images are in. Safe for concurrent use.
type Runtime struct {
	opts   Options
	layout layout
	daemon *daemon
	net    *network.Network
	events *broadcast
	logs   *logKeeper
	lock   *os.File
	runc   string

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work crew // what must have ended before containerd may stop

	mu        sync.Mutex
	sandboxes map[string]*sandbox

	unpacking flights
	unpacks   *semaphore.Weighted
}

// Open starts containerd in this process and takes over what an earlier one
// left running. It needs root.
func Open(ctx context.Context, opts Options) (_ *Runtime, err error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	r := &Runtime{
		opts: opts, layout: newLayout(opts.Dir), events: newBroadcast(),
		sandboxes: map[string]*sandbox{}, unpacks: semaphore.NewWeighted(opts.Unpacks),
	}
	r.ctx, r.stop = context.WithCancel(namespaces.WithNamespace(context.WithoutCancel(ctx), Namespace))
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	if err := os.MkdirAll(opts.Dir, 0o711); err != nil {
		return nil, fmt.Errorf("cannot make the runtime's folder: %w", err)
	}
	if r.lock, err = lockDir(opts.Dir); err != nil {
		return nil, err
	}
	logs := routeLogs(opts.Log)
	if err := errors.Join(r.dropFilter(), r.installBinaries()); err != nil {
		return nil, err
	}
	// Before containerd starts, which deletes the bundles of ended containers.
	exits := readExits(r.layout.bundles(), r.cgroup())
	if r.daemon, err = startDaemon(r.ctx, r.layout); err != nil {
		return nil, fmt.Errorf("cannot start containerd: %w (%s)", err, logs.failedPlugin())
	}
	if err := r.chooseSnapshotter(); err != nil {
		return nil, err
	}
	if r.net, err = network.Open(r.opts.Network); err != nil {
		return nil, err
	}
	if r.logs, err = newLogKeeper(r.opts.LogLimit, r.opts.Now); err != nil {
		return nil, err
	}
	if err := prepareStarts(r.ctx, r.daemon.db, r.layout); err != nil {
		return nil, err
	}
	if err := r.adopt(exits); err != nil {
		return nil, err
	}
	r.daemon.spares = &spares{layout: r.layout, want: r.opts.Spares, work: &r.work, ctx: r.ctx}
	r.daemon.spares.refill(0)
	r.work.start(r.recordFilter)
	return r, nil
}

func (o *Options) complete() error {
	if os.Geteuid() != 0 {
		return errors.New("the container runtime makes namespaces and mounts: start it as root")
	}
	if !filepath.IsAbs(o.Dir) {
		return fmt.Errorf("the container runtime's folder %q must be an absolute path", o.Dir)
	}
	if o.Network.Bridge == "" {
		o.Network.Bridge, o.Network.Table, o.Network.Subnet = "lazuli0", "lazuli", defaultSubnet
	}
	o.Network.Dir = layout{dir: o.Dir}.network()
	if o.Unpacks == 0 {
		o.Unpacks = 2
	}
	if o.Spares == 0 {
		o.Spares = 2
	}
	o.Network.Spares = o.Spares
	if o.LogLimit == 0 {
		o.LogLimit = 4 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = defaultTransport()
	}
	return nil
}

// Close stops containerd and the forwarders. Containers run on; the network
// stays with them, and goes when there is no sandbox left.
func (r *Runtime) Close() error {
	r.stop()
	r.mu.Lock()
	empty := len(r.sandboxes) == 0
	for _, s := range r.sandboxes {
		s.closeForwarder()
	}
	r.mu.Unlock()
	r.work.end()
	var errs []error
	if r.logs != nil {
		errs = append(errs, r.logs.close())
	}
	if r.daemon != nil {
		if r.daemon.spares != nil {
			r.daemon.spares.close()
		}
		r.daemon.close()
	}
	if r.net != nil {
		errs = append(errs, r.net.Close())
	}
	if r.daemon != nil && empty {
		removeCgroup(r.cgroup())
		os.RemoveAll(r.layout.machine())
	}
	if r.lock != nil {
		errs = append(errs, r.lock.Close())
	}
	r.events.close()
	return errors.Join(errs...)
}

// crew is background work that is waited for, and takes nothing on after that.
type crew struct {
	mu    sync.Mutex
	ended bool
	all   sync.WaitGroup
}

// start runs f, or answers false when it is too late.
func (c *crew) start(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.all.Go(f)
	}
	return !c.ended
}

func (c *crew) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.all.Wait()
}

// lockDir refuses a second runtime, which containerd would let wait for ever.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot lock the runtime's folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another process uses the runtime's folder %s: stop it first", dir)
	}
	return f, nil
}

// installBinaries puts runc and the shim in place.
func (r *Runtime) installBinaries() error {
	if err := os.MkdirAll(r.layout.bin(), 0o711); err != nil {
		return err
	}
	r.runc = r.opts.Runc
	if r.runc == "" {
		r.runc = r.layout.builtinRunc()
		if err := runc.Extract(r.runc); err != nil {
			return err
		}
	}
	if info, err := os.Stat(r.runc); err != nil || info.Mode()&0o111 == 0 {
		return fmt.Errorf("the low-level runtime %s is no executable file: install it or set another path", r.runc)
	}
	return r.installShim()
}

func (r *Runtime) installShim() error {
	target := r.opts.Shim
	if target == "" {
		err := runc.ExtractShim(r.layout.shim())
		if !errors.Is(err, runc.ErrNotBuiltIn) {
			return err
		}
		if target, err = os.Executable(); err != nil {
			return err
		}
	}
	tmp := r.layout.shim() + ".tmp"
	os.Remove(tmp)
	if err := os.Symlink(target, tmp); err != nil {
		return fmt.Errorf("cannot link the shim: %w", err)
	}
	return os.Rename(tmp, r.layout.shim())
}

func (r *Runtime) chooseSnapshotter() error {
	if r.opts.Snapshotter == "" {
		r.opts.Snapshotter = "overlayfs"
		if r.daemon.db.Snapshotter("overlayfs") == nil {
			r.opts.Snapshotter = "native"
		}
	}
	if r.daemon.db.Snapshotter(r.opts.Snapshotter) == nil {
		return fmt.Errorf("containerd cannot use the snapshotter %q here: set overlayfs or native", r.opts.Snapshotter)
	}
	return nil
}

func (r *Runtime) client() *client.Client { return r.daemon.client }

// in puts a call into our namespace.
func (r *Runtime) in(ctx context.Context) context.Context {
	return namespaces.WithNamespace(ctx, Namespace)
}

// Gateway is this machine's address as groups see it, where
// Options.Network.Allow is usually opened.
func (r *Runtime) Gateway() string { return r.net.Gateway().String() }

// routeLogs sends containerd's log, which is global, to ours. It calls much an
// error that is not one for us; what fails is answered to the caller anyway.
func routeLogs(to *slog.Logger) *logWriter {
	w := &logWriter{to: to}
	log.L.Logger.SetOutput(w)
	_ = log.SetFormat(log.TextFormat)
	_ = log.SetLevel("warn")
	return w
}

type logWriter struct {
	to *slog.Logger

	mu     sync.Mutex
	plugin string // what was said of a plugin that failed
}

// Write implements [io.Writer].
func (w *logWriter) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	if strings.Contains(text, "failed to load plugin") {
		w.mu.Lock()
		w.plugin = text
		w.mu.Unlock()
	}
	if w.to != nil {
		w.to.Debug("containerd", "line", text)
	}
	return len(line), nil
}

func (w *logWriter) failedPlugin() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plugin
}

// Main runs the shim, and does not return before it ends, when this process was
// started as one; otherwise it answers false at once. The program's main
// function, and TestMain of tests that use this package, call it first.
func Main(args []string) (handled bool) { return shim.Main(args, nil) }

// hash makes a short name for something too long or too free to be one.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

var _ pod.Runtime = (*Runtime)(nil)
