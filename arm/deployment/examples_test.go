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
			body := ask(example(t, x.name+"/template.json"), x.parameters, "Incremental")
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
