package container

import (
	"net/http"
	"os"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// variable is a name of the environment in a file.
var variable = regexp.MustCompile(`\$\{([^}^{]+)\}`)

// fromFile creates the group a YAML file describes.
func fromFile(c *command.Call) (any, error) {
	file := c.Text("file")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, command.Fail("No such file or directory: %s", file)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		return nil, command.Fail("Error while parsing yaml file:\n\n%v", err)
	}
	v, err := fromYAML(c, &node)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*value.Object)
	if !ok {
		return nil, command.Fail("Error while parsing yaml file:\n\n%s holds no description of a container group.", file)
	}
	name := value.String(o, "name")
	switch given := c.Text("name"); {
	case name != "" && given != "" && name != given:
		return nil, command.Fail("The name parameter and name from yaml definition must match.")
	case name == "" && given == "":
		return nil, command.Fail("The name of the container group is required")
	case name == "":
		o.Set("name", given)
	default:
		c.Set("name", name)
	}
	if value.String(o, "location") == "" {
		place, err := c.PlaceOrGroups()
		if err != nil {
			return nil, err
		}
		o.Set("location", place)
	}
	api := value.String(o, "apiVersion")
	if api == "" {
		api = version
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	return c.Send(http.MethodPut, at, api, o)
}

// fromYAML reads a node, its variables replaced by the environment's.
func fromYAML(c *command.Call, n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return fromYAML(c, n.Content[0])
	case yaml.AliasNode:
		return fromYAML(c, n.Alias)
	case yaml.MappingNode:
		o := value.New()
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := fromYAML(c, n.Content[i+1])
			if err != nil {
				return nil, err
			}
			o.Set(n.Content[i].Value, v)
		}
		return o, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			v, err := fromYAML(c, item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	var v any
	if n.Tag == "!!str" || n.Tag == "!!timestamp" {
		return variable.ReplaceAllStringFunc(n.Value, func(m string) string {
			name := m[2 : len(m)-1]
			if found := c.Getenv(name); found != "" {
				return found
			}
			return name
		}), nil
	}
	if err := n.Decode(&v); err != nil {
		return nil, command.Fail("Error while parsing yaml file:\n\n%v", err)
	}
	return value.Of(v)
}

// export writes a group as a file that create takes.
func export(c *command.Call) (any, error) {
	_, v, err := get(c)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*value.Object)
	out := value.New("additional_properties", value.New(), "apiVersion", version)
	for _, pair := range [][2]string{{"extended_location", "extendedLocation"}, {"location", "location"}, {"name", "name"}, {"tags", "tags"}, {"type", "type"}} {
		out.Set(pair[0], o.Get(pair[1]))
	}
	if kind := value.String(o, "identity.type"); kind != "" && kind != "None" {
		identity := value.New("type", kind)
		if users := value.ObjectAt(o, "identity.userAssignedIdentities"); users != nil {
			empty := value.New()
			for _, id := range users.Keys() {
				empty.Set(id, value.New())
			}
			identity.Set("user_assigned_identities", empty)
		}
		out.Set("identity", identity)
	}
	p := value.ObjectAt(o, "properties")
	p.Delete("instanceView")
	p.Delete("provisioningState")
	for _, one := range value.List(p, "containers") {
		if inner := value.ObjectAt(one, "properties"); inner != nil {
			inner.Delete("instanceView")
		}
	}
	out.Set("properties", p)
	return nil, os.WriteFile(c.Text("file"), output.YAML(out), 0o600)
}
