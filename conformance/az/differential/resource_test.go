package differential

import (
	"slices"
	"strings"
)

var resourcesRows = []string{
	"group create -n dres{} -l eastus --tags kind={}",
	"group update -n dres{} --tags a=b",
	"group update -n dres{} --set tags.c=d",
	"group update -n none{} --tags a=b",
	"identity create -g dres{} -n did{}",
	"identity create -g none{} -n did{}",
	"= identity show -g dres{} -n did{}",
	"identity show -g dres{} -n none",
	"= identity list -g dres{}",
	"identity list -g none{}",
	"ID := identity show -g dres{} -n did{} --query id -o tsv",
	"identity show --ids $ID --query name",
	"identity show --ids nonsense",
	"resource list -g dres{} --query [].name",
	"= resource list -g dres{} --resource-type Microsoft.ManagedIdentity/userAssignedIdentities --query \"[].{n:name,t:type,g:resourceGroup}\"",
	"resource list -g none{}",
	"resource list --resource-type nonsense",
	"resource list --tag a=b -g dres{}",
	"= resource show --ids $ID",
	"resource show -g dres{} -n did{} --resource-type Microsoft.ManagedIdentity/userAssignedIdentities --query name",
	"resource show -g dres{} -n none --resource-type Microsoft.ManagedIdentity/userAssignedIdentities",
	"resource show -g dres{} -n none",
	"resource show --ids nonsense",
	"resource tag --ids $ID --tags x=y --query tags.x",
	"resource tag --ids $ID --tags z=1 -i --query tags",
	"resource tag --ids nonsense --tags x=y",
	"tag list --resource-id $ID",
	"tag list --resource-id /subscriptions/none",
	"tag update --resource-id $ID --operation Merge --tags m=n",
	"tag update --resource-id $ID --operation Wrong --tags m=n",
	"tag create --resource-id $ID --tags only=this",
	"tag create",
	"tag delete --resource-id $ID -y",
	"tag delete --resource-id $ID",
	"lock create -n dl{} -g dres{} -t CanNotDelete --notes words",
	"lock create -n dl{} -g none{} -t CanNotDelete",
	"lock create -n dl{} -g dres{} -t Wrong",
	"= lock show -n dl{} -g dres{}",
	"lock show -n none{} -g dres{}",
	"= lock list -g dres{}",
	"lock list -g none{}",
	"lock update -n dl{} -g dres{} --notes more --query notes",
	"lock update -n none{} -g dres{} --notes more",
	"group delete -n dres{} -y",
	"group lock list -g dres{} --query [].name",
	"group lock show -n none{} -g dres{}",
	"group lock create -n gl{} -g dres{} -t ReadOnly",
	"group lock create -n gl{} -g none{} -t ReadOnly",
	"group lock list -g none{}",
	"group lock show -n gl{} -g dres{} --query level",
	"group lock update -n gl{} -g dres{} --notes words --query notes",
	"group lock update -n none{} -g dres{} --notes words",
	"group lock delete -n gl{} -g dres{}",
	"group lock delete -n gl{}",
	"lock delete -n dl{} -g dres{}",
	"lock delete -n dl{}",
	"lock delete --nonsense",
	"resource create -g dres{} -n dnew{} --resource-type Microsoft.ManagedIdentity/userAssignedIdentities --properties '{ }' --query \"[name,location]\"",
	"resource create -g dres{} -n dnew{} --resource-type Microsoft.ManagedIdentity/userAssignedIdentities --properties nonsense",
	"resource invoke-action --ids $ID --action nonsense",
	"acr create -g dres{} -n dresacr{} --sku Basic --admin-enabled true -o none",
	"resource invoke-action -g dres{} -n dresacr{} --resource-type Microsoft.ContainerRegistry/registries --action listCredentials -o none",
	"resource invoke-action --action x",
	"tag create -n dtag{}",
	"tag add-value -n dtag{} --value v",
	"tag add-value -n dtag{}",
	"tag remove-value -n dtag{} --value v",
	"tag remove-value -n dtag{}",
	"tag delete -n dtag{} -y",
	"resource delete --ids $ID",
	"resource delete --ids nonsense",
	"identity create -g dres{} -n did{} --tags a=b --query tags",
	"identity delete -g dres{} -n did{}",
	"identity delete -g none{} -n did{}",
	"group delete -n dres{} -y",
}

var deploymentsRows = []string{
	"group create -n ddep{} -l eastus",
	`+ cat > $TMP/t.json <<'EOF'
{ // a comment
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
  "parameters": {"name": {"type": "string"}, "count": {"type": "int", "defaultValue": 1}, "on": {"type": "bool", "defaultValue": false}},
  "resources": [{"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "[parameters('name')]", "location": "eastus"}],
  "outputs": {"said": {"type": "string", "value": "[concat(parameters('name'), '-', string(parameters('count')))]"}, "on": {"type": "bool", "value": "[parameters('on')]"}}
}
EOF
echo '{"parameters":{"name":{"value":"dfile{}"}}}' > $TMP/p.json; echo '{ nonsense' > $TMP/bad.json
sed 's/userAssignedIdentities/nonsense/' $TMP/t.json > $TMP/wrong.json`,
	"deployment group validate -g ddep{} -f $TMP/t.json -p name=done{} --query properties.provisioningState",
	"deployment group validate -g ddep{} -f $TMP/wrong.json -p name=done{}",
	"deployment group create -g ddep{} -n one -f $TMP/t.json -p name=done{} count=2 on=true --query properties.outputs",
	"deployment group create -g ddep{} -f $TMP/t.json -p $TMP/p.json --query name",
	"deployment group create -g ddep{} -f $TMP/t.json -p @$TMP/p.json --query properties.outputs.said.value -o tsv",
	"deployment group create -g ddep{} -f $TMP/t.json",
	"deployment group create -g ddep{} -f $TMP/t.json -p name=x nonsense=1",
	"deployment group create -g ddep{} -f $TMP/t.json -p name=x count=many",
	"deployment group create -g ddep{} -f $TMP/bad.json",
	"deployment group create -g ddep{} -f $TMP/missing.json",
	"deployment group create -g none{} -f $TMP/t.json -p name=x",
	"deployment group create -g ddep{}",
	"deployment group show -g ddep{} -n one --query \"[name,properties.mode,properties.provisioningState]\" -o tsv",
	"deployment group show -g ddep{} -n one --query properties.parameters",
	"deployment group show -g ddep{} -n one --query \"[name,properties.mode]\"",
	"deployment group show -g ddep{} -n one -o table",
	"deployment group show -g ddep{} -n none",
	"deployment group list -g ddep{} --query \"sort([].name)\"",
	"deployment group list -g none{}",
	"deployment operation group list -g ddep{} -n one --query \"length(@)\"",
	"deployment operation group list -g ddep{} -n none",
	"deployment group export -g ddep{} -n one --query contentVersion",
	"deployment group export -g ddep{} -n none",
	"deployment group what-if -g ddep{} -f $TMP/t.json -p name=dnew{} --no-pretty-print --query \"changes[].changeType | sort(@)\"",
	"deployment group what-if -g ddep{} -f $TMP/wrong.json -p name=dnew{}",
	"deployment group cancel -g ddep{} -n one",
	"deployment group cancel -g ddep{} -n none",
	"+ cat > $TMP/slow.json <<'EOF'\n" + `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"2021-04-01","name":"[concat('slow', copyIndex())]","copy":{"name":"all","count":300,"mode":"serial","batchSize":1},"properties":{"mode":"Incremental","template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]}}}]}` + "\nEOF",
	"deployment group create -g ddep{} -n slow -f $TMP/slow.json --no-wait",
	"deployment group cancel -g ddep{} -n slow",
	"OP := deployment operation group list -g ddep{} -n one --query [0].operationId -o tsv",
	"deployment operation group show -g ddep{} -n one --operation-ids $OP --query \"length(@)\"",
	"deployment operation group show -g ddep{} -n one --operation-ids none",
	"deployment group delete -g ddep{} -n one",
	"deployment group delete -g ddep{} -n none",
	"deployment group delete -g ddep{}",
	"group delete -n ddep{} -y",
}

// Deployments to the three scopes above resource groups, each with a template of
// its own that makes something, and one that is still at it when it is cancelled.
var scopesRows = slices.Concat([]string{
	"+ $AZ rest --method post --url '/providers/Microsoft.Authorization/elevateAccess?api-version=2016-07-01'; $AZ role assignment create --role Owner --scope / --assignee $($AZ ad signed-in-user show --query id -o tsv)",
	"rest --method put --url /providers/Microsoft.Management/managementGroups/dsm{}?api-version=2021-04-01 --body '{ }' -o none",
	"+ echo '{ nonsense' > $TMP/bad.json",
},
	scopeRows("sub", "", "2018-05-01/subscription", `{"type":"Microsoft.Resources/resourceGroups","apiVersion":"2021-04-01","name":"dsg{}","location":"eastus"}`),
	scopeRows("mg", "-m dsm{}", "2019-08-01/managementGroup", `{"type":"Microsoft.Management/managementGroups","apiVersion":"2021-04-01","name":"dmm{}","scope":"/","properties":{ }}`),
	scopeRows("tenant", "", "2019-08-01/tenant", `{"type":"Microsoft.Management/managementGroups","apiVersion":"2021-04-01","name":"dmt{}","properties":{ }}`),
	[]string{
		"group delete -n dsg{} -y",
		"rest --method delete --url /providers/Microsoft.Management/managementGroups/dmm{}?api-version=2021-04-01 -o none",
		"rest --method delete --url /providers/Microsoft.Management/managementGroups/dmt{}?api-version=2021-04-01 -o none",
		"rest --method delete --url /providers/Microsoft.Management/managementGroups/dsm{}?api-version=2021-04-01 -o none",
		"+ $AZ role assignment delete --role Owner --scope / --assignee $($AZ ad signed-in-user show --query id -o tsv) || true",
	})

// scopeRows are the rows of one scope: its word, the argument that names it, the
// schema of its templates and a resource to make there.
func scopeRows(scope, where, schema, resource string) []string {
	head := `{"$schema":"https://schema.management.azure.com/schemas/` + schema + `DeploymentTemplate.json#","contentVersion":"1.0.0.0",`
	slow := `{"type":"Microsoft.Resources/deployments","apiVersion":"2021-04-01","name":"[concat('slow{}-', copyIndex())]","location":"eastus",` +
		`"copy":{"name":"all","count":300,"mode":"serial","batchSize":1},"properties":{"mode":"Incremental","template":` + head + `"resources":[]}}}`
	rows := []string{
		"+ cat > $TMP/made.json <<'EOF'\n" + head + `"resources":[` + resource + `],"outputs":{"a":{"type":"string","value":"b"}}}` + "\nEOF",
		"+ cat > $TMP/slow.json <<'EOF'\n" + head + `"resources":[` + slow + "]}\nEOF",
	}
	for _, row := range []string{
		"S validate M -l eastus -n s{} -f $TMP/made.json --query properties.provisioningState",
		"S validate M -l eastus -n s{} -f $TMP/bad.json",
		"S what-if M -l eastus -n w{} -f $TMP/made.json --no-pretty-print --query \"changes[].changeType\"",
		"S what-if M -l eastus -n w{} -f $TMP/bad.json",
		"S create M -l eastus -n s{} -f $TMP/made.json",
		"S create M -l eastus -n s{} -f $TMP/missing.json",
		"= S show M -n s{}",
		"S show M -n none{}",
		"S list M --query \"[?name=='s{}'].name\"",
		"S list --nonsense",
		"S export M -n s{}",
		"S export M -n none{}",
		"S wait M -n s{} --created --timeout 20",
		"S wait M -n none{} --created --timeout 1 --interval 1",
		"operation S list M -n s{} --query \"length(@)\"",
		"operation S list M -n none{}",
		"OP := operation S list M -n s{} --query [0].operationId -o tsv",
		"operation S show M -n s{} --operation-ids $OP --query [].properties.provisioningState",
		"operation S show M -n none{} --operation-ids none",
		"S create M -l eastus -n slow{} -f $TMP/slow.json --no-wait",
		"S cancel M -n slow{}",
		"S cancel M -n s{}",
		"S cancel M -n none{}",
		"S delete M -n s{}",
		"S delete M -n none{}",
		"S delete --nonsense",
	} {
		mark, name := "", ""
		if rest, ok := strings.CutPrefix(row, "= "); ok {
			mark, row = "= ", rest
		}
		if n, rest, ok := strings.Cut(row, " := "); ok {
			name, row = n+" := ", rest
		}
		row = strings.NewReplacer("S ", scope+" ", " M ", " "+strings.TrimSpace(where)+" ").Replace(row)
		rows = append(rows, mark+name+"deployment "+strings.Join(strings.Fields(row), " "))
	}
	return rows
}
