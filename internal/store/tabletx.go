package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// private decodes a row once more, for one who may change it.
func (t *Table[T]) private(it Item[T], raw []byte) (Item[T], error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return Item[T]{}, fmt.Errorf("%w %s of table %s: %w", ErrDecode, it.Key, t.name, err)
	}
	it.Value = v
	return it, nil
}

// GetTx reads a row within a transaction, which then commits only if the row
// has not changed. It sees the transaction's own writes. The value is the
// caller's own.
func (t *Table[T]) GetTx(tx *Tx, key Key) (Item[T], bool, error) {
	path := t.s.path(t.name, key)
	if w, ok := tx.writes[path]; ok {
		if w.raw == nil {
			return Item[T]{}, false, nil
		}
		it, err := t.private(Item[T]{Key: key}, w.raw)
		return it, err == nil, err
	}
	r, err := t.look(tx, key)
	if r == nil || err != nil {
		return Item[T]{}, false, err
	}
	it, err := t.private(r.Item, r.raw)
	return it, err == nil, err
}

// look reads a row from the mirror and notes the dependency.
func (t *Table[T]) look(tx *Tx, key Key) (*row[T], error) {
	t.s.mirror.mu.RLock()
	r := t.rows[key]
	t.s.mirror.mu.RUnlock()
	var mod int64
	if r != nil {
		mod = r.ETag
	}
	return r, tx.read(t.s.path(t.name, key), mod)
}

// ListTx reads the rows under prefix within a transaction, which then commits
// only if no row under prefix was added, changed or deleted. It sees the
// transaction's own writes. (A row that expires by [Table.PutTTL] is no
// conflict.) The values are the caller's own.
func (t *Table[T]) ListTx(tx *Tx, prefix Key) ([]Item[T], error) {
	type found struct {
		Item[T]
		raw []byte
	}
	var rows sorted[found]
	m := &t.s.mirror
	m.mu.RLock()
	rev := m.applied
	t.order.walk(prefix, "", func(k Key, r *row[T]) bool {
		rows.set(k, found{r.Item, r.raw})
		return true
	})
	m.mu.RUnlock()
	at := rangeRead{t.name, t.s.path(t.name, prefix)}
	if seen, ok := tx.ranges[at]; !ok || rev < seen {
		tx.ranges[at] = rev // the oldest: later changes then conflict with either read
	}
	for _, w := range tx.writes {
		switch {
		case w.table != t.name || !w.key.HasPrefix(prefix):
		case w.raw == nil:
			rows.remove(w.key)
		default:
			rows.set(w.key, found{Item[T]{Key: w.key}, w.raw})
		}
	}
	items := make([]Item[T], 0, rows.n)
	var err error
	rows.walk("", "", func(_ Key, f found) bool {
		var it Item[T]
		it, err = t.private(f.Item, f.raw)
		items = append(items, it)
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Put writes a row whatever was there.
func (t *Table[T]) Put(tx *Tx, key Key, v T) error { return t.put(tx, key, v, 0) }

// PutTTL is Put of a row that deletes itself after ttl, rounded up to seconds
// (at least one; the deletion may come about a second late). A later Put of the
// row makes it stay.
func (t *Table[T]) PutTTL(tx *Tx, key Key, v T, ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("store: a row cannot live for %v: give a positive time", ttl)
	}
	return t.put(tx, key, v, ttl)
}

func (t *Table[T]) put(tx *Tx, key Key, v T, ttl time.Duration) error {
	if key == "" {
		return fmt.Errorf("store: a row of table %s needs a key", t.name)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("store: encode row %s of table %s: %w", key, t.name, err)
	}
	w := &write{raw: raw, table: t.name, key: key}
	if ttl > 0 {
		if w.lease, err = tx.lease(ttl); err != nil {
			return err
		}
	}
	tx.write(t.s.path(t.name, key), w)
	return nil
}

// Insert writes a row that must not be there yet: [ErrExists].
func (t *Table[T]) Insert(tx *Tx, key Key, v T) error {
	if w, ok := tx.writes[t.s.path(t.name, key)]; ok {
		if w.raw != nil {
			return fmt.Errorf("%w: %s in %s", ErrExists, key, t.name)
		}
		return t.Put(tx, key, v)
	}
	r, err := t.look(tx, key)
	if err != nil {
		return err
	}
	if r != nil {
		return fmt.Errorf("%w: %s in %s", ErrExists, key, t.name)
	}
	return t.Put(tx, key, v)
}

// PutIf writes a row that must be at etag still: [ErrConflict]. An etag of 0
// means that the row must not be there.
func (t *Table[T]) PutIf(tx *Tx, key Key, v T, etag int64) error {
	r, err := t.look(tx, key)
	if err != nil {
		return err
	}
	var mod int64
	if r != nil {
		mod = r.ETag
	}
	if mod != etag {
		return fmt.Errorf("%w: %s in %s has ETag %d, not %d", ErrConflict, key, t.name, mod, etag)
	}
	return t.Put(tx, key, v)
}

// Delete removes a row; one that is not there is no error.
func (t *Table[T]) Delete(tx *Tx, key Key) error {
	if key == "" {
		return fmt.Errorf("store: a row of table %s needs a key", t.name)
	}
	tx.write(t.s.path(t.name, key), &write{table: t.name, key: key})
	return nil
}
