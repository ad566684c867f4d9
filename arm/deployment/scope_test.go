package deployment_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

func managementGroup(name string) string {
	return "/providers/Microsoft.Management/managementGroups/" + name
}

// leveled is a template for a level: "managementGroup" or "tenant".
func leveled(level, list, outputs string) string {
	return `{"$schema":"https://schema.management.azure.com/schemas/2019-08-01/` + level + `DeploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[` + list + `],"outputs":{` + outputs + `}}`
}

func located(template string) string {
	return strings.Replace(ask(template, "", "Incremental"), "{", `{"location":"eastus",`, 1)
}

// To a management group: a role that holds below it, and a nested deployment into the subscription in it.
func TestManagementGroupScope(t *testing.T) {
	c, owner := world(t)
	sub := c.Status.SubscriptionID
	owner.Do("PUT", managementGroup("Top"), `{"properties":{"displayName":"The top"}}`, 200)
	owner.Do("PUT", managementGroup("top")+"/subscriptions/"+sub, "", 200)
	reader := c.As("inheritor")
	text := leveled("managementGroup",
		`{"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01","name":"[guid('x')]","properties":{"principalId":"`+reader.ID+`",
			"roleDefinitionId":"[tenantResourceId('Microsoft.Authorization/roleDefinitions','`+authz.RoleReader+`')]"}},
		{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inside","subscriptionId":"`+sub+`","location":"westus","properties":{"mode":"Incremental","template":
			{"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Resources/resourceGroups","apiVersion":"2022-09-01","name":"frombelow","location":"westus"}]}}}`,
		`"name":{"type":"string","value":"[managementGroup().properties.displayName]"},"id":{"type":"string","value":"[managementGroupResourceId('Microsoft.Authorization/roleAssignments','r')]"}`)
	path := managementGroup("Top") + "/providers/Microsoft.Resources/deployments/d"
	owner.Do("PUT", path, ask(text, "", "Incremental"), 400, "LocationRequired")
	owner.Do("PUT", managementGroup("none")+"/providers/Microsoft.Resources/deployments/d", located(text), 403)
	reader.Do("PUT", path, located(text), 403)
	owner.Do("PUT", path, located(strings.Replace(text, "managementGroupDep", "tenantDep", 1)), 400, "$schema", "'ManagementGroup'")
	owner.Do("POST", path+"/validate", located(text), 200, `"validatedResources"`)
	owner.Do("PUT", path, located(text), 201)
	end(t, owner, path, "Succeeded", `"name":{"type":"String","value":"The top"}`, managementGroup("Top")+`/providers/Microsoft.Authorization/roleAssignments/r`)
	reader.Do("GET", c.Group("rg"), "", 200)
	owner.Do("GET", c.Group("frombelow"), "", 200, `"location":"westus"`)
	owner.Do("GET", path+"/operations", "", 200, `"resourceName":"inside"`)
	owner.Do("GET", managementGroup("top")+"/providers/Microsoft.Resources/deployments", "", 200, `"name":"d"`)
	w := owner.Do("POST", path+"/whatIf", located(text), 202)
	owner.Do("GET", strings.TrimPrefix(w.Header.Get("Location"), c.Origin("management")), "", 200, `"changeType":"NoChange"`, "!Create")

	// With the group its history goes.
	owner.Do("DELETE", managementGroup("top")+"/subscriptions/"+sub, "", 200)
	owner.Do("DELETE", managementGroup("top"), "", 204)
	reader.Do("GET", c.Group("rg"), "", 403)
	owner.Do("PUT", managementGroup("top"), `{}`, 200)
	owner.Do("GET", path, "", 404, "DeploymentNotFound")
}

// To the tenant: management groups, one below the other, the subscription in one of them, and a deployment to that.
func TestTenantScope(t *testing.T) {
	c, owner := world(t)
	const path = "/providers/Microsoft.Resources/deployments/all"
	text := leveled("tenant",
		`{"type":"Microsoft.Management/managementGroups","apiVersion":"2021-04-01","name":"upper","properties":{"displayName":"Upper"}},
		{"type":"Microsoft.Management/managementGroups","apiVersion":"2021-04-01","name":"lower","dependsOn":["upper"],"properties":{"details":{"parent":{"id":"[tenantResourceId('Microsoft.Management/managementGroups','upper')]"}}}},
		{"type":"Microsoft.Management/managementGroups/subscriptions","apiVersion":"2021-04-01","name":"lower/`+c.Status.SubscriptionID+`","dependsOn":["[tenantResourceId('Microsoft.Management/managementGroups','lower')]"]},
		{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inside","scope":"Microsoft.Management/managementGroups/lower","location":"eastus","dependsOn":["lower"],"properties":{"mode":"Incremental",
			"expressionEvaluationOptions":{"scope":"inner"},"template":`+leveled("managementGroup", "", `"where":{"type":"string","value":"[managementGroup().name]"}`)+`}}`,
		`"where":{"type":"string","value":"[reference('inside').outputs.where.value]"},"tenant":{"type":"string","value":"[tenant().tenantId]"}`)
	owner.Do("PUT", path, located(text), 403)
	owner.Do("POST", "/providers/Microsoft.Authorization/elevateAccess", "", 200)
	deployer := c.As("deployer", cloudtest.Grant{Role: authz.RoleOwner, Scope: "/"})
	deployer.Do("PUT", path, located(text), 201)
	end(t, deployer, path, "Succeeded", `"where":{"type":"String","value":"lower"}`, `"value":"`+c.Status.TenantID+`"`)
	deployer.Do("GET", managementGroup("upper")+"?$expand=children&$recurse=true", "", 200, `"displayName":"Upper"`, `"name":"lower"`, c.Status.SubscriptionID)
	deployer.Do("GET", "/providers/Microsoft.Resources/deployments", "", 200, `"name":"all"`, `!"name":"inside"`)
	deployer.Do("DELETE", path, "", 204)
}
