package resource

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// tagsOf is the address of a resource's tags.
func tagsOf(c *command.Call) string {
	return "/" + strings.Trim(c.Text("resource_id"), "/") + "/providers/Microsoft.Resources/tags/default"
}

// names is the address of the subscription's own names of tags.
func names(c *command.Call, more ...string) (string, error) {
	sub, err := c.SubscriptionPath()
	path := sub + "/tagNames"
	for _, m := range more {
		path += "/" + url.PathEscape(m)
	}
	return path, err
}

func listTags(c *command.Call) (any, error) {
	if c.Text("resource_id") != "" {
		v, err := c.Get(tagsOf(c), command.ResourcesVersion)
		return as("TagsResource", v), err
	}
	at, err := names(c)
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(at, command.ResourcesVersion)
	return as("TagDetails", items), err
}

func createTags(c *command.Call) (any, error) {
	if c.Text("resource_id") != "" {
		if !c.Has("tags") {
			return nil, command.Fail("incorrect usage: --tags should be specified with --resource-id")
		}
		v, err := c.Send(http.MethodPut, tagsOf(c), command.ResourcesVersion, value.New("properties", value.New("tags", c.Tags("tags"))))
		return as("TagsResource", v), err
	}
	if c.Text("tag_name") == "" {
		return nil, command.Fail("incorrect usage: --name should be specified when --resource-id is not")
	}
	at, err := names(c, c.Text("tag_name"))
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPut, at, command.ResourcesVersion, nil)
	return as("TagDetails", v), err
}

func deleteTags(c *command.Call) (any, error) {
	at := tagsOf(c)
	if c.Text("resource_id") == "" {
		if c.Text("tag_name") == "" {
			return nil, command.Fail("incorrect usage: --name should be specified when --resource-id is not")
		}
		var err error
		if at, err = names(c, c.Text("tag_name")); err != nil {
			return nil, err
		}
	}
	_, err := c.Send(http.MethodDelete, at, command.ResourcesVersion, nil)
	return nil, err
}

func updateTags(c *command.Call) (any, error) {
	v, err := c.Send(http.MethodPatch, tagsOf(c), command.ResourcesVersion, value.New("operation", c.Text("operation"), "properties", value.New("tags", c.Tags("tags"))))
	return as("TagsResource", v), err
}

func addValue(c *command.Call) (any, error) {
	at, err := names(c, c.Text("tag_name"), "tagValues", c.Text("tag_value"))
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPut, at, command.ResourcesVersion, nil)
	return as("TagValue", v), err
}

func removeValue(c *command.Call) (any, error) {
	at, err := names(c, c.Text("tag_name"), "tagValues", c.Text("tag_value"))
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, command.ResourcesVersion, nil)
	return nil, err
}
