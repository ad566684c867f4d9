package registry_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// files counts what is kept to stay: blobs on the disk, or objects in the bucket.
func (w *world) files() int {
	if w.bucket != nil {
		return w.bucket.count(w.t)
	}
	return w.local()
}

// local counts the blobs on the disk.
func (w *world) local() int {
	all, err := filepath.Glob(filepath.Join(w.dir, "content", "blobs", "*", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return len(all)
}

// ingests counts the unfinished uploads, small ones and others.
func (w *world) ingests() int {
	n := 0
	for _, folder := range []string{"ingest", "uploads"} {
		all, err := os.ReadDir(filepath.Join(w.dir, "content", folder))
		if err != nil && !os.IsNotExist(err) {
			w.t.Fatal(err)
		}
		n += len(all)
	}
	return n
}

func (w *world) sweep() {
	w.t.Helper()
	if err := w.service.Sweep(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// TestTheCollectorKeepsWhatWasPushed runs it beside pushes, and after a restart.
func TestTheCollectorKeepsWhatWasPushed(t *testing.T) { everywhere(t, theCollectorKeepsWhatWasPushed) }

func theCollectorKeepsWhatWasPushed(t *testing.T, w *world) {
	admin := basic("shop1", w.registry("shop1")[0])
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			w.collect()
		}
	}()
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() { w.image("shop1", admin, "app", "v"+strconv.Itoa(i), strings.Repeat("layer ", i+1)) })
	}
	loc := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PATCH", loc, "first half").want(202)
	group.Wait()
	<-done
	w.sweep()
	w.collect()
	w.restart()
	w.sweep()
	w.collect()
	for i := range 4 {
		w.at("shop1", admin, "GET", "/v2/app/manifests/v"+strconv.Itoa(i), "").want(200)
		layer := strings.Repeat("layer ", i+1)
		w.at("shop1", admin, "GET", "/v2/app/blobs/"+digest.FromString(layer).String(), "").want(200, layer)
	}
	all := "first half, second half"
	w.at("shop1", admin, "PUT", loc+"?digest="+digest.FromString(all).String(), all[10:]).want(201)
}

func TestDeletedContentIsFreed(t *testing.T) { everywhere(t, deletedContentIsFreed) }

func deletedContentIsFreed(t *testing.T, w *world) {
	admin := basic("shop1", w.registry("shop1")[0])
	m := w.image("shop1", admin, "app", "v1", "mine")
	w.image("shop1", admin, "app", "v2", "shared")
	w.image("shop1", admin, "other", "v1", "shared")
	w.collect()
	before := w.files()

	// A manifest goes at once; its layer when it is old and nothing names it.
	w.at("shop1", admin, "DELETE", "/v2/app/manifests/"+digest.FromString(m).String(), "").want(202)
	w.sweep()
	w.collect()
	if n := before - w.files(); n != 1 {
		t.Fatalf("%d files went with the manifest, want 1", n)
	}
	mine := digest.FromString("mine").String()
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+mine, "").want(200)
	w.later(2 * time.Hour)
	w.sweep()
	w.collect()
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+mine, "").want(404)
	if n := before - w.files(); n != 2 {
		t.Fatalf("%d files went with the layer, want 2", n)
	}

	// A repository goes with all it alone holds.
	w.at("shop1", admin, "DELETE", "/acr/v1/app", "").want(202)
	w.collect()
	w.at("shop1", admin, "GET", "/v2/other/blobs/"+digest.FromString("shared").String(), "").want(200, "shared")
	w.at("shop1", admin, "GET", "/v2/other/manifests/v1", "").want(200)

	// A registry goes with everything, unfinished uploads too.
	loc := w.at("shop1", admin, "POST", "/v2/other/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PATCH", loc, "half").want(202)
	w.restart()
	loc = w.at("shop1", admin, "POST", "/v2/other/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PATCH", loc, "half").want(202)
	w.arm("owner", "DELETE", prov+"shop1", "", 200)
	w.sweep()
	w.collect()
	if w.files() != 0 || w.ingests() != 0 {
		t.Fatalf("%d files and %d uploads are left of a deleted registry", w.files(), w.ingests())
	}
}

func TestRestingUploadsArePurged(t *testing.T) { everywhere(t, restingUploadsArePurged) }

func restingUploadsArePurged(t *testing.T, w *world) {
	admin := basic("shop1", w.registry("shop1")[0])
	loc := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PATCH", loc, "half").want(202)
	w.later(23 * time.Hour)
	w.sweep()
	w.at("shop1", admin, "GET", loc, "").want(204)
	w.later(25 * time.Hour)
	w.sweep()
	w.at("shop1", admin, "GET", loc, "").want(404, "BLOB_UPLOAD_UNKNOWN")
	if w.ingests() != 0 {
		t.Fatalf("%d uploads are left", w.ingests())
	}
}

// TestAnUploadGrows goes on with an upload after each chunk in another life of the server, across the size from which on the
// content store's writer has it.
func TestAnUploadGrows(t *testing.T) { everywhere(t, anUploadGrows) }

func anUploadGrows(t *testing.T, w *world) {
	admin := basic("shop1", w.registry("shop1")[0])
	type upload struct {
		chunks   []int
		loc, all string
	}
	uploads := []*upload{{chunks: []int{}}, {chunks: []int{0}}, {chunks: []int{1, 2}}, {chunks: []int{1 << 20}}, {chunks: []int{1 << 20, 1}}, {chunks: []int{700_000, 0, 700_000}}, {chunks: []int{2 << 20, 5}}}
	for _, u := range uploads {
		u.loc = w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	}
	for i := range 3 {
		w.restart()
		for _, u := range uploads {
			if got := w.at("shop1", admin, "GET", u.loc, "").want(204).Get("Range"); got != "0-"+strconv.Itoa(max(len(u.all)-1, 0)) {
				t.Fatalf("%v: the upload stands at %s of %d bytes", u.chunks, got, len(u.all))
			}
			if i < len(u.chunks) {
				chunk := strings.Repeat(string(rune('a'+i)), u.chunks[i])
				u.all += chunk
				w.at("shop1", admin, "PATCH", u.loc, chunk).want(202)
			}
		}
	}
	w.restart()
	for i, u := range uploads {
		u.all += "end " + strconv.Itoa(i)
		d := []digest.Algorithm{digest.SHA256, digest.SHA512}[i%2].FromString(u.all).String()
		w.at("shop1", admin, "PUT", u.loc+"?digest="+d, u.all[len(u.all)-5:]).want(201)
		w.collect()
		if got := w.at("shop1", admin, "GET", "/v2/app/blobs/"+d, "").want(200).body; got != u.all {
			t.Errorf("%v: %d bytes came back, want %d", u.chunks, len(got), len(u.all))
		}
		w.at("shop1", admin, "GET", u.loc, "").want(404)
	}
	if w.ingests() != 0 {
		t.Errorf("%d uploads are left", w.ingests())
	}
}

// TestWhatIsNotWhereItShouldBe pushes when the content store does not find the bytes at their place, as when its collector
// took them just before it was told of them.
func TestWhatIsNotWhereItShouldBe(t *testing.T) {
	w := start(t)
	w.aside = t.TempDir()
	w.restart()
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	w.collect()
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+digest.FromString("layer").String(), "").want(200, "layer")
	loc := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PUT", loc+"?digest="+digest.FromString("this").String(), "that").want(400, "DIGEST_INVALID")
	w.at("shop1", admin, "GET", loc, "").want(404)
}

// TestAFullDiskRefusesBeforeItReads keeps 64 MiB for everything else.
func TestAFullDiskRefusesBeforeItReads(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	w.free = 64<<20 + 10
	w.blob("shop1", admin, "app", "0123456789")
	w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+digest.FromString("0123456789a").String(), "0123456789a").want(507, "no space", `"code":"UNKNOWN"`)
	loc := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PATCH", loc, "0123456789a").want(507)
	if w.ingests() != 0 {
		t.Fatalf("%d refused uploads are left", w.ingests())
	}
}

// TestADiskThatFillsUp has a disk of 4 MiB, and registries that do not know.
func TestADiskThatFillsUp(t *testing.T) {
	w := start(t)
	dir := filepath.Join(w.dir, "content")
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("cannot mount a small disk: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	admin := basic("shop1", w.registry("shop1")[0])
	for _, chunked := range []bool{false, true} {
		loc := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
		var body io.Reader = strings.NewReader(strings.Repeat("0123456789abcdef", 1<<19))
		if chunked {
			body = io.MultiReader(body)
		}
		r, _ := http.NewRequestWithContext(t.Context(), "PATCH", "https://"+w.host("shop1")+loc, body)
		r.Header.Set("Authorization", admin)
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 507 {
			t.Fatalf("a chunk of 8 MiB, chunked %t: %s", chunked, res.Status)
		}
		w.at("shop1", admin, "GET", loc, "").want(404, "BLOB_UPLOAD_UNKNOWN")
		if w.ingests() != 0 {
			t.Fatalf("%d uploads are left", w.ingests())
		}
		w.blob("shop1", admin, "app", "small enough "+res.Proto+fmt.Sprint(chunked))
	}
}

// TestTheSweepRepairsACrash plays a process that died between the bytes and the row.
func TestTheSweepRepairsACrash(t *testing.T) { everywhere(t, theSweepRepairsACrash) }

func theSweepRepairsACrash(t *testing.T, w *world) {
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	stray := digest.FromString("stray")
	w.stray("shop1", admin, "app", "stray")
	w.collect()
	n := w.files()
	w.restart()
	w.sweep()
	w.collect()
	if w.files() != n-1 {
		t.Fatalf("%d files before the sweep, %d after it", n, w.files())
	}
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+stray.String(), "").want(404)
	w.at("shop1", admin, "GET", "/v2/app/manifests/v1", "").want(200)
}

// stray pushes a blob, then takes its row away, as if it had never been written.
func (w *world) stray(reg, auth, repo, data string) {
	w.t.Helper()
	d := w.blob(reg, auth, repo, data)
	rows := store.NewTable[repository.Blob](w.store, "registry/blobs")
	for _, it := range rows.List("", "", 0) {
		if parts := it.Key.Parts(); parts[2] == d.String() {
			if err := w.store.Update(w.t.Context(), func(tx *store.Tx) error { return rows.Delete(tx, it.Key) }); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}
