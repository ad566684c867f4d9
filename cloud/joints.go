package cloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/pkg/namespaces"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/registry"
	"github.com/lazuli-cloud/lazuli/registry/repository"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

// registryAudience is what newer clients ask tokens for a registry for.
// Azure: az 2.91 and the SDKs use it whatever the cloud.
const registryAudience = "https://containerregistry.azure.net"

// logins joins the registry to the directory.
func (c *Cloud) logins(resourceManager string) registry.Logins {
	return registry.Logins{
		SignIn: func(ctx context.Context, user, password string) (authz.Principal, string, error) {
			return c.directory.SignInCredential(ctx, user, azure.NewSecret(password))
		},
		VerifyToken: func(_ context.Context, raw string) (authz.Principal, error) {
			return c.tokens.Verify(raw, resourceManager, registryAudience)
		},
		Alive: c.directory.Stands,
	}
}

// registrySealer joins the registry to encryption at rest.
func registrySealer(box *seal.Box) registry.Sealer {
	return registry.Sealer{
		Seal:   func(name string, data []byte) ([]byte, error) { return box.Seal(data, seal.Bind("registry", name)) },
		Unseal: func(name string, data []byte) ([]byte, error) { return box.Unseal(data, seal.Bind("registry", name)) },
	}
}

// resolver brings a group's images onto the machine.
type resolver struct{ cloud *Cloud }

// Resolve implements container.Resolver. An image of this cloud's registries is
// authorized exactly as a client's pull would be, and no bytes move: the blobs
// are in the runtime's store. Others are pulled.
func (r *resolver) Resolve(ctx context.Context, req container.ResolveRequest) (pod.Image, error) {
	host, repository, reference := splitImage(req.Image)
	if host == "" || !r.cloud.rooms.registry.Hosts(host) {
		if req.Identity != nil { // its token means nothing elsewhere
			return pod.Image{}, &pod.ImageError{Reason: pod.ImageUnauthorized, Image: req.Image, Registry: host, Err: errors.New("a managed identity of this cloud")}
		}
		return r.cloud.machine.Runtime.EnsureImage(ctx, pod.ImageRequest{Name: req.Image, Credentials: req.Credentials})
	}
	pull := registry.Pull{Host: host, Repository: repository, Reference: reference}
	if req.Credentials != nil {
		pull.Username, pull.Password = req.Credentials.Username, req.Credentials.Password
	}
	if m := req.Identity; m != nil {
		if !r.cloud.directory.Live(m.TenantID, m.PrincipalID) {
			return pod.Image{}, &pod.ImageError{Reason: pod.ImageUnauthorized, Image: req.Image, Registry: host, Err: errors.New("the identity has been deleted or disabled")}
		}
		pull.Principal = &authz.Principal{TenantID: m.TenantID, ObjectID: m.PrincipalID, Type: authz.ServicePrincipal, AppID: m.ClientID, Name: m.ClientID}
	}
	d, err := r.cloud.rooms.registry.Authorize(ctx, pull)
	if err != nil {
		return pod.Image{}, imageError(req.Image, host, err)
	}
	image, err := r.cloud.machine.Runtime.PrepareImage(ctx, host+"/"+repository+"@"+string(d.Digest),
		pod.Descriptor{MediaType: d.MediaType, Digest: string(d.Digest), Size: d.Size})
	if err != nil {
		return image, imageError(req.Image, host, err)
	}
	return image, nil
}

// publicImages begin the names of images that anybody may pull. Azure: its list
// of cached images has these two publishers.
var publicImages = []string{"docker.io/library/", "mcr.microsoft.com/"}

// Cached implements container.Resolver. Names of other registries are not told:
// they may be private to who pulled them.
func (r *resolver) Cached(ctx context.Context) ([]string, error) {
	all, err := r.cloud.machine.Images.List(namespaces.WithNamespace(ctx, repository.Namespace))
	if err != nil {
		return nil, fmt.Errorf("cannot list the machine's images: %w", err)
	}
	var names []string
	for _, image := range all {
		name, _, _ := strings.Cut(image.Name, "@")
		if slices.ContainsFunc(publicImages, func(p string) bool { return strings.HasPrefix(name, p) }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// splitImage takes "host[:port]/repository[:tag|@digest]" apart. The host is ""
// when the name has none: docker's short names.
func splitImage(image string) (host, repository, reference string) {
	host, rest, ok := strings.Cut(image, "/")
	if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
		return "", image, ""
	}
	if name, digest, ok := strings.Cut(rest, "@"); ok {
		name, _, _ = strings.Cut(name, ":")
		return host, name, digest
	}
	repository, reference, _ = strings.Cut(rest, ":")
	return host, repository, reference
}

// reasons words the registry's refusals as the runtime's.
var reasons = map[string]pod.ImageReason{
	azure.CodeHostNotFound:       pod.ImageUnreachable,
	azure.CodeOCIUnauthorized:    pod.ImageUnauthorized,
	azure.CodeOCITooManyRequests: pod.ImageThrottled,
	azure.CodeOCIDenied:          pod.ImageForbidden,
	azure.CodeOCINameInvalid:     pod.ImageBadReference,
	azure.CodeOCITagInvalid:      pod.ImageBadReference,
	azure.CodeOCINameUnknown:     pod.ImageUnknownName,
	azure.CodeOCIManifestUnknown: pod.ImageUnknownTag,
}

// imageError is err as a *pod.ImageError.
func imageError(image, host string, err error) error {
	var known *pod.ImageError
	if errors.As(err, &known) {
		return err
	}
	reason := pod.ImageRegistryFailure
	var e *azure.Error
	if errors.As(err, &e) {
		if r, ok := reasons[e.Code]; ok {
			reason = r
		}
	}
	return &pod.ImageError{Reason: reason, Image: image, Registry: host, Err: err}
}
