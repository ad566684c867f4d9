package store

import "sync"

// memoLimit is the most answers a memo keeps.
const memoLimit = 4096

// Memo remembers what was worked out from rows, until any row of the store
// changes: an answer from it is the answer that working it out now would give.
// What is remembered must depend on rows and the key only, above all not on the
// clock. It pays where the same is asked much more often than anything is
// written. Safe for concurrent use.
type Memo[K comparable, V any] struct {
	s *Store

	mu    sync.RWMutex
	as    uint64 // the changes that items know of
	items map[K]V
}

// NewMemo makes a memo of answers from the store's rows.
func NewMemo[K comparable, V any](s *Store) *Memo[K, V] {
	return &Memo[K, V]{s: s, items: map[K]V{}}
}

// Get gives the remembered answer, or works it out and remembers it. An error is
// not remembered. The value is shared: read only.
func (m *Memo[K, V]) Get(key K, work func() (V, error)) (V, error) {
	now := m.s.mirror.changes.Load() // before the work: what changes during it makes the answer old
	m.mu.RLock()
	v, ok := m.items[key]
	ok = ok && m.as == now
	m.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := work()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.as < now || len(m.items) >= memoLimit {
		clear(m.items)
		m.as = max(m.as, now)
	}
	if m.as == now {
		m.items[key] = v
	}
	return v, nil
}
