package repository

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	"github.com/google/uuid"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
)

// How long an upload may rest.
const (
	closeIdle = 5 * time.Minute  // then its file is closed; the next chunk opens it again
	purgeIdle = 24 * time.Hour   // then it is gone
	waitTurn  = 10 * time.Second // for another request that writes to the same upload
	reserve   = 64 << 20         // bytes of disk that uploads leave to everything else
)

// session is an upload with an open writer. After a restart, or when it was
// closed for idleness, it is rebuilt from the content store.
type session struct {
	name   Name
	id     string
	turn   chan struct{} // held by the request that uses it
	w      ingest
	offset int64
	used   time.Time
	gone   bool // finished, canceled or closed
}

func (u *session) ref() string { return uploadRef(u.name, u.id) }

func uploadRef(n Name, id string) string {
	return uploadPrefix + n.Registry + "/" + n.Repository + "/" + id
}

const uploadPrefix = "lazuli-upload/"

// Chunk is a piece of an upload.
type Chunk struct {
	Start int64     // where it begins; -1 means where the upload stands
	Size  int64     // -1 when not known
	Body  io.Reader // may be nil
}

func uploadUnknown(id string) error {
	return azure.Errorf(azure.NotFound, azure.CodeOCIBlobUploadUnknown, "There is no upload '%s' in this repository. It was finished, canceled, or rested for a day; start a new one.", id)
}

// StartUpload opens an upload and gives its id, a UUID.
func (s *Store) StartUpload(ctx context.Context, n Name) (id string, err error) {
	u := &session{name: n, id: uuid.NewString(), turn: make(chan struct{}, 1), used: s.o.Now()}
	if err := s.openWriter(ctx, u, true); err != nil {
		return "", err
	}
	s.uploadsMu.Lock()
	s.uploads[u.ref()] = u
	s.uploadsMu.Unlock()
	return u.id, nil
}

// openWriter opens the session's writer where the upload stands: a fresh one, or
// one of before.
func (s *Store) openWriter(ctx context.Context, u *session, fresh bool) error {
	mu := s.lock(u.name)
	mu.RLock()
	defer mu.RUnlock()
	if err := s.mayWrite(u.name, "", ""); err != nil {
		return err
	}
	if s.o.Local != "" && (fresh || s.stashed(u)) {
		grow := context.WithoutCancel(ctx)
		st, err := s.openStash(u, fresh, func() (content.Writer, error) {
			mu.RLock()
			defer mu.RUnlock()
			return s.contentWriter(grow, u)
		})
		if err != nil {
			return s.full(err)
		}
		u.w, u.offset = st, st.size
		return nil
	}
	w, err := s.contentWriter(ctx, u)
	if err != nil {
		return s.full(err)
	}
	st, err := w.Status()
	if err != nil {
		return errors.Join(err, w.Close())
	}
	u.w, u.offset = w, st.Offset
	return nil
}

// contentWriter opens the content store's writer. The caller holds the
// repository's lock.
func (s *Store) contentWriter(ctx context.Context, u *session) (content.Writer, error) {
	held, err := s.hold(ctx, u.name)
	if err != nil {
		return nil, err
	}
	return s.o.Content.Writer(held, content.WithRef(u.ref()))
}

// take finds an upload and waits for its turn. The caller returns it with give.
func (s *Store) take(ctx context.Context, n Name, id string) (*session, error) {
	if _, err := uuid.Parse(id); err != nil {
		return nil, uploadUnknown(id)
	}
	s.uploadsMu.Lock()
	u := s.uploads[uploadRef(n, id)]
	if u == nil {
		u = &session{name: n, id: id, turn: make(chan struct{}, 1)}
		s.uploads[u.ref()] = u
	}
	s.uploadsMu.Unlock()
	wait := time.NewTimer(waitTurn)
	defer wait.Stop()
	select {
	case u.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, azure.Errorf(azure.Conflict, azure.CodeOCIBlobUploadInvalid, "Another request is writing to the upload '%s'. Wait until it ends, then ask where the upload stands.", id)
	}
	if u.gone {
		<-u.turn
		return nil, uploadUnknown(id)
	}
	u.used = s.o.Now()
	if u.w != nil {
		return u, nil
	}
	if err := s.begun(ctx, u); err != nil {
		s.forget(u)
		<-u.turn
		return nil, err
	}
	if err := s.openWriter(ctx, u, false); err != nil {
		s.forget(u)
		<-u.turn
		return nil, err
	}
	return u, nil
}

// begun looks for an upload without a writer: CodeOCIBlobUploadUnknown when there
// is none.
func (s *Store) begun(ctx context.Context, u *session) error {
	if s.stashed(u) {
		return nil
	}
	_, err := s.o.Content.Status(in(ctx), u.ref())
	if errdefs.IsNotFound(err) {
		return uploadUnknown(u.id)
	}
	return err
}

func (s *Store) give(u *session) {
	u.used = s.o.Now()
	<-u.turn
}

// forget takes the session out of the map; its turn is held.
func (s *Store) forget(u *session) {
	u.gone = true
	s.uploadsMu.Lock()
	delete(s.uploads, u.ref())
	s.uploadsMu.Unlock()
}

// abort ends the session and throws its bytes away; its turn is held.
func (s *Store) abort(ctx context.Context, u *session) error {
	s.forget(u)
	var closing error
	if u.w != nil {
		closing = u.w.Close()
		u.w = nil
	}
	err := s.o.Content.Abort(in(ctx), u.ref())
	if errdefs.IsNotFound(err) {
		err = nil
	}
	return errors.Join(closing, err, s.dropStash(u))
}

// UploadOffset tells how many bytes of an upload have arrived.
func (s *Store) UploadOffset(ctx context.Context, n Name, id string) (int64, error) {
	u, err := s.take(ctx, n, id)
	if err != nil {
		return 0, err
	}
	defer s.give(u)
	return u.offset, nil
}

// Append adds a chunk and tells where the upload then stands, also with an
// error. A chunk that does not begin there is RangeInvalid and changes nothing;
// when the body ends early what arrived is kept; when the disk refuses, the
// upload is gone (StorageFull when it is full).
func (s *Store) Append(ctx context.Context, n Name, id string, c Chunk) (int64, error) {
	u, err := s.take(ctx, n, id)
	if err != nil {
		return 0, err
	}
	defer s.give(u)
	err = s.append(ctx, u, c)
	return u.offset, err
}

func (s *Store) append(ctx context.Context, u *session, c Chunk) error {
	if c.Start >= 0 && c.Start != u.offset {
		return azure.Errorf(azure.RangeInvalid, azure.CodeOCIRangeInvalid, "The chunk begins at byte %d, but the upload stands at %d. Send the chunks in order.", c.Start, u.offset)
	}
	if c.Body == nil || c.Size == 0 {
		return nil
	}
	if err := s.room(c.Size); err != nil {
		return errors.Join(err, s.abort(ctx, u))
	}
	if st, ok := u.w.(*stash); ok && st.grown == nil && c.Size > stashLimit-st.size {
		if err := st.grow(); err != nil {
			return errors.Join(s.full(err), s.abort(ctx, u))
		}
	}
	before := u.offset
	read, write := s.copy(u, c)
	if write != nil {
		return errors.Join(s.full(write), s.abort(ctx, u))
	}
	if read != nil {
		return azure.Errorf(azure.Invalid, azure.CodeOCIBlobUploadInvalid, "The chunk ended early, at byte %d of the upload. Go on from there.", u.offset).Because(read)
	}
	if c.Size >= 0 && u.offset-before != c.Size {
		return azure.Errorf(azure.Invalid, azure.CodeOCISizeInvalid, "The chunk has %d bytes, not %d as announced.", u.offset-before, c.Size)
	}
	return nil
}

// room refuses what cannot fit, before it is read.
func (s *Store) room(size int64) error {
	if s.o.Free == nil || size <= 0 {
		return nil
	}
	free, err := s.o.Free()
	if err != nil {
		return fmt.Errorf("cannot tell the space left for blobs: %w", err)
	}
	if size > free-reserve {
		return noSpace
	}
	return nil
}

var noSpace = azure.Errorf(azure.StorageFull, azure.CodeStorageFull, "The registry's disk has no space for this content. Delete images that are not needed, or give the cloud a larger disk, then push again.")

// full words the operating system's "no space left".
func (s *Store) full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return noSpace.Because(err)
	}
	return err
}

// Finish adds the last chunk, verifies the digest and links the blob into the
// repository. A digest that is not the content's is Invalid with
// CodeOCIDigestInvalid, and the upload is gone.
func (s *Store) Finish(ctx context.Context, n Name, id string, c Chunk, want digest.Digest) error {
	u, err := s.take(ctx, n, id)
	if err != nil {
		return err
	}
	defer s.give(u)
	if err := s.append(ctx, u, c); err != nil {
		return err
	}
	mu := s.lock(n)
	mu.RLock()
	defer mu.RUnlock()
	held, err := s.hold(ctx, n)
	if err != nil {
		return err
	}
	w := u.w
	u.w = nil
	err = w.Commit(held, u.offset, want)
	switch {
	case err == nil, errdefs.IsAlreadyExists(err):
	case errdefs.IsFailedPrecondition(err):
		bad := azure.Errorf(azure.Invalid, azure.CodeOCIDigestInvalid, "The content is not %s: its digest is another. It was thrown away; push it again.", want).Because(err)
		return errors.Join(bad, s.abort(ctx, u))
	default:
		return errors.Join(s.full(err), s.abort(ctx, u))
	}
	s.forget(u)
	return s.link(ctx, n, want, u.offset)
}

// Cancel ends an upload and throws its bytes away.
func (s *Store) Cancel(ctx context.Context, n Name, id string) error {
	u, err := s.take(ctx, n, id)
	if err != nil {
		return err
	}
	defer s.give(u)
	return s.abort(ctx, u)
}
