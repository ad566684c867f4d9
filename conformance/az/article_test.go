package az

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// article is the published workflow, word for word, with the push of the sample where the article builds its image.
const article = `set -e
RES_GROUP=myresourcegroup; ACR_NAME=myregistry; AKV_NAME=mykeyvault
az group create -n $RES_GROUP -l eastus >/dev/null
az acr create -g $RES_GROUP -n $ACR_NAME --sku Basic >/dev/null
lazuli push %s $ACR_NAME.azurecr.%s/aci-helloworld:v1 >/dev/null
az keyvault create -g $RES_GROUP -n $AKV_NAME >/dev/null
az keyvault secret set --vault-name $AKV_NAME --name $ACR_NAME-pull-pwd --value $(az ad sp create-for-rbac --name http://$ACR_NAME-pull --scopes $(az acr show --name $ACR_NAME --query id --output tsv) --role acrpull --query password --output tsv) >/dev/null
az keyvault secret set --vault-name $AKV_NAME --name $ACR_NAME-pull-usr --value $(az ad sp show --id http://$ACR_NAME-pull --query appId --output tsv) >/dev/null
ACR_LOGIN_SERVER=$(az acr show --name $ACR_NAME --resource-group $RES_GROUP --query "loginServer" --output tsv)
az container create --name aci-demo --resource-group $RES_GROUP --image $ACR_LOGIN_SERVER/aci-helloworld:v1 \
    --registry-login-server $ACR_LOGIN_SERVER \
    --registry-username $(az keyvault secret show --vault-name $AKV_NAME -n $ACR_NAME-pull-usr --query value -o tsv) \
    --registry-password $(az keyvault secret show --vault-name $AKV_NAME -n $ACR_NAME-pull-pwd --query value -o tsv) \
    --dns-name-label aci-demo-$RANDOM --query ipAddress.fqdn
`

func TestArticle(t *testing.T) {
	needAz(t)
	suffix := registrySuffix(t)
	t.Cleanup(func() { cloud.Run(t, "az group delete -y -n myresourcegroup; az keyvault purge -n mykeyvault") })

	fqdn := cloud.Sh(t, fmt.Sprintf(article, cloud.Sample(t), suffix))
	like(t, "what the article prints", fqdn, `"aci-demo-[0-9]+\.eastus\.azurecontainer\.lazuli\.localhost"`)
	fqdn = strings.Trim(fqdn, `"`)

	page := cloud.Sh(t, "curl --silent --show-error --fail http://"+fqdn+"/")
	has(t, "the page", page, "<h1>Welcome to Azure Container Instances!</h1>")
	has(t, "the log", az(t, "container logs -g myresourcegroup -n aci-demo"), `"GET / HTTP/1.1" 200`)
	separate(t, "aci-helloworld")
}

// registrySuffix is the domain registries are in, with the port where it is not 443.
func registrySuffix(t *testing.T) string {
	t.Helper()
	suffix := tsv(t, "suffixes.acrLoginServerEndpoint", "cloud show")
	return strings.TrimPrefix(strings.TrimPrefix(suffix, "."), "azurecr.")
}

// separate checks that the program runs, in namespaces of its own.
func separate(t *testing.T, program string) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, proc := range procs {
		command, err := os.ReadFile(proc + "/cmdline")
		if err != nil || strings.TrimRight(string(command), "\x00") != "/"+program {
			continue
		}
		found++
		for _, kind := range []string{"pid", "net", "mnt", "ipc", "uts"} {
			own, err := os.Readlink("/proc/self/ns/" + kind)
			if err != nil {
				t.Fatal(err)
			}
			its, err := os.Readlink(proc + "/ns/" + kind)
			if err != nil {
				continue // a container of another test, which has ended
			}
			if its == own {
				t.Errorf("%s shares the machine's %s namespace", proc, kind)
			}
		}
	}
	if found == 0 {
		t.Errorf("no process runs /%s", program)
	}
}
