package access

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// RoleBody is what clients send to write a custom role definition.
type RoleBody struct {
	Properties RoleProperties `json:"properties"`
}

// RoleProperties are the properties of a role definition, sent and shown.
type RoleProperties struct {
	RoleName         string             `json:"roleName"`
	Description      string             `json:"description"`
	Type             string             `json:"type"`
	AssignableScopes []string           `json:"assignableScopes"`
	Permissions      []authz.Permission `json:"permissions"`
	CreatedOn        *time.Time         `json:"createdOn,omitempty"`
	UpdatedOn        *time.Time         `json:"updatedOn,omitempty"`
	CreatedBy        *string            `json:"createdBy"`
	UpdatedBy        *string            `json:"updatedBy"`
}

// RoleView is a role definition on the wire.
type RoleView struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Type       string         `json:"type"`
	Properties RoleProperties `json:"properties"`
}

// The types of role definitions.
const (
	typeBuiltIn = "BuiltInRole"
	typeCustom  = "CustomRole"
)

func viewRole(scope azure.ResourceID, r role) RoleView {
	v := RoleView{ID: definitionID(scope.String(), r.ID), Name: r.ID, Type: "Microsoft.Authorization/roleDefinitions",
		Properties: RoleProperties{RoleName: r.Name, Description: r.Description, Type: typeBuiltIn, AssignableScopes: r.AssignableScopes}}
	for _, p := range r.Permissions {
		v.Properties.Permissions = append(v.Properties.Permissions, authz.Permission{Actions: list(p.Actions), NotActions: list(p.NotActions),
			DataActions: list(p.DataActions), NotDataActions: list(p.NotDataActions)})
	}
	if r.Custom {
		v.Properties.Type, v.Properties.CreatedOn, v.Properties.UpdatedOn = typeCustom, &r.Created, &r.Updated
		v.Properties.CreatedBy, v.Properties.UpdatedBy = &r.CreatedBy, &r.CreatedBy
	}
	return v
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// all are the built-in roles and the custom ones that cover scope.
func (s *Service) all(scope azure.ResourceID) []role {
	var out []role
	for _, r := range authz.BuiltIn {
		out = append(out, role{Role: r})
	}
	for _, item := range s.roles.List("", "", 0) {
		if s.assignable(item.Value.Role, scope) || scope.Key() == "/" || s.coversBelow(item.Value.Role, scope) {
			out = append(out, item.Value)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func (s *Service) coversBelow(r authz.Role, scope azure.ResourceID) bool {
	return slices.ContainsFunc(r.AssignableScopes, func(text string) bool { return s.below(scope, text) })
}

var roleFilterTerm = regexp.MustCompile(`(?i)^(roleName|type) eq '((?:[^']|'')*)'$`)

// listRoles shows role definitions, with $filter roleName eq, type eq and
// atScopeAndBelow(). Names match in any case.
func (s *Service) listRoles(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[RoleView], error) {
	var name, kind string
	if text := strings.TrimSpace(r.URL.Query().Get("$filter")); text != "" {
		for _, term := range andPattern.Split(text, -1) {
			m := roleFilterTerm.FindStringSubmatch(term)
			switch {
			case m != nil && strings.EqualFold(m[1], "roleName"):
				name = strings.ReplaceAll(m[2], "''", "'")
			case m != nil:
				kind = m[2]
			case strings.EqualFold(term, "atScopeAndBelow()"), strings.EqualFold(term, "atScope()"):
			default:
				return azure.Page[RoleView]{}, azure.Errorf(azure.Invalid, azure.CodeInvalidFilter, "The filter term '%s' is not understood. Use roleName eq '{name}', type eq 'BuiltInRole' or 'CustomRole', atScopeAndBelow(), joined by 'and'.", term).At("$filter")
			}
		}
	}
	views := []RoleView{}
	for _, def := range s.all(r.ID) {
		v := viewRole(r.ID, def)
		if (name == "" || strings.EqualFold(name, def.Name)) && (kind == "" || strings.EqualFold(kind, v.Properties.Type)) {
			views = append(views, v)
		}
	}
	return azure.NewPage(views, ""), nil
}

// stored finds a role by GUID, built-in or custom.
func (s *Service) stored(id string) (role, bool) {
	if r, ok := s.builtIn[strings.ToLower(id)]; ok {
		return role{Role: r}, true
	}
	item, ok := s.roles.Get(store.K(strings.ToLower(id)))
	return item.Value, ok
}

func (s *Service) getRole(_ context.Context, r *arm.CallRequest, _ httpd.None) (RoleView, error) {
	def, ok := s.stored(r.Values["name"])
	if !ok {
		return RoleView{}, azure.Errorf(azure.NotFound, azure.CodeRoleDefinitionDoesNotExist, "The specified role definition with ID '%s' does not exist.", r.Values["name"])
	}
	return viewRole(r.ID, def), nil
}

// putRole writes a custom role definition: 201.
func (s *Service) putRole(ctx context.Context, r *arm.CallRequest, in RoleBody) (httpd.Reply[RoleView], error) {
	var reply httpd.Reply[RoleView]
	name, err := uuid.Parse(r.Values["name"])
	if err != nil {
		return reply, azure.Errorf(azure.Invalid, azure.CodeInvalidRoleDefinitionID, "The role definition ID '%s' is not valid. The role definition ID must be a GUID.", r.Values["name"])
	}
	if _, ok := s.builtIn[name.String()]; ok {
		return reply, azure.Errorf(azure.Forbidden, azure.CodeRoleDefinitionBuiltIn, "The role definition '%s' is built in and cannot be changed. Create a custom role instead.", name)
	}
	if err := s.checkRole(r, name.String(), in.Properties); err != nil {
		return reply, err
	}
	now := s.o.Now().UTC()
	def := role{Role: authz.Role{ID: name.String(), Name: in.Properties.RoleName, Description: in.Properties.Description, Custom: true,
		AssignableScopes: in.Properties.AssignableScopes, Permissions: in.Properties.Permissions}, Created: now, Updated: now, CreatedBy: r.Principal.ObjectID}
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		old, ok, err := s.roles.GetTx(tx, store.K(def.ID))
		if err != nil {
			return err
		}
		if ok {
			def.Created, def.CreatedBy = old.Value.Created, old.Value.CreatedBy
		}
		return s.roles.Put(tx, store.K(def.ID), def)
	})
	return httpd.Reply[RoleView]{Status: http.StatusCreated, Body: viewRole(r.ID, def)}, err
}

// checkRole holds a custom role to the rules: a free name, at least one
// permission, assignable scopes that exist and where the caller may write roles.
func (s *Service) checkRole(r *arm.CallRequest, id string, p RoleProperties) error {
	bad := func(target, format string, args ...any) error {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRoleDefinition, format, args...).At(target)
	}
	if p.RoleName == "" || len(p.RoleName) > 512 {
		return bad("properties.roleName", "A role definition needs a roleName of 1 to 512 characters.")
	}
	if len(p.Permissions) == 0 {
		return bad("properties.permissions", "The role '%s' has no permissions. Give at least one entry with actions or dataActions.", p.RoleName)
	}
	if len(p.AssignableScopes) == 0 {
		return bad("properties.assignableScopes", "The role '%s' has no assignableScopes. Give the subscriptions or groups where it can be assigned.", p.RoleName)
	}
	for _, other := range s.all(azure.ResourceID{}) {
		if other.ID != id && strings.EqualFold(other.Name, p.RoleName) {
			return azure.Errorf(azure.Conflict, azure.CodeRoleDefinitionWithSameNameExists, "A role definition with the name '%s' already exists. Choose another name.", p.RoleName)
		}
	}
	for _, text := range p.AssignableScopes {
		scope, err := azure.ParseID(text)
		if err != nil {
			return err
		}
		if scope.Key() == "/" || !s.o.Exists(scope) {
			return bad("properties.assignableScopes", "The assignable scope '%s' does not exist in this cloud. Custom roles live in management groups, subscriptions, groups or resources.", text)
		}
		if err := s.o.Checker.Check(r.Principal, authz.Control("Microsoft.Authorization/roleDefinitions/write"), scope); err != nil {
			return err
		}
	}
	return nil
}

// removeRole deletes a custom role that nobody holds, or answers 204.
func (s *Service) removeRole(ctx context.Context, r *arm.CallRequest, _ httpd.None) (any, error) {
	def, ok := s.stored(r.Values["name"])
	if !ok {
		return httpd.None{}, nil
	}
	if !def.Custom {
		return nil, azure.Errorf(azure.Forbidden, azure.CodeRoleDefinitionBuiltIn, "The role definition '%s' is built in and cannot be deleted.", def.Name)
	}
	for _, text := range def.AssignableScopes {
		scope, err := azure.ParseID(text)
		if err != nil {
			return nil, err
		}
		if err := s.o.Checker.Check(r.Principal, authz.Control("Microsoft.Authorization/roleDefinitions/delete"), scope); err != nil {
			return nil, err
		}
	}
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		if len(s.assignments.By(byRole, def.ID)) > 0 {
			return azure.Errorf(azure.Invalid, azure.CodeRoleDefinitionHasAssignments, "There are existing role assignments referencing role '%s'. Remove them first.", def.Name)
		}
		return s.roles.Delete(tx, store.K(def.ID))
	})
	return viewRole(r.ID, def), err
}

// permissions shows what the caller may do at the scope: the permissions of
// every role held there.
func (s *Service) permissions(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[authz.Permission], error) {
	var out []authz.Permission
	for _, a := range s.Assignments(r.Principal.ObjectID) {
		if def, ok := s.stored(a.RoleID); ok && s.o.Checker.Covers(a.Scope, r.ID) {
			out = append(out, viewRole(r.ID, def).Properties.Permissions...)
		}
	}
	return azure.NewPage(out, ""), nil
}
