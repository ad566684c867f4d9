package az

import (
	"fmt"
	"strings"
	"testing"
)

func TestServicePrincipals(t *testing.T) {
	rg := group(t, "principals")
	scope := tsv(t, "id", "group show -n %s", rg)
	create := fmt.Sprintf("ad sp create-for-rbac --name http://sp-test --role reader --scopes %s", scope)
	password := tsv(t, "password", "%s", create)
	like(t, "password", password, `[A-Za-z0-9][A-Za-z0-9~._-]{19,}`)
	t.Cleanup(func() {
		cloud.Run(t, "az ad app delete --id $(az ad sp list --display-name http://sp-test --query [0].appId -o tsv)")
	})

	app := tsv(t, "appId", "ad sp show --id http://sp-test")
	eq(t, "show by application", tsv(t, "appId", "ad sp show --id %s", app), app)
	eq(t, "list", tsv(t, "[].appId", "ad sp list --display-name http://sp-test"), app)
	has(t, "names", tsv(t, "servicePrincipalNames", "ad sp show --id %s", app), "http://sp-test")

	again := tsv(t, "password", "%s", create) // a second run renews the password
	if again == password {
		t.Error("the second create-for-rbac kept the password")
	}
	eq(t, "assignments after two runs", tsv(t, "length(@)", "role assignment list --assignee %s --scope %s", app, scope), "1")

	// reset renews the service principal's own password; the application's, of create-for-rbac, stays, as in Azure.
	old := tsv(t, "password", "ad sp credential reset --id %s", app)
	reset := tsv(t, "password", "ad sp credential reset --id %s", app)
	signIn := private + "az login --service-principal -u " + app + " -p '%s' --tenant " + tenant(t) + " --output none"
	cloud.Sh(t, fmt.Sprintf(signIn, reset))
	cloud.Sh(t, fmt.Sprintf(signIn, again))
	cloud.Fails(t, fmt.Sprintf(signIn, old), "AADSTS7000215")
	cloud.Fails(t, fmt.Sprintf(signIn, password), "AADSTS7000215")

	az(t, "ad sp delete --id %s", app)
	cloud.Fails(t, fmt.Sprintf(signIn, reset), "AADSTS")
	refused(t, "", "ad sp show --id %s", app)
}

func TestRoleAssignments(t *testing.T) {
	rg := group(t, "roles")
	az(t, "acr create -g %s -n rolesreg --sku Basic", rg)
	scope := tsv(t, "id", "acr show -n rolesreg")
	app := tsv(t, "appId", "ad sp create-for-rbac --name roles-test")
	t.Cleanup(func() { cloud.Run(t, "az ad app delete --id "+app) })

	list := fmt.Sprintf("role assignment list --assignee %s --scope %s", app, scope)
	eq(t, "at first", tsv(t, "length(@)", "%s", list), "0")
	az(t, "role assignment create --assignee %s --role acrpull --scope %s", app, scope)
	eq(t, "role", tsv(t, "[].roleDefinitionName", "%s", list), "AcrPull")
	eq(t, "principal", tsv(t, "[].principalName", "%s", list), app)
	has(t, "all", tsv(t, "[].scope", "role assignment list --all"), scope)
	az(t, "role assignment create --assignee %s --role acrpull --scope %s", app, scope) // there already: no error, no second one
	eq(t, "after creating twice", tsv(t, "length(@)", "%s", list), "1")
	refused(t, "no-such-role", "role assignment create --assignee %s --role no-such-role --scope %s", app, scope)
	az(t, "role assignment delete --assignee %s --role acrpull --scope %s", app, scope)
	eq(t, "after deleting", tsv(t, "length(@)", "%s", list), "0")
	has(t, "definitions", tsv(t, "[].roleName", "role definition list --name AcrPush"), "AcrPush")
}

func TestGroups(t *testing.T) {
	rg := group(t, "groups")
	az(t, "keyvault create -g %s -n kvgroups", rg)
	t.Cleanup(func() { cloud.Run(t, "az keyvault purge -n kvgroups") })
	has(t, "list", strings.Join(strings.Fields(tsv(t, "[].name", "group list")), " "), "groups")
	eq(t, "exists", az(t, "group exists -n groups"), "true")
	eq(t, "resources", tsv(t, "[].name", "resource list -g %s", rg), "kvgroups")
	az(t, "group delete -y -n groups")
	eq(t, "exists after delete", az(t, "group exists -n groups"), "false")
	refused(t, "ResourceGroupNotFound", "group show -n groups")
	eq(t, "the vault went with it", tsv(t, "[?name=='kvgroups'].name", "keyvault list"), "")
	refused(t, "", "group create -n 'bad name!' -l eastus")
}

// tenant is the cloud's tenant id.
func tenant(t *testing.T) string {
	t.Helper()
	return tsv(t, "tenantId", "account show")
}
