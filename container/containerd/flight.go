package containerd

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// flights are pieces of work that several may want at a time.
type flights struct {
	mu  sync.Mutex
	all map[string]*flight
}

// flight is one of them. image and err are written before done is closed.
type flight struct {
	wanted int  // by so many
	ending bool // nobody wanted it for a while: it was canceled
	cancel context.CancelFunc
	done   chan struct{}
	image  pod.Image
	err    error
}

// linger is how long work goes on that nobody wants: a container group that is
// changed while it starts asks again at once.
const linger = 2 * time.Second

// once does a piece of work once however many ask for it at a time. It ends soon
// after all who asked have gone; who asks while it ends waits, and begins it anew.
func (r *Runtime) once(ctx context.Context, key string, do func(context.Context) (pod.Image, error)) (pod.Image, error) {
	for {
		f, ours := r.board(key, do)
		select {
		case <-f.done:
			if ours {
				return f.image, f.err
			}
		case <-ctx.Done():
			if ours {
				r.leave(f)
			}
			return pod.Image{}, ctx.Err()
		}
	}
}

// board joins the flight of the key, or starts one; a canceled one can only be
// waited for.
func (r *Runtime) board(key string, do func(context.Context) (pod.Image, error)) (f *flight, ours bool) {
	r.unpacking.mu.Lock()
	defer r.unpacking.mu.Unlock()
	if f = r.unpacking.all[key]; f != nil {
		if f.ending {
			return f, false
		}
		f.wanted++
		return f, true
	}
	f = &flight{wanted: 1, done: make(chan struct{})}
	var ctx context.Context
	ctx, f.cancel = context.WithCancel(r.ctx)
	if r.unpacking.all == nil {
		r.unpacking.all = map[string]*flight{}
	}
	r.unpacking.all[key] = f
	land := func() {
		r.unpacking.mu.Lock()
		delete(r.unpacking.all, key)
		r.unpacking.mu.Unlock()
		f.cancel()
		close(f.done)
	}
	if !r.work.start(func() {
		f.image, f.err = do(ctx)
		land()
	}) {
		f.err = errors.New("the container runtime is being closed")
		go land() // which needs the lock
	}
	return f, true
}

func (r *Runtime) leave(f *flight) {
	r.unpacking.mu.Lock()
	defer r.unpacking.mu.Unlock()
	if f.wanted--; f.wanted > 0 {
		return
	}
	time.AfterFunc(linger, func() {
		r.unpacking.mu.Lock()
		defer r.unpacking.mu.Unlock()
		if f.wanted == 0 {
			f.ending = true
			f.cancel()
		}
	})
}
