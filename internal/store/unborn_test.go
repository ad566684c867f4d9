package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.uber.org/zap"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// A first start that was killed after etcd made its log and before it wrote
// into it is made good by the next; etcd alone would wait for a leader forever.
func TestKillBeforeTheFirstEntry(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	member := filepath.Join(dir, "etcd", "member")
	log, err := wal.OpenForRead(zap.NewNop(), filepath.Join(member, "wal"), &walpb.Snapshot{})
	if err != nil {
		t.Fatal(err)
	}
	metadata, _, entries, err := log.ReadAll()
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	log.Close()
	if err := os.RemoveAll(member); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(member, "snap"), 0o700); err != nil {
		t.Fatal(err)
	}
	empty, err := wal.Create(zap.NewNop(), filepath.Join(member, "wal"), metadata)
	if err != nil {
		t.Fatal(err)
	}
	if err := empty.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	tab := store.NewTable[int](again, "numbers")
	put(t, again, tab, store.K("a"), 1)
}
