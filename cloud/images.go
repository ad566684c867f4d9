package cloud

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// The pace of forgetting images, and how long after its last use an image that
// was deleted in its registry stays: a group may be on its way to start from it.
const (
	forgetEvery = 10 * time.Minute
	forgetGrace = 10 * time.Minute
	// forgetUnused is how long an image that a bucket keeps stays after its last use.
	forgetUnused = 24 * time.Hour
)

// lookAfterImages forgets deleted images until ctx ends.
func (c *Cloud) lookAfterImages(ctx context.Context) {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		if err := c.ForgetDeletedImages(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("cannot forget images that were deleted in their registries", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// ForgetDeletedImages drops the runtime's names of images that came from a
// registry of this cloud, are no longer there, and that no container was made
// from. A name keeps its content from the collector: without this, the blobs of
// a deleted image would stay on the disk for ever. Of what a bucket keeps, images
// are forgotten that were not used for a day. Safe beside everything else.
func (c *Cloud) ForgetDeletedImages(ctx context.Context) error {
	ctx = namespaces.WithNamespace(ctx, repository.Namespace)
	all, err := c.machine.Images.List(ctx)
	if err != nil {
		return fmt.Errorf("cannot list the runtime's images: %w", err)
	}
	var gone []images.Image
	for _, image := range all {
		age := c.now().Sub(image.UpdatedAt)
		if age > forgetGrace && c.deletedInRegistry(ctx, image.Name) || age > forgetUnused && c.keptInBucket(image.Name) {
			gone = append(gone, image)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	used, err := c.usedImages(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, image := range gone {
		if used[image.Name] {
			continue
		}
		if err := c.machine.Images.Delete(ctx, image.Name); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("cannot forget the image %q: %w", image.Name, err))
		}
		c.rooms.unpacker.drop(image.Name)
	}
	return errors.Join(errs...)
}

// keptInBucket reports whether the image is of a registry of this cloud whose
// content is in a bucket: it can be fetched again.
func (c *Cloud) keptInBucket(name string) bool {
	host, _, _ := splitImage(name)
	return c.machine.Bucket != nil && host != "" && c.rooms.registry.Hosts(host)
}

// deletedInRegistry reports whether the name is of a registry of this cloud that
// says it has no such image.
func (c *Cloud) deletedInRegistry(ctx context.Context, name string) bool {
	host, repo, reference := splitImage(name)
	if host == "" || !c.rooms.registry.Hosts(host) {
		return false
	}
	_, err := c.rooms.registry.Resolve(ctx, host, repo, reference)
	for _, code := range []string{azure.CodeHostNotFound, azure.CodeOCINameUnknown, azure.CodeOCIManifestUnknown} {
		if azure.HasCode(err, code) {
			return true
		}
	}
	return false
}

// usedImages are the images that containers were made from, also of those that
// ended: they may be started again.
func (c *Cloud) usedImages(ctx context.Context) (map[string]bool, error) {
	boxes, err := c.machine.Runtime.ListSandboxes(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot list the container groups: %w", err)
	}
	used := map[string]bool{}
	for _, box := range boxes {
		containers, err := c.machine.Runtime.Statuses(ctx, box.ID)
		if err != nil {
			return nil, fmt.Errorf("cannot list the containers of %q: %w", box.ID, err)
		}
		for _, status := range containers {
			used[status.Image] = true
		}
	}
	return used, nil
}
