package cloudtest

import (
	"path/filepath"
	"testing"

	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/plugins/content/local"
	bolt "go.etcd.io/bbolt"

	"github.com/lazuli-cloud/lazuli/cloud"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

// newMachine is the fake runtime with containerd's own content store, which
// needs no containerd. It lives as long as the test, so that a restarted cloud
// finds what it had.
func newMachine(t testing.TB, runtime *fake.Runtime) *cloud.Machine {
	t.Helper()
	dir := t.TempDir()
	file, err := bolt.Open(filepath.Join(dir, "meta.db"), 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	blobs, err := local.NewStore(filepath.Join(dir, "content"))
	if err != nil {
		t.Fatal(err)
	}
	db := metadata.NewDB(file, blobs, nil)
	if err := db.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &cloud.Machine{Runtime: runtime, Content: db.ContentStore(), ContentDir: filepath.Join(dir, "content"), Leases: metadata.NewLeaseManager(db), Images: metadata.NewImageStore(db),
		Close: func() error { return nil }}
}
