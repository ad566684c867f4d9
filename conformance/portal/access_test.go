package portal

import (
	"testing"
)

// TestAccess registers an application with a secret, gives it a role at a registry, looks what it may do then, and takes all of it away again.
func TestAccess(t *testing.T) {
	o := newOperator(t)
	group := o.subscription + "/resourceGroups/access-walk"
	registry := group + "/providers/Microsoft.ContainerRegistry/registries/accesswalk"
	o.send("PUT", o.management, group+"?api-version=2021-04-01", `{"location":"eastus"}`)
	o.send("PUT", o.management, registry+"?api-version=2023-07-01", `{"location":"eastus","sku":{"name":"Basic"}}`)
	walk(t, "access.mjs", map[string]string{"registry": registry, "domain": o.domain})
}
