package cloud

import (
	"context"

	"github.com/lazuli-cloud/lazuli/container"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// resolver brings a group's images onto the machine.
type resolver struct{ cloud *Cloud }

// Resolve implements container.Resolver.
func (r *resolver) Resolve(ctx context.Context, req container.ResolveRequest) (pod.Image, error) {
	return r.cloud.machine.Runtime.EnsureImage(ctx, pod.ImageRequest{Name: req.Image, Credentials: req.Credentials})
}
