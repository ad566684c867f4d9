package repository

import (
	"context"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	"github.com/google/uuid"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Push is a manifest on its way in. Manifest has what its content says; times
// and platform are filled in here.
type Push struct {
	Name     Name
	Tag      string // may be empty
	Digest   digest.Digest
	Data     []byte
	Manifest Manifest
	Config   digest.Digest // of an image: read for the platform; may be empty
}

// PutManifest stores a manifest, and moves the tag to it. All blobs and
// manifests it names must be in the repository: else Invalid with
// CodeOCIManifestBlobUnknown.
func (s *Store) PutManifest(ctx context.Context, p Push) error {
	n := p.Name
	mu := s.lock(n)
	mu.RLock()
	defer mu.RUnlock()
	if err := s.mayWrite(n, p.Tag, p.Digest); err != nil {
		return err
	}
	if err := s.checkChildren(n, p.Manifest); err != nil {
		return err
	}
	if p.Config != "" {
		p.Manifest.OS, p.Manifest.Architecture = s.platform(ctx, n, p.Config)
	}
	if err := s.writeManifest(ctx, p); err != nil {
		return err
	}
	if err := s.keep(ctx, p.Digest, func(tx *store.Tx) error { return s.putRow(tx, p) }); err != nil {
		return err
	}
	return s.park(ctx, n, p.Digest)
}

// putRow writes the row of a manifest whose bytes are there, and moves the tag.
func (s *Store) putRow(tx *store.Tx, p Push) error {
	n, now := p.Name, s.o.Now().UTC()
	old, exists, err := s.manifests.GetTx(tx, n.key(p.Digest.String()))
	if err != nil {
		return err
	}
	m := p.Manifest
	m.Created, m.Updated = now, now
	if exists {
		m.Created, m.Locks = old.Value.Value.Created, old.Value.Value.Locks
	}
	if err := s.manifests.Put(tx, n.key(p.Digest.String()), linked[Manifest]{n, m}); err != nil {
		return err
	}
	if p.Tag != "" {
		if err := s.putTag(tx, n, p.Tag, Tag{Digest: p.Digest, Created: now, Updated: now}); err != nil {
			return err
		}
	}
	return s.touch(tx, n, func(r *Repository) {
		r.Updated = now
		if !exists {
			r.Manifests++
		}
	})
}

func (s *Store) putTag(tx *store.Tx, n Name, tag string, t Tag) error {
	old, ok, err := s.tags.GetTx(tx, n.key(tag))
	if err != nil {
		return err
	}
	if ok {
		t.Created, t.Locks = old.Value.Value.Created, old.Value.Value.Locks
		if err := s.untag(tx, n, tag, old.Value.Value.Digest, t.Digest); err != nil {
			return err
		}
	}
	return s.tags.Put(tx, n.key(tag), linked[Tag]{n, t})
}

// untag notes on the manifest that the tag leaves, perhaps for another, that it
// has no tag any more.
func (s *Store) untag(tx *store.Tx, n Name, tag string, d, next digest.Digest) error {
	left := s.TagsOf(n, d)
	if d == next || len(left) > 1 || len(left) == 1 && left[0] != tag {
		return nil
	}
	it, ok, err := s.manifests.GetTx(tx, n.key(d.String()))
	if err != nil || !ok {
		return err
	}
	it.Value.Value.Untagged = s.o.Now().UTC()
	return s.manifests.Put(tx, it.Key, it.Value)
}

func (s *Store) checkChildren(n Name, m Manifest) error {
	for _, d := range m.Blobs {
		if _, ok := s.blobs.Get(n.key(d.String())); !ok {
			return azure.Errorf(azure.Invalid, azure.CodeOCIManifestBlobUnknown, "The manifest names the blob %s, which the repository '%s' does not hold. Push the blob first.", d, n.Repository)
		}
	}
	for _, c := range m.Manifests {
		if _, ok := s.manifests.Get(n.key(c.Digest.String())); !ok {
			return azure.Errorf(azure.Invalid, azure.CodeOCIManifestBlobUnknown, "The index names the manifest %s, which the repository '%s' does not hold. Push the manifest first.", c.Digest, n.Repository)
		}
	}
	return nil
}

// writeManifest puts the bytes into the content store, in the repository's
// lease, with labels that tell the collector about the children.
func (s *Store) writeManifest(ctx context.Context, p Push) error {
	held, err := s.hold(ctx, p.Name)
	if err != nil {
		return err
	}
	labels := map[string]string{}
	for i, d := range p.Manifest.Blobs {
		labels[label("b", i)] = d.String()
	}
	for i, c := range p.Manifest.Manifests {
		labels[label("m", i)] = c.Digest.String()
	}
	desc := ocispec.Descriptor{MediaType: p.Manifest.MediaType, Digest: p.Digest, Size: int64(len(p.Data))}
	w, err := s.o.Content.Writer(held, content.WithRef(uploadRef(p.Name, uuid.NewString())), content.WithDescriptor(desc))
	if err == nil {
		if st, serr := w.Status(); serr == nil && st.Offset == 0 {
			_, err = w.Write(p.Data)
		}
		if err == nil {
			err = w.Commit(held, desc.Size, p.Digest, content.WithLabels(labels))
		} else {
			_ = w.Close() // the sweep takes what is left
		}
	}
	if err == nil {
		return nil
	}
	if !errdefs.IsAlreadyExists(err) {
		return s.full(err)
	}
	return s.labelAgain(held, p.Digest, labels)
}

// labelAgain adds the labels to content that was there, perhaps as a blob.
func (s *Store) labelAgain(ctx context.Context, d digest.Digest, labels map[string]string) error {
	info, err := s.o.Content.Info(ctx, d)
	if err != nil {
		return err
	}
	var missing []string
	for k, v := range labels {
		if info.Labels[k] != v {
			missing = append(missing, "labels."+k)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = s.o.Content.Update(ctx, content.Info{Digest: d, Labels: labels}, missing...)
	return err
}

// manifestByDigest gives a manifest's row.
func (s *Store) manifestByDigest(n Name, d digest.Digest) (Manifest, bool) {
	it, ok := s.manifests.Get(n.key(d.String()))
	return it.Value.Value, ok
}

func manifestUnknown(n Name, reference string) error {
	return azure.Errorf(azure.NotFound, azure.CodeOCIManifestUnknown, "The repository '%s' has no manifest or tag '%s'.", n.Repository, reference)
}

// unknown is the error for a repository that the registry does not have.
func unknown(n Name) error {
	return azure.Errorf(azure.NotFound, azure.CodeOCINameUnknown, "The registry has no repository '%s'. List them with 'az acr repository list'.", n.Repository)
}

// Resolve finds the manifest that a tag or digest names. NotFound with
// CodeOCINameUnknown or CodeOCIManifestUnknown.
func (s *Store) Resolve(n Name, reference string) (digest.Digest, Manifest, error) {
	d := digest.Digest(reference)
	if !strings.Contains(reference, ":") {
		it, ok := s.tags.Get(n.key(reference))
		if !ok {
			return "", Manifest{}, s.missing(n, reference)
		}
		d = it.Value.Value.Digest
	}
	m, ok := s.manifestByDigest(n, d)
	if !ok {
		return "", Manifest{}, s.missing(n, reference)
	}
	return d, m, nil
}

func (s *Store) missing(n Name, reference string) error {
	if _, ok := s.repositories.Get(n.key()); !ok {
		return unknown(n)
	}
	return manifestUnknown(n, reference)
}

// Bytes reads a manifest's content. The slice is shared: read only.
func (s *Store) Bytes(ctx context.Context, d digest.Digest) ([]byte, error) {
	if b, ok := s.cache.get(d); ok {
		return b, nil
	}
	b, err := s.read(ctx, d, 0)
	if err != nil {
		return nil, err
	}
	s.cache.put(d, b)
	return b, nil
}

// DeleteManifest removes a manifest and all tags that point to it. Its blobs
// stay linked until the sweep finds that nothing names them.
func (s *Store) DeleteManifest(ctx context.Context, n Name, d digest.Digest) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	m, ok := s.manifestByDigest(n, d)
	if !ok {
		return s.missing(n, d.String())
	}
	tags := s.tags.By(byDigest, string(n.key(d.String())))
	if err := s.mayDelete(n, named(tags), []Named[Manifest]{{d.String(), m}}); err != nil {
		return err
	}
	return s.dropManifest(ctx, n, d, tags)
}

// dropManifest removes a manifest with its tags. The caller holds the
// repository's lock for writing.
func (s *Store) dropManifest(ctx context.Context, n Name, d digest.Digest, tags []store.Item[linked[Tag]]) error {
	err := s.update(ctx, func(tx *store.Tx) error {
		for _, t := range tags {
			if err := s.tags.Delete(tx, t.Key); err != nil {
				return err
			}
		}
		if err := s.manifests.Delete(tx, n.key(d.String())); err != nil {
			return err
		}
		return s.touch(tx, n, func(r *Repository) { r.Updated = s.o.Now().UTC(); r.Manifests-- })
	})
	if err != nil {
		return err
	}
	return s.release(ctx, n, d)
}

// DeleteTag removes a tag; the manifest stays. NotFound as of [Store.Resolve].
func (s *Store) DeleteTag(ctx context.Context, n Name, tag string) error {
	mu := s.lock(n)
	mu.Lock()
	defer mu.Unlock()
	it, ok := s.tags.Get(n.key(tag))
	if !ok {
		return s.missing(n, tag)
	}
	if err := s.mayDelete(n, []Named[Tag]{{tag, it.Value.Value}}, nil); err != nil {
		return err
	}
	return s.update(ctx, func(tx *store.Tx) error {
		if err := s.tags.Delete(tx, n.key(tag)); err != nil {
			return err
		}
		if err := s.untag(tx, n, tag, it.Value.Value.Digest, ""); err != nil {
			return err
		}
		return s.touch(tx, n, func(r *Repository) { r.Updated = s.o.Now().UTC() })
	})
}
