package repository

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/errdefs"
	"github.com/google/uuid"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Bucket keeps finished content away from this machine, by digest. Nobody else
// writes there. Errors for users are *azure.Error.
type Bucket interface {
	// Put stores content. The same content that is there is replaced by itself.
	Put(ctx context.Context, d digest.Digest, from io.ReaderAt, size int64) error
	// Open opens content; size 0 means that the caller does not know it. An error
	// that errdefs.IsNotFound knows when it is not there.
	Open(ctx context.Context, d digest.Digest, size int64) (content.ReaderAt, error)
	// Delete removes content. What is not there is no error.
	Delete(ctx context.Context, d digest.Digest) error
}

// object is the row of content in the bucket, by digest: written before the
// bytes, removed after them. Links are made in a transaction that reads it.
type object struct {
	ID       string    `json:"id"` // of this life of the row: after a deletion it has another
	Begun    time.Time `json:"begun"`
	Stored   bool      `json:"stored,omitempty"`   // the bytes are there
	Deleting bool      `json:"deleting,omitempty"` // nothing may be linked to it any more
}

const (
	putLimit     = 12 * time.Hour         // for one content on its way into the bucket
	putGrace     = 24 * time.Hour         // then a put that did not end was broken off
	deletingWait = 100 * time.Millisecond // between looks at content that is being removed
	deletingLook = 100
	cacheAge     = 2 * time.Hour // how long content stays on this machine, too
	cachePrefix  = "lazuli-registry-cache/"
	cacheHour    = "2006-01-02T15"
)

// errCollected is the end of a transaction whose object is gone or going.
var errCollected = errors.New("the content was removed from the bucket meanwhile")

// keep runs write in a transaction in which the content is sure to be in the
// bucket, where it brings it if need be: it is on this machine then. Without a
// bucket it only runs write.
func (s *Store) keep(ctx context.Context, d digest.Digest, write func(tx *store.Tx) error) error {
	if s.o.Bucket == nil {
		return s.update(ctx, write)
	}
	for range deletingLook {
		row, err := s.intend(ctx, d)
		if err == nil && !row.Stored && !row.Deleting {
			err = s.upload(ctx, d)
		}
		if err != nil {
			return err
		}
		if !row.Deleting {
			err = s.update(ctx, func(tx *store.Tx) error {
				it, ok, err := s.objects.GetTx(tx, store.K(d.String()))
				if err != nil {
					return err
				}
				if !ok || it.Value.Deleting || it.Value.ID != row.ID {
					return errCollected
				}
				if !it.Value.Stored {
					it.Value.Stored = true
					if err := s.objects.Put(tx, it.Key, it.Value); err != nil {
						return err
					}
				}
				return write(tx)
			})
		}
		if !row.Deleting && !errors.Is(err, errCollected) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(deletingWait):
		}
	}
	return azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The content %s is being removed from the registries' bucket. Push it again in a minute.", d)
}

// intend gives the row of content, which it writes if there is none.
func (s *Store) intend(ctx context.Context, d digest.Digest) (row object, err error) {
	if it, ok := s.objects.Get(store.K(d.String())); ok && it.Value.Stored && !it.Value.Deleting {
		return it.Value, nil
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.objects.GetTx(tx, store.K(d.String()))
		row = it.Value
		if err != nil || ok {
			return err
		}
		row = object{ID: uuid.NewString(), Begun: s.o.Now().UTC()}
		return s.objects.Put(tx, store.K(d.String()), row)
	})
	return row, err
}

// upload brings content of this machine into the bucket. It does not end with
// the request: what began is finished.
func (s *Store) upload(ctx context.Context, d digest.Digest) error {
	ctx, cancel := context.WithTimeout(in(ctx), putLimit)
	defer cancel()
	from, err := s.o.Content.ReaderAt(ctx, ocispec.Descriptor{Digest: d})
	if err != nil {
		return fmt.Errorf("cannot bring %s into the bucket: %w", d, err)
	}
	defer func() { _ = from.Close() }() // only read from
	return s.o.Bucket.Put(ctx, d, from, from.Size())
}

// open opens content of this machine, else of the bucket. Size 0 means that the
// caller does not know it.
func (s *Store) open(ctx context.Context, d digest.Digest, size int64) (content.ReaderAt, error) {
	r, err := s.o.Content.ReaderAt(in(ctx), ocispec.Descriptor{Digest: d})
	if s.o.Bucket == nil || !errdefs.IsNotFound(err) {
		return r, err
	}
	return s.o.Bucket.Open(ctx, d, size)
}

// read reads small content whole.
func (s *Store) read(ctx context.Context, d digest.Digest, size int64) ([]byte, error) {
	r, err := s.open(ctx, d, size)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // only read from
	data := make([]byte, r.Size())
	_, err = io.ReadFull(io.NewSectionReader(r, 0, r.Size()), data)
	return data, err
}

// park lets this machine keep content that is in the bucket for some hours only:
// an image that was pushed is unpacked and pulled in that time. Other content
// stays as it is. The caller holds the repository's lock.
func (s *Store) park(ctx context.Context, n Name, d digest.Digest) error {
	if it, ok := s.objects.Get(store.K(d.String())); !ok || !it.Value.Stored {
		return nil
	}
	ctx = in(ctx)
	cache := leases.Lease{ID: cachePrefix + s.o.Now().UTC().Format(cacheHour)}
	if _, ok := s.leased.Load(cache.ID); !ok {
		_, err := s.o.Leases.Create(ctx, func(l *leases.Lease) error { l.ID = cache.ID; return nil })
		if err != nil && !errdefs.IsAlreadyExists(err) {
			return err
		}
		s.leased.Store(cache.ID, struct{}{})
	}
	err := s.o.Leases.AddResource(ctx, cache, resource(d))
	if err == nil {
		err = s.o.Leases.DeleteResource(ctx, leases.Lease{ID: n.lease()}, resource(d))
	}
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}

// sweepCache lets go of what this machine has kept for long enough.
func (s *Store) sweepCache(ctx context.Context) error {
	all, err := s.o.Leases.List(in(ctx))
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range all {
		hour, ours := strings.CutPrefix(l.ID, cachePrefix)
		began, err := time.Parse(cacheHour, hour)
		if !ours || err == nil && s.o.Now().Sub(began) < cacheAge {
			continue
		}
		s.leased.Delete(l.ID)
		if err := s.o.Leases.Delete(in(ctx), l); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// CheckBucket says what is wrong when the content of the registries is not where
// the options say.
func (s *Store) CheckBucket(ctx context.Context) error {
	if s.o.Bucket == nil {
		if s.objects.Len() > 0 {
			return errors.New("the registries' content is in a bucket, but the configuration names none; put the bucket back into it")
		}
		return nil
	}
	for _, it := range s.objects.List("", "", 0) {
		if !it.Value.Stored || it.Value.Deleting {
			continue
		}
		r, err := s.o.Bucket.Open(ctx, digest.Digest(it.Key.Parts()[0]), 0)
		if err != nil {
			return fmt.Errorf("the bucket does not hold the registries' content; is it the right one? %w", err)
		}
		return r.Close() // one tells enough
	}
	return nil
}

// linked is everything that any repository links.
func (s *Store) linked() map[string]bool {
	all := map[string]bool{}
	for _, it := range s.blobs.List("", "", 0) {
		all[it.Key.Parts()[2]] = true
	}
	for _, it := range s.manifests.List("", "", 0) {
		all[it.Key.Parts()[2]] = true
	}
	return all
}

// sweepBucket brings what was pushed before there was a bucket into it, and
// removes from it what no repository links.
func (s *Store) sweepBucket(ctx context.Context) error {
	if s.o.Bucket == nil {
		return nil
	}
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	linked := s.linked()
	var errs []error
	for d := range linked {
		if it, ok := s.objects.Get(store.K(d)); ok && it.Value.Stored {
			continue
		}
		if _, err := s.o.Content.Info(in(ctx), digest.Digest(d)); err != nil || ctx.Err() != nil {
			continue
		}
		if err := s.keep(ctx, digest.Digest(d), func(*store.Tx) error { return nil }); !errdefs.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	var gone []store.Key
	for _, it := range s.objects.List("", "", 0) {
		used := linked[it.Key.Parts()[0]]
		young := !it.Value.Stored && s.o.Now().Sub(it.Value.Begun) < putGrace
		if it.Value.Deleting || !used && !young {
			gone = append(gone, it.Key)
		}
	}
	for some := range slices.Chunk(gone, batch) {
		errs = append(errs, s.collect(ctx, some))
	}
	return errors.Join(errs...)
}

// collect marks objects, so that nothing can be linked to them any more, looks
// again whether something was linked before the mark, and removes the others.
func (s *Store) collect(ctx context.Context, keys []store.Key) error {
	mark := func(keys []store.Key, deleting bool) error {
		return s.update(ctx, func(tx *store.Tx) error {
			for _, k := range keys {
				it, ok, err := s.objects.GetTx(tx, k)
				if err != nil {
					return err
				}
				if !ok || it.Value.Deleting == deleting {
					continue
				}
				it.Value.Deleting = deleting
				if err := s.objects.Put(tx, k, it.Value); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := mark(keys, true); err != nil {
		return err
	}
	linked := s.linked() // of a revision not older than the marks
	var back, dead []store.Key
	for _, k := range keys {
		if linked[k.Parts()[0]] {
			back = append(back, k)
			continue
		}
		if err := s.o.Bucket.Delete(ctx, digest.Digest(k.Parts()[0])); err != nil {
			return errors.Join(err, mark(back, false)) // the next sweep goes on
		}
		dead = append(dead, k)
	}
	return errors.Join(mark(back, false), s.update(ctx, func(tx *store.Tx) error {
		for _, k := range dead {
			if err := s.objects.Delete(tx, k); err != nil {
				return err
			}
		}
		return nil
	}))
}
