package access

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options are what the service needs from outside.
type Options struct {
	Store   *store.Store
	Checker *authz.Checker
	// Exists tells whether a scope exists.
	Exists func(azure.ResourceID) bool
	// Principal tells the type of a user, group or service principal.
	Principal func(objectID string) (authz.PrincipalType, bool)
	// Administers tells who runs the cloud: they may elevate their access to all
	// of the tenant. nil: nobody.
	Administers func(authz.Principal) bool
	// Groups tells, from memory, the ids of the groups an object is in, itself or by
	// another group: what is assigned to them is assigned to it. nil: there are none.
	Groups func(objectID string) []string
	Now    func() time.Time // nil means time.Now
}

// Service holds assignments and custom roles. Safe for concurrent use.
type Service struct {
	o           Options
	assignments *store.Table[assignment] // by name (GUID)
	grants      *store.Table[string]     // principal, role, scope -> name of the one assignment
	roles       *store.Table[role]       // custom roles by GUID
	locks       *store.Table[lock]       // by scope and name
	builtIn     map[string]authz.Role
}

// assignment is the stored form of a role assignment.
type assignment struct {
	Name          string              `json:"name"`
	Scope         string              `json:"scope"` // as written
	RoleID        string              `json:"roleId"`
	PrincipalID   string              `json:"principalId"`
	PrincipalType authz.PrincipalType `json:"principalType"`
	Description   string              `json:"description,omitempty"`
	Created       time.Time           `json:"created"`
	CreatedBy     string              `json:"createdBy"`
}

// role is the stored form of a custom role definition.
type role struct {
	authz.Role
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"`
	CreatedBy string    `json:"createdBy"`
}

const (
	byPrincipal = "principal"
	byRole      = "role"
)

// New makes the service and its tables.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{o: o, builtIn: map[string]authz.Role{},
		assignments: store.NewTable(o.Store, "access.assignments",
			store.Index[assignment]{Name: byPrincipal, Keys: func(a assignment) []string { return []string{a.PrincipalID} }},
			store.Index[assignment]{Name: byRole, Keys: func(a assignment) []string { return []string{a.RoleID} }}),
		grants: store.NewTable[string](o.Store, "access.grants"),
		roles:  store.NewTable[role](o.Store, "access.roles"),
		locks:  store.NewTable[lock](o.Store, "access.locks"),
	}
	for _, r := range authz.BuiltIn {
		s.builtIn[r.ID] = r
	}
	return s
}

// Assignments implements [authz.Source].
func (s *Service) Assignments(principalID string) []authz.Assignment {
	items := s.assignments.By(byPrincipal, strings.ToLower(principalID))
	for _, group := range s.groupsOf(principalID) {
		items = append(slices.Clip(items), s.assignments.By(byPrincipal, group)...)
	}
	out := make([]authz.Assignment, len(items))
	for i, item := range items {
		a := item.Value
		out[i] = authz.Assignment{Scope: strings.ToLower(a.Scope), RoleID: a.RoleID, PrincipalID: a.PrincipalID}
	}
	return out
}

// groupsOf are the ids of the groups an object is in.
func (s *Service) groupsOf(objectID string) []string {
	if s.o.Groups == nil {
		return nil
	}
	return s.o.Groups(objectID)
}

// Role implements [authz.Source].
func (s *Service) Role(id string) (authz.Role, bool) {
	id = strings.ToLower(id)
	if r, ok := s.builtIn[id]; ok {
		return r, true
	}
	item, ok := s.roles.Get(store.K(id))
	return item.Value.Role, ok
}

// Assign gives a principal a role at a scope without asking who calls: for the
// first start. It is idempotent.
func (s *Service) Assign(ctx context.Context, name, roleID, principalID string, t authz.PrincipalType, scope azure.ResourceID) error {
	a := assignment{Name: strings.ToLower(name), Scope: scope.String(), RoleID: roleID, PrincipalID: strings.ToLower(principalID), PrincipalType: t,
		Created: s.o.Now().UTC()}
	return s.o.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok, err := s.grants.GetTx(tx, a.grant()); err != nil || ok {
			return err
		}
		return s.insert(tx, a)
	})
}

// Own makes who made a management group its owner, in the transaction that makes it.
func (s *Service) Own(tx *store.Tx, id azure.ResourceID, by authz.Principal) error {
	return s.insert(tx, assignment{Name: uuid.NewString(), Scope: id.String(), RoleID: authz.RoleOwner, PrincipalID: strings.ToLower(by.ObjectID),
		PrincipalType: by.Type, Created: s.o.Now().UTC(), CreatedBy: by.ObjectID})
}

// elevate makes who runs the cloud User Access Administrator of the tenant: 200. Azure: elevateAccess, for global administrators.
func (s *Service) elevate(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	reply := httpd.Reply[httpd.None]{Status: http.StatusOK}
	if s.o.Administers == nil || !s.o.Administers(r.Principal) {
		return reply, s.o.Checker.Check(r.Principal, authz.Control("Microsoft.Authorization/elevateAccess/action"), r.ID)
	}
	return reply, s.Assign(ctx, uuid.NewString(), authz.RoleUserAccessAdministrator, r.Principal.ObjectID, r.Principal.Type, r.ID)
}

// grant is the key that makes principal, role and scope unique.
func (a assignment) grant() store.Key {
	return store.K(a.PrincipalID, a.RoleID, strings.ToLower(a.Scope))
}

func (s *Service) insert(tx *store.Tx, a assignment) error {
	if err := s.grants.Insert(tx, a.grant(), a.Name); err != nil {
		return err
	}
	return s.assignments.Insert(tx, store.K(a.Name), a)
}

func (s *Service) drop(tx *store.Tx, a assignment) error {
	if err := s.grants.Delete(tx, a.grant()); err != nil {
		return err
	}
	return s.assignments.Delete(tx, store.K(a.Name))
}

// Forget removes the assignments and locks at and below a scope that goes away, in the
// transaction that removes it.
func (s *Service) Forget(_ context.Context, tx *store.Tx, scope azure.ResourceID) error {
	key := scope.Key()
	for _, item := range s.assignments.List("", "", 0) {
		if azure.KeyContains(key, strings.ToLower(item.Value.Scope)) {
			if err := s.drop(tx, item.Value); err != nil {
				return err
			}
		}
	}
	for _, item := range s.locks.List("", "", 0) { // of the scope's children: a lock on it would have forbidden the delete
		if azure.KeyContains(key, strings.ToLower(item.Value.Scope)) {
			if err := s.locks.Delete(tx, item.Key); err != nil {
				return err
			}
		}
	}
	return nil
}
