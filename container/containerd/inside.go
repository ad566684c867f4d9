package containerd

import (
	"context"
	"net"

	"github.com/lazuli-cloud/lazuli/container/network"
)

func (r *Runtime) inside(sandbox string) (network.Endpoint, error) {
	s, err := r.lookup(sandbox)
	if err != nil {
		return network.Endpoint{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endpoint, nil
}

// DialInside implements [pod.Inside].
func (r *Runtime) DialInside(ctx context.Context, sandbox string, port uint16) (net.Conn, error) {
	e, err := r.inside(sandbox)
	if err != nil {
		return nil, err
	}
	return e.Dial(ctx, "tcp4", port)
}

// ListenInside implements [pod.Inside].
func (r *Runtime) ListenInside(ctx context.Context, sandbox string, port uint16) (net.Listener, error) {
	e, err := r.inside(sandbox)
	if err != nil {
		return nil, err
	}
	return e.Listen(ctx, port)
}

// DialOut implements [pod.Inside].
func (r *Runtime) DialOut(ctx context.Context, sandbox, address string) (net.Conn, error) {
	e, err := r.inside(sandbox)
	if err != nil {
		return nil, err
	}
	return e.DialOut(ctx, address)
}
