package az

import (
	"os"
	"strings"
	"testing"
)

// TestDebianAz drives the cloud with Debian 12's own az 2.45 as far as that build goes: its secret commands and its role
// assignments die inside the client.
func TestDebianAz(t *testing.T) {
	const old = "/usr/bin/az"
	if _, err := os.Stat(old); err != nil {
		t.Skip("Debian's own az is not installed (apt-get install azure-cli)")
	}
	rg := group(t, "debianaz")
	if v := cloud.Sh(t, old+` version --query '"azure-cli"' -o tsv`); v != "2.45.0" {
		t.Skipf("Debian's own az is %s here, which the other tests drive", v)
	}
	password := tsv(t, "password", "ad sp create-for-rbac --name debianaz --role contributor --scopes %s", tsv(t, "id", "group show -n %s", rg))
	app := tsv(t, "[0].appId", "ad sp list --display-name debianaz")
	t.Cleanup(func() { cloud.Run(t, "az ad app delete --id "+app) })
	server := registry(t, rg, "debianaz")
	script := strings.NewReplacer("AZ ", old+" ", "RG", rg, "APP", app, "PASSWORD", password, "TENANT", tenant(t), "SERVER", server).Replace(private + `
rm -f $d/msal_http_cache.bin # a pickle of the newer az's classes
AZ login --service-principal -u APP -p 'PASSWORD' --tenant TENANT --query [0].user.name -o tsv
AZ acr repository list -n debianaz -o tsv
AZ keyvault create -g RG -n kvdebianaz --query name -o tsv
AZ acr update -n debianaz --admin-enabled true --query adminUserEnabled -o tsv
AZ container create -g RG -n old --image SERVER/aci-helloworld:v1 --registry-login-server SERVER --registry-username debianaz --registry-password "$(AZ acr credential show -n debianaz --query passwords[0].value -o tsv)" --query provisioningState -o tsv
AZ container list -g RG --query [].name -o tsv
AZ container delete -y -g RG -n old --query name -o tsv`)
	t.Cleanup(func() { cloud.Run(t, "az keyvault delete -n kvdebianaz; az keyvault purge -n kvdebianaz") })
	got := strings.Fields(cloud.Sh(t, script))
	want := []string{app, "aci-helloworld", "kvdebianaz", "true", "Succeeded", "old", "old"}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("az 2.45 printed %q, want %q", got, want)
	}
}
