package fake

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

func (r *Runtime) inside(sandbox string) (*wires, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.sandboxes[sandbox]; ok {
		return s.wires, nil
	}
	return nil, fmt.Errorf("%w: %q", pod.ErrNoSandbox, sandbox)
}

// DialInside implements [pod.Inside].
func (r *Runtime) DialInside(ctx context.Context, sandbox string, port uint16) (net.Conn, error) {
	w, err := r.inside(sandbox)
	if err != nil {
		return nil, err
	}
	return w.dial(ctx, port)
}

// ListenInside implements [pod.Inside].
func (r *Runtime) ListenInside(_ context.Context, sandbox string, port uint16) (net.Listener, error) {
	w, err := r.inside(sandbox)
	if err != nil {
		return nil, err
	}
	return w.listen(port)
}

// DialOut implements [pod.Inside]: what a sandbox here reaches outside is what this
// machine reaches, but for its loopback.
func (r *Runtime) DialOut(ctx context.Context, sandbox, address string) (net.Conn, error) {
	if _, err := r.inside(sandbox); err != nil {
		return nil, err
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the address %q", pod.ErrInvalid, address)
	}
	if to.Addr().IsLoopback() {
		return r.DialInside(ctx, sandbox, to.Port())
	}
	return new(net.Dialer).DialContext(ctx, "tcp4", address)
}
