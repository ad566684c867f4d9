package az

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts text into a file that az can read.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Groups, the subscription in one of them, a role that is inherited, and deployments to a group and to the tenant. Without
// --no-register az waits ten seconds before each command.
func TestManagementGroups(t *testing.T) {
	needAz(t)
	subscription := tsv(t, "id", "account show")
	az(t, "account management-group create --no-register -n mgTop --display-name 'The top'")
	az(t, "account management-group create --no-register -n mgLow --parent mgTop")
	eq(t, "parent", tsv(t, "details.parent.displayName", "account management-group show --no-register -n mglow"), "The top")
	has(t, "list", tsv(t, "[].name", "account management-group list --no-register"), "mgTop")
	eq(t, "update", tsv(t, "displayName", "account management-group update -n mgLow --display-name Low"), "Low")
	az(t, "account management-group subscription add --name mgLow --subscription %s", subscription)
	eq(t, "subscriptions", tsv(t, "[].name", "account management-group subscription show-sub-under-mg --name mgLow"), subscription)
	has(t, "tree", az(t, "account management-group show --no-register -n mgTop -e -r"), subscription)
	has(t, "entities", az(t, "account management-group entities list"), "mgTop")
	refused(t, "Move or delete them first", "account management-group delete --no-register -n mgLow")

	rg := another(t, "inherits")
	p := servicePrincipal(t, "http://mg-reader", "")
	const scope = "/providers/Microsoft.Management/managementGroups/mgTop"
	az(t, "role assignment create --role Reader --assignee %s --scope %s", p.AppID, scope)
	eq(t, "assignments", tsv(t, "[].roleDefinitionName", "role assignment list --assignee %s --scope %s", p.AppID, scope), "Reader")
	signIn := private + "az login --service-principal -u " + p.AppID + " -p " + quote(p.Password) + " --tenant " + tenant(t) + " --output none && "
	has(t, "what the role shows", cloud.Sh(t, signIn+"az group show -n "+rg), rg)
	cloud.Fails(t, signIn+"az group delete -y -n "+rg, "AuthorizationFailed")

	file := write(t, "mg.json", `{"$schema":"https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#","contentVersion":"1.0.0.0",
		"resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"inside","subscriptionId":"`+subscription+`","location":"eastus","properties":{"mode":"Incremental",
			"template":{"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","contentVersion":"1.0.0.0",
				"resources":[{"type":"Microsoft.Resources/resourceGroups","apiVersion":"2022-09-01","name":"`+rg+`","location":"eastus","tags":{"by":"mg"}}]}}}],
		"outputs":{"name":{"type":"string","value":"[managementGroup().name]"}}}`)
	with := fmt.Sprintf("-m mgLow -l eastus -n d --template-file %s", file)
	eq(t, "validate", tsv(t, "properties.provisioningState", "deployment mg validate %s", with), "Succeeded")
	eq(t, "deployment", tsv(t, "properties.outputs.name.value", "deployment mg create %s", with), "mgLow")
	eq(t, "what it made", tsv(t, "tags.by", "group show -n %s", rg), "mg")
	eq(t, "operations", tsv(t, "[0].properties.targetResource.resourceName", "deployment operation mg list -m mgLow -n d"), "inside")

	file = write(t, "tenant.json", `{"$schema":"https://schema.management.azure.com/schemas/2019-08-01/tenantDeploymentTemplate.json#","contentVersion":"1.0.0.0",
		"resources":[{"type":"Microsoft.Management/managementGroups","apiVersion":"2021-04-01","name":"mgMade","properties":{"displayName":"Made"}}]}`)
	refused(t, "AuthorizationFailed", "deployment tenant list")
	az(t, "rest --method post --url '/providers/Microsoft.Authorization/elevateAccess?api-version=2016-07-01'")
	az(t, "role assignment create --role Owner --scope / --assignee $(az ad signed-in-user show --query id -o tsv)")
	eq(t, "to the tenant", tsv(t, "properties.provisioningState", "deployment tenant create -l eastus -n t --template-file %s", file), "Succeeded")
	eq(t, "its group", tsv(t, "displayName", "account management-group show --no-register -n mgMade"), "Made")

	az(t, "account management-group subscription remove --name mgLow --subscription %s", subscription)
	for _, name := range strings.Fields("mgLow mgTop mgMade") {
		az(t, "account management-group delete --no-register -n %s", name)
	}
	refused(t, "could not be found", "account management-group show --no-register -n mgTop")
	az(t, "role assignment delete --role Owner --scope / --assignee $(az ad signed-in-user show --query id -o tsv)")
}
