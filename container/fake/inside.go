package fake

import (
	"context"
	"fmt"
	"net"

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
