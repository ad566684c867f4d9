package repository

import (
	"context"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// freshLink is how old a link may be before another push of the blob renews it.
const freshLink = 10 * time.Minute

func blobUnknown(n Name, d digest.Digest) error {
	return azure.Errorf(azure.NotFound, azure.CodeOCIBlobUnknown, "The repository '%s' has no blob %s. Push it first.", n.Repository, d)
}

// StatBlob tells the size of a blob of the repository. NotFound with
// CodeOCIBlobUnknown when the repository does not link it.
func (s *Store) StatBlob(n Name, d digest.Digest) (size int64, err error) {
	it, ok := s.blobs.Get(n.key(d.String()))
	if !ok {
		return 0, blobUnknown(n, d)
	}
	return it.Value.Size, nil
}

// Holds gives the function that reports whether the repository links a blob.
func (s *Store) Holds(n Name) func(digest.Digest) bool {
	return func(d digest.Digest) bool {
		_, ok := s.blobs.Get(n.key(d.String()))
		return ok
	}
}

// OpenBlob opens a blob of the repository; the caller closes it. Errors as of
// [Store.StatBlob].
func (s *Store) OpenBlob(ctx context.Context, n Name, d digest.Digest) (content.ReaderAt, error) {
	size, err := s.StatBlob(n, d)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, d, size)
}

// link makes the blob part of the repository, and brings it into the bucket. Its
// bytes are in the repository's lease already, or in the bucket, and the caller
// holds the repository's lock for reading.
func (s *Store) link(ctx context.Context, n Name, d digest.Digest, size int64) error {
	now := s.o.Now().UTC()
	if it, ok := s.blobs.Get(n.key(d.String())); ok && now.Sub(it.Value.Touched) < freshLink {
		return s.park(ctx, n, d)
	}
	err := s.keep(ctx, d, func(tx *store.Tx) error {
		if err := s.touch(tx, n, nil); err != nil {
			return err
		}
		return s.blobs.Put(tx, n.key(d.String()), Blob{Size: size, Touched: now})
	})
	if err != nil {
		return err
	}
	return s.park(ctx, n, d)
}

// Mount links a blob of the repository from into n. It reports false when from
// does not hold it. No bytes are copied.
func (s *Store) Mount(ctx context.Context, n, from Name, d digest.Digest) (bool, error) {
	size, err := s.StatBlob(from, d)
	if err != nil || s.Readable(from) != nil {
		return false, nil
	}
	mu := s.lock(n)
	mu.RLock()
	defer mu.RUnlock()
	if err := s.mayWrite(n, "", ""); err != nil {
		return false, err
	}
	if it, ok := s.objects.Get(store.K(d.String())); ok && it.Value.Stored {
		err := s.link(ctx, n, d, size)
		if errdefs.IsNotFound(err) { // removed meanwhile
			return false, nil
		}
		return err == nil, err
	}
	held, err := s.hold(ctx, n)
	if err != nil {
		return false, err
	}
	if err := s.o.Leases.AddResource(held, leases.Lease{ID: n.lease()}, resource(d)); err != nil {
		return false, err
	}
	// The other repository may have let go of it before our lease had it.
	if _, err := s.o.Content.Info(held, d); errdefs.IsNotFound(err) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, s.link(ctx, n, d, size)
}

func resource(d digest.Digest) leases.Resource {
	return leases.Resource{ID: d.String(), Type: "content"}
}

// DeleteBlob unlinks a blob from the repository. Other repositories keep it.
// Errors as of [Store.StatBlob].
func (s *Store) DeleteBlob(ctx context.Context, n Name, d digest.Digest) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	if _, err := s.StatBlob(n, d); err != nil {
		return err
	}
	if err := s.mayDelete(n, nil, nil); err != nil {
		return err
	}
	if err := s.update(ctx, func(tx *store.Tx) error { return s.blobs.Delete(tx, n.key(d.String())) }); err != nil {
		return err
	}
	return s.release(ctx, n, d)
}

// release takes the digest out of the repository's lease, unless a manifest of
// this digest is linked too. The caller holds the repository's lock for writing.
func (s *Store) release(ctx context.Context, n Name, digests ...digest.Digest) error {
	for _, d := range digests {
		if _, ok := s.manifests.Get(n.key(d.String())); ok {
			continue
		}
		if _, ok := s.blobs.Get(n.key(d.String())); ok {
			continue
		}
		err := s.o.Leases.DeleteResource(in(ctx), leases.Lease{ID: n.lease()}, resource(d))
		if err != nil && !errdefs.IsNotFound(err) {
			return err
		}
	}
	return nil
}
