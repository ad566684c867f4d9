package resource

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// updateResource writes resources back with what --set, --add and --remove change.
func updateResource(c *command.Call) (any, error) {
	return each(c, func(t target) (any, error) {
		v, err := c.Get(t.id, t.version)
		if err != nil {
			return nil, err
		}
		o, ok := v.(*value.Object)
		if !ok {
			return nil, command.Fail("%s is not an object that can be changed.", t.id)
		}
		if err := c.Edit(o); err != nil {
			return nil, err
		}
		for _, made := range []string{"id", "name", "type"} { // the service's
			o.Delete(made)
		}
		v, err = c.Send(http.MethodPut, t.id, t.version, o)
		return as("GenericResource", v), err
	})
}

func patchResource(c *command.Call) (any, error) {
	v, err := value.Decode([]byte(c.Text("properties")))
	if err != nil {
		return nil, command.Fail("Error parsing JSON.\n%s\n%s", c.Text("properties"), value.Why(c.Text("properties")))
	}
	if !c.Flag("is_full_object") {
		v = value.New("properties", v)
	}
	return each(c, func(t target) (any, error) {
		answer, err := c.Send(http.MethodPatch, t.id, t.version, v)
		return as("GenericResource", answer), err
	})
}

func waitResource(c *command.Call) (any, error) {
	return c.Wait(func() (any, error) { return showResource(c) })
}

// moveResources moves resources of one group to another.
func moveResources(c *command.Call) (any, error) {
	ids := []any{}
	var from []string // subscription and group
	for _, id := range c.List("ids") {
		parts := strings.Split(strings.Trim(id, "/"), "/")
		if len(parts) < 8 || !strings.EqualFold(parts[0], "subscriptions") || !strings.EqualFold(parts[2], "resourceGroups") {
			return nil, command.Fail("Invalid id %q, as it has no group or subscription field", id)
		}
		switch {
		case from == nil:
			from = []string{parts[1], parts[3]}
		case from[0] != parts[1]:
			return nil, command.Fail("All resources should be under the same subscription")
		case from[1] != parts[3]:
			return nil, command.Fail("All resources should be under the same group")
		}
		ids = append(ids, id)
	}
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	to := sub
	if id := c.Text("destination_subscription_id"); id != "" {
		to = "/subscriptions/" + id
	}
	body := value.New("resources", ids, "targetResourceGroup", to+"/resourceGroups/"+c.Text("destination_group"))
	_, err = c.Send(http.MethodPost, sub+"/resourceGroups/"+from[1]+"/moveResources", command.ResourcesVersion, body)
	return nil, err
}

// export is a group as a template.
func export(c *command.Call) (any, error) {
	var options []string
	for _, o := range [][2]string{{"include_comments", "IncludeComments"}, {"include_parameter_default_value", "IncludeParameterDefaultValue"},
		{"skip_resource_name_params", "SkipResourceNameParameterization"}, {"skip_all_params", "SkipAllParameterization"}} {
		if c.Flag(o[0]) {
			options = append(options, o[1])
		}
	}
	ids := c.List("resource_ids")
	if len(ids) == 0 || ids[0] == "*" {
		ids = []string{"*"}
	}
	for _, id := range ids {
		if id != "*" && !strings.HasPrefix(strings.ToLower(id), "/subscriptions/") {
			return nil, command.Fail("az resource: error: argument --resource-ids: invalid ResourceId value: '%s'", id)
		}
	}
	body := value.New("resources", ids)
	if len(options) > 0 {
		body.Set("options", strings.Join(options, ","))
	}
	path, err := c.GroupPath()
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPost, path+"/exportTemplate", command.ResourcesVersion, body)
	if err != nil {
		return nil, err
	}
	if e := value.ObjectAt(v, "error"); e != nil {
		c.Warn("%s", value.String(e, "message"))
	}
	return value.Path(v, "template"), nil
}

func waitGroup(c *command.Call) (any, error) {
	return c.Wait(func() (any, error) { return show(c) })
}

// linkVersion is the api-version of links between resources.
const linkVersion = "2016-09-01"

func showLink(c *command.Call) (any, error) { return c.Get(c.Text("link_id"), linkVersion) }

func createLink(c *command.Call) (any, error) {
	return nil, putLink(c, value.New())
}

func updateLink(c *command.Call) (any, error) {
	v, err := showLink(c)
	if err != nil {
		return nil, err
	}
	p := value.New()
	for _, name := range []string{"targetId", "notes"} {
		if old := value.Path(v, "properties."+name); old != nil {
			p.Set(name, old)
		}
	}
	return nil, putLink(c, p)
}

func putLink(c *command.Call, p *value.Object) error {
	for to, from := range map[string]string{"targetId": "target_id", "notes": "notes"} {
		if v := c.Value(from); v != nil {
			p.Set(to, v)
		}
	}
	_, err := c.Send(http.MethodPut, c.Text("link_id"), linkVersion, value.New("properties", p))
	return err
}

func deleteLink(c *command.Call) (any, error) {
	_, err := c.Send(http.MethodDelete, c.Text("link_id"), linkVersion, nil)
	return nil, err
}

func listLinks(c *command.Call) (any, error) {
	at, err := c.SubscriptionPath()
	if scope := c.Text("scope"); scope != "" {
		at = strings.TrimRight(scope, "/")
	}
	if err != nil {
		return nil, err
	}
	return c.Pages(at+"/providers/Microsoft.Resources/links", linkVersion)
}
