package registry_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/registry"
)

func TestRegistryLifecycle(t *testing.T) {
	w := start(t)
	w.arm("owner", "PUT", prov+"Shop1", `{"location":"eastus","sku":{"name":"standard"},"properties":{}}`, 201,
		`"loginServer":"shop1`+domain+`:`+w.port+`"`, `"adminUserEnabled":false`, `"sku":{"name":"Standard","tier":"Standard"}`,
		`"azureADAuthenticationAsArmPolicy":{"status":"enabled"}`, `"provisioningState":"Succeeded"`, `"creationDate":"`, `"name":"Shop1"`)
	w.arm("owner", "GET", "/subscriptions/"+sub+"/providers/Microsoft.ContainerRegistry/registries", "", 200, `"name":"Shop1"`)

	// The name is the cloud's, whatever the group and the case.
	w.arm("owner", "PUT", strings.Replace(rg, "/rg", "/rg2", 1), `{"location":"eastus"}`, 201)
	other := strings.Replace(prov, "/rg/", "/rg2/", 1)
	w.arm("owner", "PUT", other+"SHOP1", `{"location":"eastus","sku":{"name":"Basic"}}`, 409, `"AlreadyInUse"`, "shop1"+domain)
	check := "/subscriptions/" + sub + "/providers/Microsoft.ContainerRegistry/checkNameAvailability"
	w.arm("owner", "POST", check, `{"name":"shop1","type":"Microsoft.ContainerRegistry/registries"}`, 200, `"nameAvailable":false`, `"AlreadyExists"`)
	w.arm("owner", "POST", check, `{"name":"a-b","type":"Microsoft.ContainerRegistry/registries"}`, 200, `"nameAvailable":false`, `"Invalid"`)
	w.arm("owner", "POST", check, `{"name":"fresh1","type":"Microsoft.ContainerRegistry/registries"}`, 200, `"nameAvailable":true`)

	for name, body := range map[string]string{
		"abcd":  `{"location":"eastus","sku":{"name":"Basic"}}`,
		"a-bcd": `{"location":"eastus","sku":{"name":"Basic"}}`,
	} {
		w.arm("owner", "PUT", prov+name, body, 400, "InvalidResourceName")
	}
	w.arm("owner", "PUT", prov+"nosku", `{"location":"eastus"}`, 400, "sku.name")
	for _, p := range []string{
		`"publicNetworkAccess":"Disabled"`, `"zoneRedundancy":"Enabled"`, `"networkRuleSet":{"defaultAction":"Deny"}`,
		`"encryption":{"status":"enabled"}`, `"policies":{"softDeletePolicy":{"status":"enabled"}}`, `"roleAssignmentMode":"AbacRepositoryPermissions"`,
		`"policies":{"azureADAuthenticationAsArmPolicy":{"status":"disabled"}}`, `"dataEndpointEnabled":true`,
	} {
		w.arm("owner", "PUT", prov+"fancy", `{"location":"eastus","sku":{"name":"Premium"},"properties":{`+p+`}}`, 501, "NotImplemented", "does not implement")
	}

	w.arm("owner", "PATCH", prov+"shop1", `{"properties":{"adminUserEnabled":true},"tags":{"a":"b"}}`, 200, `"adminUserEnabled":true`, `"a":"b"`, `"tier":"Standard"`)
	w.arm("owner", "PATCH", prov+"shop1", `{"sku":{"name":"Premium"}}`, 200, `"adminUserEnabled":true`, `"tier":"Premium"`)
	w.arm("owner", "GET", prov+"shop1/replications", "", 200, `{"value":[]}`)
	w.arm("owner", "GET", prov+"shop1/replications/eastus", "", 404, "ResourceNotFound")
	w.arm("owner", "PUT", prov+"shop1/replications/westus", `{"location":"westus"}`, 501, "replications")
	w.arm("stranger", "GET", prov+"shop1/replications", "", 403)
	w.arm("owner", "DELETE", prov+"shop1", "", 200)
	w.arm("owner", "GET", prov+"shop1", "", 404)
	w.arm("owner", "DELETE", prov+"shop1", "", 204)
	w.arm("owner", "PUT", other+"shop1", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
}

func TestAdminCredentials(t *testing.T) {
	w := start(t)
	w.arm("owner", "PUT", prov+"shop1", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	w.arm("owner", "POST", prov+"shop1/listCredentials", "", 400, "UnAuthorizedForCredentialOperations", "--admin-enabled true")
	w.arm("owner", "PATCH", prov+"shop1", `{"properties":{"adminUserEnabled":true}}`, 200)
	first := w.passwords("shop1")
	for _, p := range first {
		if !regexp.MustCompile(`^[A-Za-z0-9]{52}$`).MatchString(p) {
			t.Fatalf("password %q is not safe to paste", p)
		}
		w.at("shop1", basic("shop1", p), "GET", "/v2/", "").want(200)
	}
	w.grant("shop1", authz.RoleReader, "reader")
	w.arm("reader", "GET", prov+"shop1", "", 200)
	w.arm("reader", "POST", prov+"shop1/listCredentials", "", 403, "listCredentials/action")

	w.arm("owner", "POST", prov+"shop1/regenerateCredential", `{"name":"password3"}`, 400, "password2")
	w.arm("owner", "POST", prov+"shop1/regenerateCredential", `{"name":"password2"}`, 200, first[0])
	second := w.passwords("shop1")
	if second[0] != first[0] || second[1] == first[1] {
		t.Fatalf("regenerate changed %v to %v", first, second)
	}
	w.at("shop1", basic("shop1", first[1]), "GET", "/v2/", "").want(401, "UNAUTHORIZED", "password of the admin user")
	w.at("shop1", basic("shop1", second[1]), "GET", "/v2/", "").want(200)

	// A restart keeps them, and nothing on disk shows them.
	w.restart()
	if got := w.passwords("shop1"); got != second {
		t.Fatalf("after a restart %v, want %v", got, second)
	}
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), second[0]) {
			t.Errorf("%s shows a password", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUsagesAreMeasured(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	usage := func() int64 {
		var u registry.Usages
		w.arm("owner", "GET", prov+"shop1/listUsages", "", 200).json(&u)
		if u.Value[0].Name != "Size" || u.Value[0].Limit != 10<<30 || u.Value[0].Unit != "Bytes" {
			t.Fatalf("usages: %+v", u)
		}
		return u.Value[0].CurrentValue
	}
	if n := usage(); n != 0 {
		t.Fatalf("an empty registry uses %d bytes", n)
	}
	w.blob("shop1", admin, "one", strings.Repeat("x", 1000))
	w.blob("shop1", admin, "two", strings.Repeat("x", 1000)) // the same: counted once
	w.blob("shop1", admin, "two", strings.Repeat("y", 500))
	if n := usage(); n != 1500 {
		t.Fatalf("the registry uses %d bytes, want 1500", n)
	}
}
