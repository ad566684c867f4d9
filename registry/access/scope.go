package access

import (
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
)

// Action is what the token protocol calls an action.
type Action string

// The actions of repositories, and the one of the catalog.
const (
	Pull          Action = "pull"
	Push          Action = "push"
	Delete        Action = "delete"
	MetadataRead  Action = "metadata_read"
	MetadataWrite Action = "metadata_write"
	Everything    Action = "*"
)

// The types of things that access is asked to.
const (
	TypeRepository = "repository"
	TypeRegistry   = "registry"
)

const registries = "Microsoft.ContainerRegistry/registries/"

// The control-plane actions that stand behind the token protocol's actions.
const (
	ActionPull   = registries + "pull/read"
	ActionPush   = registries + "push/write"
	ActionDelete = registries + "artifacts/delete"
	ActionRead   = registries + "read"
)

// rights says which of Azure's actions allow a token action; any of them does.
var rights = map[Action][]authz.Action{
	Pull:          {authz.Control(ActionPull)},
	Push:          {authz.Control(ActionPush)},
	Delete:        {authz.Control(ActionDelete)},
	MetadataRead:  {authz.Control(ActionPull), authz.Control(ActionRead)},
	MetadataWrite: {authz.Control(ActionPush)},
	Everything:    {authz.Control(ActionPull), authz.Control(ActionRead)}, // of the catalog
}

// repositoryActions is what "*" of a repository stands for.
var repositoryActions = []Action{Pull, Push, Delete, MetadataRead, MetadataWrite}

// Access is one thing and what may be done to it: a scope of the token protocol.
type Access struct {
	Type    string   `json:"type"` // "repository" or "registry"
	Name    string   `json:"name"` // the repository, or "catalog"
	Actions []Action `json:"actions"`
}

// String is the scope as it stands in a challenge: "repository:app:pull".
func (a Access) String() string {
	actions := make([]string, len(a.Actions))
	for i, x := range a.Actions {
		actions[i] = string(x)
	}
	return a.Type + ":" + a.Name + ":" + strings.Join(actions, ",")
}

// Repository is the access to a repository.
func Repository(name string, actions ...Action) Access {
	return Access{TypeRepository, name, actions}
}

// Catalog is the access to the list of repositories.
var Catalog = Access{TypeRegistry, "catalog", []Action{Everything}}

// ParseScopes reads the scopes of a token request: each string holds scopes
// separated by blanks, each "type:name:action[,action...]". Names may hold
// colons. azure-cli's spellings metadataRead and metadataWrite are read as the
// others; scopes and actions that no registry knows are left out, as the
// protocol wants it: the answer grants nothing for them.
func ParseScopes(scopes []string) []Access {
	var out []Access
	for _, s := range scopes {
		for _, f := range strings.Fields(s) {
			if a, ok := parseScope(f); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

func parseScope(s string) (Access, bool) {
	typ, rest, ok := strings.Cut(s, ":")
	i := strings.LastIndexByte(rest, ':')
	if !ok || i < 1 {
		return Access{}, false
	}
	a := Access{Type: typ, Name: rest[:i]}
	if typ == TypeRegistry {
		return Catalog, a.Name == "catalog" && rest[i+1:] == string(Everything)
	}
	if typ != TypeRepository {
		return Access{}, false
	}
	for _, word := range strings.Split(rest[i+1:], ",") {
		for _, action := range actionsOf(word) {
			if !slices.Contains(a.Actions, action) {
				a.Actions = append(a.Actions, action)
			}
		}
	}
	return a, len(a.Actions) > 0
}

func actionsOf(word string) []Action {
	switch a := Action(word); a {
	case "metadataRead":
		return []Action{MetadataRead}
	case "metadataWrite":
		return []Action{MetadataWrite}
	case Everything:
		return repositoryActions
	case Pull, Push, Delete, MetadataRead, MetadataWrite:
		return []Action{a}
	}
	return nil
}

// covers reports whether the grants hold any of the actions needed.
func covers(grants []Access, need Access) bool {
	for _, g := range grants {
		if g.Type != need.Type || g.Name != need.Name {
			continue
		}
		for _, a := range need.Actions {
			if slices.Contains(g.Actions, a) {
				return true
			}
		}
	}
	return false
}
