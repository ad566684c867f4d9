package az

import (
	"fmt"
	"strings"
	"testing"
)

func TestContainerLife(t *testing.T) {
	rg := group(t, "containerlife")
	server := registry(t, rg, "containerlife")
	login := credentials(t, "containerlife")
	create := func(name, more string) string {
		return fmt.Sprintf("container create -g %s -n %s --image %s/aci-helloworld:v1 %s %s", rg, name, server, login, more)
	}
	fqdn := tsv(t, "ipAddress.fqdn", "%s", create("web", "--dns-name-label life-web --ports 80 --environment-variables COLOR=blue --secure-environment-variables TOKEN=hidden"))
	get := "curl --silent --show-error --fail --max-time 20 http://" + fqdn + "/"
	has(t, "page", cloud.Sh(t, get), "Welcome to Azure")

	show := az(t, "container show -g %s -n web", rg)
	for _, want := range []string{`"provisioningState": "Succeeded"`, `"osType": "Linux"`, `"restartPolicy": "Always"`, `"memoryInGb": 1.5`, `"COLOR"`, `"blue"`, `"TOKEN"`} {
		if !strings.Contains(strings.ReplaceAll(show, "memoryInGB", "memoryInGb"), want) {
			t.Errorf("container show lacks %s:\n%s", want, show)
		}
	}
	if strings.Contains(show, "hidden") {
		t.Errorf("container show tells a secure variable:\n%s", show)
	}
	eq(t, "state", tsv(t, "instanceView.state", "container show -g %s -n web", rg), "Running")
	eq(t, "container state", tsv(t, "containers[0].instanceView.currentState.state", "container show -g %s -n web", rg), "Running")
	eq(t, "credentials are not told", tsv(t, "imageRegistryCredentials[0].password", "container show -g %s -n web", rg), "")
	eq(t, "list", tsv(t, "[].name", "container list -g %s", rg), "web")
	has(t, "list of the subscription", tsv(t, "[].name", "container list"), "web")
	like(t, "logs", az(t, "container logs -g %s -n web", rg), `.*listening.*"GET / HTTP/1\.1" 200.*`)

	life(t, rg, get)
	refused(t, "(DnsNameLabelAlreadyTaken)", "%s", create("thief", "--dns-name-label life-web"))
	az(t, "container delete -y -g %s -n web", rg)
	refused(t, "(ResourceNotFound)", "container show -g %s -n web", rg)
	eq(t, "list after delete", tsv(t, "[].name", "container list -g %s", rg), "")
	az(t, "container delete -y -g %s -n web", rg) // absent: no error
	again := tsv(t, "ipAddress.fqdn", "%s", create("second", "--dns-name-label life-web"))
	eq(t, "a label that is free again", again, fqdn)
	has(t, "page of the second group", cloud.Sh(t, get), "Welcome to Azure")
	az(t, "group delete -y -n %s", rg)
	cloud.Fails(t, get, "curl:") // its process went with the resource group
}

// life stops, starts and restarts the group, whose page get fetches.
func life(t *testing.T, rg, get string) {
	t.Helper()
	state := func(want string) (started string) {
		t.Helper()
		const view = "containers[0].instanceView.currentState"
		got := strings.Fields(tsv(t, "[instanceView.state, "+view+".state, "+view+".startTime]", "container show -g %s -n web", rg))
		if len(got) != 3 || got[0]+" "+got[1] != want {
			t.Errorf("states and start %q, want %s", got, want)
			return ""
		}
		return got[2]
	}
	first := state("Running Running")
	az(t, "container stop -g %s -n web", rg)
	state("Stopped Terminated")
	cloud.Fails(t, get, "curl:")
	az(t, "container start -g %s -n web", rg)
	second := state("Running Running")
	has(t, "page after start", cloud.Sh(t, get), "Welcome to Azure")
	az(t, "container restart -g %s -n web", rg)
	third := state("Running Running")
	has(t, "page after restart", cloud.Sh(t, get), "Welcome to Azure")
	if first >= second || second >= third {
		t.Errorf("created, started and restarted at %s, %s and %s", first, second, third)
	}
	has(t, "logs after restart", az(t, "container logs -g %s -n web", rg), "listening")
}

func TestContainerRunsToItsEnd(t *testing.T) {
	rg := group(t, "containerend")
	server := registry(t, rg, "containerend")
	login := credentials(t, "containerend")
	// The sample fails at once when its port is no number.
	az(t, "container create -g %s -n job --image %s/aci-helloworld:v1 %s --restart-policy Never --environment-variables PORT=nonsense", rg, server, login)
	state := cloud.Sh(t, fmt.Sprintf(`for i in $(seq 20); do s=$(az container show -g %s -n job --query containers[0].instanceView.currentState.state -o tsv); [ "$s" = Terminated ] && break; done; echo $s`, rg))
	eq(t, "state", state, "Terminated")
	eq(t, "exit code", tsv(t, "containers[0].instanceView.currentState.exitCode", "container show -g %s -n job", rg), "1")
	eq(t, "group", tsv(t, "instanceView.state", "container show -g %s -n job", rg), "Failed")
	has(t, "logs after the end", az(t, "container logs -g %s -n job", rg), "error: cannot serve")
}

func TestPullsThatFailSayWhy(t *testing.T) {
	rg := group(t, "pullfail")
	server := registry(t, rg, "pullfail")
	stranger := servicePrincipal(t, "pullfail-stranger", "")
	admin := credentials(t, "pullfail")
	login := "--registry-login-server " + server + " --registry-username %s --registry-password %s"
	for _, c := range []struct{ image, login, why string }{
		{server + "/no-such-repository:v1", admin, "has no such repository"},
		{server + "/aci-helloworld:no-such-tag", admin, "but not this tag"},
		{server + "/aci-helloworld:v1", fmt.Sprintf(login, "pullfail", "wrong"), "did not accept the caller"},
		{server + "/aci-helloworld:v1", "", "No credential for it was given"},
		{server + "/aci-helloworld:v1", fmt.Sprintf(login, stranger.AppID, quote(stranger.Password)), "Assign it the role AcrPull"},
		{"127.0.0.1:1/aci-helloworld:v1", "", "cannot be reached"},
	} {
		cloud.Fails(t, fmt.Sprintf("az container create -g %s -n x --image %s %s", rg, c.image, c.login), "(InaccessibleImage)", c.why)
	}
}

// credentials turns the registry's admin user on and returns the flags that make `az container create` use it.
func credentials(t *testing.T, registry string) string {
	t.Helper()
	server := tsv(t, "loginServer", "acr update -n %s --admin-enabled true", registry)
	user := tsv(t, "username", "acr credential show -n %s", registry)
	password := tsv(t, "passwords[0].value", "acr credential show -n %s", registry)
	return fmt.Sprintf("--registry-login-server %s --registry-username %s --registry-password '%s'", server, user, password)
}
