package container

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/reference"
)

// checkReferences refuses secret references by identities that the group has not.
func (p *spec) checkReferences(group string) error {
	for i, x := range p.References {
		if _, ok := p.identity(x.Identity); !ok {
			return azure.Errorf(azure.Invalid, azure.CodeInvalidContainerGroup, "The container group '%s' is invalid: the identity '%s', which reads the secret reference '%s', is not among its own. Add it to 'identity.userAssignedIdentities'.", group, x.Identity, x.Name).At("properties.secretReferences[" + strconv.Itoa(i) + "].identity")
		}
	}
	return nil
}

// reveal reads the secrets that are used by reference, each as its identity and
// now, into spec, which is the caller's own copy: they are kept nowhere else. What
// the user can mend is the error InaccessibleSecretReference and an event.
func (r *runner) reveal(ctx context.Context, g *group, spec *spec) error {
	values := map[string]azure.Secret{}
	var failed error
	spec.referring(func(name string, s **secret) {
		name = strings.ToLower(name)
		if _, known := values[name]; !known && failed == nil {
			values[name], failed = r.read(ctx, g, spec, name)
		}
		*s = &secret{plain: values[name]}
	})
	return failed
}

// read reads the secret of one reference.
func (r *runner) read(ctx context.Context, g *group, spec *spec, name string) (azure.Secret, error) {
	i := slices.IndexFunc(spec.References, func(x reference.Reference) bool { return strings.EqualFold(x.Name, name) })
	if i < 0 {
		return azure.Secret{}, errors.New("there is no secret reference " + strconv.Quote(name)) // was checked when it was written
	}
	x := spec.References[i]
	m, _ := spec.identity(x.Identity) // so was this
	value, err := r.s.o.Identities.Secret(ctx, m, x.URI)
	if err == nil || ctx.Err() != nil {
		return value, err
	}
	var e *azure.Error
	if !errors.As(err, &e) {
		return value, err
	}
	why := strings.Join(strings.Fields(e.Message), " ")
	if e.Kind == azure.Forbidden {
		why += " Give the identity with the principal id '" + m.PrincipalID + "' the role 'Key Vault Secrets User' on the vault, or an access policy that lets it get secrets."
	}
	r.change(g, func(o *observed) {
		o.Events = event.Add(o.Events, r.s.o.Now(), true, "Failed", "Failed to read the secret reference '"+x.Name+"': "+why)
	})
	return azure.Secret{}, azure.Errorf(azure.Invalid, azure.CodeInaccessibleSecretReference, "The secret reference '%s' of container group '%s' cannot be read from '%s': %s Mend that and create or start the group again.", x.Name, g.ID.Name(), x.URI, why).Because(err)
}

// lacksSecrets reports that a file which a reference fills is not there: it was in
// memory, and the machine was restarted.
func (s *Service) lacksSecrets(g *group) bool {
	for i, v := range g.Spec.Volumes {
		for _, f := range v.Files {
			if f.Reference == "" {
				continue
			}
			if _, err := os.Lstat(filepath.Join(s.volumeDir(g, i), f.Name)); errors.Is(err, fs.ErrNotExist) {
				return true
			}
		}
	}
	return false
}
