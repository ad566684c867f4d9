package container

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/limit"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/pool"
	"github.com/lazuli-cloud/lazuli/container/session"
	"github.com/lazuli-cloud/lazuli/container/volume"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options say what the room works with. Fields without a word on zero are
// required.
type Options struct {
	Store   *store.Store
	Runtime Runtime
	Images  Resolver
	Sealer  Sealer
	// Identities are the managed identities of groups.
	Identities Identities
	Now        func() time.Time
	// Domain ends every name: {label}.{region}.{Domain}, for instance
	// "azurecontainer.lazuli.localhost". Lower case, no dot at the ends.
	Domain string
	// Pool is where public addresses come from; the zero value is 127.77.0.0/16.
	// Its first and last address are not used.
	Pool    netip.Prefix
	Volumes Volumes
	// Limits bound groups; its zero fields have Azure's values.
	Limits limit.Limits
	// SessionURL begins the address of exec and attach sessions, which the
	// handler of [Service.Sessions] must answer, such as
	// "wss://sessions.lazuli.localhost/". Empty means exec and attach are refused.
	SessionURL string
	// DNS is the resolver configuration of groups without one of their own; zero
	// is the runtime's default.
	DNS    pod.DNS
	Timing Timing
	// Dial reaches groups; nil means a plain net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Log  *slog.Logger // nil means silence
}

// Runtime is what runs containers: the parts of pod.Runtime that the room asks
// for, usually one value four times.
type Runtime struct {
	Sandboxes  pod.Sandboxes
	Containers pod.Containers
	Streams    pod.Streams
	Inside     pod.Inside
	// Privileged lets users ask for privileged containers and every capability:
	// for clouds whose users may have the whole machine.
	Privileged bool
}

// Volumes say where volumes are and come from.
type Volumes struct {
	// Dir holds the containers' volumes; required. SecretDir holds secret volumes,
	// in plain text while the group exists; empty means Dir.
	Dir       string
	SecretDir string
	// SharesDir holds the shares that azureFile volumes name (package volume says
	// how); empty means that there are none.
	SharesDir string
	// CloneFrom says which addresses gitRepo volumes are cloned from; nil means
	// volume.Outside.
	CloneFrom func(netip.Addr) bool
}

// Resolver brings the image of a container onto the machine.
type Resolver interface {
	// Resolve checks that the credentials may pull the image, now, and makes it
	// ready to start from. A failure is a *pod.ImageError.
	Resolve(ctx context.Context, req ResolveRequest) (pod.Image, error)
	// Cached lists the images that this machine holds and anybody may pull.
	Cached(ctx context.Context) ([]string, error)
}

// ResolveRequest asks for the image of one container.
type ResolveRequest struct {
	Image       string           // as the user wrote it
	Credentials *pod.Credentials // of the image's registry; nil means none were given
	// Identity pulls without a password; then Credentials are nil.
	Identity *azure.ManagedIdentity
}

// Sealer encrypts what must not be readable on a stolen disk, bound to associated
// data. Safe for concurrent use.
type Sealer interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Unseal(sealed, associated []byte) ([]byte, error)
}

// Timing has the room's durations. Zero fields have the values in their comments.
type Timing struct {
	BackoffBase time.Duration // delay before the second restart in a row, doubling; 10 s
	BackoffMax  time.Duration // 5 min
	BackoffFree time.Duration // a container that ran so long starts over; 10 min
	Grace       time.Duration // between the stop signal and the kill; 10 s
	Ready       time.Duration // how long declared ports are waited for; 10 s
	Provision   time.Duration // after which a group that did not start has failed; 30 min (as Azure)
	Wait        time.Duration // how long start, stop and restart wait for the outcome; 2 min
	Poll        time.Duration // between looks at the runtime without an event; 30 s
	ProbeSecond time.Duration // how long a second in a probe's settings takes; 1 s
	// After is the timer of delayed restarts; nil means time.After.
	After func(time.Duration) <-chan time.Time
}

func (t *Timing) fill() {
	if t.After == nil {
		t.After = time.After
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.BackoffBase, 10 * time.Second}, {&t.BackoffMax, 5 * time.Minute}, {&t.BackoffFree, 10 * time.Minute},
		{&t.Grace, 10 * time.Second}, {&t.Ready, 10 * time.Second}, {&t.Provision, 30 * time.Minute}, {&t.Wait, 2 * time.Minute}, {&t.Poll, 30 * time.Second},
		{&t.ProbeSecond, time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
}

// Service is the room. Make it with [New]; safe for concurrent use.
type Service struct {
	o         Options
	groups    *store.Table[group]
	observed  *store.Table[observed]
	labels    *store.Table[claim]
	addresses *store.Table[claim]
	sessions  session.Book
	quota     limit.Quota

	ctx    context.Context // of all runners
	cancel context.CancelFunc

	mu      sync.Mutex
	runners map[store.Key]*runner
	closed  bool
}

// New makes the room. Nothing runs until [Service.Run] or a PUT.
func New(o Options) (*Service, error) {
	switch {
	case o.Store == nil, o.Runtime.Sandboxes == nil, o.Runtime.Containers == nil, o.Runtime.Streams == nil, o.Runtime.Inside == nil,
		o.Images == nil, o.Sealer == nil, o.Identities == nil, o.Now == nil, o.Domain == "", o.Volumes.Dir == "":
		return nil, errors.New("container: Options need Store, Runtime, Images, Sealer, Identities, Now, Domain and Volumes.Dir")
	}
	if !o.Pool.IsValid() {
		o.Pool = pool.Default
	}
	o.Pool = o.Pool.Masked()
	if pool.Size(o.Pool) == 0 {
		return nil, errors.New("container: the address pool " + o.Pool.String() + " is too small: give at least four addresses")
	}
	if o.Volumes.SecretDir == "" {
		o.Volumes.SecretDir = o.Volumes.Dir
	}
	if o.Volumes.CloneFrom == nil {
		o.Volumes.CloneFrom = volume.Outside
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Timing.fill()
	o.Limits = o.Limits.Filled()
	s := &Service{
		o: o,
		groups: store.NewTable(o.Store, "container/groups",
			store.Index[group]{Name: "sandbox", Keys: func(g group) []string { return []string{g.Sandbox} }},
			store.Index[group]{Name: "place", Keys: func(g group) []string { return []string{g.place().String()} }}),
		observed:  store.NewTable[observed](o.Store, "container/observed"),
		labels:    store.NewTable[claim](o.Store, "container/labels"),
		addresses: store.NewTable[claim](o.Store, "container/addresses"),
		runners:   map[store.Key]*runner{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.sessions.Now, s.sessions.Ends, s.sessions.Sentence = o.Now, s.ctx, sentence
	return s, nil
}

// Run resumes every group and follows the runtime's events until ctx ends; then
// it stops following groups, without touching their containers, and returns nil.
// The service cannot be used afterwards. An error means that it never began.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	events := s.o.Runtime.Containers.Events(ctx)
	if err := s.resume(ctx); err != nil {
		return err
	}
	poll := time.NewTicker(s.o.Timing.Poll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-events:
			if !ok {
				events = nil // ctx ends, or the runtime does; the poll goes on
				continue
			}
			for _, item := range s.groups.By("sandbox", e.Sandbox) {
				s.wake(item.Key)
			}
		case <-poll.C:
			for _, item := range s.groups.List("", "", 0) {
				s.wake(item.Key)
			}
		}
	}
}

// resume removes sandboxes that belong to no group and follows all groups again.
func (s *Service) resume(ctx context.Context) error {
	list, err := s.o.Runtime.Sandboxes.ListSandboxes(ctx)
	if err != nil {
		return err
	}
	for _, sandbox := range list {
		if len(s.groups.By("sandbox", sandbox.ID)) > 0 {
			continue
		}
		s.o.Log.Info("removing a sandbox without a group", "sandbox", sandbox.ID)
		if err := s.o.Runtime.Sandboxes.RemoveSandbox(ctx, sandbox.ID); err != nil {
			s.o.Log.Warn("cannot remove a sandbox without a group", "sandbox", sandbox.ID, "error", err)
		}
	}
	s.sweepVolumes()
	for _, item := range s.groups.List("", "", 0) {
		s.wake(item.Key)
	}
	return nil
}

// wake makes the group's runner look again, starting one if there is none.
func (s *Service) wake(key store.Key) {
	if r := s.runner(key); r != nil {
		r.poke(false)
	}
}

// runner gives the group's runner; nil when the group is gone or the service
// ended.
func (s *Service) runner(key store.Key) *runner {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.runners[key]; r != nil {
		return r
	}
	item, ok := s.groups.Get(key)
	if !ok || item.Value.Leaving || s.closed {
		return nil
	}
	r := newRunner(s, key)
	s.runners[key] = r
	return r
}

// dismiss ends the group's runner and waits until it no longer acts.
func (s *Service) dismiss(key store.Key) {
	s.mu.Lock()
	r := s.runners[key]
	delete(s.runners, key)
	s.mu.Unlock()
	if r != nil {
		r.stop()
	}
}

// seen is what is known of a group: live from its runner, else as stored.
func (s *Service) seen(key store.Key) *observed {
	s.mu.Lock()
	r := s.runners[key]
	s.mu.Unlock()
	if r != nil {
		return r.seen.Load()
	}
	if item, ok := s.observed.Get(key); ok {
		return &item.Value
	}
	return &observed{}
}

func (s *Service) close() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	list := make([]*runner, 0, len(s.runners))
	for _, r := range s.runners {
		list = append(list, r)
	}
	s.mu.Unlock()
	for _, r := range list {
		r.stop()
	}
}
