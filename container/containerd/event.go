package containerd

import (
	"context"
	"sync"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// broadcast hands every event to every listener. A slow listener loses its
// oldest events.
type broadcast struct {
	mu        sync.Mutex
	listeners map[chan pod.Event]struct{}
	closed    bool
}

// backlog is how many events a listener may be behind.
const backlog = 256

func newBroadcast() *broadcast { return &broadcast{listeners: map[chan pod.Event]struct{}{}} }

func (b *broadcast) send(e pod.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		for sent := false; !sent; {
			select {
			case l <- e:
				sent = true
			default:
				select {
				case <-l:
				default:
				}
			}
		}
	}
}

func (b *broadcast) listen(ctx context.Context) <-chan pod.Event {
	l := make(chan pod.Event, backlog)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(l)
		return l
	}
	b.listeners[l] = struct{}{}
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.drop(l)
	})
	return l
}

// drop ends a listener once; the caller holds the lock.
func (b *broadcast) drop(l chan pod.Event) {
	if _, ok := b.listeners[l]; ok {
		delete(b.listeners, l)
		close(l)
	}
}

func (b *broadcast) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for l := range b.listeners {
		b.drop(l)
	}
}

// Events implements [pod.Containers].
func (r *Runtime) Events(ctx context.Context) <-chan pod.Event { return r.events.listen(ctx) }
