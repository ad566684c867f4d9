package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// change is one row as etcd tells it; raw is nil when the row was deleted.
type change struct {
	table   string
	key     Key
	raw     []byte
	mod     int64 // for a deleted row the revision that deleted it
	created int64
}

// view is a table in memory. prepare does what needs no lock, decoding above
// all, and returns what then runs under the mirror's lock. latest is the mod
// revision of every row, for a resync; called by the same goroutine as prepare.
type view interface {
	prepare(change) (commit func())
	latest() map[Key]int64
}

// mirror is the memory image of everything under the store's prefix.
type mirror struct {
	feed    sync.Mutex    // held by whoever changes views: the watch, and NewTable
	changes atomic.Uint64 // counts what changed rows, before it is acknowledged; for Memo

	mu      sync.RWMutex // guards all below and the rows of every view
	views   map[string]view
	applied int64 // everything up to this revision is in
	waiters []waiter
}

type waiter struct {
	rev  int64
	done chan struct{}
}

func (m *mirror) init() { m.views = map[string]view{} }

// apply brings in changes, which complete revision rev.
func (m *mirror) apply(changes []change, rev int64) {
	m.feed.Lock()
	defer m.feed.Unlock()
	commits := make([]func(), 0, len(changes))
	for _, c := range changes {
		if c.table == markers {
			continue
		}
		m.mu.RLock()
		v := m.views[c.table]
		m.mu.RUnlock()
		if v == nil {
			v = rawView{}
			m.mu.Lock()
			m.views[c.table] = v
			m.mu.Unlock()
		}
		commits = append(commits, v.prepare(c))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(commits) > 0 {
		m.changes.Add(1)
	}
	for _, commit := range commits {
		commit()
	}
	m.applied = max(m.applied, rev)
	rest := m.waiters[:0]
	for _, w := range m.waiters {
		if w.rev <= m.applied {
			close(w.done)
		} else {
			rest = append(rest, w)
		}
	}
	clear(m.waiters[len(rest):])
	m.waiters = rest
}

// reached is closed once revision rev is in.
func (m *mirror) reached(rev int64) <-chan struct{} {
	w := waiter{rev, make(chan struct{})}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.applied >= rev {
		close(w.done)
	} else {
		m.waiters = append(m.waiters, w)
	}
	return w.done
}

// rawView holds the rows of a table nobody opened yet.
type rawView map[Key]change

func (v rawView) prepare(c change) func() {
	return func() {
		if c.raw == nil {
			delete(v, c.key)
		} else {
			v[c.key] = c
		}
	}
}

func (v rawView) latest() map[Key]int64 {
	l := make(map[Key]int64, len(v))
	for k, c := range v {
		l[k] = c.mod
	}
	return l
}

// awaitRevision returns when the mirror has reached rev. On a shared cluster
// the revision may belong to somebody else's key, which our watch does not
// report: then asking for progress moves the mirror.
func (s *Store) awaitRevision(ctx context.Context, rev int64) error {
	done := s.mirror.reached(rev)
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		t := time.NewTimer(wait)
		select {
		case <-done:
			t.Stop()
			return nil
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-s.ctx.Done():
			t.Stop()
			return ErrClosed
		case <-t.C:
			_ = s.client.RequestProgress(s.watchContext()) // best effort, repeated
		}
	}
}

// change reads a row of ours as etcd has it.
func (s *Store) change(kv *mvccpb.KeyValue, exists bool) change {
	c := change{mod: kv.ModRevision}
	c.table, c.key = firstPart(string(kv.Key[len(s.prefix):]))
	if exists {
		c.raw, c.created = kv.Value, kv.CreateRevision
		if c.raw == nil {
			c.raw = []byte{}
		}
	}
	return c
}

// pageSize bounds a reply while loading.
const pageSize = 2000

// load reads everything at one revision and makes the mirror equal to it.
func (s *Store) load(ctx context.Context) error {
	var (
		changes []change
		rev     int64
		end     = clientv3.GetPrefixRangeEnd(s.prefix)
		from    = s.prefix
	)
	for {
		r, err := s.client.Get(ctx, from, clientv3.WithRange(end), clientv3.WithLimit(pageSize), clientv3.WithRev(rev))
		if err != nil {
			return err
		}
		if rev == 0 {
			rev = r.Header.Revision
		}
		for _, kv := range r.Kvs {
			changes = append(changes, s.change(kv, true))
		}
		if !r.More || len(r.Kvs) == 0 {
			break
		}
		from = string(r.Kvs[len(r.Kvs)-1].Key) + "\x00"
	}
	s.mirror.apply(s.mirror.difference(changes, rev), rev)
	return nil
}

// difference reduces a full set of rows to what the mirror does not have yet,
// and adds the deletion of what is no longer there.
func (m *mirror) difference(rows []change, rev int64) []change {
	m.feed.Lock()
	defer m.feed.Unlock()
	old := map[string]map[Key]int64{}
	for name, v := range m.views {
		old[name] = v.latest()
	}
	news := rows[:0]
	for _, c := range rows {
		if mod, ok := old[c.table][c.key]; !ok || mod != c.mod {
			news = append(news, c)
		}
		delete(old[c.table], c.key)
	}
	for table, gone := range old {
		for k := range gone {
			news = append(news, change{table: table, key: k, mod: rev})
		}
	}
	return news
}

func (s *Store) watchContext() context.Context {
	if s.server != nil {
		return s.ctx
	}
	return clientv3.WithRequireLeader(s.ctx)
}

// follow keeps the mirror up to date until Close. When the watch breaks for
// good (its revision was compacted away, the cluster lost its leader) it reads
// everything again.
func (s *Store) follow() {
	defer close(s.done)
	for s.ctx.Err() == nil {
		err := s.watch()
		for wait := 50 * time.Millisecond; s.ctx.Err() == nil; wait = min(2*wait, 5*time.Second) {
			s.log.Info("store: watch ended, reading everything again", "error", err)
			if err = s.load(s.ctx); err == nil {
				break
			}
			select {
			case <-time.After(wait):
			case <-s.ctx.Done():
			}
		}
	}
}

// watch applies changes after the mirror's revision until the watch ends.
func (s *Store) watch() error {
	ctx, cancel := context.WithCancel(s.watchContext())
	defer cancel()
	events := s.client.Watch(ctx, s.prefix, clientv3.WithPrefix(), clientv3.WithRev(s.Revision()+1), clientv3.WithProgressNotify())
	for r := range events {
		if err := r.Err(); err != nil {
			return err
		}
		if len(r.Events) == 0 {
			if r.IsProgressNotify() {
				s.mirror.apply(nil, r.Header.Revision)
			}
			continue
		}
		changes := make([]change, len(r.Events))
		for i, e := range r.Events {
			changes[i] = s.change(e.Kv, e.Type == clientv3.EventTypePut)
		}
		s.mirror.apply(changes, changes[len(changes)-1].mod)
	}
	return errors.New("watch channel closed")
}
