package managementgroup

import (
	_ "embed" // commands.txt, models.txt
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of Microsoft.Management.
const version = "2021-04-01"

// root is the address of Microsoft.Management.
const root = "/providers/Microsoft.Management/"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az account management-group.
func Commands() ([]command.Group, []command.Command) {
	const at = "account management-group "
	return command.Rows(table, map[string]command.Do{
		at + "create":                         {Run: registered(create)},
		at + "show":                           {Run: registered(show)},
		at + "list":                           {Run: registered(list)},
		at + "update":                         {Run: update},
		at + "delete":                         {Run: registered(remove)},
		at + "check-name-availability":        {Run: checkName},
		at + "subscription add":               {Run: subscription(http.MethodPut)},
		at + "subscription show":              {Run: subscription(http.MethodGet)},
		at + "subscription remove":            {Run: subscription(http.MethodDelete)},
		at + "subscription show-sub-under-mg": {Run: subscriptions},
		at + "entities list":                  {Run: entities},
		at + "tenant-backfill get":            {Run: backfill("tenantBackfillStatus")},
		at + "tenant-backfill start":          {Run: backfill("startTenantBackfill")},
		at + "hierarchy-settings list":        {Run: settings},
		at + "hierarchy-settings create":      {Run: putSettings(http.MethodPut)},
		at + "hierarchy-settings update":      {Run: putSettings(http.MethodPatch)},
		at + "hierarchy-settings delete":      {Run: removeSettings},
	})
}

func path(c *command.Call) string {
	return root + "managementGroups/" + url.PathEscape(c.Text("group_name"))
}

// registered runs a command after Microsoft.Management is registered for the
// subscription, which --no-register leaves out.
func registered(run func(*command.Call) (any, error)) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		if c.Flag("no_register") {
			return run(c)
		}
		sub, err := c.SubscriptionPath()
		if err != nil {
			return nil, err
		}
		v, err := c.Send(http.MethodPost, sub+"/providers/Microsoft.Management/register", command.ResourcesVersion, nil)
		for err == nil && value.String(v, "registrationState") != "Registered" {
			select {
			case <-c.Context.Done():
				return nil, c.Context.Err()
			case <-time.After(10 * time.Second):
			}
			v, err = c.Get(sub+"/providers/Microsoft.Management", command.ResourcesVersion)
		}
		if err != nil {
			return nil, err
		}
		return run(c)
	}
}

// parent is the id of a management group that is named by its id or its name.
func parent(name string) string {
	if strings.HasPrefix(strings.ToLower(name), "/providers/microsoft.management/managementgroups/") {
		return name
	}
	return root + "managementGroups/" + name
}

func create(c *command.Call) (any, error) {
	above := value.New()
	if p := c.Text("parent"); p != "" {
		above.Set("id", parent(p))
	}
	properties := value.New("details", value.New("parent", above))
	if name := c.Value("display_name"); name != nil {
		properties.Set("displayName", name)
	}
	v, err := c.Send(http.MethodPut, path(c), version, value.New("name", c.Text("group_name"), "properties", properties))
	return as("ManagementGroup", v), err
}

func show(c *command.Call) (any, error) {
	at := path(c)
	if c.Flag("expand") {
		at += "?$expand=children"
		if c.Flag("recurse") {
			at += "&$recurse=true"
		} else {
			at += "&$recurse=false"
		}
	}
	v, err := c.Get(at, version)
	return as("ManagementGroup", v), err
}

func list(c *command.Call) (any, error) {
	items, err := c.Pages(root+"managementGroups", version)
	return as("ManagementGroupInfo", items), err
}

func update(c *command.Call) (any, error) {
	body := value.New()
	if name := c.Value("display_name"); name != nil {
		body.Set("displayName", name)
	}
	if p := c.Text("parent_id"); p != "" {
		body.Set("parentGroupId", parent(p))
	}
	if err := c.Edit(body); err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPatch, path(c), version, body)
	return as("ManagementGroup", v), command.Flatten(err, 1)
}

func remove(c *command.Call) (any, error) {
	return c.Send(http.MethodDelete, path(c), version, nil)
}

func checkName(c *command.Call) (any, error) {
	v, err := c.Send(http.MethodPost, root+"checkNameAvailability", version, value.New("name", c.Text("group_name"), "type", "Microsoft.Management/managementGroups"))
	return as("CheckNameAvailabilityResult", v), err
}

// known is the id of --subscription, which must be one of those signed in to.
func known(c *command.Call) (string, error) {
	all, err := c.Store.Accounts(true)
	if err != nil {
		return "", err
	}
	name := c.Text("subscription")
	for _, a := range all {
		if name == a.ID() || name == a.Name() {
			return a.ID(), nil
		}
	}
	return "", command.Fail("Subscription not found in the current context.")
}

func subscription(method string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		id, err := known(c)
		if err != nil {
			return nil, err
		}
		v, err := c.Send(method, path(c)+"/subscriptions/"+id, version, nil)
		return as("SubscriptionUnderManagementGroup", v), err
	}
}

func subscriptions(c *command.Call) (any, error) {
	items, err := c.Pages(path(c)+"/subscriptions", version)
	return as("SubscriptionUnderManagementGroup", items), err
}

func entities(c *command.Call) (any, error) {
	v, err := c.Send(http.MethodPost, root+"getEntities", version, nil)
	if err != nil {
		return nil, err
	}
	return as("EntityInfo", value.List(v, "value")), nil
}

func backfill(action string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		v, err := c.Send(http.MethodPost, root+action, version, nil)
		return as("TenantBackfillStatusResult", v), err
	}
}

func settings(c *command.Call) (any, error) {
	v, err := c.Get(path(c)+"/settings", version)
	return v, err
}

func putSettings(method string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		properties := value.New()
		for to, from := range map[string]string{"requireAuthorizationForGroupCreation": "require_authorization_for_group_creation", "defaultManagementGroup": "default_management_group"} {
			if v := c.Value(from); v != nil {
				properties.Set(to, v)
			}
		}
		v, err := c.Send(method, path(c)+"/settings/default", version, value.New("properties", properties))
		if method == http.MethodPatch {
			err = command.Flatten(err, 1)
		}
		return as("HierarchySettings", v), err
	}
}

func removeSettings(c *command.Call) (any, error) {
	_, err := c.Send(http.MethodDelete, path(c)+"/settings/default", version, nil)
	return nil, err
}
