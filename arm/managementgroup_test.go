package arm_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

const roleManagementGroupReader = "ac63b705-f282-497d-ac71-919bf39d939d"

func managementGroup(name string) string {
	return "/providers/Microsoft.Management/managementGroups/" + name
}

func groupBelow(parent string) string {
	return `{"properties":{"displayName":"The group","details":{"parent":{"id":"` + managementGroup(parent) + `"}}}}`
}

func TestManagementGroups(t *testing.T) {
	c := cloudtest.New(t)
	owner, stranger := c.As("owner"), c.As("stranger")
	root, sub := c.Status.TenantID, c.Status.SubscriptionID
	owner.Do("GET", managementGroup(root), "", 200, `"displayName":"Tenant Root Group"`, `"tenantId":"`+root+`"`, "!parent")
	stranger.Do("GET", managementGroup(root), "", 403)
	stranger.Do("PUT", managementGroup("theirs"), `{}`, 403, "managementGroups/write")
	stranger.Do("GET", managementGroup(""), "", 200, `"value":[]`)

	owner.Do("PUT", managementGroup("Top"), `{"name":"Top","properties":{"displayName":null,"details":{"parent":{}}}}`, 200,
		`"id":"`+managementGroup("Top")+`"`, `"displayName":"Top"`, `"parent":{"id":"`+managementGroup(root)+`"`)
	owner.Do("PUT", managementGroup("mid"), groupBelow("top"), 200, `"displayName":"The group"`, `"parent":{"id":"`+managementGroup("Top")+`","name":"Top"`)
	owner.Do("PATCH", managementGroup("MID"), `{"displayName":"Middle"}`, 200, `"name":"mid"`, `"displayName":"Middle"`, `"version":2`)
	owner.Do("PUT", managementGroup("mid")+"/subscriptions/"+sub, "", 200, `"type":"Microsoft.Management/managementGroups/subscriptions"`, `"state":"Active"`)
	owner.Do("GET", managementGroup("top")+"?$expand=children&$recurse=true", "", 200, `"children":[{"id":"`+managementGroup("mid")+`"`, `"children":[{"id":"/subscriptions/`+sub+`"`)
	owner.Do("GET", managementGroup("mid")+"?$expand=path", "", 200, `"path":[{"id":"`+managementGroup(root)+`"`, `"managementGroupAncestors":["Top","`+root+`"]`)
	owner.Do("GET", managementGroup("top")+"/descendants", "", 200, `"name":"mid"`, `"name":"`+sub+`"`)
	owner.Do("GET", managementGroup("mid")+"/subscriptions", "", 200, sub)
	owner.Do("GET", managementGroup("top")+"/subscriptions", "", 200, `"value":[]`)
	owner.Do("GET", managementGroup("top")+"/subscriptions/"+sub, "", 404)
	owner.Do("POST", "/providers/Microsoft.Management/getEntities", "", 200, `"permissions":"delete"`, `"name":"mid"`, `"numberOfDescendants":3`)
	owner.Do("POST", "/providers/Microsoft.Management/checkNameAvailability", `{"name":"MID"}`, 200, `"nameAvailable":false,"reason":"AlreadyExists"`)
	owner.Do("GET", "/subscriptions/"+sub+"/providers/Microsoft.Management", "", 200, `"registrationState":"Registered"`)

	for _, x := range []struct{ method, path, body, text string }{
		{"PUT", managementGroup("top"), groupBelow("mid"), "itself or below it"},
		{"PUT", managementGroup("top"), groupBelow("TOP"), "itself or below it"},
		{"PATCH", managementGroup(root), `{"parentGroupId":"` + managementGroup("top") + `"}`, "the root has none"},
		{"PUT", managementGroup("bad!name"), `{}`, "InvalidResourceName"},
		{"PUT", managementGroup("new"), `{"properties":{"details":{"parent":{"id":"/subscriptions/x"}}}}`, "give the id of a management group"},
		{"DELETE", managementGroup("top"), "", "Move or delete them first"},
		{"DELETE", managementGroup("mid"), "", "Move or delete them first"},
		{"DELETE", managementGroup(root), "", "cannot be deleted"},
		{"PUT", managementGroup("mid") + "/providers/Microsoft.Authorization/locks/l", `{"properties":{"level":"ReadOnly"}}`, "cannot be locked"},
	} {
		owner.Do(x.method, x.path, x.body, 400, x.text)
	}
	owner.Do("PUT", managementGroup("new"), groupBelow("nowhere"), 404, "nowhere")
	above := "mid"
	for _, name := range []string{"l3", "l4", "l5", "l6"} {
		owner.Do("PUT", managementGroup(name), groupBelow(above), 200)
		above = name
	}
	owner.Do("PUT", managementGroup("l7"), groupBelow("l6"), 400, "more than 6 levels")
	owner.Do("PATCH", managementGroup("l3"), `{"parentGroupId":"`+managementGroup("l4")+`"}`, 400)

	c.Restart()
	owner.Do("DELETE", managementGroup("mid")+"/subscriptions/"+sub, "", 200)
	owner.Do("DELETE", managementGroup("mid")+"/subscriptions/"+sub, "", 204)
	owner.Do("GET", managementGroup(root)+"/subscriptions/"+sub, "", 200)
	for _, name := range []string{"l6", "l5", "l4", "l3", "mid", "top"} {
		owner.Do("DELETE", managementGroup(name), "", 204)
	}
	owner.Do("DELETE", managementGroup("top"), "", 204)
	owner.Do("GET", managementGroup("top"), "", 404)
}

// A role at a management group holds in the subscriptions below it, as long as they are there.
func TestRolesAtManagementGroupsAreInherited(t *testing.T) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	sub := "/subscriptions/" + c.Status.SubscriptionID
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", managementGroup("top"), `{}`, 200)
	owner.Do("PUT", managementGroup("mid"), groupBelow("top"), 200)
	reader := c.As("top-reader", cloudtest.Grant{Role: authz.RoleReader, Scope: managementGroup("top")})
	watcher := c.As("watcher", cloudtest.Grant{Role: roleManagementGroupReader, Scope: managementGroup("mid")})
	reader.Do("GET", c.Group("rg"), "", 403)
	reader.Do("GET", "/subscriptions", "", 200, `"value":[]`)
	watcher.Do("GET", managementGroup("mid"), "", 200)
	watcher.Do("GET", managementGroup("top"), "", 403)
	watcher.Do("PATCH", managementGroup("mid"), `{"displayName":"x"}`, 403)

	owner.Do("PUT", managementGroup("mid")+sub, "", 200)
	reader.Do("GET", c.Group("rg"), "", 200)
	reader.Do("GET", sub+"/resourcegroups", "", 200, `"name":"rg"`)
	reader.Do("GET", "/subscriptions", "", 200, c.Status.SubscriptionID)
	reader.Do("DELETE", c.Group("rg"), "", 403)
	reader.Do("GET", managementGroup("mid"), "", 200)
	reader.Do("GET", c.Group("rg")+"/providers/Microsoft.Authorization/permissions", "", 200, `"*/read"`)
	owner.Do("GET", c.Group("rg")+"/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()", "", 200, `"scope":"`+managementGroup("top")+`"`)
	owner.Do("GET", managementGroup("top")+"/providers/Microsoft.Authorization/roleAssignments", "", 200, `"scope":"`+sub+`"`, `"scope":"`+managementGroup("mid")+`"`)

	// A custom role of a management group can be given below it.
	role := "/providers/Microsoft.Authorization/roleDefinitions/7f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f"
	owner.Do("PUT", managementGroup("top")+role, `{"properties":{"roleName":"Tagger","assignableScopes":["`+managementGroup("top")+`"],"permissions":[{"actions":["Microsoft.Resources/subscriptions/resourceGroups/write"]}]}}`, 201)
	tagger := c.As("tagger")
	assign := `{"properties":{"roleDefinitionId":"` + role + `","principalId":"` + tagger.ID + `"}}`
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.Authorization/roleAssignments/1f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f", assign, 201)
	tagger.Do("PATCH", c.Group("rg"), `{"tags":{"a":"b"}}`, 200)

	// Whoever owns a management group cannot draw a subscription into it that is not theirs.
	taker := c.As("taker", cloudtest.Grant{Role: authz.RoleManagementGroupContributor, Scope: managementGroup("top")})
	taker.Do("PUT", managementGroup("takers"), `{}`, 403, "'"+managementGroup(c.Status.TenantID)+"'")
	taker.Do("PUT", managementGroup("takers"), groupBelow("top"), 200)
	watcher.Do("PUT", managementGroup("takers"), `{"properties":{"displayName":"mine"}}`, 403)
	taker.Do("PUT", managementGroup("takers")+sub, "", 403, "roleAssignments/write")
	taker.Do("PATCH", managementGroup("mid"), `{"parentGroupId":"`+managementGroup("takers")+`"}`, 403, "roleAssignments/write")

	owner.Do("DELETE", managementGroup("mid")+sub, "", 200)
	reader.Do("GET", c.Group("rg"), "", 403)
}

// Who runs the cloud can elevate their access to the tenant; nobody else.
func TestElevatedAccess(t *testing.T) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	const elevate = "/providers/Microsoft.Authorization/elevateAccess?api-version=2016-07-01"
	c.As("contributor", cloudtest.Grant{Role: authz.RoleContributor, Scope: "/subscriptions/" + c.Status.SubscriptionID}).Do("POST", elevate, "", 403, "elevateAccess")
	owner.Do("PUT", "/providers/Microsoft.Authorization/roleAssignments/1f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f", `{}`, 403)
	owner.Do("POST", elevate, "", 200)
	owner.Do("POST", elevate, "", 200)
	if n := strings.Count(owner.Do("GET", "/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()", "", 200).Body, `"principalId"`); n != 1 {
		t.Errorf("%d assignments at the tenant, want 1", n)
	}
	all := c.As("auditor", cloudtest.Grant{Role: authz.RoleReader, Scope: "/"})
	all.Do("GET", managementGroup(c.Status.TenantID), "", 200)
	all.Do("GET", "/subscriptions", "", 200, c.Status.SubscriptionID)
}
