package pod

import (
	"context"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Images brings images onto the machine, unpacked and ready to start from.
// Safe for concurrent use; work on one image is done once however many ask.
type Images interface {
	// EnsureImage pulls an image from its registry unless exactly that content is
	// there already. The registry is asked each time, with the request's
	// credentials: an image being on the machine entitles nobody to run it.
	// A failure is an [*ImageError].
	EnsureImage(ctx context.Context, req ImageRequest) (Image, error)
	// PrepareImage names content that is already in the runtime's content store
	// and unpacks it. Repeating it is cheap; while the same content is being
	// unpacked it waits. It returns [ErrNoImage] when the content is not there,
	// and an [*ImageError] when it is nothing to run: for another platform
	// (ImageWrongPlatform), or no image at all (ImageBroken).
	PrepareImage(ctx context.Context, name string, target Descriptor) (Image, error)
	// ForgetImage drops the name. Content no other name uses is collected later;
	// running containers are not disturbed. An unknown name is no error.
	ForgetImage(ctx context.Context, name string) error
}

// ImageRequest asks for a remote image.
type ImageRequest struct {
	// Name is the reference as a user writes it: "nginx",
	// "mcr.microsoft.com/azuredocs/aci-helloworld:latest", "host/name@sha256:...".
	Name string
	// Platform is "os/arch", "linux/amd64" for instance; empty means this machine's.
	Platform string
	// Credentials are for the registry of Name; nil means anonymous.
	Credentials *Credentials
}

// Credentials sign in to a registry.
type Credentials struct {
	Username string
	Password azure.Secret
}

// Image is an image ready to start from.
type Image struct {
	// Name is what ContainerSpec.Image takes.
	Name string
	// Digest is that of the manifest or index the name meant.
	Digest string
	// Size is the sum of the compressed sizes in bytes.
	Size int64
}

// Descriptor says which content an image is. The three fields are those of an
// OCI descriptor.
type Descriptor struct {
	MediaType string
	Digest    string
	Size      int64
}
