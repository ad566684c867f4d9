package deployment_test

import (
	"strings"
	"testing"
)

// groupOf is a container group with more properties.
func groupOf(name, container, more string) string {
	return `{"type":"Microsoft.ContainerInstance/containerGroups","apiVersion":"2023-05-01","name":"` + name + `","location":"eastus"` + more + `,"properties":{"osType":"Linux","containers":[
		{"name":"app","properties":{"image":"example.org/app:v1",` + container + `"resources":{"requests":{"cpu":1,"memoryInGB":1}}}}]}}`
}

// What a room would refuse of a body is refused before anything is made, by validate, what-if and create, and named.
func TestBadPropertiesAreRefusedBeforehand(t *testing.T) {
	c, owner := world(t)
	owner.Do("PUT", c.Group("other"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("other")+"/providers/Microsoft.ContainerRegistry/registries/takenregistry", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	good := registry("goodregistry")
	nested := func(inner string) string {
		return `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inside","properties":{"mode":"Incremental","template":` + resources(inner) + `}}`
	}
	cases := []struct {
		name, list string
		status     int
		texts      []string
	}{
		{"type of a property", groupOf("app", `"ports":[{"port":"many"}],`, ""), 400, []string{`"InvalidRequestContent"`, `containerGroups/app"`, "line '1'"}},
		{"value", groupOf("app", `"ports":[{"port":70000}],`, ""), 400, []string{`containerGroups/app"`}},
		{"sku", strings.Replace(registry("okregistry"), "Basic", "Golden", 1), 400, []string{`registries/okregistry"`, "Golden"}},
		{"name in use", registry("takenregistry"), 400, []string{`"AlreadyInUse"`}},
		{"two at once", groupOf("one", `"ports":[{"port":70000}],`, "") + "," + groupOf("two", `"ports":[{"port":70000}],`, ""), 400, []string{`containerGroups/one"`, `containerGroups/two"`}},
		{"after another", groupOf("app", `"ports":[{"port":70000}],`, `,"dependsOn":["goodregistry"]`), 400, []string{`containerGroups/app"`}},
		{"in a nested deployment", nested(groupOf("app", `"ports":[{"port":70000}],`, "")), 400, []string{`containerGroups/app"`}},
		{"role", `{"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01","name":"[guid('x')]","properties":{"roleDefinitionId":"nothing","principalId":"` + owner.ID + `"}}`, 400, []string{`"RoleDefinitionDoesNotExist"`}},
		{"group", nested("") + "," + strings.Replace(groupOf("app", "", ""), `"osType":"Linux"`, `"osType":"Plan9"`, 1), 400, []string{`"InvalidOsType"`}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			body := ask(resources(good+","+x.list), "", "Incremental")
			texts := append(x.texts, `"InvalidTemplateDeployment"`, `"target":"`+c.Group("rg"))
			owner.Do("POST", at(c, "rg", "d")+"/validate", body, x.status, texts...)
			owner.Do("POST", at(c, "rg", "d")+"/whatIf", body, x.status, texts...)
			owner.Do("PUT", at(c, "rg", "d"), body, x.status, texts...)
			owner.Do("GET", c.Group("rg")+"/resources", "", 200, "!goodregistry")
		})
	}
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.ContainerInstance/containerGroups", "", 200, `"value":[]`)

	// What depends on something that is only made by the deployment is not refused for that.
	identity := `{"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"newid","location":"eastus"}`
	uses := groupOf("uses", "", `,"dependsOn":["newid"],"identity":{"type":"UserAssigned","userAssignedIdentities":{"[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities','newid')]":{}}}`)
	owner.Do("PUT", at(c, "rg", "good"), ask(resources(good+","+uses+","+identity), "", "Incremental"), 201)
	end(t, owner, at(c, "rg", "good"), "Succeeded")
	// As it stands now, the same is fine again; without the check beforehand it fails when it runs.
	owner.Do("POST", at(c, "rg", "good")+"/validate", ask(resources(good+","+uses+","+identity), "", "Incremental"), 200)
	body := strings.Replace(ask(resources(groupOf("late", `"ports":[{"port":70000}],`, "")), "", "Incremental"), `"mode"`, `"validationLevel":"Template","mode"`, 1)
	owner.Do("PUT", at(c, "rg", "late"), body, 201)
	end(t, owner, at(c, "rg", "late"), "Failed", `"DeploymentFailed"`)
}
