package store

import (
	"context"
	"sync"
)

// Event is a change of one row.
type Event[T any] struct {
	Item    Item[T] // as it is now; of a deleted row the last value, ETag being the revision that deleted it
	Deleted bool
}

// backlog is how many events wait for a slow receiver before older events of
// the same row are dropped.
const backlog = 4096

// watcher is the queue of one receiver.
type watcher[T any] struct {
	mu      sync.Mutex
	queue   []Event[T]
	limit   int
	arrived chan struct{}
}

// Watch delivers the changes that happen from now on, in order, each after the
// mirror has it: call Watch, then List, and nothing is missed. A slow receiver
// holds up nobody: when thousands of events wait for it, only the last of each
// row is kept. The channel is closed when ctx ends or the store closes. Values
// are shared: read only.
func (t *Table[T]) Watch(ctx context.Context) <-chan Event[T] {
	w := &watcher[T]{arrived: make(chan struct{}, 1), limit: backlog}
	m := &t.s.mirror
	m.mu.Lock()
	t.watchers[w] = struct{}{}
	m.mu.Unlock()
	out := make(chan Event[T])
	go func() {
		defer close(out)
		defer func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			delete(t.watchers, w)
		}()
		for {
			for _, e := range w.take() {
				select {
				case out <- e:
				case <-ctx.Done():
					return
				case <-t.s.ctx.Done():
					return
				}
			}
			select {
			case <-w.arrived:
			case <-ctx.Done():
				return
			case <-t.s.ctx.Done():
				return
			}
		}
	}()
	return out
}

// notify queues an event for every receiver; called under the mirror's lock.
func (t *Table[T]) notify(e Event[T]) {
	for w := range t.watchers {
		w.put(e)
	}
}

func (w *watcher[T]) take() []Event[T] {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queue
	w.queue, w.limit = nil, backlog
	return q
}

func (w *watcher[T]) put(e Event[T]) {
	w.mu.Lock()
	w.queue = append(w.queue, e)
	if len(w.queue) > w.limit {
		w.queue = latestOf(w.queue)
		w.limit = max(backlog, 2*len(w.queue))
	}
	w.mu.Unlock()
	select {
	case w.arrived <- struct{}{}:
	default:
	}
}

// latestOf keeps the last event of each row, in order.
func latestOf[T any](queue []Event[T]) []Event[T] {
	last := make(map[Key]int, len(queue))
	for i, e := range queue {
		last[e.Item.Key] = i
	}
	kept := make([]Event[T], 0, len(last))
	for i, e := range queue {
		if last[e.Item.Key] == i {
			kept = append(kept, e)
		}
	}
	return kept
}
