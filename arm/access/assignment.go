package access

import (
	"context"
	"errors"
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

// AssignmentBody is what clients send to create a role assignment.
type AssignmentBody struct {
	Properties AssignmentProperties `json:"properties"`
}

// AssignmentProperties are the properties of a role assignment, sent and shown.
type AssignmentProperties struct {
	RoleDefinitionID string              `json:"roleDefinitionId"`
	PrincipalID      string              `json:"principalId"`
	PrincipalType    authz.PrincipalType `json:"principalType,omitempty"`
	Scope            string              `json:"scope,omitempty"`
	Description      string              `json:"description,omitempty"`
	Condition        *string             `json:"condition"`
	ConditionVersion *string             `json:"conditionVersion"`
	CreatedOn        *time.Time          `json:"createdOn,omitempty"`
	UpdatedOn        *time.Time          `json:"updatedOn,omitempty"`
	CreatedBy        string              `json:"createdBy,omitempty"`
	UpdatedBy        string              `json:"updatedBy,omitempty"`
}

// AssignmentView is a role assignment on the wire.
type AssignmentView struct {
	ID         string               `json:"id"`
	Name       string               `json:"name"`
	Type       string               `json:"type"`
	Properties AssignmentProperties `json:"properties"`
}

func (s *Service) view(a assignment) AssignmentView {
	created := a.Created
	return AssignmentView{ID: strings.TrimSuffix(a.Scope, "/") + "/providers/Microsoft.Authorization/roleAssignments/" + a.Name, Name: a.Name,
		Type: "Microsoft.Authorization/roleAssignments",
		Properties: AssignmentProperties{RoleDefinitionID: definitionID(a.Scope, a.RoleID), PrincipalID: a.PrincipalID, PrincipalType: a.PrincipalType,
			Scope: a.Scope, Description: a.Description, CreatedOn: &created, UpdatedOn: &created, CreatedBy: a.CreatedBy, UpdatedBy: a.CreatedBy}}
}

// definitionID is a role's id below the subscription of scope, or below the
// tenant.
func definitionID(scope, roleID string) string {
	const tail = "/providers/Microsoft.Authorization/roleDefinitions/"
	if id, err := azure.ParseID(scope); err == nil && id.Subscription != "" {
		return "/subscriptions/" + id.Subscription + tail + roleID
	}
	return tail + roleID
}

// Provider is the table for the hall.
func (s *Service) Provider() arm.Provider {
	const auth = "Microsoft.Authorization/"
	call := func(c arm.Call) arm.Call { return c.At(arm.AtAnyScope) }
	return arm.Provider{Namespace: "Microsoft.Authorization", Calls: append([]arm.Call{
		call(arm.Do(http.MethodGet, "roleAssignments", authz.Control(auth+"roleAssignments/read"), s.list)),
		call(arm.Do(http.MethodGet, "roleAssignments/{name}", authz.Control(auth+"roleAssignments/read"), s.get)),
		arm.Checked(call(arm.Do(http.MethodPut, "roleAssignments/{name}", authz.Control(auth+"roleAssignments/write"), s.put)), s.check),
		call(arm.Do(http.MethodDelete, "roleAssignments/{name}", authz.Control(auth+"roleAssignments/delete"), s.remove)),
		call(arm.Do(http.MethodGet, "roleDefinitions", authz.Control(auth+"roleDefinitions/read"), s.listRoles)),
		call(arm.Do(http.MethodGet, "roleDefinitions/{name}", authz.Control(auth+"roleDefinitions/read"), s.getRole)),
		call(arm.Do(http.MethodPut, "roleDefinitions/{name}", authz.Control(auth+"roleDefinitions/write"), s.putRole)),
		call(arm.Do(http.MethodDelete, "roleDefinitions/{name}", authz.Control(auth+"roleDefinitions/delete"), s.removeRole)),
		// The caller's own permissions: nothing about others is told.
		call(arm.Do(http.MethodGet, "permissions", httpd.AnyCaller, s.permissions)),
		call(arm.Do(http.MethodGet, "denyAssignments", authz.Control(auth+"denyAssignments/read"), s.denials)),
		// Who runs the cloud: no role says that, the handler asks.
		arm.Do(http.MethodPost, "elevateAccess", httpd.AnyCaller, s.elevate).At(arm.AtTenant),
	}, s.lockCalls()...)}
}

// put creates a role assignment: 201, or 200 when exactly it exists.
func (s *Service) put(ctx context.Context, r *arm.CallRequest, in AssignmentBody) (httpd.Reply[AssignmentView], error) {
	var reply httpd.Reply[AssignmentView]
	a, err := s.admit(r, in.Properties)
	if err != nil {
		return reply, err
	}
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		reply = httpd.Reply[AssignmentView]{Status: http.StatusCreated, Body: s.view(a)}
		old, ok, err := s.assignments.GetTx(tx, store.K(a.Name))
		if err != nil {
			return err
		}
		if ok {
			if old.Value.grant() != a.grant() {
				return azure.Errorf(azure.Forbidden, azure.CodeRoleAssignmentUpdateNotPermitted, "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")
			}
			reply.Status = http.StatusOK
			a.Created, a.CreatedBy = old.Value.Created, old.Value.CreatedBy
			return s.assignments.Put(tx, store.K(a.Name), a)
		}
		held, ok, err := s.grants.GetTx(tx, a.grant())
		if err != nil {
			return err
		}
		if ok {
			return azure.Errorf(azure.Conflict, azure.CodeRoleAssignmentExists, "The role assignment already exists. The ID of the existing role assignment is %s.", strings.ReplaceAll(held.Value, "-", ""))
		}
		return s.insert(tx, a)
	})
	if errors.Is(err, store.ErrExists) {
		err = azure.Errorf(azure.Conflict, azure.CodeRoleAssignmentExists, "The role assignment already exists.").Because(err)
	}
	return reply, err
}

// check says what put would refuse.
func (s *Service) check(_ context.Context, r *arm.CallRequest, in AssignmentBody) error {
	_, err := s.admit(r, in.Properties)
	return err
}

// admit makes the assignment of what was sent and asks whether the caller may give that role.
func (s *Service) admit(r *arm.CallRequest, p AssignmentProperties) (assignment, error) {
	a, err := s.parse(r, p)
	if err != nil {
		return a, err
	}
	if !s.o.Checker.AllowedRole(r.Principal, authz.Control("Microsoft.Authorization/roleAssignments/write"), r.ID, a.RoleID) {
		return a, azure.Errorf(azure.Forbidden, azure.CodeAuthorizationFailed, "The client '%s' with object id '%s' may not assign the role '%s' over scope '%s'.", r.Principal.AppID, r.Principal.ObjectID, a.RoleID, r.ID)
	}
	return a, nil
}

// parse checks what was sent and makes the assignment of it.
func (s *Service) parse(r *arm.CallRequest, p AssignmentProperties) (assignment, error) {
	var a assignment
	name, err := uuid.Parse(r.Values["name"])
	if err != nil {
		return a, azure.Errorf(azure.Invalid, azure.CodeInvalidRoleAssignmentID, "The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.", r.Values["name"])
	}
	if !s.o.Exists(r.ID) {
		return a, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The scope '%s' could not be found. Create it before assigning roles at it.", r.ID)
	}
	if p.Condition != nil && *p.Condition != "" {
		return a, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "Conditions on role assignments are not supported: they would not be enforced. Assign the role without a condition, or at a narrower scope.").At("properties.condition")
	}
	roleID := p.RoleDefinitionID[strings.LastIndexByte(p.RoleDefinitionID, '/')+1:]
	role, ok := s.Role(roleID)
	if !ok {
		return a, azure.Errorf(azure.Invalid, azure.CodeRoleDefinitionDoesNotExist, "The specified role definition with ID '%s' does not exist.", roleID).At("properties.roleDefinitionId")
	}
	if role.Custom && !s.assignable(role, r.ID) {
		return a, azure.Errorf(azure.Invalid, azure.CodeRoleDefinitionDoesNotExist, "The custom role '%s' cannot be assigned at '%s': its assignableScopes do not cover it.", role.Name, r.ID).At("properties.roleDefinitionId")
	}
	kind, ok := s.o.Principal(p.PrincipalID)
	if !ok {
		return a, azure.Errorf(azure.Invalid, azure.CodePrincipalNotFound, "Principal %s was not found in the directory of this cloud. Check that the principal ID is the object id, not the application id.", p.PrincipalID).At("properties.principalId")
	}
	if p.PrincipalType != "" && !strings.EqualFold(string(p.PrincipalType), string(kind)) {
		return a, azure.Errorf(azure.Invalid, azure.CodeUnmatchedPrincipalType, "The PrincipalId '%s' has type '%s', which is different from the specified PrincipalType '%s'.", p.PrincipalID, kind, p.PrincipalType).At("properties.principalType")
	}
	return assignment{Name: name.String(), Scope: r.ID.String(), RoleID: role.ID, PrincipalID: strings.ToLower(p.PrincipalID), PrincipalType: kind,
		Description: p.Description, Created: s.o.Now().UTC(), CreatedBy: r.Principal.ObjectID}, nil
}

func (s *Service) assignable(role authz.Role, scope azure.ResourceID) bool {
	for _, text := range role.AssignableScopes {
		if s.o.Checker.Covers(strings.ToLower(text), scope) {
			return true
		}
	}
	return false
}

var (
	principalTerm = regexp.MustCompile(`(?i)^(principalId eq|assignedTo) ?\(?'([^']+)'\)?$`)
	roleTerm      = regexp.MustCompile(`(?i)^roleDefinitionId eq '([^']+)'$`)
	andPattern    = regexp.MustCompile(`(?i)\s+and\s+`)
)

// list shows the assignments at, above and below the scope; with atScope() not
// those below.
func (s *Service) list(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[AssignmentView], error) {
	keep, err := parseFilter(r.URL.Query().Get("$filter"))
	if err != nil {
		return azure.Page[AssignmentView]{}, err
	}
	if keep.assigned {
		keep.principals = append(keep.principals, s.groupsOf(keep.principals[0])...)
	}
	var found []assignment
	for _, item := range s.assignments.List("", "", 0) {
		a := item.Value
		if (s.o.Checker.Covers(strings.ToLower(a.Scope), r.ID) || !keep.atScope && s.below(r.ID, a.Scope)) && keep.accepts(a) {
			found = append(found, a)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Created.Before(found[j].Created) })
	views := make([]AssignmentView, 0, len(found))
	for _, a := range found {
		views = append(views, s.view(a))
	}
	return azure.NewPage(views, ""), nil
}

// below reports whether a scope, as written, is in the scope of id or below it.
func (s *Service) below(id azure.ResourceID, scope string) bool {
	at, err := azure.ParseID(scope)
	return err == nil && s.o.Checker.Covers(id.Key(), at)
}

// assignmentFilter is a parsed $filter of role assignments.
type assignmentFilter struct {
	atScope    bool
	principals []string // any of them; none means all
	assigned   bool     // also what their groups have
	roleID     string
}

func (f assignmentFilter) accepts(a assignment) bool {
	return (len(f.principals) == 0 || slices.Contains(f.principals, a.PrincipalID)) && (f.roleID == "" || f.roleID == a.RoleID)
}

func parseFilter(text string) (assignmentFilter, error) {
	var f assignmentFilter
	if strings.TrimSpace(text) == "" {
		return f, nil
	}
	for _, term := range andPattern.Split(strings.TrimSpace(text), -1) {
		if strings.EqualFold(term, "atScope()") {
			f.atScope = true
		} else if m := principalTerm.FindStringSubmatch(term); m != nil {
			f.principals = []string{strings.ToLower(m[2])}
			f.assigned = strings.EqualFold(m[1], "assignedTo")
		} else if m := roleTerm.FindStringSubmatch(term); m != nil {
			f.roleID = strings.ToLower(m[1][strings.LastIndexByte(m[1], '/')+1:])
		} else {
			return f, azure.Errorf(azure.Invalid, azure.CodeInvalidFilter, "The filter term '%s' is not understood. Use atScope(), principalId eq '{id}', assignedTo('{id}') or roleDefinitionId eq '{id}', joined by 'and'.", term).At("$filter")
		}
	}
	return f, nil
}

// find gives the assignment called name when it is at the request's scope.
func (s *Service) find(r *arm.CallRequest) (assignment, bool) {
	item, ok := s.assignments.Get(store.K(strings.ToLower(r.Values["name"])))
	return item.Value, ok && strings.EqualFold(item.Value.Scope, r.ID.String())
}

func (s *Service) get(_ context.Context, r *arm.CallRequest, _ httpd.None) (AssignmentView, error) {
	a, ok := s.find(r)
	if !ok {
		return AssignmentView{}, azure.Errorf(azure.NotFound, azure.CodeRoleAssignmentNotFound, "The role assignment '%s' is not found at scope '%s'.", r.Values["name"], r.ID)
	}
	return s.view(a), nil
}

// remove deletes an assignment and shows it, or answers 204.
func (s *Service) remove(ctx context.Context, r *arm.CallRequest, _ httpd.None) (any, error) {
	a, ok := s.find(r)
	if !ok {
		return httpd.None{}, nil
	}
	if !s.o.Checker.AllowedRole(r.Principal, authz.Control("Microsoft.Authorization/roleAssignments/delete"), r.ID, a.RoleID) {
		return nil, azure.Errorf(azure.Forbidden, azure.CodeAuthorizationFailed, "The client '%s' with object id '%s' may not remove assignments of the role '%s' at scope '%s'.", r.Principal.AppID, r.Principal.ObjectID, a.RoleID, r.ID)
	}
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.drop(tx, a) })
	return s.view(a), err
}

// denials lists deny assignments: this cloud makes none.
func (s *Service) denials(context.Context, *arm.CallRequest, httpd.None) (azure.Page[struct{}], error) {
	return azure.NewPage[struct{}](nil, ""), nil
}
