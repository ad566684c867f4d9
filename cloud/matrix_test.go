package cloud_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// open is every row that asks for no role, and what a caller gets who has
// none: on public rows nobody, without a token; on the others somebody signed
// in, to whom nobody gave anything. texts as in [cloudtest.Caller.Do]. All
// other rows of all tables refuse such a caller; a new open row must be
// justified here.
var open = []struct {
	row    string
	status int
	texts  []string
}{
	// Public: clients ask for the endpoints before they can sign in.
	{"management GET /metadata/endpoints", 200, nil},

	// Public: it is here that callers become somebody. Without a good secret
	// they get no token.
	{"login GET /{tenant}/.well-known/openid-configuration", 200, nil},
	{"login GET /{tenant}/v2.0/.well-known/openid-configuration", 200, nil},
	{"login GET /{tenant}/discovery/keys", 200, []string{`"kid"`, `!"d":`}},
	{"login GET /{tenant}/discovery/v2.0/keys", 200, []string{`"kid"`, `!"d":`}},
	{"login GET /{tenant}/discovery/instance", 400, nil},
	{"login GET /{tenant}/userrealm/{upn}", 200, nil},
	{"login POST /{tenant}/oauth2/token", 400, []string{"!access_token"}},
	{"login POST /{tenant}/oauth2/v2.0/token", 400, []string{"!access_token"}},
	{"login POST /{tenant}/oauth2/devicecode", 400, []string{"!device_code\":"}},
	{"login POST /{tenant}/oauth2/v2.0/devicecode", 400, []string{"!device_code\":"}},
	{"login GET /error", 404, nil},
	{"login GET /device", 200, []string{"<form"}},
	{"login POST /device", 400, []string{"<form"}},
	{"login GET /{tenant}/oauth2/authorize", 400, nil},
	{"login POST /{tenant}/oauth2/authorize", 400, nil},
	{"login GET /{tenant}/oauth2/v2.0/authorize", 400, nil},
	{"login POST /{tenant}/oauth2/v2.0/authorize", 400, nil},
	{"login GET /{tenant}/oauth2/logout", 200, nil},
	{"login GET /{tenant}/oauth2/v2.0/logout", 200, nil},
	{"registry GET /oauth2/token", 401, []string{"!access_token\":"}},
	{"registry POST /oauth2/token", 400, []string{"!access_token\":"}},
	{"registry POST /oauth2/exchange", 400, []string{"!refresh_token\":"}},

	// Any credential: docker learns here whether its login works.
	{"registry GET /v2/", 200, []string{"!app"}},
	{"registry HEAD /v2/", 200, nil},

	// Lists leave out what the caller may not read, and refuse whom they would
	// leave nothing.
	{"management GET /subscriptions", 200, []string{`"value":[]`}},
	{"management GET /subscriptions/{subscription}", 403, nil},
	{"management GET /subscriptions/{subscription}/resourcegroups", 403, nil},
	{"management GET /subscriptions/{subscription}/resources", 403, nil},
	{"management GET /subscriptions/{subscription}/resourcegroups/{group}/resources", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerInstance/containerGroups", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{parent}/scopeMaps", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{parent}/tokens", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{parent}/webhooks", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Resources/templateSpecs", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Resources/templateSpecs/{parent}/versions", 403, nil},
	{"management GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Authorization/permissions", 200, []string{`"value":[]`}},
	// Who holds the unguessable id of an operation may follow it; others find none.
	{"management GET /subscriptions/{subscription}/providers/{namespace}/locations/{location}/operations/{operation}", 404, nil},
	{"management GET /subscriptions/{subscription}/providers/{namespace}/locations/{location}/operationresults/{operation}", 404, nil},
	// Computes from what is sent and shows nothing else.
	{"management POST /providers/Microsoft.Resources/calculateTemplateHash", 400, []string{"InvalidTemplate"}},
	// The right counts that the caller has at the parent of the new group.
	{"management PUT /providers/Microsoft.Management/managementGroups/{managementGroup}", 403, nil},
	{"management GET /providers/Microsoft.Management/managementGroups", 200, []string{`"value":[]`}},
	{"management POST /providers/Microsoft.Management/getEntities", 200, []string{`"value":[]`}},
	// Azure: every member may ask whether a name is free.
	{"management POST /providers/Microsoft.Management/checkNameAvailability", 200, []string{`"nameAvailable":false`}},
	{"management POST /providers/Microsoft.Management/startTenantBackfill", 200, []string{"Completed"}},
	{"management POST /providers/Microsoft.Management/tenantBackfillStatus", 200, []string{"Completed"}},
	// For who runs the cloud.
	{"management POST /providers/Microsoft.Authorization/elevateAccess", 403, nil},
	// Cloud Shell, turned off here: each is of the caller alone.
	{"management PUT /providers/Microsoft.Portal/consoles/default", 501, []string{"CloudShellDisabled"}},
	{"management GET /providers/Microsoft.Portal/consoles/default", 404, nil},
	{"management DELETE /providers/Microsoft.Portal/consoles/default", 204, nil},
	{"management POST /providers/Microsoft.Portal/consoles/default/keepAlive", 404, nil},
	{"management PUT /providers/Microsoft.Portal/userSettings/cloudconsole", 200, nil},
	{"management PATCH /providers/Microsoft.Portal/userSettings/cloudconsole", 200, nil},
	{"management GET /providers/Microsoft.Portal/userSettings/cloudconsole", 200, nil},
	{"management DELETE /providers/Microsoft.Portal/userSettings/cloudconsole", 204, nil},
	{"sessions POST /consoles/{console}/terminals", 404, nil},
	{"sessions POST /consoles/{console}/terminals/{terminal}/size", 404, nil},
	{"sessions POST /consoles/{console}/accessToken", 404, nil},
	// What every cloud of this version answers.
	{"management GET /tenants", 200, nil},
	{"management GET /subscriptions/{subscription}/locations", 200, []string{"eastus"}},
	{"management GET /providers", 200, nil},
	{"management GET /providers/{namespace}", 200, nil},
	{"management GET /subscriptions/{subscription}/providers", 200, nil},
	{"management GET /subscriptions/{subscription}/providers/{namespace}", 200, nil},

	// Azure: every member reads the directory of its own tenant, never secrets.
	{"graph GET /v1.0/applications", 200, noSecrets},
	{"graph GET /v1.0/applications/{id}", 404, nil},
	{"graph GET /v1.0/applications/{id}/owners", 404, nil},
	{"graph GET /v1.0/applications/{id}/federatedIdentityCredentials", 404, nil},
	{"graph GET /v1.0/servicePrincipals", 200, noSecrets},
	{"graph GET /v1.0/servicePrincipals/{id}", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/owners", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/ownedObjects", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/appRoleAssignments", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/oauth2PermissionGrants", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/memberOf", 404, nil},
	{"graph GET /v1.0/servicePrincipals/{id}/transitiveMemberOf", 404, nil},
	{"graph GET /v1.0/users", 200, noSecrets},
	{"graph GET /v1.0/users/{id}", 404, nil},
	{"graph GET /v1.0/users/{id}/ownedObjects", 404, nil},
	{"graph GET /v1.0/users/{id}/memberOf", 404, nil},
	{"graph GET /v1.0/users/{id}/transitiveMemberOf", 404, nil},
	{"graph POST /v1.0/users/{id}/getMemberGroups", 404, nil},
	{"graph POST /v1.0/users/{id}/checkMemberGroups", 404, nil},
	{"graph POST /v1.0/servicePrincipals/{id}/getMemberGroups", 404, nil},
	{"graph GET /v1.0/groups", 200, noSecrets},
	{"graph GET /v1.0/groups/{id}", 404, nil},
	{"graph GET /v1.0/groups/{id}/members", 404, nil},
	{"graph GET /v1.0/groups/{id}/transitiveMembers", 404, nil},
	{"graph GET /v1.0/groups/{id}/owners", 404, nil},
	{"graph GET /v1.0/groups/{id}/memberOf", 404, nil},
	{"graph GET /v1.0/groups/{id}/transitiveMemberOf", 404, nil},
	{"graph POST /v1.0/groups/{id}/getMemberGroups", 404, nil},
	{"graph POST /v1.0/groups/{id}/checkMemberGroups", 404, nil},
	{"graph POST /v1.0/directoryObjects/{id}/getMemberGroups", 404, nil},
	{"graph POST /v1.0/directoryObjects/{id}/checkMemberGroups", 404, nil},
	{"graph GET /v1.0/directoryObjects/{id}", 404, nil},
	{"graph POST /v1.0/directoryObjects/getByIds", 400, nil},
	{"graph GET /v1.0/organization", 200, nil},
	{"graph GET /v1.0/organization/{id}", 404, nil},
	{"graph GET /v1.0/domains", 200, nil},
	{"graph GET /v1.0/domains/{id}", 404, nil},
	// Of the caller alone.
	{"graph GET /v1.0/me", 200, []string{"passerby-graph@", "!admin@"}},
	{"graph GET /oidc/userinfo", 200, []string{"!admin@"}},
	{"graph GET /v1.0/me/ownedObjects", 200, []string{`"value":[]`}},
	{"graph GET /v1.0/me/memberOf", 200, []string{`"value":[]`}},
	{"graph POST /v1.0/me/getMemberGroups", 200, []string{`"value":[]`}},
	{"graph POST /v1.0/me/changePassword", 400, nil},
	{"graph POST /v1.0/me/revokeSignInSessions", 200, nil},
	// Known and not built: nothing is done and nothing shown.
	{"graph GET /v1.0/directoryRoles", 501, nil},
	{"graph POST /v1.0/invitations", 501, nil},
	{"graph POST /v1.0/$batch", 501, nil},
	{"graph POST /v1.0/applications/{id}/addKey", 501, nil},
	{"graph POST /v1.0/applications/{id}/federatedIdentityCredentials", 501, nil},
	{"graph POST /v1.0/oauth2PermissionGrants", 501, nil},
	{"graph POST /v1.0/servicePrincipals/{id}/appRoleAssignments", 501, nil},
}

var noSecrets = []string{"!passwordHash", "!\"mac\"", "!secretText\":\""}

// unbuiltVault are rows of vaults that say 501 and neither do nor show
// anything, one for each method.
var unbuiltVault = regexp.MustCompile(`^vault [A-Z]+ /(keys|deletedkeys|certificates|deletedcertificates|storage|deletedstorage|rng)(/\{rest\.\.\.\})?$`)

// matrixWorld is a cloud with one of everything that rows speak of.
func matrixWorld(t *testing.T) *cloudtest.Cloud {
	c := cloudtest.New(t, cloudtest.WithConfig(func(o *config.Config) { o.CloudShellImage = config.Off }))
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.KeyVault/vaults/matrixvault", vaultBody(c), 201)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/matrixregistry", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerInstance/containerGroups/app", groupBody("example.org/app:v1"), 201)
	owner.Do("PUT", "matrixvault.vault/secrets/thing", `{"value":"hush"}`, 200)
	owner.Do("PUT", "/providers/Microsoft.Management/managementGroups/matrixgroup", `{}`, 200)
	// A stranger gets no token of a registry, so the stranger there is one
	// whose role was taken away after signing in.
	former := c.As("former")
	role := former.Grant(cloudtest.Grant{Role: authz.RoleAcrPull, Scope: c.Group("rg")})
	former.Do("GET", "matrixregistry.azurecr/v2/app/tags/list", "", 404)
	owner.Do("DELETE", role, "", 200)
	return c
}

// without is a signed-in caller who has no role.
func without(c *cloudtest.Cloud, name, plane string) *cloudtest.Caller {
	if plane == "registry" {
		name = "former"
	}
	return c.As(name)
}

func vaultBody(c *cloudtest.Cloud) string {
	return `{"location":"eastus","properties":{"tenantId":"` + c.Status.TenantID + `","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true}}`
}

func groupBody(image string) string {
	return `{"location":"eastus","properties":{"osType":"Linux","containers":[{"name":"app","properties":{"image":"` + image + `","resources":{"requests":{"cpu":1,"memoryInGB":1}}}}]}}`
}

// target fills the placeholders of a row: names that exist, ids that do not.
func target(c *cloudtest.Cloud, plane, path string) string {
	const nobody = "5f0c7a3e-9a53-4b7e-8f0e-3a1d8c2b4d6f"
	name := "app"
	switch {
	case strings.Contains(path, "/roleAssignments/"), strings.Contains(path, "/roleDefinitions/"):
		name = nobody
	case strings.Contains(path, "/vaults/"):
		name = "matrixvault"
	case strings.Contains(path, "/registries/"):
		name = "matrixregistry"
	case plane == "vault":
		name = "thing"
	}
	path = strings.NewReplacer("{subscription}", c.Status.SubscriptionID, "{group}", "rg", "{namespace}", "Microsoft.KeyVault", "{location}", "eastus",
		"{operation}", nobody, "{vault}", "matrixvault", "{secret}", "thing", "{container}", "app", "{console}", "mine", "{terminal}", "first", "{id}", nobody, "{owner}", nobody, "{object}", nobody,
		"{tenant}", c.Status.TenantID, "{upn}", "admin@lazuli.localhost", "{version}", strings.Repeat("a", 32), "{reference}", "v1", "{tag}", "v1",
		"{digest}", "sha256:"+strings.Repeat("a", 64), "{rest...}", "x", "{parent}", "matrixregistry", "{name}", name, "{value}", "x", "{managementGroup}", "matrixgroup").Replace(path)
	switch plane {
	case "management":
		return path
	case "vault":
		return "matrixvault.vault" + path
	case "registry":
		if strings.Contains(path, "/uploads/") {
			path += "?digest=sha256:" + strings.Repeat("a", 64)
		}
		return "matrixregistry.azurecr" + path
	}
	return plane + path
}

// roleKeyVaultReader reads what vaults say of secrets, not the secrets. Azure:
// it may make deployments, too, so the reader of the control plane is another.
const roleKeyVaultReader = "21090545-7ca7-4776-b22c-e363652d74d2"

// isRead reports whether the roles Reader and Key Vault Reader hold the action.
func isRead(row httpd.Row) bool {
	return strings.HasSuffix(row.Action.Name, "/read") && !row.Action.Data || strings.HasSuffix(row.Action.Name, "/readMetadata/action")
}

// Every row of every table: nobody gets 401, a stranger 403, a reader 403 where
// it is more than reading; the owner is never refused, so it is the role that
// decides.
func TestEveryRowRefusesWhoHasNoRole(t *testing.T) {
	c := matrixWorld(t)
	nobody, owner := c.As("nobody"), c.As("owner")
	for plane, rows := range c.Tables() {
		stranger, reader := without(c, "stranger", plane), c.As("reader")
		if plane == "management" {
			reader.Grant(cloudtest.Grant{Role: authz.RoleReader, Scope: "/providers/Microsoft.Management/managementGroups/matrixgroup"})
		}
		if plane == "vault" {
			reader = c.As("vault-reader", cloudtest.Grant{Role: roleKeyVaultReader, Scope: c.Group("rg")})
		}
		for _, row := range rows {
			if row.Action == httpd.Public || row.Action == httpd.AnyCaller {
				continue
			}
			at := target(c, plane, row.Path)
			if strings.Contains(at, "{") {
				t.Errorf("%s %s: no value for a placeholder; add it to target", plane, row.Path)
				continue
			}
			want := func(k *cloudtest.Caller, fits func(status int) bool) {
				t.Helper()
				if a := k.Send(row.Method, at, body(row)); !fits(a.Status) {
					t.Errorf("%s: %s %s (%s): %d %s", k.Name, row.Method, at, row.Action.Name, a.Status, a.Body)
				}
			}
			is := func(status int) func(int) bool { return func(got int) bool { return got == status } }
			passes := func(got int) bool { return got != 401 && got != 403 && (got < 500 || got == 501) }
			want(nobody, is(401))
			want(stranger, is(403))
			if isRead(row) {
				want(reader, passes)
			} else {
				want(reader, is(403))
			}
			if row.Method != http.MethodDelete {
				want(owner, passes)
			}
		}
	}
}

// body is one that every handler refuses, should it get that far.
func body(row httpd.Row) string {
	if row.Method == http.MethodGet || row.Method == http.MethodHead {
		return ""
	}
	return `{"properties":17}`
}

// The rows that ask for no role are those listed above, and show what is said there.
func TestOpenRowsAreListedAndShowNothing(t *testing.T) {
	c := matrixWorld(t)
	seen := map[string]bool{}
	for plane, rows := range c.Tables() {
		for _, row := range rows {
			if row.Action != httpd.Public && row.Action != httpd.AnyCaller {
				continue
			}
			id := plane + " " + row.Method + " " + row.Path
			seen[id] = true
			at := target(c, plane, row.Path)
			who := without(c, "passerby-"+plane, plane)
			if row.Action == httpd.Public {
				who = c.As("nobody")
			} else if a := c.As("nobody").Send(row.Method, at, body(row)); a.Status != 401 {
				t.Errorf("nobody: %s %s: %d %s", row.Method, at, a.Status, a.Body)
			}
			if unbuiltVault.MatchString(id) {
				who.Do(row.Method, at, "", 501, "!hush")
				continue
			}
			i := slices.IndexFunc(open, func(o struct {
				row    string
				status int
				texts  []string
			}) bool {
				return o.row == id
			})
			if i < 0 {
				t.Errorf("%s asks for no role: give it an action, or say in this test why it may be open and what it shows", id)
				continue
			}
			a := who.Send(row.Method, at, "")
			if a.Status != open[i].status {
				t.Errorf("%s: %s: %d, want %d: %.600s", who.Name, id, a.Status, open[i].status, a.Body)
			}
			texts := open[i].texts
			if a.Status < 400 { // a refusal names the scope that was asked for
				texts = append(slices.Clone(texts), "!hush", "!vaults/matrixvault", "!registries/matrixregistry")
			}
			for _, text := range texts {
				if not, ok := strings.CutPrefix(text, "!"); strings.Contains(a.Body, strings.TrimPrefix(text, "!")) == ok {
					t.Errorf("%s: %s: text %q (not %q): %.600s", who.Name, id, text, not, a.Body)
				}
			}
		}
	}
	for _, o := range open {
		if !seen[o.row] {
			t.Errorf("no table has the row %q", o.row)
		}
	}
}

// A list shows what the caller may read, and nothing else.
func TestListsShowOnlyWhatTheCallerMayRead(t *testing.T) {
	c := matrixWorld(t)
	c.As("owner").Do("PUT", c.Group("mine"), `{"location":"eastus"}`, 201)
	c.As("owner").Do("PUT", c.Group("mine")+"/providers/Microsoft.ContainerRegistry/registries/myregistry", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	neighbour := c.As("neighbour", cloudtest.Grant{Role: authz.RoleReader, Scope: c.Group("mine")})
	subscription := "/subscriptions/" + c.Status.SubscriptionID
	neighbour.Do("GET", "/subscriptions", "", 200, subscription)
	neighbour.Do("GET", subscription+"/resourcegroups", "", 200, `"name":"mine"`, `!"name":"rg"`)
	neighbour.Do("GET", subscription+"/resources", "", 200, `"myregistry"`, "!matrix")
	neighbour.Do("GET", subscription+"/providers/Microsoft.ContainerRegistry/registries", "", 200, `"myregistry"`, "!matrix")
	neighbour.Do("GET", subscription+"/providers/Microsoft.KeyVault/vaults", "", 200, "!matrix")
	neighbour.Do("GET", c.Group("rg")+"/resources", "", 403, "AuthorizationFailed", "!matrixvault")
}
