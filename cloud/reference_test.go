package cloud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

// A group's identity reads what the group refers to from the vault: with its own
// rights and no others', anew at each start.
func TestGroupsReadSecretsAsTheirIdentity(t *testing.T) {
	told := make(chan string, 10)
	c := cloudtest.New(t, cloudtest.WithPrograms(map[string]fake.Program{"docker.io/library/app:1": func(p fake.Process) int {
		told <- p.Getenv("TOKEN")
		return fake.Serve(p)
	}}))
	owner, rg := c.As("owner"), c.Group("rg")
	owner.Do("PUT", rg, `{"location":"eastus"}`, 201)
	const vault, at = "/providers/Microsoft.KeyVault/vaults/safe", "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reads"
	owner.Do("PUT", rg+vault, `{"location":"eastus","properties":{"tenantId":"`+c.Status.TenantID+`","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true}}`, 201)
	owner.Do("PUT", "safe.vault/secrets/db?api-version=7.4", `{"value":"first-s3cret"}`, 200)
	var made struct {
		ID         string
		Properties struct{ PrincipalID string }
	}
	owner.Do("PUT", rg+at, `{"location":"eastus"}`, 201).JSON(&made)

	group := rg + "/providers/Microsoft.ContainerInstance/containerGroups/g"
	body := `{"location":"eastus","identity":{"type":"UserAssigned","userAssignedIdentities":{"` + made.ID + `":{}}},"properties":{"secretReferences":[{"name":"db","identity":"` + made.ID +
		`","secretReferenceUri":"` + c.Origin("safe.vault") + `/secrets/db"}],"containers":[{"name":"app","properties":{"image":"docker.io/library/app:1","environmentVariables":[{"name":"TOKEN","secureValueReference":"db"}]}}]}}`
	put := func(status int, body string) string {
		t.Helper()
		a := owner.Do("PUT", group, body, status)
		for range 500 {
			var op struct {
				Status string
				Error  struct{ Message string }
			}
			owner.Do("GET", strings.TrimPrefix(a.Header.Get("Azure-AsyncOperation"), c.Origin("management")), "", 200).JSON(&op)
			if op.Status != "InProgress" && op.Status != "Running" && op.Status != "Pending" {
				return op.Status + " " + op.Error.Message
			}
			time.Sleep(10 * time.Millisecond)
		}
		return "for ever"
	}
	const refused = "Failed The secret reference 'db' of container group 'g' cannot be read from"
	// The owner, who makes the group, may read the secret; its identity may not.
	if got := put(201, body); !strings.HasPrefix(got, refused) || !strings.Contains(got, "'Key Vault Secrets User'") || !strings.Contains(got, made.Properties.PrincipalID) {
		t.Fatalf("without a role: %s", got)
	}
	role := rg + vault + "/providers/Microsoft.Authorization/roleAssignments/4633458b-17de-408a-b874-0445c86b69e6"
	owner.Do("PUT", role, `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6","principalId":"`+
		made.Properties.PrincipalID+`","principalType":"ServicePrincipal"}}`, 201)
	if got := put(200, body); got != "Succeeded " || <-told != "first-s3cret" {
		t.Fatalf("with the role: %s", got)
	}
	if shown := string(owner.Do("GET", group, "", 200).Body); strings.Contains(shown, "s3cret") || !strings.Contains(shown, `"secureValueReference":"db"`) {
		t.Error(shown)
	}
	owner.Do("PUT", "safe.vault/secrets/db?api-version=7.4", `{"value":"second-s3cret"}`, 200)
	owner.Do("POST", group+"/restart", "", 204)
	if got := <-told; got != "second-s3cret" {
		t.Errorf("after a restart: %q", got)
	}
	// A role that was taken away binds at the next start.
	owner.Do("DELETE", role, "", 200)
	owner.Do("POST", group+"/restart", "", 400, "InaccessibleSecretReference")
	if got := put(200, strings.Replace(body, c.Origin("safe.vault"), "https://vault.example.org", 1)); !strings.HasPrefix(got, refused) || !strings.Contains(got, "not a key vault of this cloud") {
		t.Errorf("a stranger's vault: %s", got)
	}
	if got := put(200, strings.Replace(body, "/secrets/db", "/secrets/nothing", 1)); !strings.HasPrefix(got, refused) {
		t.Errorf("a secret that is not there: %s", got)
	}
}
