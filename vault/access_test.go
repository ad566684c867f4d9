package vault_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/azure"
)

func entry(object, app, permissions string) string {
	if app != "" {
		app = `"applicationId":"` + app + `",`
	}
	return `{"tenantId":"` + tenant + `","objectId":"` + object + `",` + app + `"permissions":{` + permissions + `}}`
}

func policyVault(entries ...string) string {
	return `{"location":"eastus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"standard"},"accessPolicies":[` + strings.Join(entries, ",") + `]}}`
}

// The first request of every client has no token: the challenge leads it on.
func TestChallenge(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	const challenge = `Bearer authorization="https://login.test:8443/` + tenant + `", resource="https://vault.test:8443"`
	for token, want := range map[string]string{
		"":              "AKV10000: Request is missing a Bearer or PoP token.",
		"owner@arm":     "audience is 'https://vault.test:8443'",
		"nobody@vault":  "Unauthorized",
		"owner@vault/x": "Unauthorized",
		"foreign@vault": "AKV10032: Invalid issuer",
	} {
		r := w.do(token, "PUT", "kv1.vault.test:8443", "/secrets/pw?api-version=7.4", "").want(401, `"code":"Unauthorized"`, want)
		if got := r.header.Get("WWW-Authenticate"); got != challenge {
			t.Errorf("token %q: challenge %q", token, got)
		}
	}
	if got := w.vaults.Audiences(); len(got) != 2 || got[0] != "https://vault.test:8443" || got[1] != "https://vault.test:8443/" {
		t.Errorf("audiences %q", got)
	}
	r := w.do("", "GET", "nope.vault.test:8443", "/secrets/pw?api-version=7.4", "").want(404, "VaultNotFound", "nope")
	if r.header.Get("WWW-Authenticate") != "" {
		t.Error("a vault that does not exist sends clients for a token")
	}
	w.data("owner", "kv1.kv1", "GET", "/secrets/pw", "").want(404, "VaultNotFound", "kv1.kv1.vault.test")
	w.data("owner", "kv1", "GET", "/secrets/pw?api-version=", "").want(400, "api-version must be specified")
	w.data("owner", "kv1", "GET", "/keys", "").want(501, "NotImplemented", "not built")
	w.data("owner", "kv1", "POST", "/certificates/c/create", "{}").want(501, "'certificates'")
	w.do("", "GET", "kv1.vault.test:8443", "/keys/k?api-version=7.4", "").want(401)
	w.data("owner", "kv1", "GET", "/nothing", "").want(404)
	w.data("owner", "kv1", "POST", "/secrets/pw", "").want(405)
}

func TestRoleAssignments(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	w.data("owner", "kv1", "PUT", "/secrets/shared", `{"value":"s"}`).want(200)
	w.data("owner", "kv1", "PUT", "/secrets/private", `{"value":"p"}`).want(200)
	w.data("reader", "kv1", "GET", "/secrets/shared", "").want(403, `"code":"Forbidden"`, `"innererror":{"code":"ForbiddenByRbac"}`,
		`Caller is not authorized to perform action on resource.\r\n`, `Caller: appid=cli;oid=00000000-0000-4000-8000-000000000002;iss=https://login.test`,
		`Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'`, `Resource: '`+strings.ToLower(vaults)+`kv1/secrets/shared'`,
		`DecisionReason: 'DeniedWithNoValidRBAC'`, `Vault: kv1;location=eastus`)
	w.data("app", "kv1", "GET", "/secrets/SHARED", "").want(200, `"value":"s"`)
	w.data("app", "kv1", "GET", "/secrets/shared/versions", "").want(200)
	w.data("app", "kv1", "GET", "/secrets/private", "").want(403)
	w.data("app", "kv1", "GET", "/secrets", "").want(403)
	w.data("app", "kv1", "PUT", "/secrets/shared", `{"value":"x"}`).want(403, "setSecret")
	// Access policies count for nothing while roles rule.
	w.arm("owner", "PUT", vaults+"kv1/accessPolicies/add", `{"properties":{"accessPolicies":[`+entry(principals["stranger"].ObjectID, "", `"secrets":["all"]`)+`]}}`).want(200)
	w.data("stranger", "kv1", "GET", "/secrets/shared", "").want(403, "ForbiddenByRbac")
}

// Every row of the table: nobody is challenged, a stranger is refused.
func TestEveryRowIsGuarded(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	w.arm("owner", "PUT", vaults+"kv2", policyVault()).want(201)
	for _, row := range w.vaults.Plane().Table() {
		path := strings.NewReplacer("{name}", "pw", "{version}", strings.Repeat("a", 32), "{rest...}", "x").Replace(row.Path)
		for _, name := range []string{"kv1", "kv2"} {
			w.do("", row.Method, name+".vault.test:8443", path+"?api-version=7.4", "").want(401)
			if row.Action.Data {
				w.data("stranger", name, row.Method, path, "{}").want(403, `"code":"Forbidden"`)
			}
		}
	}
}

func TestAccessPolicies(t *testing.T) {
	w := newWorld(t)
	stranger, app := principals["stranger"], principals["app"]
	w.arm("owner", "PUT", vaults+"kv1", policyVault(entry(strings.ToUpper(stranger.ObjectID), "", `"secrets":["Set","GET"],"keys":["Get","wrapKey"]`),
		entry(app.ObjectID, "77777777-0000-4000-8000-000000000004", `"secrets":["all"]`))).want(201, `"Set"`)
	// Roles count for nothing while policies rule: the owner has every data action.
	w.data("owner", "kv1", "GET", "/secrets", "").want(403, "does not have secrets list permission on key vault 'kv1;location=eastus'", `"innererror":{"code":"AccessDenied"}`)
	w.data("stranger", "kv1", "PUT", "/secrets/pw", `{"value":"x"}`).want(200)
	w.data("stranger", "kv1", "GET", "/secrets/pw", "").want(200)
	w.data("stranger", "kv1", "PATCH", "/secrets/pw", `{"contentType":"t"}`).want(200)
	w.data("stranger", "kv1", "GET", "/secrets/pw/versions", "").want(403, "secrets list")
	w.data("stranger", "kv1", "DELETE", "/secrets/pw", "").want(403, "secrets delete")
	w.data("stranger", "kv1", "GET", "/deletedsecrets/pw", "").want(404) // needs get, which is there
	w.data("app", "kv1", "GET", "/secrets/pw", "").want(403)             // another application than the entry's

	change := func(op, entries string) reply {
		return w.arm("owner", "PUT", vaults+"kv1/accessPolicies/"+op, `{"properties":{"accessPolicies":[`+entries+`]}}`)
	}
	change("add", entry(stranger.ObjectID, "", `"secrets":["list","get"]`)).want(200, `"type":"Microsoft.KeyVault/vaults/accessPolicies"`, `"secrets":["Set","GET","list"]`)
	w.data("stranger", "kv1", "GET", "/secrets", "").want(200)
	change("remove", entry(stranger.ObjectID, "", `"secrets":["set"]`)).want(200, `"secrets":["GET","list"]`, `"keys":["Get","wrapKey"]`)
	w.data("stranger", "kv1", "PUT", "/secrets/pw", `{"value":"x"}`).want(403)
	change("replace", entry(stranger.ObjectID, "", `"secrets":["purge"]`)).want(200, `"permissions":{"secrets":["purge"]}`)
	change("remove", entry(stranger.ObjectID, "", `"secrets":["purge"]`)).want(200, "!"+strings.ToUpper(stranger.ObjectID))
	change("add", entry(app.ObjectID, "", `"secrets":["all"]`)).want(200)
	w.data("app", "kv1", "DELETE", "/secrets/pw", "").want(200)
	w.data("app", "kv1", "DELETE", "/deletedsecrets/pw", "").want(204)
	change("grant", "").want(400, "'add', 'replace' or 'remove'")
	change("add", entry(app.ObjectID, "", `"secrets":["everything"]`)).want(400, "'everything'")
	w.arm("reader", "PUT", vaults+"kv1/accessPolicies/add", `{}`).want(403)
}

func TestNetworkRules(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", `,"networkAcls":{"defaultAction":"Deny","bypass":"None","ipRules":[{"value":"10.1.0.0/16"}]}`)
	w.data("owner", "kv1", "GET", "/secrets", "").want(403, `"innererror":{"code":"ForbiddenByFirewall"}`, "Client address: 127.0.0.1")
	for rule, want := range map[string]int{"127.0.0.1": 200, "127.0.0.0/8": 200, "::ffff:127.0.0.1": 200, "127.0.0.2/32": 403, "::/0": 403} {
		w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"networkAcls":{"ipRules":[{"value":"`+rule+`"}]}}}`).want(200, rule, `"defaultAction":"Deny"`)
		if got := w.data("owner", "kv1", "GET", "/secrets", ""); got.status != want {
			t.Errorf("rule %s: status %d, want %d", rule, got.status, want)
		}
	}
	w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"networkAcls":{"defaultAction":"Allow"}}}`).want(200)
	w.data("owner", "kv1", "GET", "/secrets", "").want(200)
	w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"publicNetworkAccess":"Disabled"}}`).want(200)
	w.data("owner", "kv1", "GET", "/secrets", "").want(403, `"innererror":{"code":"ForbiddenByConnection"}`)
}

// What a deployment's Key Vault reference may read.
func TestReference(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"first"}`).want(200)
	old := w.data("owner", "kv1", "GET", "/secrets/pw", "").str("id")
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"second"}`).want(200)
	id, err := azure.ParseID(vaults + "KV1")
	if err != nil {
		t.Fatal(err)
	}
	read := func(who, name, version string) string {
		value, err := w.vaults.Secret(t.Context(), id, name, version, principals[who])
		if err != nil {
			return azure.AsError(err).Code
		}
		return value.Reveal()
	}
	expect := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	expect(read("owner", "pw", ""), azure.CodeKeyVaultReferenceFailed) // not enabled
	w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"enabledForTemplateDeployment":true}}`).want(200)
	expect(read("owner", "pw", ""), "second")
	expect(read("owner", "pw", old[len(old)-32:]), "first")
	expect(read("owner", "none", ""), azure.CodeKeyVaultReferenceFailed)
	expect(read("reader", "pw", ""), azure.CodeKeyVaultReferenceDenied)
	expect(read("stranger", "pw", ""), azure.CodeKeyVaultReferenceDenied)
	w.data("owner", "kv1", "PATCH", "/secrets/pw", `{"attributes":{"enabled":false}}`).want(200)
	expect(read("owner", "pw", ""), azure.CodeKeyVaultReferenceFailed)
	w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"networkAcls":{"defaultAction":"Deny"}}}`).want(200)
	expect(read("owner", "pw", old[len(old)-32:]), "first")
	w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"networkAcls":{"bypass":"None"}}}`).want(200)
	expect(read("owner", "pw", old[len(old)-32:]), azure.CodeKeyVaultReferenceFailed)
	id.ResourceGroup = "other"
	expect(read("owner", "pw", ""), azure.CodeKeyVaultReferenceNotFound)
}
