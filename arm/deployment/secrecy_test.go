package deployment_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// Values from a vault, of secure parameters and in what is made of them are stored, logged and returned nowhere: not while a
// deployment runs, not after it, not when it fails, not in nested ones, not where requests are shown for debugging.
func TestSecretValuesAreNowhere(t *testing.T) {
	c, owner := world(t)
	owner.Do("PUT", "thekv.vault/secrets/pull-pwd", `{"value":"vaulted-sesame"}`, 200)
	const template = `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
	"parameters":{"vaulted":{"type":"securestring"},"given":{"type":"secureObject"},"image":{"type":"string","defaultValue":"registry.example/app:v1"}},
	"variables":{"both":"[concat(parameters('vaulted'),'-',parameters('given').key)]"},
	"resources":[
	 {"type":"Microsoft.KeyVault/vaults/secrets","apiVersion":"2023-07-01","name":"thekv/derived","properties":{"value":"[variables('both')]","contentType":"seen-on-disk"}},
	 {"type":"Microsoft.ContainerInstance/containerGroups","apiVersion":"2023-05-01","name":"app","location":"eastus","tags":{"n":"[string(length(variables('both')))]"},"properties":{"osType":"Linux",
	  "containers":[{"name":"app","properties":{"image":"[parameters('image')]","environmentVariables":[{"name":"PW","secureValue":"[variables('both')]"}],"resources":{"requests":{"cpu":1,"memoryInGB":1}}}}],
	  "imageRegistryCredentials":[{"server":"registry.example","username":"u","password":"[parameters('vaulted')]"}]}},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"outer","properties":{"mode":"Incremental","template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
	  "resources":[{"type":"Microsoft.KeyVault/vaults/secrets","apiVersion":"2023-07-01","name":"thekv/outer","properties":{"value":"[variables('both')]"}}]}}},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inner","properties":{"mode":"Incremental","expressionEvaluationOptions":{"scope":"inner"},"parameters":{"pw":{"value":"[variables('both')]"}},
	  "template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","parameters":{"pw":{"type":"securestring"}},
	  "resources":[{"type":"Microsoft.KeyVault/vaults/secrets","apiVersion":"2023-07-01","name":"thekv/inner","properties":{"value":"[parameters('pw')]"}}],"outputs":{"pw":{"type":"securestring","value":"[parameters('pw')]"}}}}}],
	"outputs":{"secure":{"type":"securestring","value":"[variables('both')]"},"derived":{"type":"string","value":"[variables('both')]"}}}`
	path := at(c, "rg", "secretive")
	body := strings.Replace(ask(template, `"vaulted":`+fromVault(vaultID(c, "kv"), "pull-pwd")+`,"given":{"value":{"key":"given-sesame"}}`, "Incremental"), `"mode"`, `"debugSetting":{"detailLevel":"requestContent, responseContent"},"mode"`, 1)
	quiet := func(a cloudtest.Answer) {
		t.Helper()
		if strings.Contains(a.Body, "sesame") {
			t.Errorf("an answer tells a secret: %s", a.Body)
		}
	}
	quiet(owner.Do("POST", path+"/validate", body, 200))
	w := owner.Do("POST", path+"/whatIf", body, 202)
	quiet(owner.Do("GET", strings.TrimPrefix(w.Header.Get("Location"), c.Origin("management")), "", 200))
	quiet(owner.Do("PUT", path, body, 201))
	end(t, owner, path, "Succeeded")
	owner.Do("GET", "thekv.vault/secrets/outer", "", 200, `"value":"vaulted-sesame-given-sesame"`)
	owner.Do("GET", "thekv.vault/secrets/inner", "", 200, `"value":"vaulted-sesame-given-sesame"`)

	// One that is refused beforehand, and one that fails when it runs, both for something with the secret in it.
	bad := strings.Replace(body, `"image":"[parameters('image')]"`, `"image":"[concat('no image ',variables('both'))]"`, 1)
	quiet(owner.Do("PUT", at(c, "rg", "refused"), bad, 400, "InvalidTemplateDeployment"))
	quiet(owner.Do("PUT", at(c, "rg", "failing"), strings.Replace(bad, `"mode"`, `"validationLevel":"Template","mode"`, 1), 201))
	end(t, owner, at(c, "rg", "failing"), "Failed")

	for _, name := range []string{"secretive", "outer", "inner", "failing"} {
		quiet(owner.Do("GET", at(c, "rg", name), "", 200))
		quiet(owner.Do("GET", at(c, "rg", name)+"/operations", "", 200))
		quiet(owner.Do("POST", at(c, "rg", name)+"/exportTemplate", "", 200))
	}
	quiet(owner.Do("GET", c.Group("rg")+"/providers/Microsoft.Resources/deployments", "", 200))
	quiet(owner.Do("POST", c.Group("rg")+"/exportTemplate", `{"resources":["*"]}`, 200))
	seen := false
	for _, secret := range []string{"vaulted-sesame", "given-sesame"} {
		seen = lies(t, c.Status.Data, secret) || seen
	}
	if !seen {
		t.Error("the state was not found on disk")
	}
}

// lies looks through every file for a text, and reports whether it met what is not secret.
func lies(t *testing.T, dir, secret string) (seen bool) {
	t.Helper()
	encoded := base64.StdEncoding.EncodeToString([]byte(secret))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte(encoded[:len(encoded)-4])) {
			t.Errorf("%s holds %q", path, secret)
		}
		seen = seen || bytes.Contains(data, []byte("seen-on-disk"))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return seen
}
