package deployment_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// A template kept as a resource is deployed by its id, with what it links to inside of it, by those who may read it.
func TestTemplateSpecs(t *testing.T) {
	c, owner := world(t)
	spec := c.Group("rg") + "/providers/Microsoft.Resources/templateSpecs/shop"
	nested := func(name, path string) string {
		return `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"` + name + `","properties":{"mode":"Incremental","templateLink":{"relativePath":"` + path + `"}}}`
	}
	version := `{"location":"eastus","properties":{"description":"first","mainTemplate":` + resources(nested("near", "parts/near.json")) + `,"linkedTemplates":[
		{"path":"parts/near.json","template":` + resources(nested("far", "../far.json")) + `},
		{"path":"far.json","template":` + resources(registry("specregistry")) + `}]}}`
	owner.Do("PUT", spec+"/versions/1.0", version, 404, "ParentResourceNotFound")
	owner.Do("PUT", spec, `{"location":"eastus","properties":{"displayName":"A shop","versions":{"x":{}}}}`, 201, `"displayName":"A shop"`)
	owner.Do("PUT", spec+"/versions/1.0", strings.Replace(version, `"mainTemplate"`, `"other"`, 1), 400, "mainTemplate")
	owner.Do("PUT", spec+"/versions/1.0", strings.Replace(version, `"resources":[`, `"resources":["[nonsense()]",`, 1), 400, "InvalidTemplate")
	owner.Do("PUT", spec+"/versions/1.0", version, 201, `"mainTemplate":{"$schema"`)
	owner.Do("GET", spec+"?$expand=versions", "", 200, `"versions":{"1.0":{"description":"first","timeCreated":"`, `!"x"`)
	owner.Do("GET", spec+"/versions", "", 200, `"name":"1.0"`)
	owner.Do("GET", "/subscriptions/"+c.Status.SubscriptionID+"/providers/Microsoft.Resources/templateSpecs", "", 200, `"name":"shop"`)

	owner.Do("PUT", c.Group("other"), `{"location":"eastus"}`, 201)
	deploy := func(id string) string {
		return `{"properties":{"mode":"Incremental","templateLink":{"id":"` + id + `"}}}`
	}
	owner.Do("PUT", at(c, "other", "d"), deploy(spec), 400, "InvalidContentLink", "version of a template spec")
	owner.Do("PUT", at(c, "other", "d"), deploy(spec+"/versions/2.0"), 404, "ResourceNotFound")
	deployer := c.As("deployer", cloudtest.Grant{Role: authz.RoleContributor, Scope: c.Group("other")})
	deployer.Do("PUT", at(c, "other", "d"), deploy(spec+"/versions/1.0"), 403, "templateSpecs/versions/read")
	deployer.Grant(cloudtest.Grant{Role: authz.RoleReader, Scope: spec})
	deployer.Do("POST", at(c, "other", "d")+"/validate", deploy(spec+"/versions/1.0"), 200)
	deployer.Do("PUT", at(c, "other", "d"), deploy(spec+"/versions/1.0"), 201)
	end(t, deployer, at(c, "other", "d"), "Succeeded", `"templateLink":{"id":"`+spec+`/versions/1.0"}`)
	owner.Do("GET", c.Group("other")+"/resources", "", 200, `"specregistry"`)
	owner.Do("GET", at(c, "other", "far"), "", 200, `"relativePath":"far.json"`)
	owner.Do("PUT", at(c, "other", "d"), strings.Replace(deploy(spec+"/versions/1.0"), `"id"`, `"contentVersion":"9.0.0.0","id"`, 1), 400, "contentVersion '9.0.0.0'")

	owner.Do("PUT", spec+"/versions/broken", `{"location":"eastus","properties":{"mainTemplate":`+resources(nested("none", "absent.json"))+`}}`, 201)
	owner.Do("PUT", at(c, "other", "e"), deploy(spec+"/versions/broken"), 400, "has no linked template 'absent.json'")
	owner.Do("DELETE", spec, "", 200)
	owner.Do("GET", spec+"/versions/1.0", "", 404)
}
