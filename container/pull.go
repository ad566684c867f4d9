package container

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// resolveAll resolves the images of a run that are not resolved yet, at once.
func (r *runner) resolveAll(ctx context.Context, g *group, spec *spec) error {
	work, ctx := errgroup.WithContext(ctx)
	for _, c := range spec.all() {
		if r.seen.Load().container(c.Name).Image == "" {
			work.Go(func() error { return r.resolveOne(ctx, g, spec, c) })
		}
	}
	return work.Wait()
}

// resolveOne resolves the image of one container, with the group's credential
// for its registry.
func (r *runner) resolveOne(ctx context.Context, g *group, spec *spec, c *containerSpec) error {
	quoted := `"` + c.Image + `"`
	now := r.s.o.Now
	r.change(g, func(o *observed) {
		w := o.container(c.Name)
		w.Events = note(w.Events, now(), false, "Pulling", "pulling image "+quoted)
	})
	req := ResolveRequest{Image: c.Image, Credentials: spec.credentialsFor(c.Image)}
	image, err := r.s.o.Images.Resolve(ctx, req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e := imageError(g.ID.Name(), c.Image, req.Credentials, err)
		r.change(g, func(o *observed) {
			w := o.container(c.Name)
			w.Waiting = "ErrImagePull"
			w.Events = note(w.Events, now(), true, "Failed", "Failed to pull image "+quoted+": "+e.Message)
		})
		return e
	}
	r.change(g, func(o *observed) {
		w := o.container(c.Name)
		w.Image, w.Digest = image.Name, image.Digest
		w.Events = note(w.Events, now(), false, "Pulled", "Successfully pulled image "+quoted)
	})
	return nil
}

// dockerHub is the registry of image names that have none.
const dockerHub = "index.docker.io"

// registryOf is the host of the registry an image name means.
func registryOf(image string) string {
	first, _, more := strings.Cut(image, "/")
	if !more || !strings.ContainsAny(first, ".:") && first != "localhost" {
		return dockerHub
	}
	return sameHub(first)
}

func sameHub(host string) string {
	switch host = strings.ToLower(host); host {
	case "docker.io", "registry-1.docker.io", "hub.docker.com":
		return dockerHub
	}
	return strings.TrimSuffix(host, ":443")
}

func (p *spec) credentialsFor(image string) *pod.Credentials {
	host := registryOf(image)
	for _, c := range p.Credentials {
		if sameHub(c.Server) == host {
			return &pod.Credentials{Username: c.Username, Password: c.Password.plain}
		}
	}
	return nil
}

// imageError says which of name, tag, credential, role or reachability was wrong,
// and what to do.
func imageError(group, image string, used *pod.Credentials, err error) *azure.Error {
	host := registryOf(image)
	var ie *pod.ImageError
	if !errors.As(err, &ie) {
		return azure.Errorf(azure.Internal, azure.CodeInternal, "The image '%s' in container group '%s' could not be made ready: the cloud failed. Try again; the server's log has the reason.", image, group).Because(err)
	}
	if ie.Registry != "" {
		host = ie.Registry
	}
	who := "No credential for it was given"
	if used != nil {
		who = "The user name '" + used.Username + "' was given"
	}
	kind, code, why := azure.Invalid, azure.CodeInaccessibleImage, ""
	switch ie.Reason {
	case pod.ImageBadReference:
		why = "The name is not an image reference. Write it as 'registry/repository:tag'."
	case pod.ImageUnknownName:
		why = "The registry '" + host + "' has no such repository. Check the name before the tag, or push the image."
	case pod.ImageUnknownTag:
		why = "The repository exists in the registry '" + host + "', but not this tag or digest. Check the part after ':' or '@', or push it."
	case pod.ImageUnauthorized:
		why = "The registry '" + host + "' did not accept the caller. " + who + ". Check 'imageRegistryCredentials': server, username and password, and that the password has not expired."
	case pod.ImageForbidden:
		why = "The credential is valid, but has no right to pull from the registry '" + host + "'. " + who + ". Assign it the role AcrPull on the registry."
	case pod.ImageUnreachable:
		why = "The registry '" + host + "' cannot be reached. Check its name, and that this machine can connect to it."
	case pod.ImageBroken:
		why = "What the registry '" + host + "' has under this name is not a container image, or is damaged. Push the image again."
	case pod.ImageWrongPlatform:
		return azure.Errorf(azure.Invalid, azure.CodeOSVersionNotSupported, "The OS version of image '%s' is not supported. It has nothing for this machine's platform; build it for linux and this processor.", image).Because(err)
	default: // throttled, or any other answer
		return azure.Errorf(azure.Conflict, azure.CodeRegistryErrorResponse, "An error response is received from the docker registry '%s'. Please retry later.", host).Because(err)
	}
	return azure.Errorf(kind, code, "The image '%s' in container group '%s' is not accessible. Please check the image and registry credential. %s", image, group, why).Because(err)
}
