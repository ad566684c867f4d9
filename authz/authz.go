package authz

import (
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// PrincipalType is the kind of a principal, in Azure's words.
type PrincipalType string

// The kinds of principals.
const (
	User             PrincipalType = "User"
	Group            PrincipalType = "Group"
	ServicePrincipal PrincipalType = "ServicePrincipal"
)

// Principal is who calls: the verified content of a token.
type Principal struct {
	ObjectID string        // the id role assignments name (claim oid)
	TenantID string        // claim tid
	AppID    string        // the client application (claim appid)
	Type     PrincipalType // User or ServicePrincipal
	Name     string        // user principal name, or the application's display name
	Issuer   string        // claim iss, for Key Vault's refusals
	Expires  time.Time     // when the token ends
}

// IsZero reports that nobody is signed in.
func (p Principal) IsZero() bool { return p.ObjectID == "" }

// Action is one operation that roles speak of, such as
// "Microsoft.KeyVault/vaults/write", or as a data action
// "Microsoft.KeyVault/vaults/secrets/getSecret/action".
type Action struct {
	Name string
	Data bool // a data action: matched against dataActions only
}

// Control is the control-plane action of that name.
func Control(name string) Action { return Action{Name: name} }

// Data is the data-plane action of that name.
func Data(name string) Action { return Action{Name: name, Data: true} }

// Permission is one entry of a role definition's permissions.
type Permission struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
	// OnlyRoles narrows writes and deletes of role assignments to these role
	// ids; empty means any. It is the ABAC condition of the built-in role Key
	// Vault Data Access Administrator; custom roles cannot set it.
	OnlyRoles []string `json:"-"`
}

// allows reports whether the permission grants a.
func (p Permission) allows(a Action) bool {
	yes, no := p.Actions, p.NotActions
	if a.Data {
		yes, no = p.DataActions, p.NotDataActions
	}
	return matchesAny(yes, a.Name) && !matchesAny(no, a.Name)
}

// Role is a role definition.
type Role struct {
	ID               string // GUID, lower case
	Name             string // roleName, "AcrPull"
	Description      string
	Custom           bool     // type CustomRole instead of BuiltInRole
	AssignableScopes []string // ids
	Permissions      []Permission
}

// Allows reports whether any permission of the role grants a.
func (r Role) Allows(a Action) bool {
	for _, p := range r.Permissions {
		if p.allows(a) {
			return true
		}
	}
	return false
}

// Assignment gives a principal a role at a scope and everything below it.
type Assignment struct {
	Scope       string // key of the scope's id (azure.ResourceID.Key)
	RoleID      string // GUID of the role definition, lower case
	PrincipalID string // object id of the principal, lower case
}

// Source tells assignments and roles. Both must answer from memory and show
// every write that was acknowledged before the call.
type Source interface {
	Assignments(principalID string) []Assignment
	Role(id string) (Role, bool)
}

// Checker decides. It is safe for concurrent use.
type Checker struct {
	Source Source
	// Above gives the keys of the management groups above a scope, which its id
	// does not tell; nil means that there are none.
	Above func(scope azure.ResourceID) []string
}

// groupPrefix begins the keys of management groups.
const groupPrefix = "/providers/microsoft.management/managementgroups/"

// Covers reports whether the scope with the key outer is scope or lies above it,
// by its id or by management groups.
func (c *Checker) Covers(outer string, scope azure.ResourceID) bool {
	return c.covers(outer, scope, scope.Key())
}

// covers is Covers with the key of the scope, which is made once for many.
func (c *Checker) covers(outer string, scope azure.ResourceID, key string) bool {
	if azure.KeyContains(outer, key) {
		return true
	}
	return c.Above != nil && strings.HasPrefix(outer, groupPrefix) && slices.Contains(c.Above(scope), outer)
}

// Allowed reports whether p may perform a at scope.
func (c *Checker) Allowed(p Principal, a Action, scope azure.ResourceID) bool {
	if p.IsZero() || a.Name == "" {
		return false
	}
	key := scope.Key()
	for _, as := range c.Source.Assignments(strings.ToLower(p.ObjectID)) {
		if !c.covers(as.Scope, scope, key) {
			continue
		}
		if role, ok := c.Source.Role(as.RoleID); ok && role.Allows(a) {
			return true
		}
	}
	return false
}

// AllowedRole reports whether p may perform a (the write or delete of a role
// assignment) at scope for that role: Allowed, narrowed by OnlyRoles.
func (c *Checker) AllowedRole(p Principal, a Action, scope azure.ResourceID, roleID string) bool {
	key := scope.Key()
	for _, as := range c.Source.Assignments(strings.ToLower(p.ObjectID)) {
		role, ok := c.Source.Role(as.RoleID)
		if !ok || !c.covers(as.Scope, scope, key) {
			continue
		}
		for _, perm := range role.Permissions {
			if perm.allows(a) && (len(perm.OnlyRoles) == 0 || slices.Contains(perm.OnlyRoles, roleID)) {
				return true
			}
		}
	}
	return false
}

// Check is Allowed as an error in ARM's words: Forbidden, AuthorizationFailed,
// naming client, object id, action and scope.
func (c *Checker) Check(p Principal, a Action, scope azure.ResourceID) error {
	if c.Allowed(p, a, scope) {
		return nil
	}
	client := p.Name
	if p.Type == ServicePrincipal || client == "" {
		client = p.AppID
	}
	return azure.Errorf(azure.Forbidden, azure.CodeAuthorizationFailed,
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		client, p.ObjectID, a.Name, scope)
}

func matchesAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if Match(p, name) {
			return true
		}
	}
	return false
}

// Match reports whether the action pattern covers name: '*' stands for any run
// of characters including '/', case (of ASCII letters) does not matter.
func Match(pattern, name string) bool {
	p, n, star, from := 0, 0, -1, 0 // from: where what the last star stands for ends
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && lower(pattern[p]) == lower(name[n]):
			p, n = p+1, n+1
		case star >= 0: // let the star stand for one character more
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
