package differential

import "testing"

func TestGroups(t *testing.T) {
	tell(t, []string{
		"group create -n dg{} -l eastus",
		"group create -n dh{} -l 'East US' --tags a=1 b= c",
		"group create -n dg{}",
		"group create -n 'bad name!' -l eastus",
		"= group show -n dg{}",
		"= group show -n dh{}",
		"group show -g dg{} --query location -o tsv",
		"group show -n none{}",
		"group show",
		"group shw -n dg{}",
		"= group list --query \"[?contains(name,'{}')].{Name:name, Where:location, tags:tags}\"",
		"= group list --tag a=1 --query \"[?contains(name,'{}')]\"",
		"group list --tag none=1",
		"group list --query '[['",
		"group exists -n dg{}",
		"= group exists -n none{}",
		"group exists",
		"group delete -n dg{} --no-wait --yes",
		"group delete -n dh{} -y",
		"group delete -n dh{}",
		"group delete -n none{} -y",
		"group",
	})
}

func TestAccount(t *testing.T) {
	tell(t, []string{
		"= account show",
		"account show -s none",
		"= account list",
		"account list --refresh nonsense",
		"account set -s Lazuli",
		"account set --name none",
		"account set",
		"account get-access-token --query \"keys(@)\"",
		"account get-access-token --query tokenType -o tsv",
		"account get-access-token --resource-type nonsense",
		"= cloud show",
		"cloud show -n none",
		"= cloud list --query [].name",
		"cloud set -n none",
		"cloud unregister -n Lazuli",
		"cloud unregister -n none",
		"cloud register -n x",
		"configure --defaults group=dgroup location=westus",
		"group show",
		"configure --list-defaults --query \"[].{n:name,v:value}\"",
		"configure --defaults group='' location=''",
		"configure --defaults nonsense",
		"rest --method get --url /subscriptions/{subscriptionId}/resourceGroups/none?api-version=2021-04-01",
		"rest --url /subscriptions?api-version=2022-12-01 --query value[].displayName",
		"rest",
		"logout --username nobody",
		"logout",
		"account show",
		"group list",
		"logout",
		"account list",
	})
}
