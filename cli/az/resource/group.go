package resource

import (
	_ "embed" // models.txt
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

//go:embed commands.txt
var table string

// Commands are az group, resource, tag and lock.
func Commands() ([]command.Group, []command.Command) {
	do := map[string]command.Do{
		"group create":           {Run: create},
		"group show":             {Run: show},
		"group exists":           {Run: exists},
		"group list":             {Run: list, Table: output.Columns("Name", "name", "Location", "location", "Status", "properties.provisioningState")},
		"group update":           {Run: update},
		"group delete":           {Run: remove},
		"resource list":          {Run: listResources, Table: resourceRows},
		"resource show":          {Run: showResource},
		"resource create":        {Run: createResource},
		"resource delete":        {Run: deleteResource},
		"resource tag":           {Run: tagResource},
		"resource invoke-action": {Run: invoke},
		"tag list":               {Run: listTags},
		"tag create":             {Run: createTags},
		"tag delete":             {Run: deleteTags},
		"tag update":             {Run: updateTags},
		"tag add-value":          {Run: addValue},
		"tag remove-value":       {Run: removeValue},
	}
	for path, run := range map[string]func(*command.Call) (any, error){"group export": export, "group wait": waitGroup, "resource update": updateResource,
		"resource patch": patchResource, "resource move": moveResources, "resource wait": waitResource,
		"resource link create": createLink, "resource link show": showLink, "resource link list": listLinks, "resource link update": updateLink, "resource link delete": deleteLink,
		"provider list": listProviders, "provider show": showProvider, "provider operation list": listOperations, "provider operation show": showOperations,
		"provider permission list": providerPermissions, "provider register": setProvider("register", "Registered", "Registering"),
		"provider unregister": setProvider("unregister", "Unregistered", "Unregistering")} {
		do[path] = command.Do{Run: run}
	}
	for _, at := range []string{"lock ", "group lock ", "resource lock ", "account lock "} {
		do[at+"create"] = command.Do{Run: createLock}
		do[at+"show"] = command.Do{Run: showLock}
		do[at+"list"] = command.Do{Run: listLocks}
		do[at+"update"] = command.Do{Run: updateLock}
		do[at+"delete"] = command.Do{Run: deleteLock}
	}
	return command.Rows(table, do)
}

func create(c *command.Call) (any, error) {
	path, err := c.GroupPath()
	if err != nil {
		return nil, err
	}
	body := value.New("location", c.Place())
	if v := c.Value("managed_by"); v != nil {
		body.Set("managedBy", v)
	}
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	v, err := c.Send(http.MethodPut, path, command.ResourcesVersion, body)
	return as("ResourceGroup", v), err
}

func show(c *command.Call) (any, error) {
	path, err := c.GroupPath()
	if err != nil {
		return nil, err
	}
	v, err := c.Get(path, command.ResourcesVersion)
	return as("ResourceGroup", v), err
}

func exists(c *command.Call) (any, error) {
	path, err := c.GroupPath()
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodHead, path, command.ResourcesVersion, nil)
	if client.IsStatus(err, http.StatusNotFound) {
		return false, nil
	}
	return err == nil, err
}

func list(c *command.Call) (any, error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	path := sub + "/resourcegroups"
	if tag := c.Text("tag"); tag != "" {
		name, v, valued := strings.Cut(tag, "=")
		filter := "tagname eq '" + name + "'"
		if valued {
			filter += " and tagvalue eq '" + v + "'"
		}
		path += "?$filter=" + url.QueryEscape(filter)
	}
	items, err := c.Pages(path, command.ResourcesVersion)
	return as("ResourceGroup", items), err
}

func remove(c *command.Call) (any, error) {
	path, err := c.GroupPath()
	if err != nil {
		return nil, err
	}
	if force := c.Text("force_deletion_types"); force != "" {
		path += "?forceDeletionTypes=" + url.QueryEscape(force)
	}
	_, err = c.Send(http.MethodDelete, path, command.ResourcesVersion, nil)
	return nil, err
}

// update writes a group back as it is, with other tags or what --set, --add and
// --remove change.
func update(c *command.Call) (any, error) {
	path, err := c.GroupPath()
	if err != nil {
		return nil, err
	}
	v, err := c.Get(path, command.ResourcesVersion)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*value.Object)
	if tags := c.Tags("tags"); tags != nil {
		o.Set("tags", tags)
	}
	if err := c.Edit(o); err != nil {
		return nil, err
	}
	v, err = c.Send(http.MethodPut, path, command.ResourcesVersion, o)
	return as("ResourceGroup", v), err
}
