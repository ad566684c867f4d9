package seal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

func openStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openMaster(t testing.TB, path string) *seal.MasterFile {
	t.Helper()
	m, err := seal.OpenMasterFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func openRing(t testing.TB, s *store.Store, m *seal.MasterFile) *seal.Ring {
	t.Helper()
	r, err := seal.Open(t.Context(), seal.Options{Store: s, Master: m})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func box(t testing.TB, r *seal.Ring, name string) *seal.Box {
	t.Helper()
	b, err := r.Box(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBoxBindsNameAndRow(t *testing.T) {
	r := openRing(t, openStore(t), openMaster(t, filepath.Join(t.TempDir(), "master.key")))
	a, b := box(t, r, "a"), box(t, r, "b")
	row := seal.Bind("vault1", "password", "v1")
	sealed, err := a.Seal([]byte("hunter2"), row)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Fatal("sealed bytes contain the plaintext")
	}
	if got, err := a.Unseal(sealed, row); err != nil || string(got) != "hunter2" {
		t.Fatalf("unseal: %q, %v", got, err)
	}
	cut := sealed[:len(sealed)-1]
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, try := range map[string]func() ([]byte, error){
		"another row":   func() ([]byte, error) { return a.Unseal(sealed, seal.Bind("vault1", "password", "v2")) },
		"parts moved":   func() ([]byte, error) { return a.Unseal(sealed, seal.Bind("vault1p", "assword", "v1")) },
		"another box":   func() ([]byte, error) { return b.Unseal(sealed, row) },
		"flipped bit":   func() ([]byte, error) { return a.Unseal(flipped, row) },
		"cut":           func() ([]byte, error) { return a.Unseal(cut, row) },
		"nothing":       func() ([]byte, error) { return a.Unseal(nil, row) },
		"no associated": func() ([]byte, error) { return a.Unseal(sealed, nil) },
	} {
		if got, err := try(); !errors.Is(err, seal.ErrTampered) {
			t.Errorf("%s: %q, %v; want ErrTampered", name, got, err)
		}
	}
}

func TestKeysSurviveRestartAndDoNotLieOnDisk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(t.TempDir(), "keys", "master.key")
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := box(t, openRing(t, s, openMaster(t, path)), "x").Seal([]byte("still here"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, err = store.Open(t.Context(), store.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := box(t, openRing(t, s, openMaster(t, path)), "x").Unseal(sealed, nil); err != nil || string(got) != "still here" {
		t.Fatalf("after restart: %q, %v", got, err)
	}
	_, err = seal.Open(t.Context(), seal.Options{Store: s, Master: openMaster(t, filepath.Join(t.TempDir(), "other.key"))})
	if !errors.Is(err, seal.ErrMaster) {
		t.Fatalf("another master key: %v; want ErrMaster", err)
	}
}

func TestDestroy(t *testing.T) {
	s := openStore(t)
	r := openRing(t, s, openMaster(t, filepath.Join(t.TempDir(), "master.key")))
	sealed, err := box(t, r, "gone").Seal([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Destroy(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Existing(t.Context(), "gone"); !errors.Is(err, seal.ErrNoKey) {
		t.Fatalf("existing after destroy: %v", err)
	}
	if _, err := box(t, r, "gone").Unseal(sealed, nil); !errors.Is(err, seal.ErrTampered) {
		t.Fatalf("a new key of the same name reads the old data: %v", err)
	}
}

func TestRotate(t *testing.T) {
	s, path := openStore(t), filepath.Join(t.TempDir(), "master.key")
	m := openMaster(t, path)
	r := openRing(t, s, m)
	sealed, err := box(t, r, "x").Seal([]byte("kept"), nil)
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	readable := func(when string, m *seal.MasterFile) {
		t.Helper()
		if got, err := box(t, openRing(t, s, m), "x").Unseal(sealed, nil); err != nil || string(got) != "kept" {
			t.Fatalf("%s: %q, %v", when, got, err)
		}
	}
	// A crash after each step leaves everything readable from the files alone.
	if err := m.Rotate(); err != nil {
		t.Fatal(err)
	}
	readable("new key in the file", openMaster(t, path))
	if n, err := r.Rewrap(t.Context()); err != nil || n != 2 {
		t.Fatalf("rewrap: %d, %v", n, err)
	}
	readable("data keys rewrapped", openMaster(t, path))
	if err := m.Prune(); err != nil {
		t.Fatal(err)
	}
	readable("old key dropped", openMaster(t, path))
	readable("in the same process", m)
	if n, err := seal.Rotate(t.Context(), m, r); err != nil || n != 2 {
		t.Fatalf("rotate: %d, %v", n, err)
	}
	readable("rotated at once", openMaster(t, path))
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(t.Context(), seal.Options{Store: s, Master: openMaster(t, path)}); !errors.Is(err, seal.ErrMaster) {
		t.Fatalf("the old master key still opens: %v", err)
	}
}

func TestMasterFileRefusals(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	openMaster(t, good)
	info, err := os.Stat(good)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".master-*")); len(left) > 0 {
		t.Fatalf("temporary files left: %v", left)
	}
	open, junk, link := filepath.Join(dir, "open"), filepath.Join(dir, "junk"), filepath.Join(dir, "link")
	data, _ := os.ReadFile(good)
	os.WriteFile(open, data, 0o600)
	os.Chmod(open, 0o640)
	os.WriteFile(junk, []byte("not a key"), 0o600)
	os.Symlink(good, link)
	for path, want := range map[string]string{open: "chmod 600 " + open, junk: "damaged", link: "not a regular file", dir: "not a regular file"} {
		if _, err := seal.OpenMasterFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", path, err, want)
		}
	}
	if got, _ := os.ReadFile(junk); string(got) != "not a key" {
		t.Error("a damaged master key file was overwritten")
	}
}

func TestMasterFileMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	masters := make(chan *seal.MasterFile)
	for range 8 {
		go func() {
			m, err := seal.OpenMasterFile(path)
			if err != nil {
				t.Error(err)
			}
			masters <- m
		}()
	}
	first := <-masters
	wrapped, err := first.EncryptWithContext(t.Context(), []byte("k"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		if got, err := (<-masters).DecryptWithContext(t.Context(), wrapped, nil); err != nil || string(got) != "k" {
			t.Errorf("two processes made two master keys: %v", err)
		}
	}
}

func FuzzUnseal(f *testing.F) {
	r := openRing(f, openStore(f), openMaster(f, filepath.Join(f.TempDir(), "master.key")))
	b, err := r.Box(context.Background(), "fuzz")
	if err != nil {
		f.Fatal(err)
	}
	good, err := b.Seal([]byte("value"), []byte("row"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:20], []byte("row"))
	f.Add(append(bytes.Clone(good), 0), []byte("row"))
	f.Add(good, []byte("other"))
	f.Fuzz(func(t *testing.T, sealed, row []byte) {
		got, err := b.Unseal(sealed, row)
		if (err == nil) != (bytes.Equal(sealed, good) && bytes.Equal(row, []byte("row"))) {
			t.Fatalf("unseal of forged bytes: %q, %v", got, err)
		}
		if again, err := b.Seal(sealed, row); err != nil {
			t.Fatal(err)
		} else if back, err := b.Unseal(again, row); err != nil || !bytes.Equal(back, sealed) {
			t.Fatalf("seal and unseal: %q, %v", back, err)
		}
	})
}

func BenchmarkUnseal(b *testing.B) {
	r := openRing(b, openStore(b), openMaster(b, filepath.Join(b.TempDir(), "master.key")))
	bx := box(b, r, "bench")
	sealed, err := bx.Seal([]byte("a password of some length"), seal.Bind("v", "s", "1"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := bx.Unseal(sealed, seal.Bind("v", "s", "1")); err != nil {
			b.Fatal(err)
		}
	}
}
