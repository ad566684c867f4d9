package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/opencontainers/go-digest"
)

// reader reads an object by requests that go on as long as it is read in order.
type reader struct {
	ctx    context.Context
	bucket *Bucket
	digest digest.Digest
	size   int64

	mu     sync.Mutex
	body   io.ReadCloser
	at     int64           // where body stands
	verify digest.Verifier // of all before at; nil when something was left out
}

// Size implements content.ReaderAt.
func (r *reader) Size() int64 { return r.size }

// seek opens the object at a byte; the caller holds the lock, or is alone.
func (r *reader) seek(to int64) error {
	r.verify = nil
	if to == 0 {
		r.verify = r.digest.Verifier()
	}
	r.at = to
	var o minio.GetObjectOptions
	if to > 0 {
		if err := o.SetRange(to, 0); err != nil {
			return err
		}
	}
	body, info, _, err := r.bucket.core.GetObject(r.ctx, r.bucket.o.Name, r.bucket.object(r.digest), o)
	if err != nil {
		return r.bucket.explain("read", r.digest, err)
	}
	if r.size == 0 && to == 0 { // not known to the caller
		r.size = info.Size
	}
	if info.Size != r.size-to && info.Size != r.size { // of the part; some stores tell that of the whole
		return errors.Join(r.broken(fmt.Sprintf("it has %d bytes, not %d", info.Size, r.size-to)), body.Close())
	}
	if r.body != nil {
		_ = r.body.Close() // only read from
	}
	r.body = body
	return nil
}

// broken is the error for content that is not what it was.
func (r *reader) broken(what string) error {
	return r.bucket.explain("read", r.digest, errors.New(what))
}

// ReadAt implements io.ReaderAt. Content that was read from its beginning is
// verified before its last bytes are given out.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if off >= r.size {
		return 0, io.EOF
	}
	if r.body == nil || off != r.at {
		if err := r.seek(off); err != nil {
			return 0, err
		}
	}
	want := min(int64(len(p)), r.size-off)
	n, err := io.ReadFull(r.body, p[:want])
	r.at += int64(n)
	if err != nil {
		return 0, r.broken(fmt.Sprintf("it ended at byte %d of %d: %v", r.at, r.size, err))
	}
	if r.verify != nil {
		_, _ = r.verify.Write(p[:n]) // a hash takes everything
		if r.at == r.size && !r.verify.Verified() {
			return 0, r.broken("its digest is another: it was changed in the bucket")
		}
	}
	if int64(n) < int64(len(p)) {
		return n, io.EOF
	}
	return n, nil
}

// Close implements io.Closer.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.body == nil {
		return nil
	}
	body := r.body
	r.body = nil
	return body.Close()
}
