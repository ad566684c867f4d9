package portal

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/lazuli-cloud/lazuli/client"
)

// TestAccess registers an application with a secret, gives it a role at a registry, looks what it may do then, and takes all of it away again.
func TestAccess(t *testing.T) {
	needBrowser(t)
	status, err := cloud.Status()
	if err != nil {
		t.Fatal(err)
	}
	endpoints, _ := status["endpoints"].(map[string]any)
	o := &operator{t: t, http: cloud.Client(t), admin: client.Admin{Socket: filepath.Join(cloud.Dir, "run", "admin.sock")}, tokens: map[string]string{}}
	management := fmt.Sprint(endpoints["resourceManager"])
	group := fmt.Sprint("/subscriptions/", status["subscriptionId"], "/resourceGroups/access-walk")
	registry := group + "/providers/Microsoft.ContainerRegistry/registries/accesswalk"
	o.send("PUT", management, group+"?api-version=2021-04-01", `{"location":"eastus"}`)
	o.send("PUT", management, registry+"?api-version=2023-07-01", `{"location":"eastus","sku":{"name":"Basic"}}`)
	walk(t, "access.mjs", map[string]string{"registry": registry, "domain": fmt.Sprint(status["domain"])})
}
