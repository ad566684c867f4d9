package repository

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// stashLimit is the size up to which an upload is one file of ours. The content
// store makes a folder with five files for each, inside a transaction.
const stashLimit = 1 << 20

// ingest is where the bytes of an upload go: a stash, or the content store's
// writer.
type ingest interface {
	io.WriteCloser
	Commit(ctx context.Context, size int64, expected digest.Digest, opts ...content.Opt) error
}

// stash is a small upload in a file. Finished and verified, the file moves to
// where the content store keeps what has its digest; the store then only notes
// it. An upload that grows moves into the store's writer.
//
// The file is there exactly as long as it holds all that was acknowledged: while
// it is, a writer of the same upload counts for nothing.
type stash struct {
	store *Store
	path  string
	ref   string
	file  *os.File
	sum   hash.Hash
	size  int64
	open  func() (content.Writer, error) // opens the store's writer
	grown content.Writer                 // where a stash goes on that became too big
}

// stashDir is the folder of small uploads.
func (s *Store) stashDir() string { return filepath.Join(s.o.Local, "uploads") }

// stashName is the file of an upload, or what begins the names of those of a
// repository (id ""), or of a registry.
func stashName(n Name, id string) string {
	short := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:12]) }
	name := short(n.Registry) + "."
	if n.Repository != "" {
		name += short(n.Repository) + "."
	}
	if id != "" {
		name += short(id)
	}
	return name
}

// stashed reports whether the upload is in a stash.
func (s *Store) stashed(u *session) bool {
	if s.o.Local == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(s.stashDir(), stashName(u.name, u.id)))
	return err == nil
}

// openStash opens the upload's stash, a new one or that of before.
func (s *Store) openStash(u *session, fresh bool, open func() (content.Writer, error)) (*stash, error) {
	st := &stash{store: s, path: filepath.Join(s.stashDir(), stashName(u.name, u.id)), ref: u.ref(), sum: sha256.New(), open: open}
	flags := os.O_RDWR
	if fresh {
		flags |= os.O_CREATE | os.O_EXCL
	}
	var err error
	st.file, err = os.OpenFile(st.path, flags, 0o600)
	if fresh && errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(s.stashDir(), 0o700); err == nil {
			st.file, err = os.OpenFile(st.path, flags, 0o600)
		}
	}
	if err != nil || fresh {
		return st, err
	}
	if st.size, err = io.Copy(st.sum, st.file); err != nil {
		return nil, errors.Join(err, st.file.Close())
	}
	return st, nil
}

// Write implements [io.Writer].
func (st *stash) Write(p []byte) (int, error) {
	if st.grown == nil && st.size+int64(len(p)) > stashLimit {
		if err := st.grow(); err != nil {
			return 0, err
		}
	}
	if st.grown != nil {
		return st.grown.Write(p)
	}
	n, err := st.file.Write(p)
	_, _ = st.sum.Write(p[:n]) // a hash never fails
	st.size += int64(n)
	return n, err
}

// grow moves the upload into the content store's writer.
func (st *stash) grow() error {
	w, err := st.open()
	if err != nil {
		return err
	}
	if err = st.fill(w); err == nil {
		err = os.Remove(st.path)
	}
	if err != nil {
		return errors.Join(err, w.Close())
	}
	st.grown = w
	return st.file.Close()
}

// fill brings the stash's bytes into a writer, which may have some of them from
// before a crash.
func (st *stash) fill(w content.Writer) error {
	if ws, err := w.Status(); err != nil {
		return err
	} else if ws.Offset > 0 {
		if err := w.Truncate(0); err != nil {
			return err
		}
	}
	buf, done := st.store.Buffer()
	defer done()
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, io.NewSectionReader(st.file, 0, st.size), buf)
	return err
}

// Close closes the file; what is in it stays.
func (st *stash) Close() error {
	if st.grown != nil {
		return st.grown.Close()
	}
	return st.file.Close()
}

// Commit implements the content store's: it verifies the digest, gives the bytes
// to the store, and ends the stash.
func (st *stash) Commit(ctx context.Context, size int64, expected digest.Digest, opts ...content.Opt) error {
	if st.grown != nil {
		return st.grown.Commit(ctx, size, expected, opts...)
	}
	defer func() { _ = st.file.Close() }() // synced before anything counts on it
	got, err := st.digest(expected.Algorithm())
	if err != nil {
		return err
	}
	if got != expected || size != st.size {
		return fmt.Errorf("%d bytes with the digest %s are not %d bytes with the digest %s: %w", st.size, got, size, expected, errdefs.ErrFailedPrecondition)
	}
	if err := st.place(expected); err != nil {
		return err
	}
	// The store finds the bytes where they belong, notes that they are awaited, and
	// from then on its collector keeps them.
	w, err := st.store.o.Content.Writer(ctx, content.WithRef(st.ref), content.WithDescriptor(ocispec.Descriptor{Digest: expected, Size: size}))
	if err != nil {
		return err
	}
	if ws, err := w.Status(); err != nil || ws.Offset != size { // they were collected before it looked
		if err == nil {
			err = st.fill(w)
		}
		if err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return w.Commit(ctx, size, expected, opts...)
}

// digest is that of the bytes.
func (st *stash) digest(a digest.Algorithm) (digest.Digest, error) {
	if a == digest.SHA256 {
		return digest.NewDigest(a, st.sum), nil
	}
	return a.FromReader(io.NewSectionReader(st.file, 0, st.size))
}

// place moves the file to where the content store keeps what has the digest,
// durably. Content that is there already stays: it is the same.
func (st *stash) place(d digest.Digest) error {
	dir := filepath.Join(st.store.o.Local, "blobs", d.Algorithm().String())
	target := filepath.Join(dir, d.Encoded())
	if _, err := os.Stat(target); err == nil {
		return os.Remove(st.path)
	}
	if err := errors.Join(st.file.Chmod(0o444), st.file.Sync()); err != nil {
		return err
	}
	err := os.Rename(st.path, target)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = os.Rename(st.path, target)
		}
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// dropStash removes what is left of an upload.
func (s *Store) dropStash(u *session) error {
	if s.o.Local == "" {
		return nil
	}
	err := os.Remove(filepath.Join(s.stashDir(), stashName(u.name, u.id)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// dropStashes removes the small uploads of a repository, or of a registry, that
// are not open, and have rested for that long.
func (s *Store) dropStashes(n Name, rested time.Duration) error {
	if s.o.Local == "" {
		return nil
	}
	files, err := os.ReadDir(s.stashDir())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	open := map[string]bool{}
	for _, u := range s.sessions(func(*session) bool { return true }) {
		open[stashName(u.name, u.id)] = true
	}
	prefix := ""
	if n != (Name{}) {
		prefix = stashName(n, "")
	}
	var errs []error
	for _, f := range files {
		info, err := f.Info()
		if err != nil || open[f.Name()] || !strings.HasPrefix(f.Name(), prefix) || s.o.Now().Sub(info.ModTime()) < rested {
			continue
		}
		if err := os.Remove(filepath.Join(s.stashDir(), f.Name())); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
