package directory

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func groups() map[string]command.Do {
	return map[string]command.Do{
		"ad group create":            {Run: createGroup},
		"ad group show":              {Run: ofGroup("object_id", func(c *command.Call, at string) (any, error) { return principal.Do(c, http.MethodGet, at, nil) })},
		"ad group list":              {Run: listGroups},
		"ad group delete":            {Run: ofGroup("object_id", deleteAt)},
		"ad group get-member-groups": {Run: ofGroup("object_id", memberGroups)},
		"ad group member list":       {Run: ofGroup("group_id", func(c *command.Call, at string) (any, error) { return principal.List(c, at[1:]+"/members", "") })},
		"ad group member add":        {Run: ofGroup("group_id", func(c *command.Call, at string) (any, error) { return refer(c, at+"/members", "member_object_id") })},
		"ad group member remove": {Run: ofGroup("group_id", func(c *command.Call, at string) (any, error) {
			return deleteAt(c, at+"/members/"+c.Text("member_object_id")+"/$ref")
		})},
		"ad group member check": {Run: ofGroup("group_id", checkMember)},
		"ad group owner list":   {Run: ofGroup("group_id", func(c *command.Call, at string) (any, error) { return principal.List(c, at[1:]+"/owners", "") })},
		"ad group owner add":    {Run: ofGroup("group_id", addOwnerAt)},
		"ad group owner remove": {Run: ofGroup("group_id", func(c *command.Call, at string) (any, error) {
			return deleteAt(c, at+"/owners/"+c.Text("owner_object_id")+"/$ref")
		})},
		"ad user get-member-groups": {Run: func(c *command.Call) (any, error) { return memberGroups(c, userPath(c)) }},
	}
}

// ofGroup finds the group of an argument, by its id, its name or the one beginning
// of a name, and does something with its path.
func ofGroup(arg string, do func(c *command.Call, at string) (any, error)) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		name := c.Text(arg)
		if principal.IsID(name) {
			return do(c, "/groups/"+name)
		}
		for _, filter := range []string{"displayName eq " + principal.Quote(name), "startswith(displayName," + principal.Quote(name) + ")"} {
			items, err := principal.List(c, "groups", filter)
			switch {
			case err != nil:
				return nil, err
			case len(items) == 1:
				c.Set(arg, value.String(items[0], "id"))
				return do(c, "/groups/"+c.Text(arg))
			case len(items) > 1:
				return nil, command.Fail("More than one group match the name of '%s'", name)
			}
		}
		return nil, command.Fail("No group matches the name of '%s'", name)
	}
}

func deleteAt(c *command.Call, at string) (any, error) {
	_, err := principal.Do(c, http.MethodDelete, at, nil)
	return nil, err
}

func createGroup(c *command.Call) (any, error) {
	name, nick := c.Text("display_name"), c.Text("mail_nickname")
	if force, _ := c.Switch("force"); !force {
		items, err := principal.List(c, "groups", "displayName eq "+principal.Quote(name)+" and mailNickname eq "+principal.Quote(nick))
		switch {
		case err != nil:
			return nil, err
		case len(items) == 1:
			c.Warn("A group with the same display name and mail nickname already exists, returning.")
			return items[0], nil
		case len(items) > 1:
			ids := make([]string, len(items))
			for i, item := range items {
				ids[i] = value.String(item, "id")
			}
			return nil, command.Fail("There is more than one group with the same display and nick names: \"%s\". Please delete them first.", strings.Join(ids, ", "))
		}
	}
	body := value.New("displayName", name, "mailNickname", nick)
	if v := c.Value("description"); v != nil {
		body.Set("description", v)
	}
	return principal.Do(c, http.MethodPost, "/groups", body.Set("mailEnabled", false).Set("securityEnabled", true))
}

func listGroups(c *command.Call) (any, error) {
	var filters []string
	if f := c.Text("query_filter"); f != "" {
		filters = append(filters, f)
	}
	if name := c.Text("display_name"); name != "" {
		filters = append(filters, "startswith(displayName,"+principal.Quote(name)+")")
	}
	return principal.List(c, "groups", strings.Join(filters, " and "))
}

// memberGroups are the ids of the groups that an object is in.
func memberGroups(c *command.Call, at string) (any, error) {
	only, _ := c.Switch("security_enabled_only")
	v, err := principal.Do(c, http.MethodPost, at+"/getMemberGroups", value.New("securityEnabledOnly", only))
	if err != nil {
		return nil, err
	}
	return listed(v), nil
}

// listed is the list of an answer.
func listed(v any) any {
	if items := value.List(v, "value"); items != nil {
		return items
	}
	return []any{}
}

func checkMember(c *command.Call, _ string) (any, error) {
	group := c.Text("group_id")
	v, err := principal.Do(c, http.MethodPost, "/directoryObjects/"+c.Text("member_object_id")+"/checkMemberGroups", value.New("groupIds", []any{group}))
	if err != nil {
		return nil, err
	}
	in := false
	for _, id := range value.List(v, "value") {
		in = in || id == group
	}
	return value.New("value", in), nil
}

// refer adds the object of an argument to a list of objects.
func refer(c *command.Call, at, arg string) (any, error) {
	cloud, err := c.Cloud()
	if err != nil {
		return nil, err
	}
	graph, err := cloud.Endpoint("microsoft_graph_resource_id")
	if err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodPost, at+"/$ref", value.New("@odata.id", strings.TrimRight(graph, "/")+"/v1.0/directoryObjects/"+c.Text(arg)))
	return nil, err
}

// addOwnerAt adds an owner to a group or an application, once.
func addOwnerAt(c *command.Call, at string) (any, error) {
	items, err := principal.List(c, at[1:]+"/owners", "")
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if value.String(item, "id") == c.Text("owner_object_id") {
			return nil, nil
		}
	}
	return refer(c, at+"/owners", "owner_object_id")
}
