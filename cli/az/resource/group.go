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

// Commands are az group.
func Commands() ([]command.Group, []command.Command) {
	return []command.Group{{Path: "group", Help: "Manage resource groups and template deployments."}}, []command.Command{
		{Path: "group create", Help: "Create a new resource group.",
			Args: []command.Arg{
				{Name: "resource_group", Flags: []string{"--name", "--resource-group", "-n", "-g"}, Required: true, Help: "Name of the new resource group."},
				command.Location().Must(), command.Tags(),
				{Name: "managed_by", Flags: []string{"--managed-by"}, Help: "The ID of the resource that manages this resource group."},
			},
			Examples: []command.Example{{What: "Create a new resource group in the West US region.", Line: "az group create -l westus -n MyResourceGroup"}},
			Run:      create},
		{Path: "group show", Help: "Gets a resource group.", Args: []command.Arg{groupName()}, Run: show},
		{Path: "group exists", Help: "Check if a resource group exists.", Args: []command.Arg{groupName()}, Run: exists,
			Examples: []command.Example{{What: "Check if 'MyResourceGroup' exists.", Line: "az group exists -n MyResourceGroup"}}},
		{Path: "group list", Help: "List resource groups.",
			Args:     []command.Arg{{Name: "tag", Flags: []string{"--tag"}, Kind: command.Maybe, Help: "A single tag in 'key[=value]' format. Use \"\" to clear existing tags."}},
			Examples: []command.Example{{What: "List all resource groups located in the West US region.", Line: "az group list --query \"[?location=='westus']\""}},
			Run:      list, Table: output.Columns("Name", "name", "Location", "location", "Status", "properties.provisioningState")},
		{Path: "group delete", Help: "Delete a resource group.", Confirm: "Are you sure you want to perform this operation?", NoWait: true,
			Args: []command.Arg{groupName(), {Name: "force", Flags: []string{"--force-deletion-types", "-f"}, Help: "The resource types you want to force delete.",
				Choices: []string{"Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets", "Microsoft.Databricks/workspaces"}}},
			Examples: []command.Example{{What: "Delete a resource group.", Line: "az group delete -n MyResourceGroup"}},
			Run:      remove},
	}
}

func groupName() command.Arg {
	return command.Arg{Name: "resource_group", Flags: []string{"--name", "-n", "--resource-group", "-g"}, Required: true, Config: "group",
		Help: "Name of resource group. You can configure the default group using `az configure --defaults group=<name>`."}
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
	if force := c.Text("force"); force != "" {
		path += "?forceDeletionTypes=" + url.QueryEscape(force)
	}
	_, err = c.Send(http.MethodDelete, path, command.ResourcesVersion, nil)
	return nil, err
}
