package resource

import (
	"net/http"
	"net/url"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// operationsVersion is the api-version of lists of operations.
const operationsVersion = "2022-04-01"

// operations is where the operations of providers are listed.
const operations = "/providers/Microsoft.Authorization/providerOperations"

// namespace is the address of --namespace in the subscription, or of all.
func namespace(c *command.Call) (string, error) {
	sub, err := c.SubscriptionPath()
	at := sub + "/providers"
	if n := c.Text("resource_provider_namespace"); n != "" {
		at += "/" + url.PathEscape(n)
	}
	return at, err
}

func expanded(c *command.Call, at string) string {
	if e := c.Text("expand"); e != "" {
		return at + "?$expand=" + url.QueryEscape(e)
	}
	return at
}

func listProviders(c *command.Call) (any, error) {
	at, err := namespace(c)
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(expanded(c, at), command.ResourcesVersion)
	return as("Provider", items), err
}

func showProvider(c *command.Call) (any, error) {
	at, err := namespace(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(expanded(c, at), command.ResourcesVersion)
	return as("Provider", v), err
}

// setProvider registers or unregisters a provider; state is how it is called when
// that is done, doing while it goes on.
func setProvider(action, state, doing string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := namespace(c)
		if err != nil {
			return nil, err
		}
		to := at + "/" + action
		if mg := c.Text("mg"); mg != "" {
			to = "/providers/Microsoft.Management/managementGroups/" + url.PathEscape(mg) + "/providers/" + url.PathEscape(c.Text("resource_provider_namespace")) + "/" + action
		}
		v, err := c.Send(http.MethodPost, to, command.ResourcesVersion, nil)
		if err != nil || v == nil || value.String(v, "registrationState") == state {
			return nil, err
		}
		if !c.Flag("wait") {
			c.Warn("%s is still on-going. You can monitor using 'az provider show -n %s'", doing, c.Text("resource_provider_namespace"))
			return nil, nil
		}
		for value.String(v, "registrationState") != state {
			select {
			case <-c.Context.Done():
				return nil, c.Context.Err()
			case <-time.After(10 * time.Second):
			}
			if v, err = c.Get(at, command.ResourcesVersion); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
}

func listOperations(c *command.Call) (any, error) {
	return c.Pages(operations+"?$expand=resourceTypes", operationsVersion)
}

func showOperations(c *command.Call) (any, error) {
	return c.Get(operations+"/"+url.PathEscape(c.Text("resource_provider_namespace"))+"?$expand=resourceTypes", operationsVersion)
}

func providerPermissions(c *command.Call) (any, error) {
	at, err := namespace(c)
	if err != nil {
		return nil, err
	}
	return c.Get(at+"/providerPermissions", command.ResourcesVersion)
}
