package az

import "testing"

// A template kept as a resource, written, shown, deployed and deleted.
func TestTemplateSpecs(t *testing.T) {
	rg := group(t, "specs")
	file := write(t, "spec.json", `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
		"parameters":{"name":{"type":"string"}},
		"resources":[{"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"[parameters('name')]","location":"eastus"}]}`)
	az(t, "ts create -g %s -n shop -v 1.0 -l eastus --template-file %s --display-name 'A shop' --yes", rg, file)
	eq(t, "versions", tsv(t, "versions[]", "ts show -g %s -n shop", rg), "1.0")
	eq(t, "list", tsv(t, "[].name", "ts list -g %s", rg), "shop")
	id := tsv(t, "id", "ts show -g %s -n shop -v 1.0", rg)
	eq(t, "deployment", tsv(t, "properties.provisioningState", "deployment group create -g %s -n d --template-spec %s --parameters name=fromspec", rg, id), "Succeeded")
	eq(t, "what it made", tsv(t, "name", "identity show -g %s -n fromspec", rg), "fromspec")
	az(t, "ts delete -g %s -n shop --yes", rg)
	eq(t, "after the delete", tsv(t, "[].name", "ts list -g %s", rg), "")
}
