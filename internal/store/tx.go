package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// markers is the table (no real table has this name) with a row per table that
// every deletion in it changes: a range of etcd keys can be compared for what was
// added or changed, not for what is gone.
const markers = ""

// errStale ends a try whose reads do not fit together.
var errStale = errors.New("store: stale read")

// Tx is one try of a transaction. It belongs to the goroutine of the function
// it was given to and is dead after it.
type Tx struct {
	s      *Store
	ctx    context.Context
	reads  map[string]int64 // etcd key -> mod revision seen, 0 for absent
	ranges map[rangeRead]int64
	writes map[string]*write
	order  []string // of writes
	leases map[time.Duration]clientv3.LeaseID
	stale  bool
}

type rangeRead struct{ table, from string }

type write struct {
	raw   []byte // nil: delete
	table string
	key   Key
	lease clientv3.LeaseID
}

// Update runs f as a transaction: all its writes or none. f may run several
// times and must do nothing but compute and call tx. When Update returns nil the
// writes are on disk and every read of this process sees them.
//
// An error of f is returned as it is, nothing written. [ErrConflict] after too
// many lost races; [ErrTooLarge], [ErrFull], [ErrClosed]. Any other error (ctx
// ended, the cluster is unreachable) leaves open whether the writes happened.
func (s *Store) Update(ctx context.Context, f func(tx *Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inflight.Done()
	leases := map[time.Duration]clientv3.LeaseID{}
	for try := range s.maxTries {
		if try == 2 {
			select {
			case s.lane <- struct{}{}:
				defer func() { <-s.lane }()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
		tx := &Tx{
			s: s, ctx: ctx, leases: leases,
			reads: map[string]int64{}, ranges: map[rangeRead]int64{}, writes: map[string]*write{},
		}
		done, err := tx.run(f)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: gave up after %d tries", ErrConflict, s.maxTries)
}

// pause spreads the tries of those who lose often, against writers of other processes.
func pause(ctx context.Context, try int) error {
	if try < 4 {
		return ctx.Err()
	}
	select {
	case <-time.After(rand.N(time.Duration(min(try, 20)) * time.Millisecond)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run makes one try; done is false when it has to be made again.
func (tx *Tx) run(f func(*Tx) error) (done bool, err error) {
	ferr := f(tx)
	if tx.stale {
		return false, nil
	}
	compares := tx.compares()
	ops := tx.ops()
	if ferr != nil || len(ops) == 0 {
		if len(compares) == 0 {
			return true, ferr
		}
		// A linearizable read makes the comparison see everything committed anywhere.
		ops = []clientv3.Op{clientv3.OpGet(tx.s.prefix)}
	}
	r, err := tx.s.client.Txn(tx.ctx).If(compares...).Then(ops...).Commit()
	if err != nil {
		return false, tx.s.explain(err, len(compares), len(ops))
	}
	if err := tx.s.awaitRevision(tx.ctx, r.Header.Revision); err != nil {
		if r.Succeeded && ferr == nil && len(tx.writes) > 0 {
			err = fmt.Errorf("store: committed at revision %d, but not visible yet: %w", r.Header.Revision, err)
		}
		return false, err
	}
	if !r.Succeeded {
		return false, nil // what f said was about rows that have changed
	}
	return true, ferr
}

func (tx *Tx) compares() []clientv3.Cmp {
	cmps := make([]clientv3.Cmp, 0, len(tx.reads)+2*len(tx.ranges))
	for k, mod := range tx.reads {
		cmps = append(cmps, clientv3.Compare(clientv3.ModRevision(k), "=", mod))
	}
	for r, rev := range tx.ranges {
		cmps = append(cmps,
			clientv3.Compare(clientv3.ModRevision(r.from), "<", rev+1).WithPrefix(),
			clientv3.Compare(clientv3.ModRevision(tx.s.marker(r.table)), "<", rev+1))
	}
	return cmps
}

func (tx *Tx) ops() []clientv3.Op {
	ops := make([]clientv3.Op, 0, len(tx.order)+1)
	deleted := map[string]bool{}
	for _, k := range tx.order {
		w := tx.writes[k]
		if w.raw != nil {
			ops = append(ops, clientv3.OpPut(k, string(w.raw), clientv3.WithLease(w.lease)))
			continue
		}
		ops = append(ops, clientv3.OpDelete(k))
		if !deleted[w.table] {
			deleted[w.table] = true
			ops = append(ops, clientv3.OpPut(tx.s.marker(w.table), ""))
		}
	}
	return ops
}

// explain turns etcd's refusals into ours.
func (s *Store) explain(err error, compares, ops int) error {
	switch {
	case errors.Is(err, rpctypes.ErrTooManyOps):
		return fmt.Errorf("%w: %d comparisons and %d writes: split it (the embedded server takes %d, a cluster its --max-txn-ops)",
			ErrTooLarge, compares, ops, embeddedMaxOps)
	case errors.Is(err, rpctypes.ErrRequestTooLarge):
		return fmt.Errorf("%w: split it (the embedded server takes %d bytes, a cluster its --max-request-bytes)", ErrTooLarge, embeddedMaxBytes)
	case errors.Is(err, rpctypes.ErrNoSpace):
		return fmt.Errorf("%w: restart to let it compact itself, or delete what is not needed", ErrFull)
	case s.ctx.Err() != nil:
		return ErrClosed
	}
	return fmt.Errorf("store: commit: %w", err)
}

// path is the etcd key of a row, or with a zero key the prefix of a table.
func (s *Store) path(table string, key Key) string {
	return s.prefix + string(K(table)) + string(key)
}

func (s *Store) marker(table string) string { return s.path(markers, K(table)) }

// read notes that the transaction depends on a row being at mod.
func (tx *Tx) read(path string, mod int64) error {
	if seen, ok := tx.reads[path]; ok && seen != mod {
		tx.stale = true
		return errStale
	}
	tx.reads[path] = mod
	return nil
}

func (tx *Tx) write(path string, w *write) {
	if _, ok := tx.writes[path]; !ok {
		tx.order = append(tx.order, path)
	}
	tx.writes[path] = w
}

// lease makes the lease of entries that live for ttl, once per Update.
func (tx *Tx) lease(ttl time.Duration) (clientv3.LeaseID, error) {
	if id, ok := tx.leases[ttl]; ok {
		return id, nil
	}
	seconds := int64((ttl + time.Second - 1) / time.Second)
	l, err := tx.s.client.Grant(tx.ctx, max(seconds, 1))
	if err != nil {
		return 0, fmt.Errorf("store: grant a lease: %w", err)
	}
	tx.leases[ttl] = l.ID
	return l.ID, nil
}
