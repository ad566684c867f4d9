package resource

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func resourceRows(v any) any {
	items, _ := v.([]any)
	rows := make([]any, len(items))
	for i, item := range items {
		var status any = " "
		if value.ObjectAt(item, "properties") != nil {
			status = value.Path(item, "properties.provisioningStatus")
		}
		rows[i] = value.New("Name", value.Path(item, "name"), "ResourceGroup", value.Path(item, "resourceGroup"), "Location", value.Path(item, "location"),
			"Type", value.Path(item, "type"), "Status", status)
	}
	return rows
}

// one is a single tag, name or name=value.
func one(c *command.Call, name string) (filter string, given bool) {
	text := c.Text(name)
	if text == "" {
		return "", false
	}
	k, v, valued := strings.Cut(text, "=")
	filter = "tagname eq '" + k + "'"
	if valued {
		filter += " and tagvalue eq '" + v + "'"
	}
	return filter, true
}

func listResources(c *command.Call) (any, error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	tag, tagged := one(c, "tag")
	var filters []string
	for _, a := range []struct{ arg, flag, member string }{{"resource_group_name", "--resource-group", "resourceGroup"}, {"resource_provider_namespace", "--namespace", ""},
		{"resource_type", "--resource-type", ""}, {"name", "--name", "name"}, {"location", "--location", "location"}} {
		v := c.Text(a.arg)
		if v != "" && tagged {
			text := "you cannot use '--tag' with '" + a.flag + "'"
			if a.arg == "resource_group_name" {
				text += `(If the default value for resource group is set, please use 'az configure --defaults group=""' command to clear it first)`
			}
			return nil, command.Fail("%s", text)
		}
		if v != "" && a.member != "" {
			filters = append(filters, a.member+" eq '"+v+"'")
		}
	}
	if c.Text("resource_group_name") != "" {
		if _, err := show(c); err != nil {
			return nil, err
		}
	}
	switch kind, namespace := c.Text("resource_type"), c.Text("resource_provider_namespace"); {
	case kind != "" && namespace != "":
		filters = append(filters, "resourceType eq '"+namespace+"/"+kind+"'")
	case kind != "" && !strings.Contains(kind, "/"):
		return nil, command.Fail("Malformed resource-type: --resource-type=<namespace>/<resource-type> expected.")
	case kind != "":
		filters = append(filters, "resourceType eq '"+kind+"'")
	case namespace != "":
		return nil, command.Fail("--namespace also requires --resource-type")
	}
	if tagged {
		filters = append(filters, tag)
	}
	query := url.Values{"$filter": {strings.Join(filters, " and ")}, "$expand": {"createdTime,changedTime,provisioningState"}}
	items, err := c.Pages(sub+"/resources?"+query.Encode(), command.ResourcesVersion)
	return as("GenericResourceExpanded", items), err
}

// target is a resource with the api-version to speak to it.
type target struct{ id, version string }

// targets are what --ids, or the other arguments, name.
func targets(c *command.Call) ([]target, error) {
	ids := c.List("resource_ids")
	if id := c.Text("resource_id"); id != "" {
		ids = []string{id}
	}
	if len(ids) == 0 {
		id, err := composed(c)
		if err != nil {
			return nil, err
		}
		ids = []string{id}
	}
	var found []target
	for _, id := range ids {
		if !strings.HasPrefix(strings.ToLower(id), "/subscriptions/") {
			return nil, command.Fail("az resource: error: argument --ids: invalid ResourceId value: '%s'", id)
		}
		v, err := versionOf(c, id)
		if err != nil {
			return nil, err
		}
		found = append(found, target{id, v})
	}
	return found, nil
}

// composed is the id of --resource-group, --namespace, --parent, --resource-type
// and --name.
func composed(c *command.Call) (string, error) {
	namespace, kind, parent := c.Text("resource_provider_namespace"), c.Text("resource_type"), strings.Trim(c.Text("parent_resource_path"), "/")
	if first, rest, ok := strings.Cut(kind, "/"); ok && namespace == "" && parent == "" {
		namespace, kind = first, rest
	}
	for _, missing := range []struct{ v, text string }{{c.Text("resource_group_name"), "--resource-group/-g is required."}, {kind, "--resource-type is required"},
		{c.Text("resource_name"), "--name/-n is required"}, {namespace, "--namespace is required"}} {
		if missing.v == "" {
			return "", command.Fail("%s", missing.text)
		}
	}
	group, err := c.GroupPath()
	if err != nil {
		return "", err
	}
	if parent != "" {
		parent += "/"
	}
	return group + "/providers/" + namespace + "/" + parent + kind + "/" + c.Text("resource_name"), nil
}

// versionOf finds the newest api-version of a resource's type that is no preview.
func versionOf(c *command.Call, id string) (string, error) {
	if v := c.Text("api_version"); v != "" {
		return v, nil
	}
	i := strings.LastIndex(strings.ToLower(id), "/providers/")
	if i < 0 {
		return command.ResourcesVersion, nil
	}
	parts := strings.Split(id[i+len("/providers/"):], "/")
	kind := ""
	for n := 1; n < len(parts); n += 2 {
		kind = strings.Trim(kind+"/"+parts[n], "/")
	}
	sub, err := c.SubscriptionPath()
	if err != nil {
		return "", err
	}
	v, err := c.Get(sub+"/providers/"+parts[0], command.ResourcesVersion)
	if err != nil {
		return "", err
	}
	preview := ""
	for _, t := range value.List(v, "resourceTypes") {
		if !strings.EqualFold(value.String(t, "resourceType"), kind) {
			continue
		}
		for _, version := range value.List(t, "apiVersions") {
			text, _ := version.(string)
			if !strings.Contains(strings.ToLower(text), "preview") || c.Flag("latest_include_preview") {
				return text, nil
			}
			if preview == "" {
				preview = text
			}
		}
		if preview != "" {
			return preview, nil
		}
	}
	return "", command.Fail("Resource type %s not found.", kind)
}

// each does something with every target and returns one result or all.
func each(c *command.Call, do func(target) (any, error)) (any, error) {
	all, err := targets(c)
	if err != nil {
		return nil, err
	}
	results := []any{}
	for _, t := range all {
		v, err := do(t)
		if err != nil {
			return nil, err
		}
		results = append(results, v)
	}
	if len(results) == 1 {
		return results[0], nil
	}
	return results, nil
}

func showResource(c *command.Call) (any, error) {
	return each(c, func(t target) (any, error) {
		v, err := c.Get(t.id, t.version)
		o, _ := as("GenericResource", v).(*value.Object)
		if on, _ := c.Switch("include_response_body"); on && o != nil {
			o.Set("responseBody", v)
		}
		return o, err
	})
}

func createResource(c *command.Call) (any, error) {
	v, err := value.Decode([]byte(c.Text("properties")))
	if err != nil {
		return nil, command.Fail("Error parsing JSON.\n%s\n%s", c.Text("properties"), value.Why(c.Text("properties")))
	}
	all, err := targets(c)
	if err != nil {
		return nil, err
	}
	body, _ := v.(*value.Object)
	if !c.Flag("is_full_object") {
		if c.Text("resource_group_name") == "" {
			if parts := strings.Split(all[0].id, "/"); len(parts) > 4 {
				c.Set("resource_group_name", parts[4])
			}
		}
		place, err := c.PlaceOrGroups()
		if err != nil {
			return nil, err
		}
		body = value.New("location", place, "properties", v)
	} else if value.String(body, "location") == "" {
		return nil, command.Fail("location of the resource is required")
	}
	v, err = c.Send(http.MethodPut, all[0].id, all[0].version, body)
	return as("GenericResource", v), err
}

func deleteResource(c *command.Call) (any, error) {
	all, err := targets(c)
	if err != nil {
		return nil, err
	}
	for len(all) > 0 { // what others depend on goes in a later round
		var kept []target
		var failed error
		for _, t := range all {
			if _, err := c.Send(http.MethodDelete, t.id, t.version, nil); err != nil {
				kept, failed = append(kept, t), errors.Join(failed, err)
			}
		}
		if len(kept) == len(all) {
			return nil, command.Flatten(failed, 1)
		}
		all = kept
	}
	return nil, nil
}

func tagResource(c *command.Call) (any, error) {
	return each(c, func(t target) (any, error) {
		v, err := c.Get(t.id, t.version)
		if err != nil {
			return nil, err
		}
		tags := c.Tags("tags")
		if c.Flag("is_incremental") {
			if tags.Len() == 0 {
				return nil, command.Fail("When modifying tag incrementally, the parameters of tag must have specific values.")
			}
			if old := value.ObjectAt(v, "tags"); old != nil {
				merged := old.Copy()
				for _, k := range tags.Keys() {
					merged.Set(k, tags.Get(k))
				}
				tags = merged
			}
		}
		v, err = c.Send(http.MethodPatch, t.id, t.version, value.New("tags", tags))
		return as("GenericResource", v), err
	})
}

func invoke(c *command.Call) (any, error) {
	return each(c, func(t target) (any, error) {
		var body any
		if text := c.Text("request_body"); text != "" {
			body = []byte(text)
		}
		return c.Send(http.MethodPost, t.id+"/"+c.Text("action"), t.version, body)
	})
}
