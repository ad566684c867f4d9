package containerd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/unpack"
	"github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// labelReference is on the record of a pulled image: the name it was pulled by.
const labelReference = "lazuli/reference"

// EnsureImage implements [pod.Images]. The image's name is that of its content
// ("host/repository@sha256:..."), so that a container that is started again
// starts from the same one, wherever the tag went meanwhile.
func (r *Runtime) EnsureImage(ctx context.Context, req pod.ImageRequest) (pod.Image, error) {
	ctx = r.in(ctx)
	ref, err := reference.ParseDockerRef(req.Name)
	if err != nil {
		return pod.Image{}, &pod.ImageError{Reason: pod.ImageBadReference, Image: req.Name, Err: err}
	}
	fail := &pod.ImageError{Image: req.Name, Registry: reference.Domain(ref)}
	if req.Platform != "" {
		p, err := platforms.Parse(req.Platform)
		if err != nil || !platforms.Default().Match(p) {
			fail.Reason, fail.Err = pod.ImageWrongPlatform, fmt.Errorf("this machine runs %s", platforms.DefaultString())
			return pod.Image{}, fail
		}
	}
	seen := &witness{next: r.opts.Transport}
	resolver := r.resolver(seen, reference.Domain(ref), req.Credentials)
	_, target, err := resolver.Resolve(ctx, ref.String())
	if err != nil {
		return pod.Image{}, seen.explain(ctx, fail, err)
	}
	name := reference.TrimNamed(ref).String() + "@" + target.Digest.String()
	image, err := r.once(ctx, "pull "+name, func(ctx context.Context) (pod.Image, error) {
		return r.pull(ctx, resolved{resolver, name, target}, ref.String())
	})
	if err != nil {
		return pod.Image{}, seen.explain(ctx, fail, err)
	}
	return image, nil
}

// resolved is a resolver that has its answer already.
type resolved struct {
	remotes.Resolver
	name   string
	target ocispec.Descriptor
}

func (r resolved) Resolve(context.Context, string) (string, ocispec.Descriptor, error) {
	return r.name, r.target, nil
}

func (r *Runtime) pull(ctx context.Context, from resolved, ref string) (pod.Image, error) {
	if have, err := r.client().GetImage(ctx, from.name); err == nil {
		if ready, err := have.IsUnpacked(ctx, r.opts.Snapshotter); err == nil && ready {
			return describe(ctx, have)
		}
	}
	if err := r.unpacks.Acquire(ctx, 1); err != nil {
		return pod.Image{}, err
	}
	defer r.unpacks.Release(1)
	image, err := r.client().Pull(ctx, from.name, client.WithResolver(from), client.WithPullUnpack,
		client.WithPullSnapshotter(r.opts.Snapshotter), client.WithPullLabel(labelReference, ref))
	if err != nil {
		return pod.Image{}, err
	}
	if err := checkPlatform(ctx, image); err != nil {
		return pod.Image{}, errors.Join(err, r.ForgetImage(ctx, from.name))
	}
	r.forgetOlder(ctx, ref, from.name)
	return describe(ctx, image)
}

// forgetOlder drops what a tag meant before, unless a container is started
// from it and may be again.
func (r *Runtime) forgetOlder(ctx context.Context, ref, current string) {
	older, err := r.ImageStore().List(ctx, fmt.Sprintf("labels.%q==%q", labelReference, ref))
	if err != nil {
		return
	}
	used := map[string]bool{current: true}
	r.mu.Lock()
	for _, s := range r.sandboxes {
		s.mu.Lock()
		for _, c := range s.containers {
			used[c.record.Image] = true
		}
		s.mu.Unlock()
	}
	r.mu.Unlock()
	for _, image := range older {
		if !used[image.Name] {
			_ = r.ImageStore().Delete(ctx, image.Name) // next time, then
		}
	}
}

func describe(ctx context.Context, image client.Image) (pod.Image, error) {
	size, err := image.Size(ctx)
	if err != nil {
		return pod.Image{}, err
	}
	return pod.Image{Name: image.Name(), Digest: image.Target().Digest.String(), Size: size}, nil
}

// PrepareImage implements [pod.Images].
func (r *Runtime) PrepareImage(ctx context.Context, name string, target pod.Descriptor) (pod.Image, error) {
	ctx = r.in(ctx)
	dgst, err := digest.Parse(target.Digest)
	if err != nil {
		return pod.Image{}, fmt.Errorf("%w: digest %q of image %q", pod.ErrInvalid, target.Digest, name)
	}
	image := images.Image{Name: name, Target: ocispec.Descriptor{MediaType: target.MediaType, Digest: dgst, Size: target.Size}}
	ctx, done, err := r.fetchHead(ctx, image)
	if err != nil {
		return pod.Image{}, explainContent(name, err)
	}
	defer done()
	if _, err := r.Content().Info(ctx, dgst); err != nil {
		return pod.Image{}, fmt.Errorf("%w: content %s of %q is not in the store", pod.ErrNoImage, dgst, name)
	}
	if err := checkPlatform(ctx, client.NewImage(r.client(), image)); err != nil {
		return pod.Image{}, explainContent(name, err)
	}
	if err := r.unpack(ctx, image); err != nil {
		return pod.Image{}, err
	}
	if err := r.putRecord(ctx, image); err != nil {
		return pod.Image{}, fmt.Errorf("cannot name image %q: %w", name, err)
	}
	return describe(ctx, client.NewImage(r.client(), image))
}

// putRecord names an image, and waits for the disk only if that is news.
func (r *Runtime) putRecord(ctx context.Context, image images.Image) error {
	if have, err := r.ImageStore().Get(ctx, image.Name); err == nil && have.Target.Digest == image.Target.Digest {
		return nil
	}
	_, err := r.ImageStore().Create(ctx, image)
	if errdefs.IsAlreadyExists(err) {
		_, err = r.ImageStore().Update(ctx, image, "target")
	}
	return err
}

// ForgetImage implements [pod.Images].
func (r *Runtime) ForgetImage(ctx context.Context, name string) error {
	err := r.ImageStore().Delete(r.in(ctx), name)
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("cannot forget image %q: %w", name, err)
	}
	return nil
}

// unpack makes the snapshots of an image whose content is in the store, unless
// they are there. The same content is unpacked once at a time.
func (r *Runtime) unpack(ctx context.Context, image images.Image) error {
	handle := client.NewImage(r.client(), image)
	if ready, err := handle.IsUnpacked(ctx, r.opts.Snapshotter); err == nil && ready {
		return nil
	}
	_, err := r.once(ctx, "unpack "+image.Target.Digest.String(), func(ctx context.Context) (pod.Image, error) {
		if err := r.unpacks.Acquire(ctx, 1); err != nil {
			return pod.Image{}, err
		}
		defer r.unpacks.Release(1)
		return pod.Image{}, r.unpackNow(ctx, image.Target)
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return explainContent(image.Name, err)
}

// noPlatform is how containerd words that an index has nothing for us.
const noPlatform = "no match for platform"

// explainContent says what is wrong with an image whose content is here.
func explainContent(name string, err error) error {
	reason := pod.ImageBroken
	var origin *azure.Error
	switch {
	case errors.As(err, &origin): // which has the content, and does not give it
		reason = pod.ImageRegistryFailure
	case strings.Contains(err.Error(), noPlatform):
		reason = pod.ImageWrongPlatform
	}
	return &pod.ImageError{Reason: reason, Image: name, Err: err}
}

// checkPlatform reads the image's configuration: a manifest that is in no
// index says nowhere else what machine it is for.
func checkPlatform(ctx context.Context, image client.Image) error {
	config, err := image.Spec(ctx)
	if err != nil {
		return err
	}
	if config.OS != "" && !platforms.Default().Match(config.Platform) {
		return fmt.Errorf("%s: it is for %s, this machine runs %s", noPlatform, platforms.Format(config.Platform), platforms.DefaultString())
	}
	return nil
}

// fetchHead brings the manifests and configuration of an image here from its
// origin, where they are not here. They stay until done is called; the layers
// come when they are unpacked.
func (r *Runtime) fetchHead(ctx context.Context, image images.Image) (_ context.Context, done func(), err error) {
	if r.opts.Origin == nil {
		return ctx, func() {}, nil
	}
	if have, err := r.client().GetImage(ctx, image.Name); err == nil && have.Target().Digest == image.Target.Digest {
		if ready, err := have.IsUnpacked(ctx, r.opts.Snapshotter); err == nil && ready {
			return ctx, func() {}, nil // its name keeps all of it
		}
	}
	held, release, err := r.client().WithLease(ctx, leases.WithRandomID(), leases.WithExpiration(fetchLimit))
	if err != nil {
		return ctx, nil, err
	}
	done = func() { _ = release(context.WithoutCancel(held)) } // else it expires
	store := r.Content()
	children := images.FilterPlatforms(images.SetChildrenLabels(store, images.ChildrenHandler(store)), platforms.Default())
	children = images.LimitManifests(children, platforms.Default(), 1)
	heads := func(ctx context.Context, d ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		all, err := children(ctx, d)
		return slices.DeleteFunc(all, func(c ocispec.Descriptor) bool { return images.IsLayerType(c.MediaType) }), err
	}
	err = images.Dispatch(held, images.Handlers(remotes.FetchHandler(store, r.opts.Origin), images.HandlerFunc(heads)), nil, image.Target)
	if err != nil {
		done()
		return ctx, nil, err
	}
	return held, done, nil
}

// fetchLimit bounds how long what was fetched waits for its image's name.
const fetchLimit = time.Hour

// settled labels content with what it refers to only if its labels do not say so
// already, as those of a push do: each change waits for the disk.
type settled struct{ content.Manager }

// refersTo begins the labels by which containerd's collector finds content.
const refersTo = "containerd.io/gc.ref.content."

// Update implements [content.Manager].
func (s settled) Update(ctx context.Context, info content.Info, fields ...string) (content.Info, error) {
	have, err := s.Info(ctx, info.Digest)
	if err != nil {
		return have, err
	}
	known := map[string]bool{}
	for label, d := range have.Labels {
		known[d] = known[d] || strings.HasPrefix(label, refersTo)
	}
	for label, d := range info.Labels {
		if !strings.HasPrefix(label, refersTo) || !known[d] {
			return s.Manager.Update(ctx, info, fields...)
		}
	}
	return have, nil
}

func (r *Runtime) unpackNow(ctx context.Context, target ocispec.Descriptor) error {
	ctx, done, err := r.client().WithLease(ctx, leases.WithRandomID(), leases.WithExpiration(fetchLimit))
	if err != nil {
		return err
	}
	defer func(ctx context.Context) { // nobody waits for the disk with it; it expires otherwise
		r.work.start(func() { _ = done(context.WithoutCancel(ctx)) })
	}(ctx)
	store := r.Content()
	unpacker, err := unpack.NewUnpacker(ctx, store, unpack.WithUnpackPlatform(unpack.Platform{
		Platform: platforms.All, SnapshotterKey: r.opts.Snapshotter,
		Snapshotter: r.client().SnapshotService(r.opts.Snapshotter), Applier: r.client().DiffService(),
	}))
	if err != nil {
		return err
	}
	children := images.SetChildrenLabels(settled{store}, images.ChildrenHandler(store))
	children = images.FilterPlatforms(children, platforms.Default())
	children = images.LimitManifests(children, platforms.Default(), 1)
	if r.opts.Origin != nil {
		children = images.Handlers(remotes.FetchHandler(store, r.opts.Origin), children)
	}
	err = images.Dispatch(ctx, unpacker.Unpack(children), nil, target)
	result, uerr := unpacker.Wait()
	if err := errors.Join(err, uerr); err != nil {
		return err
	}
	if result.Unpacks == 0 {
		return errors.New("it has no layers to unpack")
	}
	return nil
}
