package repository

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

func label(kind string, i int) string {
	return "containerd.io/gc.ref.content." + kind + "." + strconv.Itoa(i)
}

// maxConfig is how much of an image's config is read for its platform.
const maxConfig = 1 << 20

// platform reads operating system and architecture from an image's config; what
// is not such a config has none.
func (s *Store) platform(ctx context.Context, n Name, config digest.Digest) (os, arch string) {
	size, err := s.StatBlob(n, config)
	if err != nil || size > maxConfig {
		return "", ""
	}
	data, err := s.read(ctx, config, size)
	if err != nil {
		return "", ""
	}
	var c struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	}
	if json.Unmarshal(data, &c) != nil {
		return "", ""
	}
	return c.OS, c.Architecture
}

// Named is a row with its name: a repository's, a tag's or a manifest's digest.
type Named[T any] struct {
	Name  string
	Value T
}

// Exists reports whether the registry has the repository.
func (s *Store) Exists(n Name) bool {
	_, ok := s.repositories.Get(n.key())
	return ok
}

// Repository gives a repository's row. NotFound with CodeOCINameUnknown.
func (s *Store) Repository(n Name) (Repository, error) {
	it, ok := s.repositories.Get(n.key())
	if !ok {
		return Repository{}, unknown(n)
	}
	return it.Value, nil
}

// Repositories lists the repositories of a registry that hold a manifest, by
// name, after the name last.
func (s *Store) Repositories(registry, last string) []string {
	var after store.Key
	if last != "" {
		after = store.K(registry, last)
	}
	var names []string
	for _, it := range s.repositories.List(store.K(registry), after, 0) {
		if it.Value.Manifests > 0 && !it.Value.Locks.NoList {
			names = append(names, it.Key.Parts()[1])
		}
	}
	return names
}

// Holding lists the repositories of a registry that link a blob, by name.
func (s *Store) Holding(registry string, d digest.Digest) (names []Name) {
	for _, it := range s.repositories.List(store.K(registry), "", 0) {
		n := Name{registry, it.Key.Parts()[1]}
		if _, ok := s.blobs.Get(n.key(d.String())); ok {
			names = append(names, n)
		}
	}
	return names
}

// Tags lists the tags of a repository by name, after the name last.
func (s *Store) Tags(n Name, last string) []Named[Tag] {
	var after store.Key
	if last != "" {
		after = n.key(last)
	}
	return named(s.tags.List(n.key(), after, 0))
}

// TagsOf lists the tags that point to a manifest.
func (s *Store) TagsOf(n Name, d digest.Digest) []string {
	names := []string{}
	for _, it := range s.tags.By(byDigest, string(n.key(d.String()))) {
		names = append(names, it.Key.Parts()[2])
	}
	return names
}

// Tag gives a tag's row. NotFound as of [Store.Resolve].
func (s *Store) Tag(n Name, tag string) (Tag, error) {
	it, ok := s.tags.Get(n.key(tag))
	if !ok {
		return Tag{}, s.missing(n, tag)
	}
	return it.Value.Value, nil
}

// Manifests lists the manifests of a repository by digest.
func (s *Store) Manifests(n Name) []Named[Manifest] { return named(s.manifests.List(n.key(), "", 0)) }

// Referrers lists the manifests whose subject is d, which need not exist.
func (s *Store) Referrers(n Name, d digest.Digest) []Named[Manifest] {
	return named(s.manifests.By(bySubject, string(n.key(d.String()))))
}

func named[T any](items []store.Item[linked[T]]) []Named[T] {
	out := make([]Named[T], 0, len(items))
	for _, it := range items {
		parts := it.Key.Parts()
		out = append(out, Named[T]{parts[len(parts)-1], it.Value.Value})
	}
	return out
}

// Usage measures the bytes a registry holds: every blob and manifest once.
func (s *Store) Usage(registry string) int64 {
	sizes := map[string]int64{}
	for _, it := range s.blobs.List(store.K(registry), "", 0) {
		sizes[it.Key.Parts()[2]] = it.Value.Size
	}
	for _, it := range s.manifests.List(store.K(registry), "", 0) {
		sizes[it.Key.Parts()[2]] = it.Value.Value.Size
	}
	var sum int64
	for _, size := range sizes {
		sum += size
	}
	return sum
}

// Deleted says what a deletion removed.
type Deleted struct{ Manifests, Tags []string }

// Delete removes a repository with everything in it. NotFound with
// CodeOCINameUnknown, Unsupported with CodeOCIDenied when any of it is locked.
func (s *Store) Delete(ctx context.Context, n Name) (Deleted, error) {
	if !s.Exists(n) {
		return Deleted{}, unknown(n)
	}
	if err := s.mayDelete(n, s.Tags(n, ""), s.Manifests(n)); err != nil {
		return Deleted{}, err
	}
	return s.remove(ctx, n, false)
}

// remove is Delete; whatever is locked, when forced.
func (s *Store) remove(ctx context.Context, n Name, force bool) (Deleted, error) {
	if err := errors.Join(s.cancelAll(ctx, func(u *session) bool { return u.name == n }), s.dropStashes(n, 0)); err != nil {
		return Deleted{}, err
	}
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	if err := s.mayDelete(n, s.Tags(n, ""), s.Manifests(n)); err != nil && !force {
		return Deleted{}, err
	}
	d := Deleted{Manifests: []string{}, Tags: []string{}}
	for _, t := range s.Tags(n, "") {
		d.Tags = append(d.Tags, t.Name)
	}
	for _, m := range s.Manifests(n) {
		d.Manifests = append(d.Manifests, m.Name)
	}
	// Tags first, the repository last: what a crash leaves can be deleted again.
	if err := unlink(ctx, s, s.tags, n); err != nil {
		return d, err
	}
	if err := unlink(ctx, s, s.manifests, n); err != nil {
		return d, err
	}
	if err := unlink(ctx, s, s.blobs, n); err != nil {
		return d, err
	}
	if err := s.update(ctx, func(tx *store.Tx) error { return s.repositories.Delete(tx, n.key()) }); err != nil {
		return d, err
	}
	return d, s.dropLease(ctx, n)
}

// batch is how many rows one transaction deletes; also a cluster with etcd's
// default limit takes it.
const batch = 100

func unlink[T any](ctx context.Context, s *Store, t *store.Table[T], n Name) error {
	for rows := range slices.Chunk(t.List(n.key(), "", 0), batch) {
		err := s.update(ctx, func(tx *store.Tx) error {
			for _, it := range rows {
				if err := t.Delete(tx, it.Key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteRegistry removes all repositories of a registry, also those that are
// locked. Idempotent.
func (s *Store) DeleteRegistry(ctx context.Context, registry string) error {
	if err := errors.Join(s.cancelAll(ctx, func(u *session) bool { return u.name.Registry == registry }), s.dropStashes(Name{Registry: registry}, 0)); err != nil {
		return err
	}
	for _, it := range s.repositories.List(store.K(registry), "", 0) {
		if _, err := s.remove(ctx, Name{registry, it.Key.Parts()[1]}, true); err != nil {
			return err
		}
	}
	return nil
}
