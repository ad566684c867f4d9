package cloud_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

// gated is a template of a registry, a container group whose init container waits at a gate, and a registry after it. The
// secret comes as an external input.
func gated(secret string) string {
	one := func(name, more string) string {
		return `{"type":"Microsoft.ContainerRegistry/registries","apiVersion":"2023-07-01","name":"` + name + `","location":"eastus","sku":{"name":"Basic"}` + more + `}`
	}
	return `{"properties":{"mode":"Incremental","parameters":{"pw":{"expression":"[externalInputs('pw')]"}},"externalInputs":{"pw":{"value":"` + secret + `"}},"template":{
		"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
		"parameters":{"pw":{"type":"securestring"},"id":{"type":"string","defaultValue":"[newGuid()]"}},
		"resources":[` + one("beforeregistry", `,"tags":{"id":"[parameters('id')]"}`) + `,
		{"type":"Microsoft.ContainerInstance/containerGroups","apiVersion":"2023-05-01","name":"gated","location":"eastus","dependsOn":["beforeregistry"],"properties":{"osType":"Linux",
			"initContainers":[{"name":"gate","properties":{"image":"example.org/gate:v1"}}],
			"containers":[{"name":"app","properties":{"image":"example.org/app:v1","environmentVariables":[{"name":"PW","secureValue":"[parameters('pw')]"}],"resources":{"requests":{"cpu":1,"memoryInGB":1}}}}]}},
		` + one("afterregistry", `,"dependsOn":["gated"],"tags":{"id":"[parameters('id')]","pw":"[string(length(parameters('pw')))]"}`) + `],
		"outputs":{"id":{"type":"string","value":"[parameters('id')]"}}}}}`
}

// gateWorld is a cloud in which example.org/gate:v1 runs until open is called.
func gateWorld(t *testing.T) (c *cloudtest.Cloud, open func()) {
	gate := make(chan struct{})
	c = cloudtest.New(t, cloudtest.WithPrograms(map[string]fake.Program{"example.org/gate:v1": func(p fake.Process) int {
		select {
		case <-gate:
			return 0
		case <-p.Signals:
			return 137
		}
	}}))
	c.As("owner").Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	return c, func() { close(gate) }
}

// until asks again until the answer contains a text.
func until(t *testing.T, k *cloudtest.Caller, path, text string) cloudtest.Answer {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a := k.Send("GET", path, "")
		if strings.Contains(a.Body, text) {
			return a
		}
		if time.Now().After(end) {
			t.Fatalf("no %s in: %d %s", text, a.Status, a.Body)
		}
	}
}

// A cloud that stops in the middle of a deployment goes on at the next start: nothing is made twice, what the template drew by
// chance stays, and the secret it was given is there still, sealed.
func TestDeploymentGoesOnAfterARestart(t *testing.T) {
	c, open := gateWorld(t)
	owner := c.As("owner")
	path := c.Group("rg") + "/providers/Microsoft.Resources/deployments/d"
	owner.Do("PUT", path, gated("hush-hush"), 201)
	until(t, owner, path+"/operations", `"resourceName":"gated"`)
	owner.Do("PUT", path, gated("hush-hush"), 409, "DeploymentActive")
	owner.Do("DELETE", path, "", 409, "DeploymentActive")
	before := owner.Do("GET", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/beforeregistry", "", 200)
	c.Restart()
	owner.Do("GET", path, "", 200, `"provisioningState":"Running"`, "!hush")
	open()
	done := until(t, owner, path, `"provisioningState":"Succeeded"`)
	after := owner.Do("GET", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/beforeregistry", "", 200)
	if before.Body != after.Body {
		t.Errorf("the registry was written again:\n%s\n%s", before.Body, after.Body)
	}
	var shown struct {
		Properties struct {
			Outputs struct{ ID struct{ Value string } }
		}
	}
	done.JSON(&shown)
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/afterregistry", "", 200,
		fmt.Sprintf(`"id":%q`, shown.Properties.Outputs.ID.Value), `"pw":"9"`)
	if !strings.Contains(before.Body, shown.Properties.Outputs.ID.Value) {
		t.Errorf("the id drawn before the restart is not that after it: %s", before.Body)
	}
	c.Restart()
	owner.Do("GET", path, "", 200, `"provisioningState":"Succeeded"`)
}

func TestCanceledDeploymentBeginsNothingMore(t *testing.T) {
	c, open := gateWorld(t)
	owner := c.As("owner")
	path := c.Group("rg") + "/providers/Microsoft.Resources/deployments/d"
	a := owner.Do("PUT", path, gated("hush-hush"), 201)
	until(t, owner, path+"/operations", `"resourceName":"gated"`)
	c.As("onlooker", cloudtest.Grant{Role: authz.RoleReader, Scope: c.Group("rg")}).Do("POST", path+"/cancel", "", 403)
	owner.Do("POST", path+"/cancel", "", 204)
	owner.Do("GET", path, "", 200, `"provisioningState":"Canceled"`)
	owner.Do("GET", strings.TrimPrefix(a.Header.Get("Azure-AsyncOperation"), c.Origin("management")), "", 200, `"status":"Canceled"`)
	until(t, owner, path+"/operations", `"provisioningState":"Canceled"`)
	open()
	until(t, owner, c.Group("rg")+"/providers/Microsoft.ContainerInstance/containerGroups/gated", `"provisioningState":"Succeeded"`)
	owner.Do("GET", c.Group("rg")+"/resources", "", 200, "!afterregistry")
	owner.Do("PUT", path, gated("hush-hush"), 200)
	until(t, owner, path, `"provisioningState":"Succeeded"`)
}
