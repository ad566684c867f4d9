package deployment_test

import (
	"os"
	"strings"
	"testing"
)

// Modules as the Bicep compiler makes them: a loop of nested deployments one at a time, with types, secrets and outputs that
// the parent and other modules read; asserts; a resource that is only made when it is not there.
func TestBicepModulesDeploy(t *testing.T) {
	c, owner := world(t)
	text, err := os.ReadFile("../template/testdata/modules.json")
	if err != nil {
		t.Fatal(err)
	}
	apps := `"vaultName":{"value":"thekv"},"exposure":{"value":{"kind":"public","label":"modular"}},"apps":{"value":[{"name":"Front","port":80,"settings":{"A":"1"}},{"name":"back","port":81}]}`
	lock := vaultID(c, "kv") + "/providers/Microsoft.Authorization/locks/keep"
	owner.Do("PUT", lock, `{"properties":{"level":"CanNotDelete","notes":"from before"}}`, 201)
	path := at(c, "rg", "modules")
	for wrong, why := range map[string]string{
		strings.Replace(apps, `"port":81`, `"port":80`, 1):               "The template assert 'distinctPorts'",
		strings.Replace(apps, `"back"`, `"system"`, 1):                   "The template assert 'noSystemNames'",
		strings.Replace(apps, `"label":"modular"`, `"label":"m"`, 1):     "The length '1' of the provided value is less than the minimum of '3'",
		strings.Replace(apps, `"kind":"public"`, `"kind":"private"`, 1):  "selects no type",
		strings.Replace(apps, `"port":81`, `"port":81,"image":"x"`, 1):   "The property 'image' is not allowed",
		strings.Replace(apps, `{"A":"1"}`, `{"A":1}`, 1):                 "At '[0].settings.A'",
		strings.Replace(apps, `{"name":"back","port":81}`, `"back"`, -1): "At '[1]'",
	} {
		owner.Do("PUT", path, ask(string(text), wrong, "Incremental"), 400, `"InvalidTemplate"`, why)
	}
	owner.Do("PUT", path, ask(string(text), apps, "Incremental"), 201)
	group := c.Group("rg") + "/providers/Microsoft.ContainerInstance/containerGroups/"
	end(t, owner, path, "Succeeded", `"ids":{"type":"Array","value":["`+group+`front-0","`+group+`back-1"]}`, `"states":{"type":"Array","value":["Succeeded","Succeeded"]}`,
		`"fqdns":{"type":"Object","value":{"front-0":"modular-0.eastus.`, `"server":{"type":"String","value":"reg`, `"vaultId":{"type":"String","value":"`+vaultID(c, "kv")+`"}`, "!hush")
	owner.Do("GET", path+"/operations", "", 200, `"symbolicName":"apps[1]"`, `"provisioningOperation":"Read"`)
	owner.Do("GET", lock, "", 200, "from before", "!made by")
	owner.Do("GET", "thekv.vault/secrets/banner", "", 200, `"value":"front-0,back-1"`)
	owner.Do("GET", "thekv.vault/secrets/copied", "", 200, `"value":"hush-hush"`)
	child := at(c, "rg", "app-1")
	owner.Do("GET", child, "", 200, `"password":{"type":"SecureString"}`, "!hush")
	owner.Do("POST", child+"/listOutputsWithSecureValues", "", 200, `"password":"hush-hush"`, `"state":"Succeeded"`)
	c.As("reader").Do("POST", child+"/listOutputsWithSecureValues", "", 403, "AuthorizationFailed", "!hush")
	owner.Do("GET", group+"front-0", "", 200, `"environmentVariables":[{"name":"A","value":"1"}]`)
	looked := owner.Do("POST", path+"/whatIf", ask(string(text), apps, "Incremental"), 202)
	owner.Do("GET", strings.TrimPrefix(looked.Header.Get("Location"), c.Origin("management")), "", 200, `"notes":"from before"},"type":"Microsoft.Authorization/locks"},"changeType":"NoChange"`, "!made by", "!hush")
	owner.Do("PUT", at(c, "rg", "without"), ask(string(text), apps+`,"withRegistry":{"value":false}`, "Incremental"), 201)
	end(t, owner, at(c, "rg", "without"), "Succeeded", `!"server"`)
}

// A parameter file of Bicep whose values come from the tool that deploys it.
func TestParametersFromExternalInputs(t *testing.T) {
	c, owner := world(t)
	text := `{
  /* as az sends a file: comments, and line breaks
     in expressions */
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
  "parameters": { "settings": { "type": "object" }, "key": { "type": "securestring" } }, // two
  "resources": [],
  "outputs": {
    "settings": { "type": "object", "value": "[parameters('settings')]" },
    "versions": { "type": "bool", "value": "[contains(
        providers('Microsoft.KeyVault', 'vaults').apiVersions, '2023-07-01')]" },
    "types": { "type": "array", "value": "[map(providers('microsoft.keyvault').resourceTypes, lambda('t', lambdaVariables('t').resourceType))]" }
  }
}`
	body := func(settings, inputs string) string {
		return `{"properties":{"mode":"Incremental","externalInputDefinitions":{"fooValue":{"kind":"sys.envVar","config":"FOO"}},"externalInputs":` + inputs + `,
			"parameters":{"settings":{"expression":"` + settings + `"},"key":{"expression":"[externalInputs('secret')]"}}, template:` + text + `}}`
	}
	inputs := `{"fooValue":{"value":"baz"},"secret":{"value":"hush-input"}}`
	path := at(c, "rg", "inputs")
	owner.Do("PUT", path, body("[createObject('foo', externalInputs('FOOvalue'))]", inputs), 201)
	end(t, owner, path, "Succeeded", `"settings":{"type":"Object","value":{"foo":"baz"}}`, `"versions":{"type":"Bool","value":true}`, `"vaults"`, `"key":{"type":"SecureString"}`, "!hush")
	owner.Do("PUT", path, body("[createObject('foo', externalInputs('other'))]", inputs), 400, `"InvalidRequestContent"`, "The external input 'other' is not provided")
	owner.Do("PUT", path, body("[resourceGroup()]", inputs), 400, `"InvalidRequestContent"`, "The template function 'resourceGroup' is not expected at this location")
	owner.Do("PUT", path, body("[createObject('foo', 1)]", `{"secret":{"valeu":1}}`), 400, `"InvalidRequestContent"`, `write {\"value\": ...}`)
	owner.Do("PUT", path, body("[createObject('foo', 1)]", `{}`), 400, `"InvalidRequestContent"`, "not shown, as the parameter is secure")
	wrong := strings.Replace(text, "'2023-07-01')", "'2023-07-01', 1)", 1)
	owner.Do("PUT", path, ask(wrong, `"settings":{"value":{}},"key":{"value":"x"}`, "Incremental"), 400, `"InvalidTemplate"`, `"lineNumber":9,"linePosition":44`, "function requires 2 argument(s) while 3 were provided")
}

// A group that is told the addresses of those it steers: what references() and lambdas are for.
func TestGroupsOfALoopAreReferredTo(t *testing.T) {
	c, owner := world(t)
	group := func(name, more string) string {
		return `{"type":"Microsoft.ContainerInstance/containerGroups","apiVersion":"2023-05-01","name":"` + name + `","location":"eastus","properties":{"osType":"Linux",
			"ipAddress":{"type":"Public","ports":[{"port":80}]},"containers":[{"name":"c","properties":{"image":"registry.example/app:v1","ports":[{"port":80}],"resources":{"requests":{"cpu":1,"memoryInGB":1}}` + more
	}
	text := `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","languageVersion":"2.0","contentVersion":"1.0.0.0",
		"resources":{
			"workers":` + group("[format('worker-{0}', copyIndex())]", `}}]},"copy":{"name":"workers","count":3}}`) + `,
			"controller":` + group("controller", `,"command":["serve","[join(map(references('workers','full'),lambda('w',lambdaVariables('w').properties.ipAddress.ip)),',')]"]}}]},"dependsOn":["workers"]}`) + `},
		"outputs":{
			"ips":{"type":"array","value":"[map(references('workers'),lambda('w',lambdaVariables('w').ipAddress.ip))]"},
			"distinct":{"type":"int","value":"[length(distinct(map(references('workers'),lambda('w',lambdaVariables('w').ipAddress.ip))))]"},
			"told":{"type":"bool","value":"[equals(reference('controller').containers[0].properties.command[1],join(map(references('workers'),lambda('w',lambdaVariables('w').ipAddress.ip)),','))]"}}}`
	path := at(c, "rg", "workers")
	owner.Do("PUT", path, ask(text, "", "Incremental"), 201)
	end(t, owner, path, "Succeeded", `"distinct":{"type":"Int","value":3}`, `"told":{"type":"Bool","value":true}`)
}
