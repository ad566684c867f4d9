package resource

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// lockVersion is the api-version of locks.
const lockVersion = "2016-09-01"

// locked is what a lock is on: a resource, a group, or the subscription.
func locked(c *command.Call) (string, error) {
	name := c.Text("resource_name")
	switch {
	case name == "" && strings.HasPrefix(c.Command.Path, "resource "):
		return "", command.Fail("Missing required resource_name parameter.")
	case c.Text("resource_group_name") == "" && name != "":
		if !strings.HasPrefix(strings.ToLower(name), "/subscriptions/") {
			return "", command.Fail("--resource is not a valid resource ID. --resource as a resource name is ignored if --resource-group is not given.")
		}
		return name, nil
	case c.Text("resource_group_name") == "":
		for _, arg := range []struct{ name, flag string }{{"resource_type", "--resource-type"}, {"resource_provider_namespace", "--namespace"}, {"parent_resource_path", "--parent"}} {
			if c.Text(arg.name) != "" {
				return "", command.Fail("%s is ignored if --resource-group is not given.", arg.flag)
			}
		}
		return c.SubscriptionPath()
	case name == "":
		return c.GroupPath()
	}
	if c.Text("resource_type") == "" {
		return "", command.Fail("--resource-type is required if --resource is present")
	}
	return composed(c)
}

// lock is the address of a lock, of --ids or --name; at is what it is on.
func lock(c *command.Call) (string, error) {
	if ids := c.List("ids"); len(ids) > 0 {
		return ids[0], nil
	}
	if strings.HasPrefix(c.Command.Path, "group ") && c.Text("resource_group_name") == "" {
		return "", command.Fail("Missing required --resource-group/-g parameter.")
	}
	at, err := locked(c)
	if err != nil {
		return "", err
	}
	return at + "/providers/Microsoft.Authorization/locks/" + url.PathEscape(c.Text("lock_name")), nil
}

func createLock(c *command.Call) (any, error) {
	at, err := lock(c)
	if err != nil {
		return nil, err
	}
	return putLock(c, at, value.New("level", c.Text("level")))
}

// putLock writes a lock with the arguments over its old properties.
func putLock(c *command.Call, at string, p *value.Object) (any, error) {
	for _, name := range []string{"level", "notes"} {
		if v := c.Value(name); v != nil {
			p.Set(name, v)
		}
	}
	v, err := c.Send(http.MethodPut, at, lockVersion, value.New("properties", p))
	return as("ManagementLockObject", v), err
}

func showLock(c *command.Call) (any, error) {
	at, err := lock(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at, lockVersion)
	return as("ManagementLockObject", v), err
}

func updateLock(c *command.Call) (any, error) {
	at, err := lock(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at, lockVersion)
	if err != nil {
		return nil, err
	}
	p := value.New()
	for _, name := range []string{"level", "notes", "owners"} {
		if old := value.Path(v, "properties."+name); old != nil {
			p.Set(name, old)
		}
	}
	return putLock(c, at, p)
}

func deleteLock(c *command.Call) (any, error) {
	ids := c.List("ids")
	if len(ids) == 0 {
		at, err := lock(c)
		if err != nil {
			return nil, err
		}
		ids = []string{at}
	}
	for _, id := range ids {
		if _, err := c.Send(http.MethodDelete, id, lockVersion, nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func listLocks(c *command.Call) (any, error) {
	at, err := locked(c)
	if err != nil {
		return nil, err
	}
	path := at + "/providers/Microsoft.Authorization/locks"
	if f := c.Text("filter_string"); f != "" {
		path += "?$filter=" + url.QueryEscape(f)
	}
	items, err := c.Pages(path, lockVersion)
	return as("ManagementLockObject", items), err
}
