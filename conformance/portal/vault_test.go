package portal

import (
	"fmt"
	"testing"
)

// TestVault makes a key vault, a secret and its versions, shows and hides them, is refused as somebody without a role, and deletes, recovers and purges.
func TestVault(t *testing.T) {
	o := newOperator(t)
	group := o.subscription + "/resourceGroups/vault-walk"
	o.send("PUT", o.management, group+"?api-version=2021-04-01", `{"location":"eastus"}`)
	const password = "Correct-Horse-9"
	name := "noroles@" + o.domain
	user := o.send("POST", o.graph, "/v1.0/users", fmt.Sprintf(`{"displayName":"Nora Noroles","userPrincipalName":%q,"accountEnabled":true,"passwordProfile":{"password":%q}}`, name, password))
	o.send("PUT", o.management, fmt.Sprintf("%s/providers/Microsoft.Authorization/roleAssignments/%s?api-version=2022-04-01", group, guid()),
		fmt.Sprintf(`{"properties":{"roleDefinitionId":"%s/providers/Microsoft.Authorization/roleDefinitions/%s","principalId":%q}}`, o.subscription, reader, user["id"]))
	walk(t, "vault.mjs", map[string]string{"group": group, "vault": "walk-vault", "reader": name, "readerPassword": password})
}
