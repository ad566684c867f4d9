package fake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Options scripts a [Runtime]. The zero value is useful.
type Options struct {
	// Programs says what images run, by the name they are started by or its
	// part before "@". Others run [Serve].
	Programs map[string]Program
	// Pull decides about pulls: it returns the digest or a [*pod.ImageError].
	// Nil means that every well-formed name exists and nobody is refused.
	Pull func(pod.ImageRequest) (digest string, err error)
	// Prepare is told of each [Runtime.PrepareImage] and can hold or refuse it. Nil
	// lets all pass.
	Prepare func(ctx context.Context, name string) error
	// Commands says which words a command may begin with; nil means any.
	Commands func(word string) bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Runtime is a [pod.Runtime] in memory. Safe for concurrent use.
type Runtime struct {
	opts Options

	mu        sync.Mutex
	sandboxes map[string]*sandbox
	images    map[string]pod.Image
	listeners map[chan pod.Event]struct{}
	lastPID   int
}

type sandbox struct {
	spec       pod.SandboxSpec
	createdAt  time.Time
	wires      *wires
	forwarder  *forwarder
	containers map[string]*container
}

// New makes a runtime. [Runtime.Close] ends what it runs.
func New(opts Options) *Runtime {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Runtime{
		opts: opts, sandboxes: map[string]*sandbox{}, images: map[string]pod.Image{}, listeners: map[chan pod.Event]struct{}{},
	}
}

// Close removes every sandbox.
func (r *Runtime) Close() error {
	all, _ := r.ListSandboxes(context.Background())
	for _, s := range all {
		if err := r.RemoveSandbox(context.Background(), s.ID); err != nil {
			return err
		}
	}
	return nil
}

// Restart does what a restart of the daemon does: forwarders close and event
// channels end, while containers run on.
func (r *Runtime) Restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sandboxes {
		s.closeForwarder()
	}
	for l := range r.listeners {
		delete(r.listeners, l)
		close(l)
	}
}

func (s *sandbox) closeForwarder() {
	if s.forwarder != nil {
		s.forwarder.close()
		s.forwarder = nil
	}
}

func (s *sandbox) status() pod.SandboxStatus {
	// No PodAddress: the network inside is pipes, which nobody can dial.
	st := pod.SandboxStatus{ID: s.spec.ID, CreatedAt: s.createdAt, Labels: maps.Clone(s.spec.Labels)}
	if s.forwarder != nil {
		st.Address, st.Ports = s.spec.Address, slices.Clone(s.spec.Ports)
	}
	return st
}

// EnsureSandbox implements [pod.Sandboxes].
func (r *Runtime) EnsureSandbox(ctx context.Context, spec pod.SandboxSpec) (pod.SandboxStatus, error) {
	if err := pod.ValidID(spec.ID); err != nil {
		return pod.SandboxStatus{}, err
	}
	spec.Ports = slices.Clone(spec.Ports)
	for i, p := range spec.Ports {
		switch {
		case p.Number == 0:
			return pod.SandboxStatus{}, fmt.Errorf("%w: port 0 of sandbox %q", pod.ErrInvalid, spec.ID)
		case p.Protocol == "":
			spec.Ports[i].Protocol = pod.TCP
		case p.Protocol != pod.TCP && p.Protocol != pod.UDP:
			return pod.SandboxStatus{}, fmt.Errorf("%w: protocol %q of port %d must be TCP or UDP", pod.ErrInvalid, p.Protocol, p.Number)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[spec.ID]
	if !ok {
		s = &sandbox{
			createdAt: r.opts.Now().UTC(), containers: map[string]*container{},
			wires: &wires{listeners: map[uint16]*pipeListener{}},
		}
		r.sandboxes[spec.ID] = s
	}
	if s.forwarder != nil && (s.spec.Address != spec.Address || !slices.Equal(s.spec.Ports, spec.Ports)) {
		s.closeForwarder()
	}
	s.spec = spec
	if s.forwarder == nil && spec.Address.IsValid() && len(spec.Ports) > 0 {
		f, err := forward(s.wires, spec.Address, spec.Ports)
		if err != nil {
			return pod.SandboxStatus{}, err
		}
		s.forwarder = f
	}
	return s.status(), ctx.Err()
}

// RemoveSandbox implements [pod.Sandboxes].
func (r *Runtime) RemoveSandbox(ctx context.Context, id string) error {
	r.mu.Lock()
	s, ok := r.sandboxes[id]
	if !ok {
		r.mu.Unlock()
		return nil
	}
	s.closeForwarder()
	all := slices.Collect(maps.Values(s.containers))
	r.mu.Unlock()
	for _, c := range all {
		c.kill(killed)
		if err := await(ctx, c.done); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sandboxes, id)
	return nil
}

// ListSandboxes implements [pod.Sandboxes].
func (r *Runtime) ListSandboxes(ctx context.Context) ([]pod.SandboxStatus, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]pod.SandboxStatus, 0, len(r.sandboxes))
	for _, s := range r.sandboxes {
		list = append(list, s.status())
	}
	slices.SortFunc(list, func(a, b pod.SandboxStatus) int { return strings.Compare(a.ID, b.ID) })
	return list, ctx.Err()
}

// EnsureImage implements [pod.Images].
func (r *Runtime) EnsureImage(ctx context.Context, req pod.ImageRequest) (pod.Image, error) {
	sum := sha256.Sum256([]byte(req.Name))
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if r.opts.Pull != nil {
		d, err := r.opts.Pull(req)
		if err != nil {
			return pod.Image{}, err
		}
		if d != "" {
			digest = d
		}
	}
	return r.put(ctx, pod.Image{Name: req.Name + "@" + digest, Digest: digest, Size: int64(len(req.Name))})
}

// PrepareImage implements [pod.Images]. All content is there.
func (r *Runtime) PrepareImage(ctx context.Context, name string, target pod.Descriptor) (pod.Image, error) {
	if !strings.HasPrefix(target.Digest, "sha256:") {
		return pod.Image{}, fmt.Errorf("%w: digest %q of image %q", pod.ErrInvalid, target.Digest, name)
	}
	if r.opts.Prepare != nil {
		if err := r.opts.Prepare(ctx, name); err != nil {
			return pod.Image{}, err
		}
	}
	return r.put(ctx, pod.Image{Name: name, Digest: target.Digest, Size: target.Size})
}

func (r *Runtime) put(ctx context.Context, image pod.Image) (pod.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.images[image.Name] = image
	return image, ctx.Err()
}

// ForgetImage implements [pod.Images].
func (r *Runtime) ForgetImage(ctx context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.images, name)
	return ctx.Err()
}

// Events implements [pod.Containers].
func (r *Runtime) Events(ctx context.Context) <-chan pod.Event {
	l := make(chan pod.Event, 256)
	r.mu.Lock()
	r.listeners[l] = struct{}{}
	r.mu.Unlock()
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, ok := r.listeners[l]; ok {
			delete(r.listeners, l)
			close(l)
		}
	})
	return l
}

// send tells every listener; a full one loses its oldest. The caller holds mu.
func (r *Runtime) send(e pod.Event) {
	for l := range r.listeners {
		if len(l) == cap(l) {
			select {
			case <-l:
			default:
			}
		}
		l <- e
	}
}

func await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ pod.Runtime = (*Runtime)(nil)
