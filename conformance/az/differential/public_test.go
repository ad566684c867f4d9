package differential

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// The built-in az knows nothing of Lazuli: given the address of a control plane
// in a public domain, and an empty configuration, it finds the sign-in, the
// directory and the vaults by what that control plane says, through a proxy.
func TestPublicNames(t *testing.T) {
	c, err := harness.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	const domain = "cloud.contoso.com"
	if err := c.Configure("domain", domain); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var sp struct{ AppID, Password, Tenant string }
	c.JSON(t, `az ad sp create-for-rbac -n public --role Owner --scopes /subscriptions/$(az account show --query id -o tsv)`, &sp)
	status, err := c.Status()
	if err != nil {
		t.Fatal(err)
	}
	endpoints, _ := status["endpoints"].(map[string]any)
	arm, _ := endpoints["resourceManager"].(string)
	if !strings.HasPrefix(arm, "https://management."+domain) {
		t.Fatalf("the control plane is at %s", arm)
	}
	s := bare(t, c)
	for _, row := range []struct{ line, out string }{
		{"cloud register -n Contoso --endpoint-resource-manager " + arm, ""},
		{"cloud set -n Contoso", ""},
		{"login --service-principal -u " + sp.AppID + " -p " + sp.Password + " --tenant " + sp.Tenant + " -o none", ""},
		{"account show --query environmentName -o tsv", "Contoso\n"},
		{"group create -n public -l eastus --query name -o tsv", "public\n"},
		{"acr create -g public -n publicregistry --sku Basic --query \"starts_with(loginServer,'publicregistry.azurecr." + domain + "')\"", "true\n"},
		{"keyvault create -g public -n publicvault --enable-rbac-authorization false --query properties.provisioningState -o tsv", "Succeeded\n"},
		{"keyvault secret set --vault-name publicvault -n word --value kept -o none", ""},
		{"keyvault secret show --vault-name publicvault -n word --query value -o tsv", "kept\n"},
		{"keyvault secret show --vault-name publicvault -n word --query \"starts_with(id,'https://publicvault.vault." + domain + "')\"", "true\n"},
		{"acr repository list -n publicregistry -o tsv", "hello\n"},
		{"acr login -n publicregistry --expose-token --query \"starts_with(loginServer,'publicregistry.azurecr." + domain + "')\"", "true\n"},
		{"acr update -n publicregistry --admin-enabled true --query adminUserEnabled", "true\n"},
		{"container create -g public -n web --image $SERVER/hello:v1 --registry-login-server $SERVER --registry-username publicregistry --registry-password $WORD --dns-name-label public --cpu 0.5 --memory 0.5 --query \"ends_with(ipAddress.fqdn,'." + domain + "')\"", "true\n"},
		{"ad sp show --id " + sp.AppID + " --query appId -o tsv", sp.AppID + "\n"},
		{"group delete -n public -y", ""},
	} {
		if strings.HasPrefix(row.line, "acr repository list") { // what lazuli push does is shown elsewhere
			s.vars["SERVER"] = strings.TrimSpace(s.run(s.words(t, "acr show -n publicregistry --query loginServer -o tsv")).Out)
			c.Sh(t, "lazuli push "+c.Sample(t)+" "+s.vars["SERVER"]+"/hello:v1")
		}
		if strings.HasPrefix(row.line, "container create") {
			s.vars["WORD"] = strings.TrimSpace(s.run(s.words(t, "acr credential show -n publicregistry --query passwords[0].value -o tsv")).Out)
		}
		if got := s.run(s.words(t, row.line)); got.Code != 0 || got.Out != row.out {
			t.Fatalf("az %s: exit %d, want %q\n%s%s", row.line, got.Code, row.out, got.Out, got.Err)
		}
	}
}

// bare is the built-in az with nothing but a proxy and a bundle.
func bare(t *testing.T, c *harness.Cloud) *side {
	t.Helper()
	s := ours(t)
	var env map[string]string
	c.JSON(t, `printf '{"HTTPS_PROXY":"%s","SSL_CERT_FILE":"%s"}' "$HTTPS_PROXY" "$SSL_CERT_FILE"`, &env)
	if env["HTTPS_PROXY"] == "" || env["SSL_CERT_FILE"] == "" {
		text, _ := json.Marshal(env)
		t.Fatalf("lazuli shell sets %s", text)
	}
	s.env = slices.DeleteFunc(slices.Clone(s.env), func(kv string) bool { return !strings.HasPrefix(kv, "PATH=") && !strings.HasPrefix(kv, "HOME=") })
	s.env = append(s.env, "AZURE_CONFIG_DIR="+t.TempDir(), "HTTPS_PROXY="+env["HTTPS_PROXY"], "SSL_CERT_FILE="+env["SSL_CERT_FILE"])
	return s
}
