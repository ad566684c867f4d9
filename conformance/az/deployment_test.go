package az

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// example is a file of examples/, with words replaced, written where az can read it.
func example(t *testing.T, name string, pairs ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(string(data))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The article's second way: a template, its credentials in a vault, the page of the group.
func TestTemplateWithSecretsFromTheVault(t *testing.T) {
	rg := group(t, "tmplarticle")
	server := registry(t, rg, "tmplarticle")
	az(t, "keyvault create -g %s -n tmplarticle", rg)
	t.Cleanup(func() { cloud.Run(t, "az keyvault delete -n tmplarticle; az keyvault purge -n tmplarticle") })
	puller := servicePrincipal(t, "http://tmplarticle-pull", "--role acrpull --scopes $(az acr show -n tmplarticle --query id -o tsv)")
	az(t, "keyvault secret set --vault-name tmplarticle -n myregistry-pull-usr --value %s", puller.AppID)
	az(t, "keyvault secret set --vault-name tmplarticle -n myregistry-pull-pwd --value %s", quote(puller.Password))
	file := example(t, "container-from-registry/template.json")
	parameters := example(t, "container-from-registry/parameters.json", "LOGIN_SERVER", server, "VAULT_ID", tsv(t, "id", "keyvault show -n tmplarticle"))
	with := fmt.Sprintf("-g %s -n article --template-file %s --parameters @%s", rg, file, parameters)

	// az makes vaults ready for templates or not as its version likes.
	az(t, "keyvault update -g %s -n tmplarticle --enabled-for-template-deployment false", rg)
	refused(t, "KeyVaultParameterReferenceSecretRetrieveFailed", "deployment group create %s", with)
	az(t, "keyvault update -g %s -n tmplarticle --enabled-for-template-deployment true", rg)
	eq(t, "validate", tsv(t, "properties.provisioningState", "deployment group validate %s", with), "Succeeded")
	has(t, "what-if", az(t, "deployment group what-if %s --no-pretty-print", with), `"changeType": "Create"`)

	fqdn := tsv(t, "properties.outputs.fqdn.value", "deployment group create %s", with)
	has(t, "the page", cloud.Sh(t, "curl --silent --show-error --fail http://"+fqdn+"/"), "Welcome to Azure Container Instances!")
	has(t, "what-if again", az(t, "deployment group what-if %s --no-pretty-print", with), `"changeType": "NoChange"`)
	show := az(t, "deployment group show -g %s -n article", rg)
	for _, want := range []string{`"provisioningState": "Succeeded"`, `"secretName": "myregistry-pull-pwd"`, `"mode": "Incremental"`, `"outputResources"`} {
		has(t, "show", show, want)
	}
	everything := show + az(t, "deployment operation group list -g %s -n article", rg) + az(t, "deployment group export -g %s -n article", rg)
	if strings.Contains(everything, puller.Password) {
		t.Error("the deployment tells the password")
	}
	has(t, "operations", everything, `"provisioningOperation": "Create"`)
	has(t, "export", everything, `"imageRegistryPassword"`)
	eq(t, "list", tsv(t, "[].name", "deployment group list -g %s", rg), "article")
	has(t, "group export", az(t, "group export -n %s", rg), "Microsoft.ContainerInstance/containerGroups")

	az(t, "keyvault secret delete --vault-name tmplarticle -n myregistry-pull-pwd")
	refused(t, "KeyVaultParameterReferenceSecretRetrieveFailed", "deployment group validate %s", with)
	az(t, "deployment group delete -g %s -n article", rg)
	refused(t, "DeploymentNotFound", "deployment group show -g %s -n article", rg)
	eq(t, "what it made stays", tsv(t, "provisioningState", "container show -g %s -n aci-demo", rg), "Succeeded")
}

// Registry, vault, secrets, roles and group in one template; then two containers with a secret volume.
func TestRicherTemplates(t *testing.T) {
	rg := group(t, "tmplrich")
	server := registry(t, rg, "tmplrich") // the template finds it and leaves it as it is
	puller := servicePrincipal(t, "http://tmplrich-pull", "")
	object := tsv(t, "id", "ad sp show --id %s", puller.AppID)
	t.Cleanup(func() { cloud.Run(t, "az keyvault purge -n tmplrich") })
	file := example(t, "registry-vault-group/template.json")
	fqdn := tsv(t, "properties.outputs.fqdn.value", "deployment group create -g %s --template-file %s --parameters registryName=tmplrich vaultName=tmplrich pullAppId=%s pullObjectId=%s pullPassword=%s image=aci-helloworld:v1",
		rg, file, puller.AppID, object, quote(puller.Password))
	has(t, "the page", cloud.Sh(t, "curl --silent --show-error --fail http://"+fqdn+"/"), "Welcome to Azure")
	eq(t, "the secret", tsv(t, "value", "keyvault secret show --vault-name tmplrich -n tmplrich-pull-pwd"), puller.Password)

	file = example(t, "containers-with-secrets/template.json")
	urls := tsv(t, "properties.outputs.urls.value", "deployment group create -g %s -n two --template-file %s --parameters image=%s/aci-helloworld:v1 imageRegistryUsername=%s imageRegistryPassword=%s apiKey=open-sesame",
		rg, file, server, puller.AppID, quote(puller.Password))
	for _, url := range strings.Fields(urls) {
		has(t, url, cloud.Sh(t, "curl --silent --show-error --fail --retry 5 --retry-connrefused "+url), "Welcome to Azure")
	}
	eq(t, "number of pages", fmt.Sprint(len(strings.Fields(urls))), "2")

	// A mistake is said with its place, and nothing happens.
	broken := example(t, "containers-with-secrets/template.json", "format('page", "formt('page")
	refused(t, "formt", "deployment group create -g %s -n broken --template-file %s --parameters image=x/y:z imageRegistryUsername=u imageRegistryPassword=p apiKey=k", rg, broken)
	refused(t, "DeploymentNotFound", "deployment group show -g %s -n broken", rg)

	// Mode Complete empties the group.
	empty := filepath.Join(t.TempDir(), "empty.json")
	text := `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]}`
	if err := os.WriteFile(empty, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	az(t, "deployment group create -g %s -n empty --mode Complete --template-file %s", rg, empty)
	eq(t, "what is left", tsv(t, "[].name", "resource list -g %s", rg), "")
}
