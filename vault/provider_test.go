package vault_test

import (
	"strings"
	"testing"
	"time"
)

const azPut = `{"location":"eastus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"standard"},"accessPolicies":[],
 "enableRbacAuthorization":true,"softDeleteRetentionInDays":90,"networkAcls":{"bypass":"AzureServices","defaultAction":"Allow"}}}`

func TestCreateShowUpdate(t *testing.T) {
	w := newWorld(t)
	w.arm("owner", "PUT", vaults+"My-Vault1", azPut).want(201, `"name":"My-Vault1"`, `"vaultUri":"https://my-vault1.vault.test:8443/"`, `"provisioningState":"Succeeded"`,
		`"enableRbacAuthorization":true`, `"softDeleteRetentionInDays":90`, `"enableSoftDelete":true`, `"publicNetworkAccess":"Enabled"`, `"accessPolicies":[]`,
		`"virtualNetworkRules":[]`, "!enablePurgeProtection", "!createMode")
	shown := w.arm("owner", "GET", strings.ToLower(vaults)+"MY-VAULT1", "").want(200, `"tenantId":"`+tenant+`"`)
	// az reads the vault and sends all of it back.
	w.arm("owner", "PUT", vaults+"my-vault1", shown.body).want(200, `"name":"My-Vault1"`)
	w.arm("owner", "PATCH", vaults+"my-vault1", `{"tags":{"a":"b"},"properties":{"enabledForTemplateDeployment":true}}`).want(200, `"enabledForTemplateDeployment":true`, `"a":"b"`, `"enableRbacAuthorization":true`)
	w.arm("owner", "PATCH", vaults+"my-vault1", `{"properties":{"enablePurgeProtection":true}}`).want(200, `"enablePurgeProtection":true`, `"enabledForTemplateDeployment":true`)
	for body, want := range map[string]string{
		`{"properties":{"enablePurgeProtection":false}}`:                                                "irreversible",
		`{"properties":{"softDeleteRetentionInDays":7}}`:                                                "has been set already",
		`{"properties":{"enableSoftDelete":false}}`:                                                     "cannot be set to false",
		`{"properties":{"sku":{"family":"A","name":"gold"}}}`:                                           "'standard' or 'premium'",
		`{"properties":{"tenantId":"` + keeper + `"}}`:                                                  "not the tenant",
		`{"properties":{"networkAcls":{"virtualNetworkRules":[{"id":"/x"}]}}}`:                          "no virtual networks",
		`{"properties":{"networkAcls":{"ipRules":[{"value":"10.0.0.300"}]}}}`:                           "CIDR",
		`{"properties":{"publicNetworkAccess":"Sometimes"}}`:                                            "'Enabled' or 'Disabled'",
		`{"properties":{"createMode":"restore"}}`:                                                       "'default' or 'recover'",
		`{"properties":{"accessPolicies":[{"tenantId":"` + tenant + `","objectId":"me"}]}}`:             "not a GUID",
		`{"properties":{"accessPolicies":"all"}}`:                                                       "an array is expected",
		`{"properties":{"accessPolicies":[` + entry(keeper, "", `"secrets":["read"]`) + `]}}`:           "'read'",
		`{"properties":{"accessPolicies":[{"tenantId":"` + keeper + `","objectId":"` + keeper + `"}]}}`: "accessPolicies[0].tenantId",
	} {
		w.arm("owner", "PATCH", vaults+"my-vault1", body).want(400, want)
	}
	w.arm("owner", "GET", sub+"/providers/Microsoft.KeyVault/vaults", "").want(200, "My-Vault1")
	w.arm("owner", "GET", sub+"/providers/Microsoft.KeyVault/managedHSMs", "").want(200, `{"value":[]}`)
	w.arm("owner", "GET", group+"/providers/Microsoft.KeyVault/managedHSMs", "").want(200, `{"value":[]}`)
	w.arm("owner", "GET", sub+"/providers/Microsoft.KeyVault/deletedManagedHSMs", "").want(200, `{"value":[]}`)
}

func TestCreateRefusals(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"ab", "1abc", "a--b", "abc-", "a_bc", "abcdefghijklmnopqrstuvwxy"} {
		w.arm("owner", "PUT", vaults+name, azPut).want(400, "VaultNameNotValid", name)
	}
	for body, want := range map[string]string{
		`{"properties":{}}`:     "location",
		`{"location":"eastus"}`: "tenantId",
		`{"location":"eastus","properties":{"tenantId":"` + tenant + `"}}`:                           "sku",
		`{"location":"eastus","properties":{"tenantId":"` + tenant + `","sku":{"name":"standard"}}}`: "accessPolicies",
		vaultBody(`,"softDeleteRetentionInDays":6`):                                                  "between 7 and 90",
		vaultBody(`,"softDeleteRetentionInDays":"x"`):                                                "properties",
		`{"location":`: "",
	} {
		w.arm("owner", "PUT", vaults+"good", body).want(400, want)
	}
	w.arm("reader", "PUT", vaults+"good", azPut).want(403, "Microsoft.KeyVault/vaults/write")
	w.arm("owner", "PUT", vaults+"good", vaultBody(`,"createMode":"recover"`)).want(404, "DeletedVaultNotFound")
	w.arm("owner", "GET", vaults+"good", "").want(404)
}

// The default of enableRbacAuthorization turned with api-version 2026-02-01.
func TestRbacDefaultByVersion(t *testing.T) {
	w := newWorld(t)
	body := `{"location":"eastus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"premium"},"accessPolicies":[]}}`
	w.arm("owner", "PUT", vaults+"old1?api-version=2024-12-01-preview", body).want(201, `"enableRbacAuthorization":false`)
	w.arm("owner", "PUT", vaults+"new1?api-version=2026-02-01", body).want(201, `"enableRbacAuthorization":true`)
	w.arm("owner", "PUT", vaults+"old1?api-version=2026-02-01", body).want(200, `"enableRbacAuthorization":false`)
	w.arm("owner", "PUT", vaults+"new1?api-version=2022-07-01", body).want(200, `"enableRbacAuthorization":true`)
}

func TestNamesAreUniqueAndSoftDeleted(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", `,"softDeleteRetentionInDays":7`)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"kept"}`).want(200)
	other := sub2 + "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/KV1"
	w.arm("owner", "PUT", other, azPut).want(409, "VaultAlreadyExists")
	check := sub + "/providers/Microsoft.KeyVault/checkNameAvailability"
	w.arm("owner", "POST", check, `{"name":"KV1","type":"Microsoft.KeyVault/vaults"}`).want(200, `"nameAvailable":false`, "AlreadyExists")
	w.arm("owner", "POST", check, `{"name":"a--b"}`).want(200, `"nameAvailable":false`, "AccountNameInvalid")
	w.arm("owner", "POST", check, `{"name":"free1"}`).want(200, `{"nameAvailable":true}`)

	w.arm("owner", "PATCH", vaults+"kv1", `{"tags":{"team":"a"}}`).want(200)
	w.arm("owner", "DELETE", vaults+"kv1", "").want(200)
	w.arm("owner", "DELETE", vaults+"kv1", "").want(204)
	w.arm("owner", "GET", vaults+"kv1", "").want(404, "ResourceNotFound")
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(404, "VaultNotFound")
	deleted := sub + "/providers/Microsoft.KeyVault/locations/East US/deletedVaults/kv1"
	w.arm("owner", "GET", strings.ReplaceAll(deleted, " ", "%20"), "").want(200, `"vaultId":"`+vaults+`kv1"`, `"deletionDate":"2026-11-23T12:00:00Z"`,
		`"scheduledPurgeDate":"2026-11-30T12:00:00Z"`, `"team":"a"`, `/locations/eastus/deletedVaults/kv1"`)
	deleted = strings.ReplaceAll(deleted, "East US", "eastus")
	w.arm("owner", "GET", sub+"/providers/Microsoft.KeyVault/deletedVaults", "").want(200, "kv1")
	w.arm("owner", "GET", sub2+"/providers/Microsoft.KeyVault/deletedVaults", "").want(200, `{"value":[]}`)
	w.arm("owner", "GET", strings.ReplaceAll(deleted, "eastus", "westus"), "").want(404, "DeletedVaultNotFound")
	w.arm("reader", "POST", deleted+"/purge", "").want(403)
	w.arm("owner", "POST", sub2+strings.TrimPrefix(deleted, sub)+"/purge", "").want(404)

	w.arm("owner", "PUT", vaults+"kv1", azPut).want(409, "ConflictError", "recover or purge")
	w.arm("owner", "PUT", other, vaultBody(`,"createMode":"recover"`)).want(409, "can be recovered only there")
	w.arm("owner", "PUT", vaults+"kv1", strings.ReplaceAll(vaultBody(`,"createMode":"recover"`), "eastus", "westus")).want(409, "eastus")
	w.arm("owner", "PUT", vaults+"kv1", `{"location":"eastus","properties":{"tenantId":"`+tenant+`","sku":{"family":"A","name":"standard"},"createMode":"recover"}}`).
		want(201, `"team":"a"`, `"softDeleteRetentionInDays":7`, `"enableRbacAuthorization":true`)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, `"value":"kept"`)

	w.arm("owner", "DELETE", vaults+"kv1", "").want(200)
	w.arm("owner", "POST", deleted+"/purge", "").want(200)
	w.arm("owner", "POST", deleted+"/purge", "").want(404)
	w.arm("owner", "PUT", other, azPut).want(201)
	w.data("owner", "kv1", "GET", "/secrets", "").want(200, `{"value":[]}`)
}

func TestGroupDeleteSoftDeletesAndRetentionEnds(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", `,"softDeleteRetentionInDays":7`)
	w.create("kv2", `,"softDeleteRetentionInDays":7,"enablePurgeProtection":true`)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"kept"}`).want(200)
	w.arm("owner", "DELETE", group, "").want(202)
	deleted := sub + "/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv2"
	waitFor(t, func() bool { return w.arm("owner", "GET", deleted, "").status == 200 })
	waitFor(t, func() bool { return w.arm("owner", "GET", group, "").status == 404 })
	w.arm("owner", "GET", deleted, "").want(200, `"purgeProtectionEnabled":true`)
	w.arm("owner", "POST", deleted+"/purge", "").want(405, "'DeletedVaultPurge' is not allowed", "2026-11-30")

	w.arm("owner", "PUT", group, `{"location":"eastus"}`).want(201)
	w.arm("owner", "PUT", vaults+"kv1", vaultBody(`,"createMode":"recover"`)).want(201)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, "kept")
	w.advance(7*24*time.Hour - time.Second)
	w.sweep()
	w.arm("owner", "GET", deleted, "").want(200)
	w.advance(time.Second)
	w.sweep()
	w.arm("owner", "GET", deleted, "").want(404)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, "kept")
	w.create("kv2", "")
}

func (w *world) sweep() {
	w.t.Helper()
	if err := w.vaults.Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("did not happen in 5 s")
}

// The control plane writes secrets and never shows a value.
func TestControlPlaneSecrets(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	one := vaults + "kv1/secrets/pw"
	w.arm("owner", "PUT", one, `{"tags":{"a":"b"},"properties":{"value":"hunter2","contentType":"text/plain","attributes":{"enabled":true}}}`).
		want(201, "!hunter2", `"secretUri":"https://kv1.vault.test:8443/secrets/pw"`, `"type":"Microsoft.KeyVault/vaults/secrets"`, `"id":"`+one+`"`)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, "hunter2", "text/plain", `"a":"b"`)
	w.arm("owner", "PUT", one, `{"properties":{"value":"hunter3"}}`).want(200, "!hunter3")
	w.arm("owner", "PATCH", one, `{"properties":{"attributes":{"enabled":false}}}`).want(200, `"enabled":false`)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(403, "SecretDisabled")
	w.arm("owner", "PATCH", one, `{"properties":{"value":"hunter4","attributes":{"enabled":true}}}`).want(200)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, "hunter4")
	w.data("owner", "kv1", "PUT", "/secrets/other", `{"value":"x"}`).want(200)
	w.arm("reader", "GET", vaults+"kv1/secrets", "").want(200, `"name":"pw"`, `"name":"other"`, "!hunter")
	next := w.arm("reader", "GET", vaults+"kv1/secrets?$top=1", "").want(200, `"name":"other"`, "!pw").str("nextLink")
	w.arm("reader", "GET", strings.TrimPrefix(next, "https://management.test:8443"), "").want(200, `"name":"pw"`, "!other", "!nextLink")
	w.arm("reader", "GET", one, "").want(200, "!hunter")
	w.arm("reader", "PUT", one, `{"properties":{"value":"x"}}`).want(403)
	w.arm("owner", "PUT", vaults+"kv1/secrets/a_b", `{"properties":{"value":"x"}}`).want(400, "BadParameter")
	w.arm("owner", "PUT", one, `{"properties":{}}`).want(400, "'value' is required")
	w.arm("owner", "PUT", vaults+"none/secrets/pw", `{"properties":{"value":"x"}}`).want(404)
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
	w.arm("reader", "GET", one, "").want(404, "SecretNotFound")
	w.arm("owner", "PUT", one, `{"properties":{"value":"x"}}`).want(409, "ObjectIsDeletedButRecoverable")
}
