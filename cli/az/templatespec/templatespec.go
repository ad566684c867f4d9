package templatespec

import (
	_ "embed" // commands.txt, models.txt
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// version is the api-version of template specs.
const version = "2022-02-01"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az ts.
func Commands() ([]command.Group, []command.Command) {
	return command.Rows(table, map[string]command.Do{
		"ts create": {Run: create},
		"ts show":   {Run: show},
		"ts list":   {Run: list},
		"ts update": {Run: update},
		"ts delete": {Run: remove},
		"ts export": {Run: export},
	})
}

// take reads --template-spec into the arguments it stands for; without one, group
// and name must have been given where both are true.
func take(c *command.Call, required bool) error {
	id := strings.Trim(c.Text("template_spec"), `"`)
	if id == "" {
		if required && (c.Text("name") == "" || c.Text("resource_group_name") == "") {
			return command.Fail("incorrect usage: Please enter a resource group and resource name or a resource ID for --template-spec")
		}
		return nil
	}
	parts := strings.Split(strings.Trim(id, "/"), "/")
	if len(parts) < 8 || len(parts)%2 != 0 || !strings.EqualFold(parts[0], "subscriptions") || !strings.EqualFold(parts[2], "resourceGroups") {
		return command.Fail("--template-spec is not a valid resource ID.")
	}
	c.Set("resource_group_name", parts[3])
	c.Set("name", parts[7])
	if len(parts) > 9 {
		c.Set("version", parts[9])
	}
	return nil
}

// spec is the address of the template spec, or of --version of it.
func spec(c *command.Call) (whole, one string, err error) {
	whole, err = c.Path("Microsoft.Resources", "templateSpecs", c.Text("name"))
	if v := c.Text("version"); v != "" {
		one = whole + "/versions/" + v
	}
	return whole, one, err
}

func show(c *command.Call) (any, error) {
	if err := take(c, true); err != nil {
		return nil, err
	}
	whole, one, err := spec(c)
	if err != nil {
		return nil, err
	}
	if one != "" {
		v, err := c.Get(one, version)
		return as("TemplateSpecVersion", v), err
	}
	v, err := c.Get(whole+"?$expand=versions", version)
	if err != nil {
		return nil, err
	}
	o, _ := as("TemplateSpec", v).(*value.Object)
	names := []any{}
	if versions := value.ObjectAt(o, "versions"); versions != nil {
		for _, k := range versions.Keys() {
			names = append(names, k)
		}
	}
	return o.Set("versions", names), nil
}

func list(c *command.Call) (any, error) {
	at, err := c.ListPath()
	if err != nil {
		return nil, err
	}
	at += "/providers/Microsoft.Resources/templateSpecs"
	if name := c.Text("name"); name != "" && c.Text("resource_group_name") != "" {
		items, err := c.Pages(at+"/"+name+"/versions", version)
		return as("TemplateSpecVersion", items), err
	}
	items, err := c.Pages(at, version)
	return as("TemplateSpec", items), err
}

func remove(c *command.Call) (any, error) {
	if err := take(c, true); err != nil {
		return nil, err
	}
	at, one, err := spec(c)
	if err != nil {
		return nil, err
	}
	if one != "" {
		at = one
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}

func create(c *command.Call) (any, error) {
	read, err := contents(c)
	if err != nil {
		return nil, err
	}
	place := c.Place()
	if place == "" {
		group, err := c.GroupPath()
		if err != nil {
			return nil, err
		}
		v, err := c.Get(group, command.ResourcesVersion)
		if err != nil {
			return nil, err
		}
		place = value.String(v, "location")
	}
	if c.Text("template_file") != "" && c.Text("version") == "" {
		return nil, command.Fail("please provide --version if --template-file is specified")
	}
	whole, one, err := spec(c)
	if err != nil {
		return nil, err
	}
	if one == "" {
		return putSpec(c, whole, place, c.Tags("tags"))
	}
	exists := false
	if !c.Flag("no_prompt") {
		if _, err := c.Get(one, version); err == nil {
			question := "This will override template spec " + c.Text("name") + " version " + c.Text("version") + ". Proceed?"
			exists = c.Ask(question) == nil // Azure: a prompt that fails is as if nothing was there
		}
	}
	tags := c.Tags("tags")
	if !exists {
		parent, err := c.Get(whole, version)
		switch {
		case client.IsStatus(err, http.StatusNotFound):
			if tags == nil {
				tags = value.New()
			}
			_, err = putSpec(c, whole, place, tags)
			if err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		case tags == nil:
			tags = value.ObjectAt(parent, "tags")
		}
	}
	return putVersion(c, one, place, tags, read.set(described(c, "version_description", nil)))
}

// putSpec writes a template spec without its versions.
func putSpec(c *command.Call, at, place string, tags *value.Object) (any, error) {
	properties := value.New()
	if v := c.Value("description"); v != nil {
		properties.Set("description", v)
	}
	if v := c.Value("display_name"); v != nil {
		properties.Set("displayName", v)
	}
	if tags == nil {
		tags = value.New()
	}
	v, err := c.Send(http.MethodPut, at, version, value.New("location", place, "tags", tags, "properties", properties))
	return as("TemplateSpec", v), err
}

func putVersion(c *command.Call, at, place string, tags *value.Object, properties *value.Object) (any, error) {
	body := value.New("location", place, "properties", properties)
	if tags != nil {
		body.Set("tags", tags)
	}
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("TemplateSpecVersion", v), err
}

// described are the properties with the description of an argument, or else the
// one there was.
func described(c *command.Call, arg string, old any) *value.Object {
	o := value.New()
	if v := c.Value(arg); v != nil {
		return o.Set("description", v)
	}
	if v := value.Path(old, "properties.description"); v != nil {
		o.Set("description", v)
	}
	return o
}

func update(c *command.Call) (any, error) {
	if err := take(c, false); err != nil {
		return nil, err
	}
	read, err := contents(c)
	if err != nil {
		return nil, err
	}
	whole, one, err := spec(c)
	if err != nil {
		return nil, err
	}
	at := whole
	if one != "" {
		at = one
	}
	old, err := c.Get(at, version)
	if err != nil {
		return nil, err
	}
	tags := c.Tags("tags")
	if tags == nil {
		tags = value.ObjectAt(old, "tags")
	}
	place := value.String(old, "location")
	if one == "" {
		for arg, member := range map[string]string{"display_name": "displayName", "description": "description"} {
			if v := value.String(old, "properties."+member); v != "" && !c.Has(arg) {
				c.Set(arg, v)
			}
		}
		return putSpec(c, whole, place, tags)
	}
	if read.template == nil {
		read.template = value.Path(old, "properties.mainTemplate")
	}
	if read.form == nil {
		read.form = value.Path(old, "properties.uiFormDefinition")
	}
	return putVersion(c, one, place, tags, read.set(described(c, "version_description", old)))
}
