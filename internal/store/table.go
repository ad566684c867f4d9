package store

import (
	"encoding/json"
	"fmt"
)

// Item is a row of a table.
type Item[T any] struct {
	Key     Key
	Value   T
	ETag    int64 // the revision that last changed the row; 0 for a write of this transaction that is not committed yet
	Created int64 // the revision that created it
}

// Index is a secondary index, kept in memory: Keys lists the values under which
// [Table.By] finds a row (none, one or several). It must depend on the row only.
type Index[T any] struct {
	Name string
	Keys func(T) []string
}

// Table is a set of rows of one type ordered by key. Safe for concurrent use.
type Table[T any] struct {
	s       *Store
	name    string
	indexes []index[T]

	// Under s.mirror.mu:
	rows     map[Key]*row[T]
	order    sorted[*row[T]]
	watchers map[*watcher[T]]struct{}
}

type index[T any] struct {
	Index[T]
	rows map[string]*sorted[*row[T]]
}

// row is a decoded row; it never changes, a change replaces it.
type row[T any] struct {
	Item[T]
	raw    []byte
	values [][]string // by index
	err    error      // raw does not decode
}

// NewTable opens a table. The name is part of every key on disk; by custom it
// is the room and the noun, "vault/secrets". Opening a name again with the same
// type gives the same table (and adds indexes it lacks); another type is a
// mistake of the program and panics.
func NewTable[T any](s *Store, name string, indexes ...Index[T]) *Table[T] {
	if name == "" {
		panic("store: a table needs a name")
	}
	m := &s.mirror
	m.feed.Lock()
	defer m.feed.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &Table[T]{s: s, name: name, rows: map[Key]*row[T]{}, watchers: map[*watcher[T]]struct{}{}}
	switch v := m.views[name].(type) {
	case nil:
	case rawView:
		for _, c := range v {
			t.set(t.decode(c))
		}
	case *Table[T]:
		t = v
	default:
		panic(fmt.Sprintf("store: table %q is open with another type: %T, not %T", name, v, t))
	}
	for _, x := range indexes {
		t.addIndex(x)
	}
	m.views[name] = t
	return t
}

func (t *Table[T]) addIndex(x Index[T]) {
	for _, have := range t.indexes {
		if have.Name == x.Name {
			return
		}
	}
	t.indexes = append(t.indexes, index[T]{x, map[string]*sorted[*row[T]]{}})
	old := t.rows
	t.rows, t.order = map[Key]*row[T]{}, sorted[*row[T]]{}
	for i := range t.indexes {
		clear(t.indexes[i].rows)
	}
	for _, r := range old {
		r.values = t.indexValues(r)
		t.set(r)
	}
}

func (t *Table[T]) decode(c change) *row[T] {
	r := &row[T]{Item: Item[T]{Key: c.key, ETag: c.mod, Created: c.created}, raw: c.raw}
	if err := json.Unmarshal(c.raw, &r.Value); err != nil {
		var zero T
		r.Value = zero
		r.err = fmt.Errorf("%w %s of table %s: %w", ErrDecode, c.key, t.name, err)
		t.s.log.Error("store: hiding a row that does not decode", "table", t.name, "key", c.key.String(), "error", err)
	}
	r.values = t.indexValues(r)
	return r
}

func (t *Table[T]) indexValues(r *row[T]) [][]string {
	if r.err != nil || len(t.indexes) == 0 {
		return nil
	}
	values := make([][]string, len(t.indexes))
	for i, x := range t.indexes {
		values[i] = x.Keys(r.Value)
	}
	return values
}

// prepare implements view.
func (t *Table[T]) prepare(c change) func() {
	if c.raw != nil {
		r := t.decode(c)
		return func() {
			t.set(r)
			if r.err == nil {
				t.notify(Event[T]{Item: r.Item})
			}
		}
	}
	return func() {
		r := t.rows[c.key]
		t.unset(c.key)
		if r != nil && r.err == nil {
			it := r.Item
			it.ETag = c.mod
			t.notify(Event[T]{Item: it, Deleted: true})
		}
	}
}

// latest implements view.
func (t *Table[T]) latest() map[Key]int64 {
	t.s.mirror.mu.RLock()
	defer t.s.mirror.mu.RUnlock()
	l := make(map[Key]int64, len(t.rows))
	for k, r := range t.rows {
		l[k] = r.ETag
	}
	return l
}

func (t *Table[T]) set(r *row[T]) {
	t.unindex(t.rows[r.Key])
	t.rows[r.Key] = r
	t.order.set(r.Key, r)
	for i, values := range r.values {
		for _, v := range values {
			rows := t.indexes[i].rows[v]
			if rows == nil {
				rows = &sorted[*row[T]]{}
				t.indexes[i].rows[v] = rows
			}
			rows.set(r.Key, r)
		}
	}
}

func (t *Table[T]) unset(key Key) {
	t.unindex(t.rows[key])
	delete(t.rows, key)
	t.order.remove(key)
}

func (t *Table[T]) unindex(r *row[T]) {
	if r == nil {
		return
	}
	for i, values := range r.values {
		for _, v := range values {
			rows := t.indexes[i].rows[v]
			if rows == nil {
				continue
			}
			rows.remove(r.Key)
			if rows.n == 0 {
				delete(t.indexes[i].rows, v)
			}
		}
	}
}

// Get reads a row from memory. The value is shared: read only.
func (t *Table[T]) Get(key Key) (Item[T], bool) {
	t.s.mirror.mu.RLock()
	r := t.rows[key]
	t.s.mirror.mu.RUnlock()
	if r == nil || r.err != nil {
		return Item[T]{}, false
	}
	return r.Item, true
}

// List reads the rows under prefix with a key greater than after, at most limit
// (0: all), ordered by key, all of one revision. The zero Key as prefix means
// every row, as after from the first. The values are shared: read only.
func (t *Table[T]) List(prefix, after Key, limit int) []Item[T] {
	t.s.mirror.mu.RLock()
	defer t.s.mirror.mu.RUnlock()
	var items []Item[T]
	t.order.walk(prefix, after, func(_ Key, r *row[T]) bool {
		if r.err == nil {
			items = append(items, r.Item)
		}
		return limit <= 0 || len(items) < limit
	})
	return items
}

// By reads the rows that the index lists under value, ordered by key. The
// values are shared: read only. An index the table was not opened with panics.
func (t *Table[T]) By(index, value string) []Item[T] {
	t.s.mirror.mu.RLock()
	defer t.s.mirror.mu.RUnlock()
	for i := range t.indexes {
		if t.indexes[i].Name != index {
			continue
		}
		rows := t.indexes[i].rows[value]
		if rows == nil {
			return nil
		}
		items := make([]Item[T], 0, rows.n)
		rows.walk("", "", func(_ Key, r *row[T]) bool {
			items = append(items, r.Item)
			return true
		})
		return items
	}
	panic(fmt.Sprintf("store: table %q has no index %q", t.name, index))
}

// Len is the number of rows.
func (t *Table[T]) Len() int {
	t.s.mirror.mu.RLock()
	defer t.s.mirror.mu.RUnlock()
	return len(t.rows)
}
