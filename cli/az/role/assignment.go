package role

import (
	_ "embed" // commands.txt, models.txt
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// The api-versions of Microsoft.Authorization.
const (
	assignmentVersion = "2022-04-01"
	definitionVersion = "2022-05-01-preview"
)

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az role.
func Commands() ([]command.Group, []command.Command) {
	definitions := output.Columns("Name", "roleName", "Type", "type", "Description", "description")
	return command.Rows(table, map[string]command.Do{
		"role assignment create": {Run: create},
		"role assignment list":   {Run: list, Table: output.Columns("Principal", "principalName", "Role", "roleDefinitionName", "Scope", "scope")},
		"role assignment delete": {Run: remove},
		"role assignment update": {Run: update},
		"role definition list":   {Run: definitionsOf, Table: definitions},
		"role definition show":   {Run: showDefinition},
		"role definition create": {Run: createDefinition},
		"role definition update": {Run: updateDefinition},
		"role definition delete": {Run: deleteDefinition},
	})
}

// filled refuses arguments that were given empty: they would match everything.
func filled(c *command.Call) error {
	for _, a := range []struct{ name, flag string }{{"assignee", "--assignee"}, {"scope", "--scope"}, {"role", "--role"}, {"resource_group_name", "--resource-group"}} {
		if c.Has(a.name) && c.Text(a.name) == "" {
			return command.Fail("usage error: %s can't be an empty string. Either omit it or provide a non-empty string.", a.flag)
		}
	}
	return nil
}

// scope is --scope, the group of --resource-group, or the subscription.
func scope(c *command.Call) (string, error) {
	at, group := c.Text("scope"), c.Text("resource_group_name")
	switch {
	case at != "" && group != "":
		return "", command.Fail("Resource group \"%s\" is redundant because scope is supplied", group)
	case strings.HasPrefix(at, "/subscriptions/") && !valid(at):
		return "", command.Fail("Invalid scope. Please use --help to view the valid format.")
	case at != "":
		return "/" + strings.Trim(at, "/"), nil
	case group != "":
		return c.GroupPath()
	}
	return c.SubscriptionPath()
}

// valid reports whether a scope is the id of a subscription, group or resource.
func valid(at string) bool {
	parts := strings.Split(strings.Trim(at, "/"), "/")
	return len(parts)%2 == 0 && !slices.Contains(parts, "") && (len(parts) < 3 || strings.EqualFold(parts[2], "resourceGroups") || strings.EqualFold(parts[2], "providers"))
}

var definitionID = regexp.MustCompile(`(?i)^/subscriptions/.+/providers/Microsoft\.Authorization/roleDefinitions/`)

// roleID finds the id of a role by id, name or GUID.
func roleID(c *command.Call, role, at string) (string, error) {
	if definitionID.MatchString(role) {
		return role, nil
	}
	if principal.IsID(role) {
		sub, err := c.SubscriptionPath()
		return sub + "/providers/Microsoft.Authorization/roleDefinitions/" + role, err
	}
	if at == "" {
		var err error
		if at, err = c.SubscriptionPath(); err != nil {
			return "", err
		}
	}
	items, err := search(c, at, role)
	switch {
	case err != nil:
		return "", err
	case len(items) == 0:
		return "", command.Fail("Role '%s' doesn't exist.", role)
	case len(items) > 1:
		return "", command.Fail("More than one role matches the given name '%s'. Please pick one by its id.", role)
	}
	return value.String(items[0], "id"), nil
}

// search lists the definitions of a scope, by their role's name where one is
// given.
func search(c *command.Call, at, name string) ([]any, error) {
	path := "/" + strings.Trim(at, "/") + "/providers/Microsoft.Authorization/roleDefinitions"
	if name != "" {
		path += "?$filter=" + url.QueryEscape("roleName eq "+principal.Quote(name))
	}
	return c.Pages(path, definitionVersion)
}

func create(c *command.Call) (any, error) {
	if err := filled(c); err != nil {
		return nil, err
	}
	assignee, id, kind := c.Text("assignee"), c.Text("assignee_object_id"), c.Text("assignee_principal_type")
	switch {
	case (assignee == "") == (id == ""):
		return nil, command.Fail("usage error: --assignee STRING | --assignee-object-id GUID")
	case kind != "" && id == "":
		return nil, command.Fail("usage error: --assignee-object-id GUID --assignee-principal-type TYPE")
	case c.Has("condition_version") && !c.Has("condition"):
		return nil, command.Fail("usage error: When --condition-version is set, --condition must be set as well.")
	}
	if assignee != "" {
		var err error
		if id, kind, err = principal.Resolve(c, assignee); err != nil {
			return nil, err
		}
	} else if kind == "" {
		c.Warn("RBAC service might reject creating role assignment without --assignee-principal-type in the future. Better to specify --assignee-principal-type manually.")
		if items, err := principal.Stubs(c, []string{id}); err == nil {
			kind = principal.Kind(items)
		}
	}
	at, err := scope(c)
	if err != nil {
		return nil, err
	}
	v, err := Assign(c, at, c.Text("role"), id, kind)
	if azure.HasCode(err, azure.CodeRoleAssignmentExists) { // Azure: as if it had been made now
		found, err := matching(c, at, id, c.Text("role"), false)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		named, err := names(c, at, found)
		return value.Path(named, "0"), err
	}
	return as("RoleAssignment", v), err
}

// Assign gives a principal a role at a scope.
func Assign(c *command.Call, at, role, id, kind string) (any, error) {
	definition, err := roleID(c, role, at)
	if err != nil {
		return nil, err
	}
	name := c.Text("assignment_name")
	if name == "" {
		name = uuid.NewString()
	}
	p := value.New("roleDefinitionId", definition, "principalId", id)
	if kind != "" {
		p.Set("principalType", kind)
	}
	for _, arg := range [][2]string{{"description", "description"}, {"condition", "condition"}, {"conditionVersion", "condition_version"}} {
		if v := c.Value(arg[1]); v != nil {
			p.Set(arg[0], v)
		}
	}
	if p.Has("condition") && !p.Has("conditionVersion") {
		p.Set("conditionVersion", "2.0")
	}
	return c.Send(http.MethodPut, strings.TrimRight(at, "/")+"/providers/Microsoft.Authorization/roleAssignments/"+name, assignmentVersion, value.New("properties", p))
}

// matching lists the assignments at a scope ("" for the whole subscription) of a
// principal and a role, where those are given.
func matching(c *command.Call, at, id, role string, inherited bool) ([]any, error) {
	path := "/providers/Microsoft.Authorization/roleAssignments"
	groups := c.Flag("include_groups")
	switch {
	case at != "" && id != "" && groups:
		path += "?$filter=" + url.QueryEscape("atScope() and assignedTo("+principal.Quote(id)+")")
	case at != "":
		path += "?$filter=" + url.QueryEscape("atScope()")
	case id != "" && groups:
		path += "?$filter=" + url.QueryEscape("assignedTo("+principal.Quote(id)+")")
	case id != "":
		path += "?$filter=" + url.QueryEscape("principalId eq "+principal.Quote(id))
	}
	base := strings.TrimRight(at, "/")
	if at == "" {
		var err error
		if base, err = c.SubscriptionPath(); err != nil {
			return nil, err
		}
	}
	items, err := c.Pages(base+path, assignmentVersion)
	if err != nil {
		return nil, err
	}
	definition := ""
	if role != "" && len(items) > 0 {
		if definition, err = roleID(c, role, at); err != nil {
			return nil, err
		}
	}
	found := []any{}
	for _, item := range items {
		here := at == "" || inherited || strings.EqualFold(value.String(item, "properties.scope"), at)
		if here && (definition == "" || value.String(item, "properties.roleDefinitionId") == definition) &&
			(id == "" || groups || value.String(item, "properties.principalId") == id) {
			found = append(found, item)
		}
	}
	return found, nil
}

// names gives assignments their model with the names of roles and principals.
func names(c *command.Call, at string, items []any) (any, error) {
	list, _ := as("RoleAssignment", items).([]any)
	if len(list) == 0 {
		return []any{}, nil
	}
	if on, _ := c.Switch("fill_role_definition_name"); on || !c.Has("fill_role_definition_name") {
		if at == "" {
			var err error
			if at, err = c.SubscriptionPath(); err != nil {
				return nil, err
			}
		}
		definitions, err := search(c, at, "")
		if err != nil {
			return nil, err
		}
		roles := map[string]any{}
		for _, d := range definitions {
			roles[value.String(d, "id")] = value.Path(d, "properties.roleName")
		}
		for _, item := range list {
			item.(*value.Object).Set("roleDefinitionName", roles[value.String(item, "roleDefinitionId")])
		}
	}
	if on, _ := c.Switch("fill_principal_name"); on || !c.Has("fill_principal_name") {
		principals(c, list)
	}
	return list, nil
}

// principals adds the names of who has a role; who may not read them goes without.
func principals(c *command.Call, list []any) {
	var ids []string
	for _, item := range list {
		if id := value.String(item, "principalId"); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	stubs, err := principal.Stubs(c, ids)
	if err != nil {
		return
	}
	named := map[string]string{}
	for _, s := range stubs {
		name := value.String(s, "displayName")
		if o, ok := s.(*value.Object); ok && o.Has("userPrincipalName") {
			name = value.String(s, "userPrincipalName")
		} else if all := value.List(s, "servicePrincipalNames"); len(all) > 0 {
			name, _ = all[0].(string)
		}
		named[value.String(s, "id")] = name
	}
	for _, item := range list {
		item.(*value.Object).Set("principalName", named[value.String(item, "principalId")])
	}
}

// whom finds the object id of --assignee or --assignee-object-id.
func whom(c *command.Call) (string, error) {
	if c.Text("assignee") != "" && c.Text("assignee_object_id") != "" {
		return "", command.Fail("Usage error: Provide only one of --assignee or --assignee-object-id.")
	}
	if id := c.Text("assignee_object_id"); id != "" || c.Text("assignee") == "" {
		return id, nil
	}
	id, _, err := principal.Resolve(c, c.Text("assignee"))
	return id, err
}

func list(c *command.Call) (any, error) {
	if err := filled(c); err != nil {
		return nil, err
	}
	at := ""
	if c.Flag("show_all") {
		if c.Has("scope") || c.Has("resource_group_name") {
			return nil, command.Fail("group or scope are not required when --all is used")
		}
	} else {
		var err error
		if at, err = scope(c); err != nil {
			return nil, err
		}
	}
	id, err := whom(c)
	if err != nil {
		return nil, err
	}
	items, err := matching(c, at, id, c.Text("role"), c.Flag("include_inherited"))
	if err != nil {
		return nil, err
	}
	return names(c, at, items)
}

func remove(c *command.Call) (any, error) {
	if err := filled(c); err != nil {
		return nil, err
	}
	ids := c.List("ids")
	if len(ids) == 0 {
		if !c.Has("assignee") && !c.Has("assignee_object_id") && !c.Has("role") && !c.Has("resource_group_name") && !c.Has("scope") {
			return nil, command.Fail("Please provide at least one of these arguments: --ids, --assignee, --assignee-object-id, --role, --resource-group, --scope")
		}
		id, err := whom(c)
		if err != nil {
			return nil, err
		}
		at, err := scope(c)
		if err != nil {
			return nil, err
		}
		items, err := matching(c, at, id, c.Text("role"), c.Flag("include_inherited"))
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return nil, command.Fail("No matched assignments were found to delete")
		}
		for _, item := range items {
			ids = append(ids, value.String(item, "id"))
		}
	}
	for _, id := range ids {
		if _, err := c.Send(http.MethodDelete, id, assignmentVersion, nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// document reads an argument that is JSON or names a file with JSON.
func document(c *command.Call, name string) (*value.Object, error) {
	text := c.Text(name)
	if data, err := os.ReadFile(text); err == nil {
		text = string(data)
	}
	v, err := value.Decode([]byte(text))
	if err != nil {
		return nil, command.Fail("Failed to parse string as JSON:\n%s\nError detail: %s", text, value.Why(text)).
			WithHint("The provided JSON string may have been parsed by the shell. See https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-quoting#json-strings")
	}
	o, ok := v.(*value.Object)
	if !ok {
		return nil, command.Fail("Invalid role definition. A valid dictionary JSON representation is expected.")
	}
	return o, nil
}

func update(c *command.Call) (any, error) {
	o, err := document(c, "role_assignment")
	if err != nil {
		return nil, err
	}
	at := strings.TrimRight(value.String(o, "scope"), "/") + "/providers/Microsoft.Authorization/roleAssignments/" + value.String(o, "name")
	old, err := c.Get(at, assignmentVersion)
	if err != nil {
		return nil, err
	}
	p := value.New()
	for _, name := range []string{"roleDefinitionId", "principalId", "principalType", "description", "condition", "conditionVersion", "delegatedManagedIdentityResourceId"} {
		if v := o.Get(name); v != nil {
			p.Set(name, v)
		}
	}
	if strings.HasPrefix(value.String(old, "properties.conditionVersion"), "2.") && strings.HasPrefix(value.String(p, "conditionVersion"), "1.") {
		return nil, command.Fail("Condition version cannot be downgraded to '1.X'.")
	}
	if !p.Has("principalType") {
		p.Set("principalType", value.Path(old, "properties.principalType"))
	}
	v, err := c.Send(http.MethodPut, at, assignmentVersion, value.New("properties", p))
	return as("RoleAssignment", v), err
}
