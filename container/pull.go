package container

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/pull"
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
		w.Events = event.Add(w.Events, now(), false, "Pulling", "pulling image "+quoted)
	})
	req := ResolveRequest{Image: c.Image}
	req.Credentials, req.Identity = spec.credentialsFor(c.Image)
	image, err := r.s.o.Images.Resolve(ctx, req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e := pull.Error(g.ID.Name(), req.Image, req.who(), err)
		r.change(g, func(o *observed) {
			w := o.container(c.Name)
			w.Waiting = "ErrImagePull"
			w.Events = event.Add(w.Events, now(), true, "Failed", "Failed to pull image "+quoted+": "+e.Message)
		})
		return e
	}
	r.change(g, func(o *observed) {
		w := o.container(c.Name)
		w.Image, w.Digest = image.Name, image.Digest
		w.Events = event.Add(w.Events, now(), false, "Pulled", "Successfully pulled image "+quoted)
	})
	return nil
}

// credentialsFor are those of the image's registry: a password's, an identity's
// or none.
func (p *spec) credentialsFor(image string) (*pod.Credentials, *azure.ManagedIdentity) {
	host := pull.Registry(image)
	for _, c := range p.Credentials {
		if pull.SameHub(c.Server) == host {
			if m, ok := p.identity(c.Identity); ok && c.Identity != "" {
				return nil, &m
			}
			return &pod.Credentials{Username: c.Username, Password: c.Password.plain}, nil
		}
	}
	return nil, nil
}

// who says for whom an image was asked, for people.
func (r *ResolveRequest) who() string {
	switch {
	case r.Credentials != nil:
		return "The user name '" + r.Credentials.Username + "' was given"
	case r.Identity != nil:
		return "The managed identity with the principal id '" + r.Identity.PrincipalID + "' was given"
	}
	return "No credential for it was given"
}
