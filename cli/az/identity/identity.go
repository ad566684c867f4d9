package identity

import (
	_ "embed" // commands.txt, models.txt
	"net/http"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of Microsoft.ManagedIdentity.
const version = "2023-01-31"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az identity.
func Commands() ([]command.Group, []command.Command) {
	return command.Rows(table, map[string]command.Do{
		"identity create": {Run: create},
		"identity show":   {Run: show},
		"identity list":   {Run: list},
		"identity delete": {Run: remove},
	})
}

func path(c *command.Call) (string, error) {
	return c.Path("Microsoft.ManagedIdentity", "userAssignedIdentities", c.Text("resource_name"))
}

func create(c *command.Call) (any, error) {
	place, err := c.PlaceOrGroups()
	if err != nil {
		return nil, err
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	body := value.New("location", place)
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("Identity", v), err
}

func show(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at, version)
	return as("Identity", v), err
}

func list(c *command.Call) (any, error) {
	at, err := c.SubscriptionPath()
	if c.Text("resource_group_name") != "" {
		at, err = c.GroupPath()
	}
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(at+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities", version)
	return as("Identity", items), err
}

func remove(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}
