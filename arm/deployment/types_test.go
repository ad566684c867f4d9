package deployment_test

import (
	"strings"
	"testing"
)

// Everything the cloud has can be deployed, in one template from the subscription: a group; in it an identity, a role of one's
// own, given to that identity, a registry with children, a vault with access policies and a secret, locks, and a group of
// containers with the identity.
func TestEverythingCanBeDeployed(t *testing.T) {
	c, owner := world(t)
	const role = "8f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f"
	friend := c.As("friend")
	inner := resources(`
	 {"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"someid","location":"eastus"},
	 {"type":"Microsoft.Authorization/roleDefinitions","apiVersion":"2022-04-01","name":"` + role + `","properties":{"roleName":"Looker","type":"CustomRole","assignableScopes":["[resourceGroup().id]"],
	  "permissions":[{"actions":["Microsoft.ContainerRegistry/registries/read"]}]}},
	 {"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01","name":"[guid(resourceGroup().id)]","dependsOn":["someid","` + role + `"],"properties":{"principalType":"ServicePrincipal",
	  "principalId":"[reference('someid').principalId]","roleDefinitionId":"[resourceId('Microsoft.Authorization/roleDefinitions','` + role + `')]"}},
	 {"type":"Microsoft.ContainerRegistry/registries","apiVersion":"2023-07-01","name":"everyregistry","location":"eastus","sku":{"name":"Premium"},"resources":[
	  {"type":"scopeMaps","apiVersion":"2023-07-01","name":"pulls","dependsOn":["everyregistry"],"properties":{"actions":["repositories/app/content/read"]}},
	  {"type":"tokens","apiVersion":"2023-07-01","name":"puller","dependsOn":["everyregistry","[resourceId('Microsoft.ContainerRegistry/registries/scopeMaps','everyregistry','pulls')]"],"properties":{"scopeMapId":"[resourceId('Microsoft.ContainerRegistry/registries/scopeMaps','everyregistry','pulls')]"}}]},
	 {"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"everyvault","location":"eastus","properties":{"tenantId":"[subscription().tenantId]","sku":{"family":"A","name":"standard"},"accessPolicies":[]}},
	 {"type":"Microsoft.KeyVault/vaults/accessPolicies","apiVersion":"2023-07-01","name":"everyvault/add","dependsOn":["everyvault"],"properties":{"accessPolicies":[
	  {"tenantId":"[subscription().tenantId]","objectId":"` + friend.ID + `","permissions":{"secrets":["get"]}}]}},
	 {"type":"Microsoft.KeyVault/vaults/secrets","apiVersion":"2023-07-01","name":"everyvault/word","dependsOn":["everyvault"],"properties":{"value":"open"}},
	 {"type":"Microsoft.Authorization/locks","apiVersion":"2020-05-01","name":"keep","scope":"Microsoft.KeyVault/vaults/everyvault","dependsOn":["everyvault","everyvault/word","everyvault/add"],"properties":{"level":"CanNotDelete"}},
	 ` + groupOf("everything", "", `,"dependsOn":["someid"],"identity":{"type":"UserAssigned","userAssignedIdentities":{"[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities','someid')]":{}}}`))
	text := strings.Replace(resources(`
	 {"type":"Microsoft.Resources/resourceGroups","apiVersion":"2022-09-01","name":"every","location":"eastus"},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inside","resourceGroup":"every","dependsOn":["every"],
	  "properties":{"mode":"Incremental","expressionEvaluationOptions":{"scope":"inner"},"template":`+inner+`}}`), "deploymentTemplate", "subscriptionDeploymentTemplate", 1)
	path := "/subscriptions/" + c.Status.SubscriptionID + "/providers/Microsoft.Resources/deployments/every"
	owner.Do("PUT", path, located(text), 201)
	end(t, owner, path, "Succeeded", `"outputResources":[{"id":"`+c.Group("every")+`"}`)
	in := c.Group("every") + "/providers/"
	for _, made := range []string{"Microsoft.ManagedIdentity/userAssignedIdentities/someid", "Microsoft.ContainerRegistry/registries/everyregistry/tokens/puller",
		"Microsoft.KeyVault/vaults/everyvault/providers/Microsoft.Authorization/locks/keep", "Microsoft.ContainerInstance/containerGroups/everything", "Microsoft.Authorization/roleDefinitions/" + role} {
		owner.Do("GET", in+made, "", 200)
	}
	owner.Do("GET", in+"Microsoft.Authorization/roleAssignments", "", 200, role)
	friend.Do("GET", "everyvault.vault/secrets/word", "", 200, `"value":"open"`)
	owner.Do("DELETE", in+"Microsoft.KeyVault/vaults/everyvault", "", 409, "ScopeLocked")
	end(t, owner, at(c, "every", "inside"), "Succeeded", `"resourceType":"vaults/accessPolicies"`)
	// A second time nothing changes.
	owner.Do("PUT", path, located(text), 200)
	end(t, owner, path, "Succeeded")
}
