// Package managed is Microsoft.ManagedIdentity: service principals that belong to
// resources and prove themselves by being there, without a secret.
//
// It owns the resource type userAssignedIdentities, the system-assigned
// identities of other rooms' resources, and the issue of their tokens. A
// user-assigned identity may be given to a resource by who has the action
// Microsoft.ManagedIdentity/userAssignedIdentities/assign/action on it (the role
// Managed Identity Operator, for instance).
//
// It does not know who asks for a token: the room that runs a resource makes
// sure that only the resource itself can. Federated credentials are not built.
package managed

import (
	"context"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options of a [Service]; all are required.
type Options struct {
	Store     *store.Store
	Directory *identity.Directory
	Tokens    *token.Authority
	Checker   *authz.Checker
	// Audience finds the audience that tokens for a resource carry, or says that
	// the cloud does not know the resource.
	Audience func(tenantID, resource string) (string, error)
}

// Service is the provider. Safe for concurrent use.
type Service struct {
	o Options
	// identities has those of users and of systems, by the resource's id.
	identities *store.Table[azure.ManagedIdentity]
}

// New makes the service.
func New(o Options) *Service {
	return &Service{o: o, identities: store.NewTable[azure.ManagedIdentity](o.Store, "identity/managed")}
}

// typeName is the resource type of user-assigned identities.
const typeName = "Microsoft.ManagedIdentity/userAssignedIdentities"

// UserAssignedIdentityProperties are the properties of
// Microsoft.ManagedIdentity/userAssignedIdentities, all read only.
type UserAssignedIdentityProperties struct {
	TenantID    string `json:"tenantId,omitempty"`
	PrincipalID string `json:"principalId,omitempty"`
	ClientID    string `json:"clientId,omitempty"`
}

// Provider is the table for the hall.
func (s *Service) Provider() arm.Provider {
	t := arm.Resource("userAssignedIdentities", arm.Handlers[UserAssignedIdentityProperties]{Put: s.put, Get: s.get, Delete: s.delete})
	t.Versions = []string{"2024-11-30", "2023-01-31", "2022-01-31-preview", "2018-11-30", "2015-08-31-preview"}
	t.CheckName = func(name string) error {
		if len(name) >= 3 && len(name) <= 128 && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" && name[0] != '-' && name[0] != '_' {
			return nil
		}
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The identity name '%s' is invalid. It must be 3 to 128 letters, digits, '-' and '_', and begin with a letter or digit.", name)
	}
	return arm.Provider{Namespace: "Microsoft.ManagedIdentity", Types: []arm.Type{t}}
}

func (s *Service) put(_ context.Context, tx *store.Tx, r *arm.Put[UserAssignedIdentityProperties]) error {
	_, err := s.ensure(tx, r.ID)
	return err
}

// ensure finds or makes the identity of a resource.
func (s *Service) ensure(tx *store.Tx, id azure.ResourceID) (azure.ManagedIdentity, error) {
	key := store.K(id.Key())
	it, ok, err := s.identities.GetTx(tx, key)
	if err != nil || ok {
		return it.Value, err
	}
	m, err := s.o.Directory.CreateManaged(tx, id.Name(), id)
	if err != nil {
		return m, err
	}
	return m, s.identities.Put(tx, key, m)
}

func (s *Service) get(_ context.Context, e *arm.Envelope, _ bool) (UserAssignedIdentityProperties, error) {
	it, ok := s.identities.Get(store.K(e.ID.Key()))
	if !ok {
		return UserAssignedIdentityProperties{}, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The identity '%s' was not found.", e.ID)
	}
	return UserAssignedIdentityProperties{TenantID: it.Value.TenantID, PrincipalID: it.Value.PrincipalID, ClientID: it.Value.ClientID}, nil
}

func (s *Service) delete(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	return s.Forget(tx, e.ID)
}

// System finds or makes, in tx, the system-assigned identity of a resource.
func (s *Service) System(tx *store.Tx, id azure.ResourceID) (azure.ManagedIdentity, error) {
	return s.ensure(tx, id)
}

// Forget removes, in tx, the identity of a resource with its service principal.
// None is no error.
func (s *Service) Forget(tx *store.Tx, id azure.ResourceID) error {
	key := store.K(id.Key())
	it, ok, err := s.identities.GetTx(tx, key)
	if err != nil || !ok {
		return err
	}
	if err := s.o.Directory.DeleteManaged(tx, it.Value); err != nil {
		return err
	}
	return s.identities.Delete(tx, key)
}

// User finds a user-assigned identity that p may give to a resource. Errors:
// CodeFailedIdentityOperation when there is none, CodeLinkedAuthorizationFailed
// when p may not.
func (s *Service) User(p authz.Principal, id azure.ResourceID) (azure.ManagedIdentity, error) {
	it, ok := s.identities.Get(store.K(id.Key()))
	allowed := s.o.Checker.Allowed(p, authz.Control(typeName+"/assign/action"), id)
	switch {
	case !strings.EqualFold(id.Type(), typeName), allowed && !ok:
		return azure.ManagedIdentity{}, azure.Errorf(azure.Invalid, azure.CodeFailedIdentityOperation, "There is no user-assigned identity '%s'. List them with 'az identity list'.", id)
	case !allowed:
		return azure.ManagedIdentity{}, azure.Errorf(azure.Forbidden, azure.CodeLinkedAuthorizationFailed, "The client '%s' has no permission to perform the action '%s/assign/action' on the linked scope '%s'. Assign it the role 'Managed Identity Operator' there.", p.Name, typeName, id)
	}
	return it.Value, nil
}

// Token issues an access token of the identity for a resource, such as
// "https://management.azure.com/". The error is Unauthenticated with
// CodeInvalidAuthenticationToken when the identity is gone, or that of
// Options.Audience.
func (s *Service) Token(ctx context.Context, m azure.ManagedIdentity, resource string) (azure.Secret, time.Time, error) {
	p, ok := s.o.Directory.ServicePrincipal(m.TenantID, m.PrincipalID)
	if !ok || p.Disabled {
		return azure.Secret{}, time.Time{}, azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationToken, "The managed identity with the client id '%s' has been deleted or disabled.", m.ClientID)
	}
	audience, err := s.o.Audience(m.TenantID, resource)
	if err != nil {
		return azure.Secret{}, time.Time{}, err
	}
	t, err := s.o.Tokens.Access(ctx, token.Grant{ClientID: m.ClientID, Secret: true, Audience: audience,
		Subject: token.Subject{TenantID: m.TenantID, ObjectID: m.PrincipalID, Type: authz.ServicePrincipal, Name: p.DisplayName}})
	return t.Raw, t.Expires, err
}
