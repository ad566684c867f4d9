package portal

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/lazuli-cloud/lazuli/client"
)

// TestVault makes a key vault, a secret and its versions, shows and hides them, is refused as somebody without a role, and deletes, recovers and purges.
func TestVault(t *testing.T) {
	needBrowser(t)
	status, err := cloud.Status()
	if err != nil {
		t.Fatal(err)
	}
	endpoints, _ := status["endpoints"].(map[string]any)
	o := &operator{t: t, http: cloud.Client(t), admin: client.Admin{Socket: filepath.Join(cloud.Dir, "run", "admin.sock")}, tokens: map[string]string{}}
	management, graph := fmt.Sprint(endpoints["resourceManager"]), fmt.Sprint(endpoints["graph"])
	group := fmt.Sprint("/subscriptions/", status["subscriptionId"], "/resourceGroups/vault-walk")
	o.send("PUT", management, group+"?api-version=2021-04-01", `{"location":"eastus"}`)
	const password = "Correct-Horse-9"
	name := "noroles@" + fmt.Sprint(status["domain"])
	user := o.send("POST", graph, "/v1.0/users", fmt.Sprintf(`{"displayName":"Nora Noroles","userPrincipalName":%q,"accountEnabled":true,"passwordProfile":{"password":%q}}`, name, password))
	o.send("PUT", management, fmt.Sprintf("%s/providers/Microsoft.Authorization/roleAssignments/%s?api-version=2022-04-01", group, guid()),
		fmt.Sprintf(`{"properties":{"roleDefinitionId":"/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s","principalId":%q}}`, status["subscriptionId"], reader, user["id"]))
	walk(t, "vault.mjs", map[string]string{"group": group, "vault": "walk-vault", "reader": name, "readerPassword": password})
}
