package repository

import (
	"context"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Retention says which manifests without a tag a registry lets go of.
type Retention struct {
	Age   time.Duration // without a tag for so long
	Since time.Time     // and only what lost its tag after this
}

// Expire deletes the manifests of a registry that have had no tag for long. It
// keeps what is locked, what an index names, and what refers to a manifest that
// is there: a signature has no tag.
func (s *Store) Expire(ctx context.Context, registry string, r Retention) error {
	for _, it := range s.repositories.List(store.K(registry), "", 0) {
		if err := s.expireIn(ctx, Name{registry, it.Key.Parts()[1]}, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) expireIn(ctx context.Context, n Name, r Retention) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	if s.locksOf(n).keeps() {
		return nil
	}
	for _, m := range s.Manifests(n) {
		if !s.expired(n, m, r) {
			continue
		}
		if err := s.dropManifest(ctx, n, digest.Digest(m.Name), nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) expired(n Name, m Named[Manifest], r Retention) bool {
	since := m.Value.Updated
	if m.Value.Untagged.After(since) {
		since = m.Value.Untagged
	}
	if m.Value.Locks.keeps() || since.Before(r.Since) || s.o.Now().Sub(since) < r.Age || len(s.TagsOf(n, digest.Digest(m.Name))) > 0 {
		return false
	}
	if _, refers := s.manifestByDigest(n, m.Value.Subject); refers && m.Value.Subject != "" {
		return false
	}
	return len(s.manifests.By(byChild, string(n.key(m.Name)))) == 0
}
