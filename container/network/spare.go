package network

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// spares are endpoints that are plugged in ahead of the groups that will have
// them, which saves each group the kernel's work. On the disk each has a record
// of its own, so that what a killed process left can be removed.
type spares struct {
	want   int
	ctx    context.Context // ends with Close
	stop   context.CancelFunc
	work   sync.WaitGroup
	taken  chan struct{}
	ready  []Endpoint          // guarded by the network's mu
	making map[netip.Addr]bool // likewise: addresses of those being plugged in
}

const (
	spareSuffix = ".spare"
	// spareDelay is how long one that was taken is not replaced, and lastSpareDelay
	// when it was the last: whoever took it needs the processors.
	spareDelay, lastSpareDelay = time.Second, 250 * time.Millisecond
)

func (n *Network) startSpares() {
	n.spares.making = map[netip.Addr]bool{}
	n.spares.taken = make(chan struct{}, 1)
	n.spares.ctx, n.spares.stop = context.WithCancel(context.Background())
	// In a small subnet every address is for a group that is there.
	if n.spares.want = n.opts.Spares; n.spares.want > 0 && n.opts.Subnet.Bits() <= 24 {
		n.spares.work.Go(n.keepSpares)
	}
}

// keepSpares makes as many as wanted, and again after some were taken.
func (n *Network) keepSpares() {
	for {
		for n.makeSpare() {
		}
		select {
		case <-n.spares.taken:
		case <-n.spares.ctx.Done():
			return
		}
		n.mu.Lock()
		delay := spareDelay
		if len(n.spares.ready) == 0 {
			delay = lastSpareDelay
		}
		n.mu.Unlock()
		select {
		case <-time.After(delay):
		case <-n.spares.ctx.Done():
			return
		}
	}
}

// makeSpare makes one; false when there are enough, or it cannot be done: then
// a group's own attempt says why.
func (n *Network) makeSpare() bool {
	n.mu.Lock()
	if len(n.spares.ready) >= n.spares.want || n.spares.ctx.Err() != nil {
		n.mu.Unlock()
		return false
	}
	addr, err := n.allocate()
	if err != nil {
		n.mu.Unlock()
		return false
	}
	n.spares.making[addr] = true
	n.mu.Unlock()
	e := Endpoint{Namespace: filepath.Join(n.opts.Dir, addr.String()+pinSuffix), Address: addr}
	err = n.write(n.sparePath(addr), record{Address: addr, Pin: filepath.Base(e.Namespace)})
	if err == nil {
		err = n.plug(e)
	}
	if err != nil {
		_ = n.dropSpare(e) // else at the next start
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.spares.making, addr)
	if err == nil {
		n.spares.ready = append(n.spares.ready, e)
	}
	return err == nil
}

func (n *Network) sparePath(addr netip.Addr) string {
	return filepath.Join(n.opts.Dir, addr.String()+spareSuffix)
}

// takeSpare gives a spare endpoint to a group; false when there is none. The
// caller holds mu.
func (n *Network) takeSpare(id string) (Endpoint, bool, error) {
	if len(n.spares.ready) == 0 {
		return Endpoint{}, false, nil
	}
	e := n.spares.ready[0]
	e.ID = id
	if err := n.save(e); err != nil {
		return Endpoint{}, false, err
	}
	n.spares.ready = n.spares.ready[1:]
	n.endpoints[id] = e
	select {
	case n.spares.taken <- struct{}{}:
	default:
	}
	// One that stays is recognized by its address.
	return e, true, removeFile(n.sparePath(e.Address))
}

// dropSpare removes one.
func (n *Network) dropSpare(e Endpoint) error {
	if err := n.unplug(e); err != nil {
		return fmt.Errorf("cannot remove a spare endpoint: %w", err)
	}
	return removeFile(n.sparePath(e.Address))
}

// closeSpares removes those that nobody took.
func (n *Network) closeSpares() error {
	n.spares.stop()
	n.spares.work.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	var errs []error
	for _, e := range n.spares.ready {
		errs = append(errs, n.dropSpare(e))
	}
	n.spares.ready = nil
	return errors.Join(errs...)
}

// sweepSpares removes what a killed process left.
func (n *Network) sweepSpares() error {
	left, _ := filepath.Glob(filepath.Join(n.opts.Dir, "*"+spareSuffix)) // the pattern is well formed
	for _, path := range left {
		addr, err := netip.ParseAddr(strings.TrimSuffix(filepath.Base(path), spareSuffix))
		taken := false
		for _, e := range n.endpoints {
			taken = taken || e.Address == addr
		}
		if err == nil && !taken {
			err = n.unplug(Endpoint{Namespace: filepath.Join(n.opts.Dir, addr.String()+pinSuffix), Address: addr})
		}
		if err := errors.Join(err, removeFile(path)); err != nil {
			return fmt.Errorf("cannot remove a spare endpoint: %w", err)
		}
	}
	return nil
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
