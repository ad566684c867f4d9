package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// fuse is a context that ends the n-th time somebody asks whether it has.
type fuse struct {
	context.Context
	cut  context.CancelFunc
	left atomic.Int64
}

func newFuse(parent context.Context, n int) *fuse {
	f := &fuse{}
	f.Context, f.cut = context.WithCancel(parent)
	f.left.Store(int64(n))
	return f
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		f.cut()
	}
	return f.Context.Err()
}

// A purge that breaks off at any step is ended by the next sweep, and until then
// neither the name comes back nor what was begun can be undone.
func TestPurgeBrokenOff(t *testing.T) {
	w := newWorld(t)
	deleted := sub + "/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv1"
	var begun, untouched bool
	for step := 0; ; step++ {
		w.create("kv1", `,"softDeleteRetentionInDays":7`)
		for i := range 3 {
			w.data("owner", "kv1", "PUT", fmt.Sprintf("/secrets/s%d", i), `{"value":"x"}`).want(200)
		}
		w.data("owner", "kv1", "DELETE", "/secrets/s0", "").want(200)
		w.arm("owner", "DELETE", vaults+"kv1", "").want(200)
		w.advance(8 * 24 * time.Hour)
		ctx := newFuse(t.Context(), step)
		err := w.vaults.Sweep(ctx)
		ctx.cut()
		if w.arm("owner", "GET", deleted, "").status == 200 {
			w.arm("owner", "PUT", vaults+"kv1", vaultBody("")).want(409)
			if r := w.arm("owner", "PUT", vaults+"kv1", vaultBody(`,"createMode":"recover"`)); r.status == 201 {
				untouched = true
				w.data("owner", "kv1", "GET", "/secrets/s1", "").want(200)
				w.arm("owner", "DELETE", vaults+"kv1", "").want(200)
				w.advance(8 * 24 * time.Hour)
			} else {
				begun = true
				r.want(409, "being purged")
			}
		}
		w.sweep()
		w.arm("owner", "GET", deleted, "").want(404)
		if err == nil {
			break
		}
	}
	if !begun || !untouched {
		t.Errorf("the purge never broke off before (%v) and after (%v) it had begun", untouched, begun)
	}
	w.create("kv1", "")
	w.data("owner", "kv1", "GET", "/secrets", "").want(200, `{"value":[]}`)
}

// A secret with more versions than one transaction may remove.
func TestPurgeManyVersions(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	for range 120 {
		w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"x"}`).want(200)
	}
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
	w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "").want(204)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"y"}`).want(200)
	if v, _ := w.data("owner", "kv1", "GET", "/secrets/pw/versions", "").get("value").([]any); len(v) != 1 {
		t.Errorf("%d versions, want 1", len(v))
	}
}

func TestNothingReadableOnDisk(t *testing.T) {
	w := newWorld(t)
	const secret = "correct-horse-battery-staple"
	w.create("kv1", "")
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"`+secret+`","contentType":"visible-on-disk"}`).want(200)
	w.arm("owner", "PUT", vaults+"kv1/secrets/other", `{"properties":{"value":"`+secret+`"}}`).want(201)
	w.data("owner", "kv1", "POST", "/secrets/pw/backup", "").want(200)
	seen := false
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("%s shows the secret", path)
		}
		seen = seen || bytes.Contains(data, []byte("visible-on-disk"))
		return err
	})
	if err != nil || !seen {
		t.Fatalf("the state was not found on disk: %v", err)
	}
}

func TestRunSweepsUntilTheEnd(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", `,"softDeleteRetentionInDays":7`)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"x"}`).want(200)
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
	w.advance(7 * 24 * time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		w.vaults.Run(ctx)
		close(done)
	}()
	waitFor(t, func() bool { return w.data("owner", "kv1", "GET", "/deletedsecrets/pw", "").status == 404 })
	stop()
	<-done
}
