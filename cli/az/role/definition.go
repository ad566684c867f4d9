package role

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// chosen lists the definitions that --name and --custom-role-only choose.
func chosen(c *command.Call, at string) ([]any, error) {
	name, filter := c.Text("name"), ""
	if !principal.IsID(name) {
		filter = name
	}
	items, err := search(c, at, filter)
	if err != nil {
		return nil, err
	}
	custom, _ := c.Switch("custom_role_only")
	found := []any{}
	for _, item := range items {
		named := name == "" || value.String(item, "name") == name || value.String(item, "properties.roleName") == name
		if named && (!custom || value.String(item, "properties.type") == "CustomRole") {
			found = append(found, item)
		}
	}
	return found, nil
}

func definitionsOf(c *command.Call) (any, error) {
	at, err := scope(c)
	if err != nil {
		return nil, err
	}
	items, err := chosen(c, at)
	return as("RoleDefinition", items), err
}

func showDefinition(c *command.Call) (any, error) {
	id, at, name := c.Text("role_id"), c.Text("scope"), c.Text("name")
	switch {
	case id == "" && at == "" && name == "":
		return nil, command.Fail("Usage error: Provide --scope and --name, or --id")
	case id == "" && (at == "" || name == ""):
		return nil, command.Fail("Usage error: Provide both --scope and --name")
	case id == "":
		id = strings.TrimRight(at, "/") + "/providers/Microsoft.Authorization/roleDefinitions/" + name
	}
	v, err := c.Get(id, definitionVersion)
	return as("RoleDefinition", v), err
}

// described reads --role-definition, its names beginning with a small letter.
func described(c *command.Call) (*value.Object, error) {
	o, err := document(c, "role_definition")
	if err != nil {
		return nil, err
	}
	small := value.New()
	for _, k := range o.Keys() {
		small.Set(strings.ToLower(k[:1])+k[1:], o.Get(k))
	}
	return small, nil
}

func createDefinition(c *command.Call) (any, error) {
	o, err := described(c)
	if err != nil {
		return nil, err
	}
	name := value.String(o, "name")
	switch {
	case name == "":
		return nil, command.Fail("please provide role name")
	case len(value.List(o, "assignableScopes")) == 0:
		return nil, command.Fail("please provide 'assignableScopes'")
	}
	return putDefinition(c, o, name, uuid.NewString())
}

func updateDefinition(c *command.Call) (any, error) {
	o, err := described(c)
	if err != nil {
		return nil, err
	}
	if id := value.String(o, "id"); id != "" {
		return putDefinition(c, o, value.String(o, "roleName"), id[strings.LastIndex(id, "/")+1:])
	}
	c.Warn("Role \"id\" is missing. Look for the role in the current subscription...")
	scopes := value.List(o, "assignableScopes")
	if len(scopes) == 0 {
		sub, err := c.SubscriptionPath()
		if err != nil {
			return nil, err
		}
		scopes = []any{sub}
	}
	name := value.String(o, "name")
	c.Set("name", name)
	for _, at := range scopes {
		text, _ := at.(string)
		found, err := chosen(c, text)
		switch {
		case err != nil:
			return nil, err
		case len(found) > 1:
			return nil, command.Fail("More than 2 definitions are found with the name of \"%s\"", name)
		case len(found) == 1:
			return putDefinition(c, o, value.String(found[0], "properties.roleName"), value.String(found[0], "name"))
		}
	}
	return nil, command.Fail("No definition was found with the name of \"%s\"", name)
}

func putDefinition(c *command.Call, o *value.Object, name, id string) (any, error) {
	permission := value.New()
	for _, k := range []string{"actions", "notActions", "dataActions", "notDataActions"} {
		if v := o.Get(k); v != nil {
			permission.Set(k, v)
		}
	}
	permissions := []any{permission}
	if given := value.List(o, "permissions"); given != nil {
		permissions = given
	}
	scopes := value.List(o, "assignableScopes")
	p := value.New("roleName", name, "type", "CustomRole", "assignableScopes", scopes, "permissions", permissions)
	if d := o.Get("description"); d != nil {
		p.Set("description", d)
	}
	at, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	if len(scopes) > 0 {
		at, _ = scopes[0].(string)
	}
	v, err := c.Send(http.MethodPut, strings.TrimRight(at, "/")+"/providers/Microsoft.Authorization/roleDefinitions/"+id, definitionVersion, value.New("properties", p))
	return as("RoleDefinition", v), err
}

func deleteDefinition(c *command.Call) (any, error) {
	at, err := scope(c)
	if err != nil {
		return nil, err
	}
	items, err := chosen(c, at)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		path := strings.TrimRight(at, "/") + "/providers/Microsoft.Authorization/roleDefinitions/" + value.String(item, "name")
		if _, err := c.Send(http.MethodDelete, path, definitionVersion, nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
