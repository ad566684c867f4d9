package deployment_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

func example(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The examples deploy as they are, here without an image of the cloud's own registries.
func TestExamplesDeploy(t *testing.T) {
	c, owner := world(t)
	cases := []struct {
		name, parameters string
		outputs          []string
	}{
		{"container-from-registry", `"image":{"value":"registry.example/app:v1"},"imageRegistryUsername":` + fromVault(vaultID(c, "kv"), "pull-usr") + `,"imageRegistryPassword":` + fromVault(vaultID(c, "kv"), "pull-pwd"),
			[]string{`"fqdn":{"type":"String","value":"aci-demo-`}},
		{"containers-with-secrets", `"image":{"value":"registry.example/app:v1"},"imageRegistryUsername":{"value":"some-user"},"imageRegistryPassword":{"value":"hush-pass"},"apiKey":{"value":"hush-key"}`,
			[]string{`"urls":{"type":"Array","value":["http://two-pages-`, `:8080/"]`}},
		{"registry-vault-group", `"registryName":{"value":"exampleregistry"},"vaultName":{"value":"examplevault"},"pullAppId":{"value":"` + uuid.NewString() + `"},"pullObjectId":{"value":"` + serviceObject(c) + `"},"pullPassword":{"value":"hush-pass"}`,
			[]string{`"loginServer":{"type":"String","value":"exampleregistry.azurecr.`, `!"fqdn"`}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			// Without what waits for answers: the images here are none.
			body := ask(strings.ReplaceAll(example(t, x.name+"/template.json"), `"readinessProbe"`, `"notProbed"`), x.parameters, "Incremental")
			owner.Do("PUT", at(c, "rg", x.name), body, 201)
			end(t, owner, at(c, "rg", x.name), "Succeeded", append(x.outputs, "!hush")...)
			w := owner.Do("POST", at(c, "rg", x.name)+"/whatIf", body, 202)
			owner.Do("GET", strings.TrimPrefix(w.Header.Get("Location"), c.Origin("management")), "", 200, `"changeType":"NoChange"`, `!"changeType":"Create"`, "!hush")
		})
	}
	owner.Do("GET", "examplevault.vault/secrets/exampleregistry-pull-pwd", "", 200, "hush-pass")
}

// serviceObject is the object id of a new service principal.
func serviceObject(c *cloudtest.Cloud) string {
	owner := c.As("owner")
	var app struct{ AppID string }
	owner.Do("POST", "graph/v1.0/applications", `{"displayName":"puller"}`, 201).JSON(&app)
	var sp struct{ ID string }
	owner.Do("POST", "graph/v1.0/servicePrincipals", `{"appId":"`+app.AppID+`"}`, 201).JSON(&sp)
	return sp.ID
}

// What the Bicep compiler makes: symbolic names, types of its own, existing resources, a batched loop, listed credentials.
func TestCompiledBicepDeploys(t *testing.T) {
	c, owner := world(t)
	data, err := os.ReadFile("../template/testdata/bicep.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("shared-kv", "thekv", "{0}/app', reference('registry').loginServer", "{0}/app', 'registry.example'",
		"[reference('vault', '2023-07-01', 'full').properties.tenantId]", serviceObject(c),
		`"osType": "Linux"`, `"osType": "Linux", "ipAddress": {"type": "Public", "ports": [{"port": 80}]}`).Replace(string(data))
	path := at(c, "rg", "bicep")
	body := ask(text, `"app":{"value":{"name":"fromBicep","ports":[80],"env":{"A":"1"}}},"registryName":{"value":"bicepregistry"}`, "Incremental")
	owner.Do("PUT", path, strings.Replace(body, `"ports":[80]`, `"ports":[70000]`, 1), 400, `"InvalidTemplate"`)
	owner.Do("PUT", path, strings.Replace(body, "fromBicep", "frombicep", 1), 201)
	end(t, owner, path, "Succeeded", `"server":{"type":"String","value":"bicepregistry.azurecr.`, `"quad":{"type":"String","value":"abababab"}`, `containerGroups/frombicep`)
	owner.Do("GET", path+"/operations", "", 200, `"symbolicName":"secrets[2]"`, "!vaults/thekv\"")
	owner.Do("GET", "thekv.vault/secrets/s2", "", 200, `"value":"20"`)
}
