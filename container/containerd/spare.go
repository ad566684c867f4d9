package containerd

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/core/metadata"
	ctrsandbox "github.com/containerd/containerd/v2/core/sandbox"
	ctrshim "github.com/containerd/containerd/v2/pkg/shim"
	"github.com/containerd/errdefs"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
)

const (
	// shimsRecord is the one sandbox in containerd's metadata. A task whose
	// container names a sandbox goes to the shim whose address comes with it;
	// for others containerd starts the shim's program, twice.
	shimsRecord = "shims"
	// shimVersion is that of containerd's shim protocol.
	shimVersion = 3
	// spareDelay is how long a shim that was taken is not replaced, and
	// lastSpareDelay when it was the last: whoever took it needs the processors.
	spareDelay, lastSpareDelay = time.Second, 250 * time.Millisecond
	// dialLimit bounds asking a shim on this machine whether it is there.
	dialLimit = 100 * time.Millisecond
)

// spares are shims that run ahead of the groups they will hold. One that is
// still spare when this process ends, however it ends, sees its pipe close and
// ends too.
type spares struct {
	layout layout
	want   int
	work   *crew
	ctx    context.Context // in our namespace; ends with the runtime

	filling sync.Mutex // held to fill

	mu     sync.Mutex
	ready  []*spare
	serial int
}

// spare is a shim without a container.
type spare struct {
	socket string
	pipe   *os.File // the shim ends when it closes, unless it has a container by then
	gone   chan struct{}
}

// spareGlob matches the sockets of shims that have no group.
const spareGlob = "spare-*"

// prepareStarts makes what containers that are started refer to, and removes what those
// of a killed process left.
func prepareStarts(ctx context.Context, db *metadata.DB, l layout) error {
	if _, err := metadata.NewLeaseManager(db).Create(ctx, leases.WithID(startLease)); err != nil && !errdefs.IsAlreadyExists(err) {
		return fmt.Errorf("cannot make the lease of starts: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(l.sockets(), spareGlob)) // the pattern is well formed
	for _, socket := range left {
		if err := removeFile(socket); err != nil {
			return err
		}
	}
	_, err := metadata.NewSandboxStore(db).Create(ctx, ctrsandbox.Sandbox{ID: shimsRecord, Runtime: ctrsandbox.RuntimeOpts{Name: shim.Name}})
	if err != nil && !errdefs.IsAlreadyExists(err) {
		return fmt.Errorf("cannot record the shims: %w", err)
	}
	return nil
}

// fill starts shims until there are as many as wanted.
func (p *spares) fill() error {
	p.filling.Lock()
	defer p.filling.Unlock()
	for {
		p.mu.Lock()
		missing := p.want - len(p.ready)
		p.serial++
		id := fmt.Sprintf("spare-%d-%d", os.Getpid(), p.serial)
		p.mu.Unlock()
		if missing <= 0 || p.ctx.Err() != nil {
			return nil
		}
		s, err := p.start(id)
		if err != nil {
			return fmt.Errorf("cannot start a shim ahead: %w", err)
		}
		p.mu.Lock()
		p.ready = append(p.ready, s)
		p.mu.Unlock()
	}
}

// refill replaces what was taken, after a while.
func (p *spares) refill(while time.Duration) {
	p.work.start(func() {
		select {
		case <-time.After(while):
			_ = p.fill() // without one containerd starts a shim, and says why it cannot
		case <-p.ctx.Done():
		}
	})
}

// start starts one, listening.
func (p *spares) start(id string) (*spare, error) {
	s := &spare{socket: filepath.Join(p.layout.sockets(), id), gone: make(chan struct{})}
	listener, err := ctrshim.NewSocket("unix://" + s.socket)
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	defer listener.Close()
	socket, err := listener.File()
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	var watched *os.File
	if watched, s.pipe, err = os.Pipe(); err != nil {
		return nil, err
	}
	defer watched.Close()
	cmd := exec.Command(p.layout.shim(), "-namespace", Namespace, "-id", id, "-address", p.layout.grpc())
	cmd.Dir = p.layout.state()
	cmd.Env = append(os.Environ(), "GOMAXPROCS=4", "TTRPC_ADDRESS="+p.layout.ttrpc(), // house: as containerd starts its shims
		shim.RuncVariable+"="+p.layout.builtinRunc(), shim.SpareVariable+"=1")
	cmd.ExtraFiles = []*os.File{socket, watched}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.pipe.Close()
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // how it ended is told by its containers
		close(s.gone)
	}()
	return s, ctrshim.AdjustOOMScore(cmd.Process.Pid)
}

// address is where the shim of an ID listens: for a group's it is where
// containerd looks for one to share.
func (p *spares) address(id string) (string, error) {
	return ctrshim.CreateSocketAddress(p.ctx, p.layout.sockets(), p.layout.grpc(), id, false)
}

// endpoint is the shim that has a group's containers, or one that will; settle
// it when the container is made, or is not. No endpoint and no error: there is
// none, and containerd is to start one.
func (p *spares) endpoint(group string) (endpoint string, settle func(), err error) {
	address, err := p.address(group)
	if err != nil {
		return "", nil, err
	}
	path := strings.TrimPrefix(address, "unix://")
	if conn, err := net.DialTimeout("unix", path, dialLimit); err == nil {
		conn.Close()
		return "ttrpc+" + address, func() {}, nil
	}
	s := p.take()
	if s == nil {
		return "", func() {}, nil
	}
	if err := os.Rename(s.socket, path); err != nil {
		s.pipe.Close()
		return "", nil, fmt.Errorf("cannot give a shim to group %q: %w", group, err)
	}
	return "ttrpc+" + address, func() { s.pipe.Close() }, nil
}

func (p *spares) take() *spare {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.ready) > 0 {
		s := p.ready[0]
		p.ready = p.ready[1:]
		select {
		case <-s.gone: // killed
			s.pipe.Close()
			continue
		default:
		}
		if len(p.ready) > 0 {
			p.refill(spareDelay)
		} else {
			p.refill(lastSpareDelay)
		}
		return s
	}
	if p.want > 0 {
		p.refill(lastSpareDelay)
	}
	return nil
}

// close ends those that are still spare, and waits for them.
func (p *spares) close() {
	p.mu.Lock()
	ready := p.ready
	p.ready, p.want = nil, 0
	p.mu.Unlock()
	for _, s := range ready {
		s.pipe.Close()
	}
	for _, s := range ready {
		<-s.gone
		_ = removeFile(s.socket)
	}
}
