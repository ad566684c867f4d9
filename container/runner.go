package container

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// runner makes the world agree with one group. Its goroutine repeats step, which
// compares what is wanted with what is there and does what is missing; wakes say
// when to look, nothing more.
type runner struct {
	s    *Service
	key  store.Key
	seen atomic.Pointer[observed]
	wake chan struct{}
	done chan struct{}
	quit context.CancelFunc

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced when seen changes
	interrupt context.CancelFunc

	// Of the goroutine alone:
	saved   *observed
	adopted bool       // the sandbox was ensured by this process, for this run
	faults  int        // failures of the runtime in a row
	open    []pod.Port // what is forwarded
	health  health
	voucher voucher
}

// forever is the answer of a step that has nothing to wait for but a wake.
const forever = time.Duration(-1)

func newRunner(s *Service, key store.Key) *runner {
	r := &runner{s: s, key: key, wake: make(chan struct{}, 1), done: make(chan struct{}), changed: make(chan struct{})}
	first := &observed{}
	if item, ok := s.observed.Get(key); ok {
		first = &item.Value
		r.saved = first
	}
	r.seen.Store(first)
	var ctx context.Context
	ctx, r.quit = context.WithCancel(s.ctx)
	r.health = health{life: ctx, probers: map[string]*prober{}}
	go r.loop(ctx)
	return r
}

// stop ends the goroutine and waits for it.
func (r *runner) stop() {
	r.quit()
	<-r.done
}

// poke makes the runner look again. With breakOff it also ends what the runner is
// doing, because the intent changed.
func (r *runner) poke(breakOff bool) {
	select {
	case r.wake <- struct{}{}:
	default:
	}
	if !breakOff {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.interrupt != nil {
		r.interrupt()
	}
}

func (r *runner) loop(ctx context.Context) {
	defer close(r.done)
	defer r.health.wait.Wait()
	defer r.unvouch()
	for ctx.Err() == nil {
		step, cancel := context.WithCancel(ctx)
		r.mu.Lock()
		r.interrupt = cancel
		r.mu.Unlock()
		wait := r.step(step)
		cancel()
		var timer <-chan time.Time
		if wait > 0 {
			timer = r.s.o.Timing.After(wait)
		}
		if wait == 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-timer:
		}
	}
}

// step does what is missing and tells when to look again without a wake.
func (r *runner) step(ctx context.Context) time.Duration {
	item, ok := r.s.groups.Get(r.key)
	if !ok || item.Value.Leaving {
		return forever
	}
	g := item.Value
	if r.seen.Load().Run != g.Run {
		r.adopted, r.faults = false, 0
		r.endProbes()
		if g.Spec.Identity == nil {
			r.unvouch()
		}
		r.publish(newObserved(&g))
	}
	o := r.seen.Load()
	switch {
	case g.Stopped:
		return r.halt(ctx, &g)
	case o.Failure != nil:
		return forever
	case !o.Ready:
		return r.provision(ctx, &g)
	}
	return r.supervise(ctx, &g)
}

// change replaces what was seen by a changed copy.
func (r *runner) change(g *group, f func(*observed)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.seen.Load().clone()
	f(next)
	next.State = stateOf(g, next)
	r.publishLocked(next)
}

func (r *runner) publish(next *observed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publishLocked(next)
}

func (r *runner) publishLocked(next *observed) {
	r.seen.Store(next)
	close(r.changed)
	r.changed = make(chan struct{})
}

// save stores what was seen, if it changed. It outlives an interruption: what
// happened is to be remembered.
func (r *runner) save(ctx context.Context) {
	now := r.seen.Load()
	if now == r.saved {
		return
	}
	err := r.s.o.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		item, ok, err := r.s.groups.GetTx(tx, r.key)
		if err != nil || !ok || item.Value.Leaving {
			return err
		}
		return r.s.observed.Put(tx, r.key, *now)
	})
	if err != nil {
		r.s.o.Log.Warn("cannot store what was seen of a container group", "group", r.key.String(), "error", err)
		return
	}
	r.saved = now
}

// await waits until cond holds for what was seen, and returns that.
func (r *runner) await(ctx context.Context, cond func(*observed) bool) (*observed, error) {
	for {
		r.mu.Lock()
		changed := r.changed
		o := r.seen.Load()
		r.mu.Unlock()
		if cond(o) {
			return o, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return o, ctx.Err()
		case <-r.done:
			return o, errGone
		}
	}
}

// Ensure makes the group run and returns when it does: containers started,
// declared TCP ports answering. Its error is why the run cannot be made:
// InaccessibleImage, RegistryErrorResponse, OsVersionNotSupported,
// ContainerStartFailed, PublicPortInUse or an internal one. A group that is
// stopped or was deleted meanwhile is no error. The error of ctx leaves open how
// it goes on: repeat the call.
func (s *Service) Ensure(ctx context.Context, id azure.ResourceID) error {
	key := groupKey(id)
	item, ok := s.groups.Get(key)
	if !ok || item.Value.Leaving {
		return nil
	}
	o, err := s.settle(ctx, key, item.Value.Run)
	switch {
	case err != nil && s.ctx.Err() != nil:
		<-ctx.Done() // the cloud stops: the next process goes on
		return ctx.Err()
	case err != nil:
		if current, still := s.groups.Get(key); !still || current.Value.Leaving {
			return nil
		}
		return err
	case o.Run == item.Value.Run && o.Failure != nil:
		return o.Failure.err()
	case o.Run == item.Value.Run && o.Ready:
		return s.configure(&item.Value)
	}
	return nil
}

// settle waits until the run, or a later one, came up, failed or was stopped.
func (s *Service) settle(ctx context.Context, key store.Key, run int64) (*observed, error) {
	r := s.runner(key)
	if r == nil {
		return nil, errGone
	}
	if o := r.seen.Load(); o.Run != run || !o.settled() {
		r.poke(o.Run != run)
	}
	return r.await(ctx, func(o *observed) bool { return o.Run > run || o.Run == run && o.settled() })
}

var errGone = azure.Errorf(azure.Conflict, azure.CodeResourceBeingDeleted, "The container group is being deleted, or the cloud is stopping. Look again later.")
