package deployment_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// article is the template of the published workflow as az sends it: the text of the file under an unquoted key.
const article = `{
  // a container group from a private registry
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "name": { "type": "string", "defaultValue": "aci-demo" },
    "server": { "type": "string", "defaultValue": "registry.example" },
    "user": { "type": "securestring" },
    "password": { "type": "securestring" }
  },
  "resources": [ {
    "name": "[parameters('name')]",
    "type": "Microsoft.ContainerInstance/containerGroups",
    "apiVersion": "2023-05-01",
    "location": "[resourceGroup().location]",
    "properties": {
      "containers": [ { "name": "app", "properties": {
        "image": "[concat(parameters('server'), '/app:v1')]",
        "ports": [ { "port": "80" } ],
        "resources": { "requests": { "cpu": "1.0", "memoryInGb": "1.5" } } } } ],
      "imageRegistryCredentials": [ { "server": "[parameters('server')]", "username": "[parameters('user')]", "password": "[parameters('password')]" } ],
      "ipAddress": { "type": "Public", "dnsNameLabel": "demo-label", "ports": [ { "protocol": "tcp", "port": "80" } ] },
      "osType": "Linux", "restartPolicy": "Always"
    }
  } ],
  "outputs": {
    "fqdn": { "type": "string", "value": "[reference(parameters('name')).ipAddress.fqdn]" },
    "secret": { "type": "securestring", "value": "[parameters('password')]" }
  }
}`

// world is a cloud with a group and a vault that holds the secrets pull-usr and pull-pwd.
func world(t *testing.T) (*cloudtest.Cloud, *cloudtest.Caller) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	putVault(c, "kv", true)
	owner.Do("PUT", "thekv.vault/secrets/pull-usr", `{"value":"the-user"}`, 200)
	owner.Do("PUT", "thekv.vault/secrets/pull-pwd", `{"value":"hush-hush"}`, 200)
	return c, owner
}

func vaultID(c *cloudtest.Cloud, name string) string {
	return c.Group("rg") + "/providers/Microsoft.KeyVault/vaults/the" + name
}

func putVault(c *cloudtest.Cloud, name string, forTemplates bool) {
	c.As("owner").Do("PUT", vaultID(c, name), fmt.Sprintf(`{"location":"eastus","properties":{"tenantId":%q,"sku":{"family":"A","name":"standard"},
		"enableRbacAuthorization":true,"enabledForTemplateDeployment":%t}}`, c.Status.TenantID, forTemplates), 201)
}

func at(c *cloudtest.Cloud, group, name string) string {
	return c.Group(group) + "/providers/Microsoft.Resources/deployments/" + name
}

// ask is a body as az writes it.
func ask(template, parameters, mode string) string {
	return `{"properties": {"parameters": {` + parameters + `}, "mode": "` + mode + `", template:` + template + `}}`
}

// resources is a template of resources.
func resources(list string) string {
	return `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[` + list + `]}`
}

func registry(name string, more ...string) string {
	return `{"type":"Microsoft.ContainerRegistry/registries","apiVersion":"2023-07-01","name":"` + name + `","location":"eastus","sku":{"name":"Basic"}` + strings.Join(more, "") + `}`
}

func fromVault(vault, secret string) string {
	return `{"reference":{"keyVault":{"id":"` + vault + `"},"secretName":"` + secret + `"}}`
}

func references(vault string) string {
	return `"user":` + fromVault(vault, "pull-usr") + `,"password":` + fromVault(vault, "pull-pwd")
}

// end waits for the end of a deployment and wants its state.
func end(t *testing.T, k *cloudtest.Caller, path, state string, texts ...string) cloudtest.Answer {
	t.Helper()
	for until := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a := k.Do("GET", path, "", 200)
		var v struct {
			Properties struct{ ProvisioningState string }
		}
		a.JSON(&v)
		switch v.Properties.ProvisioningState {
		case "Accepted", "Running":
			if time.Now().After(until) {
				t.Fatalf("still %s: %s", v.Properties.ProvisioningState, a.Body)
			}
			continue
		case state:
			return k.Do("GET", path, "", 200, texts...)
		}
		t.Fatalf("state %s, want %s: %s", v.Properties.ProvisioningState, state, a.Body)
	}
}

func TestArticleWithSecretsFromTheVault(t *testing.T) {
	c, owner := world(t)
	path := at(c, "rg", "article")
	body := ask(article, references(vaultID(c, "kv")), "Incremental")
	owner.Do("POST", path+"/validate", body, 200, `"validatedResources":[{"id":"`+c.Group("rg")+`/providers/Microsoft.ContainerInstance/containerGroups/aci-demo"}]`, `"provisioningState":"Succeeded"`, "!hush")
	owner.Do("GET", path, "", 404, "DeploymentNotFound")
	a := owner.Do("PUT", path, body, 201, `"provisioningState":"Accepted"`, `"secretName":"pull-pwd"`, "!hush", "!the-user")
	if a.Header.Get("retry-after-ms") == "" || !strings.Contains(a.Header.Get("Azure-AsyncOperation"), "/deployments/article/operationStatuses/") {
		t.Errorf("headers: %v", a.Header)
	}
	end(t, owner, path, "Succeeded", `"outputs":{"fqdn":{"type":"String","value":"demo-label.eastus.azurecontainer.lazuli.localhost"},"secret":{"type":"SecureString"}}`,
		`"outputResources":[{"id":`, `"duration":"PT`, `"namespace":"Microsoft.ContainerInstance"`, `"templateHash":"`, "!hush", "!the-user")
	status := strings.TrimPrefix(a.Header.Get("Azure-AsyncOperation"), c.Origin("management"))
	owner.Do("GET", status, "", 200, `"status":"Succeeded"`)
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.ContainerInstance/containerGroups/aci-demo", "", 200, `"provisioningState":"Succeeded"`, `"username":"the-user"`, "!hush")
	ops := owner.Do("GET", strings.Replace(c.Group("rg"), "resourceGroups", "resourcegroups", 1)+"/deployments/article/operations", "", 200,
		`"provisioningOperation":"Create"`, `"statusCode":"Created"`, `"resourceName":"aci-demo"`, `"provisioningOperation":"EvaluateDeploymentOutput"`, "!hush")
	var list struct {
		Value []struct{ OperationID string }
	}
	ops.JSON(&list)
	owner.Do("GET", path+"/operations/"+list.Value[0].OperationID, "", 200, "aci-demo")
	owner.Do("GET", path+"/operations/FFFF", "", 404, "DeploymentOperationNotFound")
	owner.Do("POST", path+"/exportTemplate", "", 200, `"securestring"`, `!"1.0.0.1"`, "!hush")

	// The same again changes nothing, and what-if knows.
	owner.Do("PUT", path, body, 200)
	end(t, owner, path, "Succeeded")
	w := owner.Do("POST", path+"/whatIf", body, 202)
	owner.Do("GET", strings.TrimPrefix(w.Header.Get("Location"), c.Origin("management")), "", 200, `"status":"Succeeded"`, `"changeType":"NoChange"`, `"changeType":"Ignore"`, "!hush", "!Modify")
	w = owner.Do("POST", path+"/whatIf", strings.Replace(body, `"restartPolicy": "Always"`, `"restartPolicy": "Never"`, 1), 202)
	owner.Do("GET", strings.TrimPrefix(w.Header.Get("Location"), c.Origin("management")), "", 200, `"changeType":"Modify"`,
		`"delta":[{"after":"Never","before":"Always","path":"properties.restartPolicy","propertyChangeType":"Modify"}]`)
	owner.Do("DELETE", path, "", 204)
	owner.Do("HEAD", path, "", 404)
}

func TestKeyVaultReferencesThatFail(t *testing.T) {
	c, owner := world(t)
	putVault(c, "closed", false)
	other := "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/thekv"
	good := `"user":{"value":"u"},`
	contributor := c.As("contributor", cloudtest.Grant{Role: authz.RoleContributor, Scope: c.Group("rg")})
	owner.Do("PUT", c.Group("other"), `{"location":"eastus"}`, 201)
	outsider := c.As("outsider", cloudtest.Grant{Role: authz.RoleContributor, Scope: c.Group("other")})
	cases := []struct {
		name, group, parameters string
		who                     *cloudtest.Caller
		status                  int
		texts                   []string
	}{
		{"unknown vault", "rg", good + `"password":` + fromVault(vaultID(c, "nothing"), "x"), owner, 400,
			[]string{`"KeyVaultParameterReferenceNotFound"`, "The specified KeyVault '" + vaultID(c, "nothing") + "' could not be found.", "arm-keyvault"}},
		{"no permission", "other", good + `"password":` + fromVault(vaultID(c, "kv"), "pull-pwd"), outsider, 403,
			[]string{`"KeyVaultParameterReferenceAuthorizationFailed"`, "'MICROSOFT.KEYVAULT/VAULTS/DEPLOY/ACTION'", outsider.ID, "!hush"}},
		{"other tenant", "rg", good + `"password":` + fromVault(other, "pull-pwd"), owner, 400,
			[]string{`"KeyVaultParameterReferenceNotInTheSameTenant"`, c.Status.TenantID}},
		{"not enabled", "rg", good + `"password":` + fromVault(vaultID(c, "closed"), "x"), owner, 400,
			[]string{`"KeyVaultParameterReferenceSecretRetrieveFailed"`, "The secret of KeyVault parameter 'password' cannot be retrieved. Http status code: 'Forbidden'."}},
		{"no secret", "rg", good + `"password":` + fromVault(vaultID(c, "kv"), "missing"), contributor, 400,
			[]string{`"KeyVaultParameterReferenceSecretRetrieveFailed"`, "Http status code: 'NotFound'"}},
		{"several", "rg", `"user":` + fromVault(vaultID(c, "kv"), "m1") + `,"password":` + fromVault(vaultID(c, "kv"), "m2"), owner, 400,
			[]string{`"MultipleErrorsOccurred"`, "Multiple error occurred: NotFound,NotFound. Please see details.", `"target":"user"`, `"target":"password"`}},
		{"unknown member", "rg", good + `"password":{"reference":{"keyVault":{"id":"` + vaultID(c, "kv") + `"},"secretName":"x","extra":1}}`, owner, 400,
			[]string{`"InvalidRequestContent"`, "Could not find member 'extra'"}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			body := ask(article, x.parameters, "Incremental")
			x.who.Do("POST", at(c, x.group, "d")+"/validate", body, x.status, x.texts...)
			x.who.Do("PUT", at(c, x.group, "d"), body, x.status, x.texts...)
			owner.Do("GET", at(c, x.group, "d"), "", 404)
			owner.Do("GET", c.Group(x.group)+"/resources", "", 200, "!aci-demo")
		})
	}
	// Contributor needs no right to read the secret: the platform reads it.
	contributor.Do("GET", "thekv.vault/secrets/pull-pwd", "", 403)
	contributor.Do("PUT", at(c, "rg", "ok"), ask(article, references(vaultID(c, "kv")), "Incremental"), 201)
	end(t, contributor, at(c, "rg", "ok"), "Succeeded")
}

func TestRefusedBeforeAnythingIsTouched(t *testing.T) {
	c, owner := world(t)
	worker := c.As("worker", cloudtest.Grant{Role: authz.RoleContributor, Scope: c.Group("rg")})
	role := `{"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01","name":"5f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f","properties":{"roleDefinitionId":"/x","principalId":"y"}}`
	cases := []struct {
		name, template string
		who            *cloudtest.Caller
		status         int
		texts          []string
	}{
		{"syntax", `{"$schema": }`, owner, 400, []string{`"InvalidRequestContent"`}},
		{"function", resources(registry("[nonsense()]")), owner, 400, []string{`"InvalidTemplate"`, "nonsense"}},
		{"type", resources(registry("okregistry") + `,{"type":"Microsoft.Sql/servers","apiVersion":"2023-07-01","name":"x"}`), owner, 400,
			[]string{`"InvalidTemplateDeployment"`, "Microsoft.Sql", `"lineNumber":1`}},
		{"child type", resources(`{"type":"Microsoft.KeyVault/vaults/keys","apiVersion":"2023-07-01","name":"thekv/x"}`), owner, 400, []string{`"InvalidResourceType"`}},
		{"version", resources(strings.Replace(registry("okregistry"), "2023-07-01", "2099-01-01", 1)), owner, 400, []string{`"NoRegisteredProviderFound"`, "2099-01-01", "line '1'"}},
		{"old version", resources(strings.Replace(registry("okregistry"), "2023-07-01", "2001-01-01", 1)), owner, 400, []string{`"NoRegisteredProviderFound"`}},
		{"name", resources(registry("no")), owner, 400, []string{`"InvalidTemplateDeployment"`}},
		{"location", resources(strings.Replace(registry("okregistry"), "eastus", "mars", 1)), owner, 400, []string{"LocationNotAvailableForResourceType"}},
		{"role", resources(registry("okregistry") + "," + role), worker, 403, []string{`"InvalidTemplateDeployment"`, `"AuthorizationFailed"`, "Microsoft.Authorization/roleAssignments/write"}},
		{"cycle", resources(registry("aregistry", `,"dependsOn":["bregistry"]`) + "," + registry("bregistry", `,"dependsOn":["aregistry"]`)), owner, 400, []string{"Circular dependency"}},
		{"level", strings.Replace(resources(""), "deploymentTemplate", "subscriptionDeploymentTemplate", 1), owner, 400, []string{`"InvalidTemplate"`, "$schema"}},
		{"parent", resources(`{"type":"Microsoft.KeyVault/vaults/secrets","apiVersion":"2023-07-01","name":"absent/x","properties":{"value":"v"}}`), owner, 400, []string{`"ParentResourceNotFound"`}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			x.who.Do("POST", at(c, "rg", "d")+"/validate", ask(x.template, "", "Incremental"), x.status, x.texts...)
			x.who.Do("PUT", at(c, "rg", "d"), ask(x.template, "", "Incremental"), x.status, x.texts...)
			owner.Do("GET", c.Group("rg")+"/resources", "", 200, "!registry")
		})
	}
	if a := owner.Send("POST", at(c, "rg", "d")+"/validate", ask(resources(registry("no")), "", "Incremental"), "User-Agent", "AZURECLI/2.74.0 azsdk-python"); a.Status != 200 || !strings.HasPrefix(a.Body, `{"error":{"code":"InvalidTemplateDeployment"`) {
		t.Errorf("az cannot read the refusal: %d %s", a.Status, a.Body)
	}
	owner.Do("PUT", at(c, "rg", "a%20b"), ask(resources(""), "", "Incremental"), 400, "DeploymentNameInvalidCharacters")
	owner.Do("PUT", at(c, "rg", strings.Repeat("a", 65)), ask(resources(""), "", "Incremental"), 400, "DeploymentNameLengthLimitExceeded")
	owner.Do("PUT", at(c, "rg", "d"), ask(resources(""), "", "Sideways"), 400, "Sideways")
	owner.Do("PUT", at(c, "rg", "d"), `{"properties":{"mode":"Incremental"}}`, 400, "no template")
	owner.Do("PUT", at(c, "rg", "d"), `{"properties":{"templateLink":{"uri":"https://example.com/t.json"}}}`, 400, "InvalidContentLink", "example.com")
	owner.Do("PUT", at(c, "rg", "d"), `{"properties":{"templateLink":{"id":"/subscriptions/x/y"}}}`, 400, "InvalidContentLink", "template spec")
	owner.Do("PUT", at(c, "none", "d"), ask(resources(""), "", "Incremental"), 404, "ResourceGroupNotFound")
}

func TestModeCompleteRemovesTheRest(t *testing.T) {
	c, owner := world(t)
	owner.Do("PUT", at(c, "rg", "one"), ask(resources(registry("oneregistry")+","+registry("tworegistry")), "", "Incremental"), 201)
	end(t, owner, at(c, "rg", "one"), "Succeeded")
	body := ask(resources(registry("tworegistry")+","+registry("threeregistry", `,"condition":false`)), "", "Complete")
	w := owner.Do("POST", at(c, "rg", "two")+"/whatIf", body, 202)
	var found struct {
		Properties struct {
			Changes []struct{ ResourceID, ChangeType string }
		}
	}
	owner.Do("GET", strings.TrimPrefix(w.Header.Get("Location"), c.Origin("management")), "", 200).JSON(&found)
	got := ""
	for _, x := range found.Properties.Changes {
		got += x.ResourceID[strings.LastIndex(x.ResourceID, "/")+1:] + " " + x.ChangeType + "; "
	}
	if want := "oneregistry Delete; tworegistry NoChange; thekv Delete; "; got != want {
		t.Errorf("what-if: %s, want %s", got, want)
	}
	owner.Do("PUT", at(c, "rg", "two"), body, 201)
	end(t, owner, at(c, "rg", "two"), "Succeeded")
	owner.Do("GET", c.Group("rg")+"/resources", "", 200, "tworegistry", "!oneregistry", "!thekv", "!threeregistry")
	owner.Do("GET", at(c, "rg", "two")+"/operations", "", 200, `"provisioningOperation":"Delete"`)
	owner.Do("PUT", at(c, "rg", "three"), ask(strings.Replace(resources(""), "deploymentTemplate", "subscriptionDeploymentTemplate", 1), "", "Complete"), 400)
}

func TestFailureTellsDetailsAndSparesTheRest(t *testing.T) {
	c, owner := world(t)
	owner.Do("PUT", c.Group("other"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("other")+"/providers/Microsoft.ContainerRegistry/registries/takenregistry", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	// The name is taken in another group; what refers to others at run time is not tried beforehand.
	body := ask(resources(registry("takenregistry", `,"tags":{"v":"[reference(resourceId('Microsoft.KeyVault/vaults','thekv'),'2023-07-01').sku.name]"}`)+","+registry("freeregistry")+","+registry("afterregistry", `,"dependsOn":["takenregistry"]`)), "", "Incremental")
	owner.Do("PUT", at(c, "rg", "d"), body, 201)
	end(t, owner, at(c, "rg", "d"), "Failed", `"code":"DeploymentFailed"`, `"AlreadyInUse"`, `"target":"`+c.Group("rg")+`/providers/Microsoft.ContainerRegistry/registries/takenregistry"`, "!outputResources")
	owner.Do("GET", c.Group("rg")+"/resources", "", 200, "freeregistry", "!afterregistry")
	owner.Do("GET", at(c, "rg", "d")+"/operations", "", 200, `"statusCode":"Conflict"`, `"statusMessage":{"status":"Failed"`, "!afterregistry")
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.Resources/deployments?$filter=provisioningState%20eq%20%27Failed%27", "", 200, `"name":"d"`)
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.Resources/deployments?$filter=provisioningState%20eq%20%27Succeeded%27", "", 200, `"value":[]`)
	owner.Do("POST", at(c, "rg", "d")+"/cancel", "", 409, "DeploymentCannotBeCancelled")

	// On error the last good one runs again.
	owner.Do("PUT", at(c, "rg", "good"), ask(resources(registry("goodregistry")), "", "Incremental"), 201)
	end(t, owner, at(c, "rg", "good"), "Succeeded")
	owner.Do("DELETE", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/goodregistry", "", 200)
	owner.Do("PUT", at(c, "rg", "e"), strings.Replace(body, `"mode"`, `"onErrorDeployment":{"type":"LastSuccessful"},"mode"`, 1), 201)
	end(t, owner, at(c, "rg", "e"), "Failed", `"onErrorDeployment":{"type":"LastSuccessful","deploymentName":"good","provisioningState":"Succeeded"}`)
	owner.Do("GET", c.Group("rg")+"/resources", "", 200, "goodregistry")
	owner.Do("PUT", at(c, "rg", "f"), strings.Replace(body, `"mode"`, `"onErrorDeployment":{"type":"SpecificDeployment","deploymentName":"nope"},"mode"`, 1), 400, "onErrorDeployment")
}

// At subscription scope a group, and in it by a nested deployment a vault with a secret and a role; a secret of the parent goes
// down by value and shows nowhere.
func TestSubscriptionScopeAndNesting(t *testing.T) {
	c, owner := world(t)
	const template = `{"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","contentVersion":"1.0.0.0",
	"parameters":{"secret":{"type":"securestring"},"reader":{"type":"string"},"vault":{"type":"string"}},
	"resources":[
	 {"type":"Microsoft.Resources/resourceGroups","apiVersion":"2022-09-01","name":"made","location":"westus"},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inside","resourceGroup":"made","dependsOn":["[subscriptionResourceId('Microsoft.Resources/resourceGroups','made')]"],
	  "properties":{"mode":"Incremental","template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
	   "resources":[
	    {"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"nestedkv","location":"westus","properties":{"tenantId":"[subscription().tenantId]","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true},
	     "resources":[{"type":"secrets","apiVersion":"2023-07-01","name":"pw","dependsOn":["nestedkv"],"properties":{"value":"[parameters('secret')]"}}]},
	    {"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01","name":"[guid('x')]","scope":"Microsoft.KeyVault/vaults/nestedkv","dependsOn":["nestedkv"],
	     "properties":{"principalId":"[parameters('reader')]","roleDefinitionId":"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions','4633458b-17de-408a-b874-0445c86b69e6')]"}}]}}},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"second","resourceGroup":"made","dependsOn":["inside"],
	  "properties":{"mode":"Incremental","expressionEvaluationOptions":{"scope":"inner"},"parameters":{"name":{"value":"nestedkv"},"pw":{"value":"[parameters('secret')]"},
	    "stored":{"reference":{"keyVault":{"id":"[parameters('vault')]"},"secretName":"pull-pwd"}}},
	   "template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
	   "parameters":{"name":{"type":"string"},"pw":{"type":"securestring"},"stored":{"type":"string"}},
	   "resources":[{"type":"Microsoft.KeyVault/vaults/secrets","apiVersion":"2023-07-01","name":"[concat(parameters('name'),'/copied')]","properties":{"value":"[concat(parameters('stored'),parameters('pw'))]"}}],
	   "outputs":{"uri":{"type":"string","value":"[reference(resourceId('Microsoft.KeyVault/vaults',parameters('name')),'2023-07-01').vaultUri]"}}}}}],
	"outputs":{"uri":{"type":"string","value":"[reference('second').outputs.uri.value]"},"where":{"type":"string","value":"[deployment().location]"}}}`
	reader := c.As("secretreader")
	path := "/subscriptions/" + c.Status.SubscriptionID + "/providers/Microsoft.Resources/deployments/all"
	body := `{"location":"East US","properties":{"mode":"Incremental","parameters":{"secret":{"value":"very-secret-thing"},"reader":{"value":"` + reader.ID + `"},"vault":{"value":"` + vaultID(c, "kv") + `"}},"template":` + template + `}}`
	owner.Do("PUT", path, strings.Replace(body, `"location":"East US",`, "", 1), 400, "LocationRequired")
	owner.Do("PUT", path, body, 201)
	end(t, owner, path, "Succeeded", `"location":"eastus"`, `"value":"https://nestedkv.vault.`, `"where":{"type":"String","value":"eastus"}`, "!very-secret")
	reader.Do("GET", "nestedkv.vault/secrets/pw", "", 200, "very-secret-thing")
	reader.Do("GET", "nestedkv.vault/secrets/copied", "", 200, "hush-hushvery-secret-thing")
	owner.Do("GET", at(c, "made", "second"), "", 200, `"secretName":"pull-pwd"`, "!hush", "!very-secret")
	inner := at(c, "made", "inside")
	owner.Do("GET", inner, "", 200, `"Succeeded"`, "!very-secret")
	owner.Do("POST", inner+"/exportTemplate", "", 200, "nestedkv", "!very-secret")
	owner.Do("PUT", path, strings.Replace(body, "East US", "westus", 1), 409, "InvalidDeploymentLocation")

	// Deleting the group takes its history along; the subscription's stays.
	owner.Do("DELETE", c.Group("made"), "", 202)
	for until := time.Now().Add(10 * time.Second); owner.Send("GET", c.Group("made"), "").Status != 404; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the group is still there")
		}
	}
	owner.Do("PUT", c.Group("made"), `{"location":"eastus"}`, 201)
	owner.Do("GET", inner, "", 404)
	owner.Do("GET", path, "", 200)
}

func TestLocksAndRolesBindWhileDeploying(t *testing.T) {
	c, owner := world(t)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.Authorization/locks/frozen", `{"properties":{"level":"ReadOnly"}}`, 201)
	owner.Do("PUT", at(c, "rg", "d"), ask(resources(registry("okregistry")), "", "Incremental"), 409, "ScopeLocked")
	owner.Do("DELETE", c.Group("rg")+"/providers/Microsoft.Authorization/locks/frozen", "", 200)
	// The deployer itself may deploy, but read nothing that the template asks for.
	deployer := c.As("deployer", cloudtest.Grant{Role: authz.RoleContributor, Scope: c.Group("rg")})
	owner.Do("PUT", c.Group("other"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("other")+"/providers/Microsoft.ContainerRegistry/registries/foreign", `{"location":"eastus","sku":{"name":"Basic"},"properties":{"adminUserEnabled":true}}`, 201)
	peek := registry("okregistry", `,"tags":{"x":"[listCredentials('`+c.Group("other")+`/providers/Microsoft.ContainerRegistry/registries/foreign','2023-07-01').username]"}`)
	deployer.Do("PUT", at(c, "rg", "peek"), ask(resources(peek), "", "Incremental"), 201)
	end(t, deployer, at(c, "rg", "peek"), "Failed", "AuthorizationFailed", "listCredentials/action")
	owner.Do("GET", c.Group("rg")+"/resources", "", 200, "!okregistry")
	owner.Do("PUT", at(c, "rg", "peek"), ask(resources(peek), "", "Incremental"), 200)
	end(t, owner, at(c, "rg", "peek"), "Succeeded")
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/okregistry", "", 200, `"x":"foreign"`)
}

func TestExportOfAGroupDeploysAgain(t *testing.T) {
	c, owner := world(t)
	a := owner.Do("POST", c.Group("rg")+"/exportTemplate", `{"resources":["*"],"options":"IncludeParameterDefaultValue"}`, 200, `"vaults_thekv_name":{"type":"String","defaultValue":"thekv"}`, "!provisioningState", "!vaultUri")
	var out struct{ Template json.RawMessage }
	a.JSON(&out)
	owner.Do("PUT", at(c, "rg", "again"), ask(string(out.Template), "", "Complete"), 201)
	end(t, owner, at(c, "rg", "again"), "Succeeded")
	owner.Do("GET", "thekv.vault/secrets/pull-pwd", "", 200, "hush-hush")
	owner.Do("POST", "/providers/Microsoft.Resources/calculateTemplateHash", string(out.Template), 200, `"templateHash":"`, `"minifiedTemplate":"{`)
	c.As("stranger").Do("POST", c.Group("rg")+"/exportTemplate", `{}`, 403)
}
