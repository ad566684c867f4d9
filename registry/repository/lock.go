package repository

import (
	"context"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Locks are what is forbidden to do with a repository, tag or manifest. The zero
// value forbids nothing. Azure: the changeable attributes, the other way round.
type Locks struct {
	NoWrite  bool `json:"noWrite,omitempty"`  // not to be changed, and not to be deleted either
	NoDelete bool `json:"noDelete,omitempty"` // not to be deleted
	NoRead   bool `json:"noRead,omitempty"`   // not to be pulled
	NoList   bool `json:"noList,omitempty"`   // not to be shown in lists
}

// keeps reports whether the locks forbid to delete.
func (l Locks) keeps() bool { return l.NoDelete || l.NoWrite }

// locked is the refusal. Azure: its words and its status, 405.
func locked(verb, what string, n Name) error {
	return azure.Errorf(azure.Unsupported, azure.CodeOCIDenied,
		"The operation is disallowed on this registry, repository or image: %s of the repository '%s' is locked against %s. Show the attributes with 'az acr repository show' and change them with 'az acr repository update'.",
		what, n.Repository, verb)
}

// locksOf gives the locks of the repository; one that is not there has none.
func (s *Store) locksOf(n Name) Locks {
	it, _ := s.repositories.Get(n.key())
	return it.Value.Locks
}

// mayWrite refuses a push to the repository, and to the tag and the manifest
// where they are not empty. The caller holds the repository's lock.
func (s *Store) mayWrite(n Name, tag string, d digest.Digest) error {
	if s.locksOf(n).NoWrite {
		return locked("writing", "all", n)
	}
	if it, ok := s.tags.Get(n.key(tag)); tag != "" && ok && it.Value.Value.Locks.NoWrite {
		return locked("writing", "the tag '"+tag+"'", n)
	}
	if m, ok := s.manifestByDigest(n, d); ok && m.Locks.NoWrite {
		return locked("writing", "the manifest "+d.String(), n)
	}
	return nil
}

// mayDelete refuses to delete the given tags and manifests. The caller holds the
// repository's lock.
func (s *Store) mayDelete(n Name, tags []Named[Tag], manifests []Named[Manifest]) error {
	if s.locksOf(n).keeps() {
		return locked("deletion", "all", n)
	}
	for _, t := range tags {
		if t.Value.Locks.keeps() {
			return locked("deletion", "the tag '"+t.Name+"'", n)
		}
	}
	for _, m := range manifests {
		if m.Value.Locks.keeps() {
			return locked("deletion", "the manifest "+m.Name, n)
		}
	}
	return nil
}

// Readable refuses to pull from a repository that is locked against reading:
// Unsupported with CodeOCIDenied.
func (s *Store) Readable(n Name) error {
	if s.locksOf(n).NoRead {
		return locked("reading", "all", n)
	}
	return nil
}

// Pull is [Store.Resolve] for who wants the content: what is locked against
// reading is Unsupported with CodeOCIDenied.
func (s *Store) Pull(n Name, reference string) (digest.Digest, Manifest, error) {
	p, err := s.pulled.Get(pull{n, reference}, func() (*pulled, error) { return s.pull(n, reference) })
	if err != nil {
		return "", Manifest{}, err
	}
	return p.digest, p.manifest, nil
}

// pull is what is asked for, pulled what it is.
type (
	pull struct {
		name      Name
		reference string
	}
	pulled struct {
		digest   digest.Digest
		manifest Manifest
	}
)

func (s *Store) pull(n Name, reference string) (*pulled, error) {
	d, m, err := s.Resolve(n, reference)
	if err != nil {
		return nil, err
	}
	if err := s.Readable(n); err != nil {
		return nil, err
	}
	if it, ok := s.tags.Get(n.key(reference)); ok && it.Value.Value.Locks.NoRead {
		return nil, locked("reading", "the tag '"+reference+"'", n)
	}
	if m.Locks.NoRead {
		return nil, locked("reading", "the manifest "+d.String(), n)
	}
	return &pulled{d, m}, nil
}

// Lock changes the locks of the repository, or of the tag or manifest that
// reference names. It binds at the next request. NotFound as of [Store.Resolve].
func (s *Store) Lock(ctx context.Context, n Name, reference string, change func(*Locks)) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	return s.update(ctx, func(tx *store.Tx) error {
		switch {
		case reference == "":
			it, ok, err := s.repositories.GetTx(tx, n.key())
			if err == nil && !ok {
				err = unknown(n)
			}
			if err != nil {
				return err
			}
			change(&it.Value.Locks)
			return s.repositories.Put(tx, it.Key, it.Value)
		case strings.Contains(reference, ":"):
			return lockRow(tx, s, s.manifests, n, reference, func(m *Manifest) { change(&m.Locks) })
		}
		return lockRow(tx, s, s.tags, n, reference, func(t *Tag) { change(&t.Locks) })
	})
}

func lockRow[T any](tx *store.Tx, s *Store, rows *store.Table[linked[T]], n Name, name string, change func(*T)) error {
	it, ok, err := rows.GetTx(tx, n.key(name))
	if err == nil && !ok {
		err = s.missing(n, name)
	}
	if err != nil {
		return err
	}
	change(&it.Value.Value)
	return rows.Put(tx, it.Key, it.Value)
}
