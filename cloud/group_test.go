package cloud_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// What is granted to a group opens for its members at their next request, also for
// those of groups in it, and closes at the next request after they are taken out.
func TestGroupsBindTheirMembers(t *testing.T) {
	c := cloudtest.New(t)
	owner, member := c.As("owner"), c.As("member")
	rg := c.Group("rg")
	owner.Do("PUT", rg, `{"location":"eastus"}`, 201)
	const groups = "graph/v1.0/groups"
	group := func(name string) string {
		var g struct{ ID string }
		owner.Do("POST", groups, `{"displayName":"`+name+`","mailNickname":"`+name+`","mailEnabled":false,"securityEnabled":true}`, 201).JSON(&g)
		return g.ID
	}
	outer, inner, other := group("outer"), group("inner"), group("other")
	var me struct{ ID string }
	member.Do("GET", "graph/v1.0/me", "", 200).JSON(&me)
	ref := func(id string) string {
		return `{"@odata.id":"` + c.Origin("graph") + "/v1.0/directoryObjects/" + id + `"}`
	}
	in := func(group, id string, status int) {
		owner.Do("POST", groups+"/"+group+"/members/$ref", ref(id), status)
	}
	out := func(group, id string, status int) {
		owner.Do("DELETE", groups+"/"+group+"/members/"+id+"/$ref", "", status)
	}

	const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	assignment := rg + "/providers/Microsoft.Authorization/roleAssignments/" + reader
	body := `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/` + reader + `","principalId":"` + outer + `","principalType":"Group"}}`
	owner.Do("PUT", assignment, strings.Replace(body, `"Group"`, `"User"`, 1), 400, "UnmatchedPrincipalType")
	owner.Do("PUT", assignment, body, 201, `"Group"`)
	member.Do("GET", rg, "", 403, "AuthorizationFailed")

	in(outer, me.ID, 204)
	member.Do("GET", rg, "", 200)
	member.Do("DELETE", rg, "", 403)
	in(outer, me.ID, 400) // twice
	out(outer, me.ID, 204)
	member.Do("GET", rg, "", 403)
	out(outer, me.ID, 404)

	in(outer, inner, 204)
	in(inner, me.ID, 204)
	in(inner, outer, 204) // a circle
	in(inner, inner, 400)
	member.Do("GET", rg, "", 200)
	owner.Do("POST", "graph/v1.0/users/"+me.ID+"/getMemberGroups", `{"securityEnabledOnly":false}`, 200, inner, outer)
	owner.Do("POST", "graph/v1.0/directoryObjects/"+me.ID+"/checkMemberGroups", `{"groupIds":["`+outer+`","`+other+`"]}`, 200, outer)
	owner.Do("GET", "graph/v1.0/groups/"+outer+"/transitiveMembers", "", 200, me.ID, inner)
	owner.Do("GET", "graph/v1.0/users/"+me.ID+"/transitiveMemberOf", "", 200, outer, inner)
	sub := rg[:strings.Index(rg, "/resourceGroups")]
	owner.Do("GET", sub+"/providers/Microsoft.Authorization/roleAssignments?$filter=assignedTo('"+me.ID+"')", "", 200, outer)
	if a := owner.Do("GET", sub+"/providers/Microsoft.Authorization/roleAssignments?$filter=principalId%20eq%20'"+me.ID+"'", "", 200); strings.Contains(string(a.Body), outer) {
		t.Errorf("principalId names groups too: %s", a.Body)
	}
	out(inner, me.ID, 204)
	member.Do("GET", rg, "", 403)

	// Access policies of vaults may name groups.
	vault := rg + "/providers/Microsoft.KeyVault/vaults/grouped"
	owner.Do("PUT", vault, `{"location":"eastus","properties":{"tenantId":"`+c.Status.TenantID+`","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":false,"accessPolicies":[{"tenantId":"`+
		c.Status.TenantID+`","objectId":"`+outer+`","permissions":{"secrets":["list"]}}]}}`, 201)
	member.Do("GET", "grouped.vault/secrets?api-version=7.4", "", 403)
	in(inner, me.ID, 204)
	member.Do("GET", "grouped.vault/secrets?api-version=7.4", "", 200)
	member.Do("GET", rg, "", 200)

	// Only administrators make groups, and only they and owners change them.
	member.Do("POST", groups, `{"displayName":"mine","mailNickname":"mine","mailEnabled":false,"securityEnabled":true}`, 403)
	member.Do("DELETE", groups+"/"+other, "", 403)
	member.Do("POST", groups+"/"+other+"/members/$ref", ref(me.ID), 403)
	owner.Do("POST", groups+"/"+other+"/owners/$ref", ref(me.ID), 204)
	member.Do("POST", groups+"/"+other+"/members/$ref", ref(me.ID), 204)
	member.Do("DELETE", groups+"/"+other, "", 204)

	owner.Do("DELETE", groups+"/"+inner, "", 204)
	member.Do("GET", rg, "", 403)
	member.Do("GET", "grouped.vault/secrets?api-version=7.4", "", 403)
	c.Restart()
	owner.Do("GET", groups+"/"+outer, "", 200, "outer")
	owner.Do("GET", groups+"/"+inner, "", 404)
}
