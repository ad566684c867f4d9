package az

import "testing"

// TestWhatIsNotBuiltSaysSo tries what docs/compat.md lists as not there: each answers with its own error, none pretends.
func TestWhatIsNotBuiltSaysSo(t *testing.T) {
	rg := group(t, "unbuilt")
	scope := tsv(t, "id", "group show -n %s", rg)
	az(t, "keyvault create -g %s -n kvunbuilt", rg)
	t.Cleanup(func() { cloud.Run(t, "az keyvault delete -n kvunbuilt; az keyvault purge -n kvunbuilt") })
	az(t, "acr create -g %s -n regunbuilt --sku Premium", rg)
	container := "container create -g " + rg + " -n x --image example.org/x:v1 "
	for _, c := range []struct{ command, says string }{
		{"keyvault key create --vault-name kvunbuilt -n key", "NotImplemented"},
		{"keyvault certificate list --vault-name kvunbuilt", "NotImplemented"},
		{"keyvault network-rule add -n kvunbuilt --subnet " + scope + "/providers/Microsoft.Network/virtualNetworks/v/subnets/s", "not supported"},
		{"acr replication create -r regunbuilt -l westus", "(NotImplemented)"},
		{"acr update -n regunbuilt --public-network-enabled false", "(NotImplemented)"},
		{"acr task list -r regunbuilt", "(InvalidResourceType)"},
		{container + "--os-type Windows", "(NotImplemented)"},
		{container + "--priority Spot", "(NotImplemented)"},
		{container + "--log-analytics-workspace w --log-analytics-workspace-key a2V5", "'properties.diagnostics'"},
		{container + "--log-analytics-workspace w", "InvalidResourceNamespace"},
		{container + "--subnet " + scope + "/providers/Microsoft.Network/virtualNetworks/v/subnets/s", "(InvalidResourceType)"},
		{"role assignment create --role reader --assignee $(az ad signed-in-user show --query id -o tsv) --scope " + scope + " --condition true --condition-version 2.0", "NotImplemented"},
		{"vm list", "InvalidResourceNamespace"},
		{"storage account list", "InvalidResourceNamespace"},
	} {
		refused(t, c.says, "%s", c.command)
	}
}
