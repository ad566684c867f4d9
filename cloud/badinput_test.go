package cloud_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

const (
	vaults     = "/providers/Microsoft.KeyVault/vaults/"
	registries = "/providers/Microsoft.ContainerRegistry/registries/"
	groups     = "/providers/Microsoft.ContainerInstance/containerGroups/"
)

// What users get wrong, each answered with a 4xx that names it; never a 500,
// and nothing is made.
func TestBadInputIsNamed(t *testing.T) {
	c := matrixWorld(t)
	owner := c.As("owner")
	rg := c.Group("rg")
	registry := `{"location":"eastus","sku":{"name":"Basic"}}`
	for _, bad := range []struct {
		name, method, target, body string
		status                     int
		texts                      []string
	}{
		{"group name", "PUT", c.Group("bad%20name%2A"), `{"location":"eastus"}`, 400, []string{"InvalidResourceGroupName"}},
		{"group name ends in a dot", "PUT", c.Group("name."), `{"location":"eastus"}`, 400, []string{"InvalidResourceGroupName", "name."}},
		{"group name too long", "PUT", c.Group(strings.Repeat("g", 91)), `{"location":"eastus"}`, 400, []string{"InvalidResourceGroupName"}},
		{"no location", "PUT", c.Group("new"), `{}`, 400, []string{"LocationRequired"}},
		{"unknown location", "PUT", c.Group("new"), `{"location":"atlantis"}`, 400, []string{"LocationNotAvailableForResourceType", "atlantis", "list-locations"}},
		{"broken JSON", "PUT", c.Group("new"), `{"location":`, 400, []string{"InvalidRequestContent"}},
		{"JSON of another kind", "PUT", c.Group("new"), `["location"]`, 400, []string{"InvalidRequestContent"}},
		{"wrong type inside", "PUT", c.Group("new"), `{"location":"eastus","tags":"a"}`, 400, []string{"InvalidRequestContent", "tags"}},
		{"no api-version", "GET", rg + "?api-version=", "", 400, []string{"MissingApiVersionParameter"}},
		{"bad api-version", "GET", rg + "?api-version=latest", "", 400, []string{"InvalidApiVersionParameter", "latest"}},
		{"unknown group", "GET", c.Group("missing"), "", 404, []string{"ResourceGroupNotFound", "missing"}},
		{"unknown namespace", "PUT", rg + "/providers/Microsoft.Nothing/things/a", `{}`, 404, []string{"InvalidResourceNamespace", "Microsoft.Nothing"}},
		{"unknown type", "PUT", rg + "/providers/Microsoft.KeyVault/things/a", `{}`, 404, []string{"InvalidResourceType", "things"}},
		{"unknown method", "PUT", "/subscriptions", `{}`, 405, []string{"HttpMethodNotSupported"}},
		{"unknown path", "GET", "/nothing/here", "", 404, nil},
		{"group in a missing group", "PUT", c.Group("missing") + groups + "a", groupBody("a"), 404, []string{"ResourceGroupNotFound"}},

		{"vault name too short", "PUT", rg + vaults + "ab", vaultBody(c), 400, []string{"VaultNameNotValid"}},
		{"vault name too long", "PUT", rg + vaults + strings.Repeat("v", 25), vaultBody(c), 400, []string{"VaultNameNotValid"}},
		{"vault name begins with a digit", "PUT", rg + vaults + "1vault", vaultBody(c), 400, []string{"VaultNameNotValid"}},
		{"vault name ends with a hyphen", "PUT", rg + vaults + "vault-", vaultBody(c), 400, []string{"VaultNameNotValid"}},
		{"vault name with two hyphens", "PUT", rg + vaults + "my--vault", vaultBody(c), 400, []string{"VaultNameNotValid"}},
		{"vault name with a dot", "PUT", rg + vaults + "my.vault", vaultBody(c), 400, []string{"VaultNameNotValid"}},
		{"secret name", "PUT", "matrixvault.vault/secrets/a_b", `{"value":"x"}`, 400, []string{"BadParameter"}},
		{"secret without value", "PUT", "matrixvault.vault/secrets/a", `{}`, 400, []string{"BadParameter", "value"}},
		{"secret broken JSON", "PUT", "matrixvault.vault/secrets/a", `{"value":`, 400, []string{"BadParameter"}},
		{"unknown vault", "GET", "nosuchvault.vault/secrets/a", "", 404, nil},

		{"registry name with a hyphen", "PUT", rg + registries + "my-registry", registry, 400, []string{"my-registry"}},
		{"registry name too short", "PUT", rg + registries + "abcd", registry, 400, []string{"abcd"}},
		{"registry without sku", "PUT", rg + registries + "newregistry", `{"location":"eastus"}`, 400, []string{"sku"}},
		{"registry unknown sku", "PUT", rg + registries + "newregistry", `{"location":"eastus","sku":{"name":"Golden"}}`, 400, []string{"Golden"}},

		{"container group name", "PUT", rg + groups + "Upper", groupBody("a"), 400, []string{"InvalidResourceName"}},
		{"no containers", "PUT", rg + groups + "new", `{"location":"eastus","properties":{"osType":"Linux"}}`, 400, nil},

		{"user of another domain", "POST", "graph/v1.0/users", `{"displayName":"x","userPrincipalName":"x@elsewhere.example","accountEnabled":true,"passwordProfile":{"password":"Correct-Horse-9"}}`, 400, []string{"lazuli.localhost"}},
		{"graph broken JSON", "POST", "graph/v1.0/applications", `{"displayName"`, 400, nil},
		{"graph unknown property", "POST", "graph/v1.0/applications", `{"displayName":"x","shoeSize":43}`, 400, []string{"shoeSize"}},
		{"graph bad filter", "GET", "graph/v1.0/users?$filter=nonsense", "", 400, nil},
	} {
		a := owner.Send(bad.method, bad.target, bad.body)
		if a.Status != bad.status {
			t.Errorf("%s: %d, want %d: %s", bad.name, a.Status, bad.status, a.Body)
		}
		for _, text := range bad.texts {
			if !strings.Contains(a.Body, text) {
				t.Errorf("%s: the answer does not name %q: %s", bad.name, text, a.Body)
			}
		}
	}
	c.As("nobody").Do("GET", "nosuchregistry.azurecr/v2/", "", 404, "nosuchregistry")
	owner.Do("GET", c.Group("new"), "", 404)
	owner.Do("GET", rg+groups+"new", "", 404)
	owner.Do("GET", rg+registries+"newregistry", "", 404)
}

// Unknown roles, principals and scopes are named; the same assignment twice is
// a conflict, under any name.
func TestBadRoleAssignmentsAreNamed(t *testing.T) {
	c := matrixWorld(t)
	owner, stranger := c.As("owner"), c.As("stranger")
	assign := func(scope, role, principal string) (target, body string) {
		return scope + "/providers/Microsoft.Authorization/roleAssignments/" + uuid.NewString(),
			`{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `"}}`
	}
	try := func(scope, role, principal string, status int, texts ...string) {
		t.Helper()
		target, body := assign(scope, role, principal)
		owner.Do("PUT", target, body, status, texts...)
	}
	const none = "5f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f"
	try(c.Group("rg"), none, stranger.ID, 400, "RoleDefinitionDoesNotExist", none)
	try(c.Group("rg"), authz.RoleReader, none, 400, "PrincipalNotFound", none)
	try(c.Group("missing"), authz.RoleReader, stranger.ID, 404, "missing")
	try(c.Group("rg"), authz.RoleReader, stranger.ID, 201)
	try(c.Group("rg"), authz.RoleReader, stranger.ID, 409, "RoleAssignmentExists")
	try(strings.ToUpper(c.Group("rg")), authz.RoleReader, stranger.ID, 409, "RoleAssignmentExists")
	_, body := assign(c.Group("rg"), authz.RoleReader, stranger.ID)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.Authorization/roleAssignments/not-a-guid", body, 400, "InvalidRoleAssignmentId")
}

// The name of a deleted vault is taken until it is purged.
func TestNameOfDeletedVault(t *testing.T) {
	c := matrixWorld(t)
	owner := c.As("owner")
	path := c.Group("rg") + vaults + "matrixvault"
	subscription := "/subscriptions/" + c.Status.SubscriptionID
	owner.Do("DELETE", path, "", 200)
	owner.Do("GET", path, "", 404)
	owner.Do("GET", "matrixvault.vault/secrets/thing", "", 404, "!hush")
	owner.Do("PUT", c.Group("rg")+vaults+"matrixvault", vaultBody(c), 409, "matrixvault")
	owner.Do("PUT", c.Group("rg")+vaults+"MatrixVault", vaultBody(c), 409)
	owner.Do("POST", subscription+"/providers/Microsoft.KeyVault/checkNameAvailability", `{"name":"matrixvault","type":"Microsoft.KeyVault/vaults"}`, 200, `"nameAvailable":false`)
	follow(t, owner, owner.Send("POST", subscription+"/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/matrixvault/purge", ""))
	owner.Do("PUT", path, vaultBody(c), 201)
	owner.Do("GET", "matrixvault.vault/secrets/thing", "", 404, "SecretNotFound")
}

// follow waits for an operation to succeed.
func follow(t *testing.T, k *cloudtest.Caller, a cloudtest.Answer) {
	t.Helper()
	for a.Status == 202 {
		_, path, _ := strings.Cut(strings.TrimPrefix(a.Header.Get("Location"), "https://"), "/")
		a = k.Send("GET", "/"+path, "")
	}
	if a.Status != 200 && a.Status != 204 {
		t.Fatalf("the operation ended with %d %s", a.Status, a.Body)
	}
}

// Bodies over the limit of a plane are 413, and cost no more than the limit.
func TestOversizedBodies(t *testing.T) {
	c := matrixWorld(t)
	owner := c.As("owner")
	big := strings.Repeat("x", 9<<20)
	for _, target := range []string{c.Group("big"), c.Group("rg") + vaults + "bigvault", c.Group("rg") + groups + "big", "matrixvault.vault/secrets/big"} {
		if a := owner.Send("PUT", target, `{"value":"`+big+`"}`); a.Status != 413 {
			t.Errorf("PUT %s: %d %s", target, a.Status, a.Body)
		}
	}
	if a := owner.Send("POST", "graph/v1.0/applications", `{"displayName":"`+big+`"}`); a.Status != 413 {
		t.Errorf("graph: %d %s", a.Status, a.Body)
	}
	if a := c.As("nobody").Send("POST", "login/"+c.Status.TenantID+"/oauth2/v2.0/token", "grant_type=password&password="+big, "Content-Type", "application/x-www-form-urlencoded"); a.Status != 413 {
		t.Errorf("login: %d %.300s", a.Status, a.Body)
	}
	if a := owner.Send("PUT", "matrixregistry.azurecr/v2/app/manifests/v1", `{"x":"`+big+`"}`, "Content-Type", "application/vnd.oci.image.manifest.v1+json"); a.Status != 413 {
		t.Errorf("manifest: %d %.300s", a.Status, a.Body)
	}
	owner.Do("PUT", "matrixvault.vault/secrets/big", `{"value":"`+strings.Repeat("x", 25<<10+1)+`"}`, 400, "BadParameter")
}

// Names of repositories never become paths: whatever is written in one, it is
// refused or simply not there, and nothing outside the registry answers.
func TestPathTricksInRepositoryNames(t *testing.T) {
	c := matrixWorld(t)
	owner := c.As("owner")
	digest := "sha256:" + strings.Repeat("a", 64)
	for _, name := range []string{
		"..", "../otherregistry/app", "app/../../etc", "app/..", "./app", "app//more", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc%2fpasswd", "app%2f..%2f..%2fx",
		"app%00", "App", "app%0a", `app%5c..%5c..`, "-app", "app-", "a..b", "_catalog", strings.Repeat("a", 300), "app%20x", "%ff%fe",
	} {
		for _, tail := range []string{"/manifests/v1", "/blobs/" + digest, "/tags/list", "/referrers/" + digest} {
			a := owner.Send("GET", "matrixregistry.azurecr/v2/"+name+tail, "")
			if a.Status != 400 && a.Status != 404 && (a.Status < 301 || a.Status > 308) {
				t.Errorf("GET %s%s: %d %.300s", name, tail, a.Status, a.Body)
			}
			if location := a.Header.Get("Location"); location != "" && !strings.HasPrefix(location, "/v2/") {
				t.Errorf("GET %s%s leads out to %s", name, tail, location)
			}
		}
		for method, tail := range map[string]string{"PUT": "/manifests/v1", "POST": "/blobs/uploads/", "DELETE": "/manifests/" + digest} {
			a := owner.Send(method, "matrixregistry.azurecr/v2/"+name+tail, "")
			if a.Status < 300 || a.Status >= 500 {
				t.Errorf("%s %s%s: %d %.300s", method, name, tail, a.Status, a.Body)
			}
		}
	}
	for _, reference := range []string{"..", "../../x", "..%2f..%2fx", "sha256:..", "sha256:" + strings.Repeat("A", 64), "v1%00", strings.Repeat("t", 129), "md5:abc"} {
		if a := owner.Send("GET", "matrixregistry.azurecr/v2/app/manifests/"+reference, ""); a.Status < 300 || a.Status >= 500 {
			t.Errorf("reference %s: %d %.300s", reference, a.Status, a.Body)
		}
	}
	owner.Do("GET", "matrixregistry.azurecr/v2/_catalog", "", 200, `"repositories":[]`)
}
