package container

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/msi"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/wire"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Identities are the managed identities that groups can have.
type Identities interface {
	// System finds or makes the system-assigned identity of a group.
	System(tx *store.Tx, id azure.ResourceID) (azure.ManagedIdentity, error)
	// Forget removes it, if there is one.
	Forget(tx *store.Tx, id azure.ResourceID) error
	// User finds a user-assigned identity that p may give to a group.
	User(p authz.Principal, id azure.ResourceID) (azure.ManagedIdentity, error)
	// Token issues a token of an identity for a resource.
	Token(ctx context.Context, m azure.ManagedIdentity, resource string) (azure.Secret, time.Time, error)
	// Secret reads a secret of a key vault with the rights of an identity; its address
	// is one that reference.Parse takes.
	Secret(ctx context.Context, m azure.ManagedIdentity, uri string) (azure.Secret, error)
}

// identitySpec is what a group can prove to be. Header is the secret of its token
// endpoint.
type identitySpec struct {
	List   []msi.Identity
	Header *secret
}

// identify reads the envelope's identity, makes or removes the system-assigned
// one, and leaves in the envelope what clients read.
func (s *Service) identify(tx *store.Tx, r *arm.Put[wire.ContainerGroupProperties], old *identitySpec) (*identitySpec, error) {
	system, users, err := msi.Read(r.Identity)
	if err != nil {
		return nil, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The identity of container group '%s' %v.", r.ID.Name(), err).At("identity")
	}
	if !system {
		if err := s.o.Identities.Forget(tx, r.ID); err != nil {
			return nil, err
		}
	}
	if !system && len(users) == 0 {
		r.Identity = nil
		return nil, nil
	}
	out := &identitySpec{Header: &secret{plain: azure.NewSecret(rand.Text())}}
	if old != nil {
		out.Header = &secret{plain: old.Header.plain}
	}
	if system {
		m, err := s.o.Identities.System(tx, r.ID)
		if err != nil {
			return nil, err
		}
		out.List = append(out.List, msi.Identity{ManagedIdentity: m})
	}
	for _, name := range users {
		id, err := azure.ParseID(name)
		if err != nil {
			return nil, err
		}
		m, err := s.o.Identities.User(r.Principal, id)
		if err != nil {
			return nil, err
		}
		out.List = append(out.List, msi.Identity{ManagedIdentity: m, ResourceID: name})
	}
	r.Identity, err = json.Marshal(msi.Show(out.List))
	return out, err
}

// identity finds one of the group's user-assigned identities.
func (p *spec) identity(resource string) (azure.ManagedIdentity, bool) {
	if p.Identity == nil {
		return azure.ManagedIdentity{}, false
	}
	i := slices.IndexFunc(p.Identity.List, func(x msi.Identity) bool { return x.ResourceID != "" && strings.EqualFold(x.ResourceID, resource) })
	if i < 0 {
		return azure.ManagedIdentity{}, false
	}
	return p.Identity.List[i].ManagedIdentity, true
}

// checkPulls refuses credentials by identities that the group has not.
func (p *spec) checkPulls(group string) error {
	for i, c := range p.Credentials {
		if c.Identity == "" {
			continue
		}
		if _, ok := p.identity(c.Identity); !ok {
			return azure.Errorf(azure.Invalid, azure.CodeInvalidContainerGroup, "The container group '%s' is invalid: it pulls from '%s' as the identity '%s', which is not among its own. Add it to 'identity.userAssignedIdentities'.", group, c.Server, c.Identity).At("properties.imageRegistryCredentials[" + strconv.Itoa(i) + "].identity")
		}
	}
	return nil
}

// voucher is the token endpoint of a group with identities.
type voucher struct {
	header azure.Secret
	end    func() // nil when it is not served
}

// environment is what a container's programs find the endpoint by.
func (v *voucher) environment(g *group) []pod.EnvVar {
	if g.Spec.Identity == nil {
		return nil
	}
	return []pod.EnvVar{{Name: "IDENTITY_ENDPOINT", Value: "http://127.0.0.1:" + strconv.Itoa(msi.Port) + msi.Path}, {Name: "IDENTITY_HEADER", Value: v.header.Reveal()}}
}

// vouch serves the token endpoint inside of the group's sandbox.
func (r *runner) vouch(ctx context.Context, g *group, spec *spec) error {
	if spec.Identity == nil || r.voucher.end != nil {
		return nil
	}
	l, err := r.s.o.Runtime.Inside.ListenInside(ctx, g.Sandbox, msi.Port)
	if err != nil {
		return err
	}
	r.voucher.header = spec.Identity.Header.plain // the same as long as the group has identities
	r.voucher.end = msi.Endpoint{
		Header: r.voucher.header,
		Identities: func() []msi.Identity {
			if item, ok := r.s.groups.Get(r.key); ok && item.Value.Spec.Identity != nil {
				return item.Value.Spec.Identity.List
			}
			return nil
		},
		Token: r.s.o.Identities.Token,
	}.Serve(l)
	return nil
}

// unvouch closes the token endpoint.
func (r *runner) unvouch() {
	if r.voucher.end != nil {
		r.voucher.end()
		r.voucher.end = nil
	}
}
