package az

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestServicePrincipals(t *testing.T) {
	rg := group(t, "principals")
	scope := tsv(t, "id", "group show -n %s", rg)
	const name = "http://sp-test"
	first := servicePrincipal(t, name, "--role reader --scopes "+scope)
	app := first.AppID
	like(t, "password", first.Password, `[A-Za-z0-9][A-Za-z0-9~._-]{19,}`)
	eq(t, "show by name", tsv(t, "appId", "ad sp show --id %s", name), app)
	eq(t, "list", tsv(t, "[].appId", "ad sp list --display-name %s", name), app)
	has(t, "names", tsv(t, "servicePrincipalNames", "ad sp show --id %s", app), name)

	second := servicePrincipal(t, name, "--role reader --scopes "+scope) // a second run renews the password
	eq(t, "application of the second run", second.AppID, app)
	eq(t, "assignments after two runs", tsv(t, "length(@)", "role assignment list --assignee %s --scope %s", app, scope), "1")

	// reset renews the service principal's own password; the application's, of create-for-rbac, stays, as in Azure.
	reset := func(more string) string {
		t.Helper()
		return tsv(t, "password", "ad sp credential reset --only-show-errors --id %s %s", app, more)
	}
	replaced := reset("")
	current := reset("")
	end := time.Now().UTC().Add(time.Minute).Truncate(time.Second)
	expired := reset("--append --end-date " + end.Format(time.RFC3339))
	refused(t, "not after its start", "ad sp credential reset --id %s --append --end-date 2020-01-01", app)
	removed := reset("--append --display-name removed")
	key := tsv(t, "[?displayName=='removed'].keyId", "ad sp credential list --id %s", app)
	az(t, "ad sp credential delete --id %s --key-id %s", app, key)

	signIn := private + "az login --service-principal -u " + app + " -p %s --tenant " + tenant(t) + " --output none"
	cloud.Sh(t, fmt.Sprintf(signIn, quote(current)))
	cloud.Sh(t, fmt.Sprintf(signIn, quote(second.Password)))
	cloud.Sh(t, fmt.Sprintf(signIn, quote(expired))) // not yet
	time.Sleep(time.Until(end.Add(time.Second)))
	for _, wrong := range []struct{ what, password, code string }{
		{"the first run's", first.Password, "AADSTS7000215"},
		{"one that was replaced", replaced, "AADSTS7000215"},
		{"one that was removed", removed, "AADSTS7000215"},
		{"one that has expired", expired, "AADSTS7000222"},
	} {
		t.Log(wrong.what)
		cloud.Fails(t, fmt.Sprintf(signIn, quote(wrong.password)), wrong.code)
	}
	az(t, "ad sp delete --id %s", app)
	cloud.Fails(t, fmt.Sprintf(signIn, quote(current)), "AADSTS")
	refused(t, "was found in this tenant", "ad sp show --id %s", app)
}

func TestRoleAssignments(t *testing.T) {
	rg := group(t, "roles")
	server := registry(t, rg, "rolesreg")
	scope := tsv(t, "id", "acr show -n rolesreg")
	p := servicePrincipal(t, "roles-test", "")

	assignment := fmt.Sprintf("--assignee %s --scope %s", p.AppID, scope)
	eq(t, "at first", tsv(t, "length(@)", "role assignment list %s", assignment), "0")
	denied(t, "a pull without a role", pull(t, server, p.AppID, p.Password))

	az(t, "role assignment create --role acrpull %s", assignment)
	eq(t, "role", tsv(t, "[].roleDefinitionName", "role assignment list %s", assignment), "AcrPull")
	eq(t, "principal", tsv(t, "[].principalName", "role assignment list %s", assignment), p.AppID)
	has(t, "all", tsv(t, "[].scope", "role assignment list --all"), scope)
	allowed(t, "a pull with AcrPull", pull(t, server, p.AppID, p.Password))
	denied(t, "a push with AcrPull", push(t, server, p.AppID, p.Password))
	denied(t, "a pull with a wrong secret", pull(t, server, p.AppID, "wrong"))

	az(t, "role assignment create --role acrpull %s", assignment) // there already: no error, no second one
	eq(t, "after creating twice", tsv(t, "length(@)", "role assignment list %s", assignment), "1")
	az(t, "role assignment create --role AcrPush %s", assignment)
	allowed(t, "a push with AcrPush", push(t, server, p.AppID, p.Password))
	az(t, "role assignment delete --role AcrPush %s", assignment)
	denied(t, "a push after AcrPush was removed", push(t, server, p.AppID, p.Password))
	allowed(t, "a pull after AcrPush was removed", pull(t, server, p.AppID, p.Password))
	az(t, "role assignment delete --role acrpull %s", assignment)
	eq(t, "after deleting", tsv(t, "length(@)", "role assignment list %s", assignment), "0")
	denied(t, "a pull after AcrPull was removed", pull(t, server, p.AppID, p.Password))

	refused(t, "no-such-role", "role assignment create --role no-such-role %s", assignment)
	eq(t, "definitions", tsv(t, "[].roleName", "role definition list --name AcrPush"), "AcrPush")
}

func TestGroups(t *testing.T) {
	rg := group(t, "groups")
	az(t, "keyvault create -g %s -n kvgroups", rg)
	t.Cleanup(func() { cloud.Run(t, "az keyvault purge -n kvgroups") })
	has(t, "list", strings.Join(strings.Fields(tsv(t, "[].name", "group list")), " "), "groups")
	eq(t, "exists", az(t, "group exists -n groups"), "true")
	eq(t, "resources", tsv(t, "[].name", "resource list -g %s", rg), "kvgroups")
	eq(t, "the vault before", tsv(t, "[?name=='kvgroups'].name", "keyvault list"), "kvgroups")
	az(t, "group delete -y -n groups")
	eq(t, "exists after delete", az(t, "group exists -n groups"), "false")
	refused(t, "ResourceGroupNotFound", "group show -n groups")
	eq(t, "the vault went with it", tsv(t, "[?name=='kvgroups'].name", "keyvault list"), "")
	refused(t, "bad name!", "group create -n 'bad name!' -l eastus")
}

// tenant is the cloud's tenant id.
func tenant(t *testing.T) string {
	t.Helper()
	return tsv(t, "tenantId", "account show")
}
