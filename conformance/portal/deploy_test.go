package portal

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDeploy deploys templates in the portal: one that is pasted, with a what-if before it and after it, and again; in Complete mode, at the subscription, and one that is canceled, because it waits for
// an image that never comes; and the article's from its file, whose container group pulls from a registry.
func TestDeploy(t *testing.T) {
	o := newOperator(t)
	group := o.subscription + "/resourceGroups/deploy-walk"
	o.send("PUT", o.management, group+"?api-version=2021-04-01", `{"location":"eastus"}`)
	registry := group + "/providers/Microsoft.ContainerRegistry/registries/deploywalk"
	made := o.send("PUT", o.management, registry+"?api-version=2023-07-01", `{"location":"eastus","sku":{"name":"Basic"},"properties":{"adminUserEnabled":true}}`)
	full := o.subscription + "/resourceGroups/deploy-full"
	o.send("PUT", o.management, full+"?api-version=2021-04-01", `{"location":"eastus"}`)
	o.send("PUT", o.management, full+"/providers/Microsoft.ContainerRegistry/registries/deploygone?api-version=2023-07-01", `{"location":"eastus","sku":{"name":"Basic"}}`)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, for the system does so, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	given := map[string]string{"group": group, "full": full, "stuck": silent.Addr().String(), "vault": "deployed-vault"}
	properties, _ := made["properties"].(map[string]any)
	given["image"] = fmt.Sprint(properties["loginServer"], "/aci-helloworld:v1")
	push := exec.CommandContext(t.Context(), cloud.Bin, "push", "--data", cloud.Dir, "--port", "80", filepath.Join(cloud.Sample(t), "aci-helloworld"), given["image"])
	if out, err := push.CombinedOutput(); err != nil {
		t.Fatalf("lazuli push: %v\n%s", err, out)
	}
	keys := o.send("POST", o.management, registry+"/listCredentials?api-version=2023-07-01", "")
	passwords, _ := keys["passwords"].([]any)
	if len(passwords) == 0 {
		t.Fatal("the registry has no passwords")
	}
	first, _ := passwords[0].(map[string]any)
	given["pullUser"], given["pullPassword"] = fmt.Sprint(keys["username"]), fmt.Sprint(first["value"])
	walk(t, "deploy.mjs", given)
}
