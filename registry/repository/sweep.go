package repository

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// unnamedGrace is how long a blob may stay linked that no manifest names: the
// time between the push of a layer and that of its manifest.
const unnamedGrace = time.Hour

// Sweep puts in order what requests leave behind: it closes resting uploads and
// purges those of a day ago, unlinks blobs that no manifest names any more, and
// repairs what a crash left between rows and leases. Safe beside requests;
// meant to run at start-up and every few minutes.
func (s *Store) Sweep(ctx context.Context) error {
	err := errors.Join(s.closeIdle(ctx), s.purgeUploads(ctx), s.unlinkUnnamed(ctx))
	err = errors.Join(err, s.sweepBucket(ctx))
	return errors.Join(err, s.sweepLeases(ctx), s.sweepCache(ctx))
}

// sessions gives the sessions that match, without their turns.
func (s *Store) sessions(match func(*session) bool) (found []*session) {
	s.uploadsMu.Lock()
	defer s.uploadsMu.Unlock()
	for _, u := range s.uploads {
		if match(u) {
			found = append(found, u)
		}
	}
	return found
}

// closeIdle closes the files of uploads that rest; their bytes stay.
func (s *Store) closeIdle(context.Context) error {
	var errs []error
	for _, u := range s.sessions(func(*session) bool { return true }) {
		select {
		case u.turn <- struct{}{}:
		default:
			continue // in use
		}
		if !u.gone && s.o.Now().Sub(u.used) > closeIdle {
			s.forget(u)
			if u.w != nil {
				errs = append(errs, u.w.Close())
			}
		}
		<-u.turn
	}
	return errors.Join(errs...)
}

// cancelAll aborts the matching uploads, waiting for requests that write.
func (s *Store) cancelAll(ctx context.Context, match func(*session) bool) error {
	for _, u := range s.sessions(match) {
		select {
		case u.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		var err error
		if !u.gone {
			err = s.abort(ctx, u)
		}
		<-u.turn
		if err != nil {
			return err
		}
	}
	return nil
}

// purgeUploads throws away uploads that rested for a day and have no session.
func (s *Store) purgeUploads(ctx context.Context) error {
	all, err := s.o.Content.ListStatuses(in(ctx))
	if err != nil {
		return err
	}
	errs := []error{s.dropStashes(Name{}, purgeIdle)}
	for _, st := range all {
		s.uploadsMu.Lock()
		_, open := s.uploads[st.Ref]
		s.uploadsMu.Unlock()
		if open || !strings.HasPrefix(st.Ref, uploadPrefix) || s.o.Now().Sub(st.UpdatedAt) < purgeIdle {
			continue
		}
		if err := s.o.Content.Abort(in(ctx), st.Ref); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// unlinkUnnamed unlinks old blobs that no manifest names, and repositories that
// hold nothing.
func (s *Store) unlinkUnnamed(ctx context.Context) error {
	for _, it := range s.repositories.List("", "", 0) {
		parts := it.Key.Parts()
		if err := s.unlinkIn(ctx, Name{parts[0], parts[1]}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) unlinkIn(ctx context.Context, n Name) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	var old []digest.Digest
	all := s.blobs.List(n.key(), "", 0)
	for _, it := range all {
		named := s.manifests.By(byChild, string(it.Key))
		if len(named) == 0 && s.o.Now().Sub(it.Value.Touched) > unnamedGrace {
			old = append(old, digest.Digest(it.Key.Parts()[2]))
		}
	}
	repo, err := s.Repository(n)
	if err != nil {
		return nil // deleted meanwhile
	}
	empty := repo.Manifests == 0 && len(old) == len(all) && s.o.Now().Sub(repo.Updated) > unnamedGrace
	if len(old) == 0 && !empty {
		return nil
	}
	for len(old) > 0 {
		some := old[:min(len(old), batch)]
		old = old[len(some):]
		err := s.update(ctx, func(tx *store.Tx) error {
			for _, d := range some {
				if err := s.blobs.Delete(tx, n.key(d.String())); err != nil {
					return err
				}
			}
			return nil
		})
		if err := errors.Join(err, s.release(ctx, n, some...)); err != nil {
			return err
		}
	}
	if !empty {
		return nil
	}
	return s.update(ctx, func(tx *store.Tx) error { return s.repositories.Delete(tx, n.key()) })
}

// sweepLeases takes out of the leases what no row links, and drops leases of
// repositories that are gone.
func (s *Store) sweepLeases(ctx context.Context) error {
	all, err := s.o.Leases.List(in(ctx))
	if err != nil {
		return err
	}
	for _, l := range all {
		path, ours := strings.CutPrefix(l.ID, leasePrefix)
		registry, repo, ok := strings.Cut(path, "/")
		if !ours || !ok {
			continue
		}
		if err := s.sweepLease(ctx, Name{registry, repo}, l); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) sweepLease(ctx context.Context, n Name, l leases.Lease) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	held, err := s.o.Leases.ListResources(in(ctx), l)
	if errdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var uploading bool
	for _, r := range held {
		uploading = uploading || r.Type == "ingests"
		if r.Type != "content" {
			continue
		}
		if err := s.release(ctx, n, digest.Digest(r.ID)); err != nil {
			return err
		}
		if err := s.park(ctx, n, digest.Digest(r.ID)); err != nil {
			return err
		}
	}
	if !uploading && !s.Exists(n) {
		return s.dropLease(ctx, n)
	}
	return nil
}

// dropLease deletes the repository's lease; the caller holds the lock for writing.
func (s *Store) dropLease(ctx context.Context, n Name) error {
	s.leased.Delete(n)
	err := s.o.Leases.Delete(in(ctx), leases.Lease{ID: n.lease()})
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
