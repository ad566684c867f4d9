package account

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// options are the lines of a section of the configuration file as az prints them.
func options(c *command.Call, section string) ([]any, error) {
	found, err := c.Store.Section(section)
	rows := []any{}
	for _, o := range found {
		rows = append(rows, value.New("name", o.Name, "source", c.Store.Dir+"/config", "value", o.Value))
	}
	return rows, err
}

// noLocal refuses --local: there is one configuration, that of the user.
func noLocal(c *command.Call) error {
	if c.Flag("local") {
		return command.Fail("--local is not built: there is one configuration file, %s/config. Leave --local out.", c.Store.Dir)
	}
	return nil
}

func getConfig(c *command.Call) (any, error) {
	if err := noLocal(c); err != nil {
		return nil, err
	}
	key := c.Text("key")
	if key == "" {
		names, err := c.Store.Sections()
		all := value.New()
		for _, name := range names {
			rows, err := options(c, name)
			if err != nil {
				return nil, err
			}
			all.Set(name, rows)
		}
		return all, err
	}
	section, name, one := strings.Cut(key, ".")
	rows, err := options(c, section)
	if err != nil || !one {
		return rows, err
	}
	for _, row := range rows {
		if value.String(row, "name") == name {
			return row, nil
		}
	}
	return nil, command.Fail("Configuration '%s' is not set.", key)
}

func setConfig(c *command.Call) (any, error) {
	if err := noLocal(c); err != nil {
		return nil, err
	}
	for _, word := range c.List("key_value") {
		key, v, ok := strings.Cut(word, "=")
		section, name, dotted := strings.Cut(key, ".")
		if !ok || !dotted {
			return nil, command.Fail("usage error: [section].[name]=[value] ...")
		}
		if v == "''" || v == `""` {
			v = ""
		}
		if err := c.Store.SetConfig(section, name, v); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func unsetConfig(c *command.Call) (any, error) {
	if err := noLocal(c); err != nil {
		return nil, err
	}
	for _, key := range c.List("key") {
		section, name, ok := strings.Cut(key, ".")
		if !ok {
			return nil, command.Fail("usage error: [section].[name]")
		}
		if _, err := c.Store.RemoveConfig(section, name); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// locations are the regions of the subscription.
func locations(c *command.Call) (any, error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	path := sub + "/locations"
	if on, given := c.Switch("include_extended_locations"); given && on {
		path += "?includeExtendedLocations=true"
	}
	return c.Pages(path, "2022-12-01")
}
