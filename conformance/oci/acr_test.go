package oci

import (
	"fmt"
	"strings"
	"testing"
)

// registry makes a registry of a group of its own, with the sample in it as
// app:v1, and gives its login server.
func registry(t *testing.T, name, sku string) string {
	t.Helper()
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	t.Parallel()
	t.Cleanup(func() { cloud.Run(t, "az group delete -y -n "+name) })
	return cloud.Sh(t, fmt.Sprintf(`set -e
az group create -n %[1]s -l eastus >/dev/null
server=$(az acr create -g %[1]s -n %[1]s --sku %[2]s --query loginServer -o tsv)
lazuli push %[3]s $server/app:v1 >/dev/null
echo $server`, name, sku, cloud.Sample(t)))
}

// says runs an az command with --query and compares what it prints.
func says(t *testing.T, want, query, command string) {
	t.Helper()
	if got := strings.Join(strings.Fields(cloud.Sh(t, fmt.Sprintf("az %s --query '%s' -o tsv", command, query))), " "); got != want {
		t.Errorf("az %s: %s is %q, want %q", command, query, got, want)
	}
}

func TestAzAttributesAndLocks(t *testing.T) {
	server := registry(t, "locks", "Basic")
	says(t, "app 1 1 true", "[imageName,manifestCount,tagCount,changeableAttributes.writeEnabled]", "acr repository show -n locks --repository app")
	cloud.Sh(t, "az acr repository update -n locks --image app:v1 --write-enabled false")
	says(t, "false true", "changeableAttributes.[writeEnabled,readEnabled]", "acr repository show -n locks --image app:v1")
	cloud.Fails(t, "az acr repository untag -n locks --image app:v1", "locked against")
	cloud.Fails(t, "az acr repository delete -y -n locks --image app:v1", "locked against")
	cloud.Fails(t, "az acr repository delete -y -n locks --repository app", "locked against")
	cloud.Fails(t, fmt.Sprintf("lazuli push %s %s/other:v1 >/dev/null && az acr repository update -n locks --repository other --write-enabled false >/dev/null && lazuli push %s %s/other:v2",
		cloud.Sample(t), server, cloud.Sample(t), server), "locked against writing")
	cloud.Sh(t, "az acr repository update -n locks --repository other --write-enabled true && az acr repository delete -y -n locks --repository other")
	cloud.Sh(t, "az acr repository update -n locks --image app:v1 --write-enabled true")
	digest := cloud.Sh(t, "az acr manifest list-metadata -r locks -n app --query [0].digest -o tsv")
	says(t, digest+" v1", "[digest,name]", "acr manifest show-metadata -r locks -n app:v1")
	says(t, "application/vnd.oci.image.manifest.v1+json", "mediaType", "acr manifest show -r locks -n app:v1")
	cloud.Sh(t, "az acr manifest update-metadata -r locks -n app@"+digest+" --delete-enabled false")
	cloud.Fails(t, "az acr manifest delete -y -r locks -n app@"+digest, "locked against")
	cloud.Sh(t, "az acr manifest update-metadata -r locks -n app@"+digest+" --delete-enabled true; az acr repository untag -n locks --image app:v1")
	says(t, "", "[]", "acr repository show-tags -n locks --repository app")
	says(t, "1", "length(@)", "acr manifest list-metadata -r locks -n app")
	cloud.Sh(t, "az acr manifest delete -y -r locks -n app@"+digest)
	says(t, "", "[]", "acr repository list -n locks")
}

func TestAzTokensAndScopeMaps(t *testing.T) {
	server := registry(t, "tokens", "Premium")
	cloud.Sh(t, "az acr scope-map create -r tokens -n builders --repository app content/read metadata/read --description 'of the test'")
	says(t, "UserDefined of the test", "[typePropertiesType,description]", "acr scope-map show -r tokens -n builders")
	says(t, "5", "length([?typePropertiesType==`SystemDefined`])", "acr scope-map list -r tokens")
	words := strings.Fields(cloud.Sh(t, `az acr token create -r tokens -n robot --scope-map builders --query "[credentials.username, credentials.passwords[0].value, credentials.passwords[1].value]" -o tsv`))
	if len(words) != 3 {
		t.Fatalf("token create: %q", words)
	}
	try := func(password string) (pull, push bool) {
		t.Helper()
		creds := fmt.Sprintf("'%s:%s'", words[0], password)
		p := cloud.Run(t, fmt.Sprintf("skopeo inspect --creds %s docker://%s/app:v1", creds, server))
		w := cloud.Run(t, fmt.Sprintf("skopeo copy --src-creds %[1]s --dest-creds %[1]s docker://%[2]s/app:v1 docker://%[2]s/app:v2", creds, server))
		return p.Code == 0, w.Code == 0
	}
	expect := func(when, password string, wantPull, wantPush bool) {
		t.Helper()
		if pull, push := try(password); pull != wantPull || push != wantPush {
			t.Errorf("%s: pull %t, push %t; want %t, %t", when, pull, push, wantPull, wantPush)
		}
	}
	expect("at first", words[1], true, false)
	cloud.Sh(t, "az acr scope-map update -r tokens -n builders --add-repository app content/write")
	expect("with content/write", words[2], true, true)
	cloud.Sh(t, "az acr token update -r tokens -n robot --status disabled")
	expect("disabled", words[1], false, false)
	cloud.Sh(t, "az acr token update -r tokens -n robot --status enabled --scope-map _repositories_pull")
	expect("with another scope map", words[1], true, false)
	renewed := cloud.Sh(t, "az acr token credential generate -r tokens -n robot --password1 --expiration-in-days 1 --query passwords[0].value -o tsv")
	expect("the old password", words[1], false, false)
	expect("the new password", renewed, true, false)
	cloud.Sh(t, "az acr token credential delete -r tokens -n robot --password1")
	expect("a deleted password", renewed, false, false)
	says(t, "robot enabled", "[0].[name,status]", "acr token list -r tokens")
	cloud.Sh(t, "az acr token delete -y -r tokens -n robot; az acr scope-map delete -y -r tokens -n builders")
	expect("a deleted token", words[2], false, false)
	cloud.Fails(t, "az acr scope-map show -r tokens -n builders")
}

func TestAzImportUsageRetentionAndAnonymousPull(t *testing.T) {
	server := registry(t, "importer", "Premium")
	cloud.Sh(t, `az acr create -g importer -n importertwo --sku Premium >/dev/null
az acr import -n importertwo --source `+server+`/app:v1 --image copy:v1 && az acr import -n importertwo --registry importer --source app:v1`)
	says(t, "app copy", "[]", "acr repository list -n importertwo")
	cloud.Fails(t, "az acr import -n importertwo --source "+server+"/app:v1 --image copy:v1", "already exists")
	cloud.Sh(t, "az acr import -n importertwo --force --source "+server+"/app:v1 --image copy:v1")
	cloud.Fails(t, "az acr import -n importertwo --source 127.0.0.1:1/app:v1 --image far:v1", "cannot be imported from")

	says(t, "false", "nameAvailable", "acr check-name -n importertwo")
	says(t, "true", "nameAvailable", "acr check-name -n nobodyhasthis")
	says(t, "Size Bytes", "value[0].[name,unit]", "acr show-usage -n importertwo")

	cloud.Sh(t, "az acr config retention update -r importertwo --status enabled --days 3 --type UntaggedManifests")
	says(t, "3 enabled", "[days,status]", "acr config retention show -r importertwo")

	anonymous := "skopeo inspect --no-creds docker://" + strings.Replace(server, "importer.", "importertwo.", 1) + "/copy:v1"
	cloud.Fails(t, anonymous)
	cloud.Sh(t, "az acr update -n importertwo --anonymous-pull-enabled true && "+anonymous)
	cloud.Sh(t, "az acr update -n importertwo --anonymous-pull-enabled false")
	cloud.Fails(t, anonymous)
}

func TestAzWebhooks(t *testing.T) {
	registry(t, "webhooks", "Basic")
	cloud.Sh(t, "az acr webhook create -r webhooks -n hookone --uri http://127.0.0.1:9/x --actions push delete --headers X-Secret=hush --scope app:*")
	says(t, "hookone enabled app:* push", "[0].[name,status,scope,actions[0]]", "acr webhook list -r webhooks")
	says(t, "http://127.0.0.1:9/x hush", "[serviceUri,customHeaders.\"X-Secret\"]", "acr webhook get-config -r webhooks -n hookone")
	cloud.Sh(t, "az acr webhook update -r webhooks -n hookone --status disabled && az acr webhook update -r webhooks -n hookone --status enabled")
	cloud.Sh(t, "az acr webhook ping -r webhooks -n hookone")
	// The target is this machine, which the configuration of the test does not allow.
	says(t, "ping 0", "[0].[eventRequestMessage.content.action,eventResponseMessage.statusCode]", "acr webhook list-events -r webhooks -n hookone")
	cloud.Sh(t, "az acr webhook delete -r webhooks -n hookone")
	says(t, "", "[]", "acr webhook list -r webhooks")
}
