package az

import (
	"os/exec"
	"testing"
)

func TestRegistry(t *testing.T) {
	rg := group(t, "registry")
	server := registry(t, rg, "regtest")
	like(t, "login server", server, `regtest\.azurecr\.lazuli\.localhost(:[0-9]+)?`)

	eq(t, "admin user at first", tsv(t, "adminUserEnabled", "acr show -n regtest"), "false")
	refused(t, "admin", "acr credential show -n regtest")
	az(t, "acr update -n regtest --admin-enabled true")
	eq(t, "admin user", tsv(t, "username", "acr credential show -n regtest"), "regtest")
	first := tsv(t, "passwords[0].value", "acr credential show -n regtest")
	second := tsv(t, "passwords[1].value", "acr credential show -n regtest")
	like(t, "password", first, `[A-Za-z0-9+/=._~-]{20,}`)
	if first == second {
		t.Error("both passwords of the admin user are the same")
	}
	allowed(t, "a pull with the admin user's password", pull(t, server, "regtest", first))
	renewed := tsv(t, "passwords[0].value", "acr credential renew -n regtest --password-name password")
	if renewed == first {
		t.Error("renew kept the password")
	}
	eq(t, "the other password", tsv(t, "passwords[1].value", "acr credential show -n regtest"), second)
	denied(t, "a pull with the password before", pull(t, server, "regtest", first))
	allowed(t, "a pull with the renewed password", pull(t, server, "regtest", renewed))
	allowed(t, "a push with the other password", push(t, server, "regtest", second))
	az(t, "acr update -n regtest --admin-enabled false")
	denied(t, "a pull of the admin user that was turned off", pull(t, server, "regtest", renewed))

	token := tsv(t, "accessToken", "acr login -n regtest --expose-token")
	like(t, "token", token, `[\w-]+\.[\w-]+\.[\w-]+`)
	allowed(t, "a pull with the exposed token", pull(t, server, "00000000-0000-0000-0000-000000000000", token))
	denied(t, "a pull with a changed token", pull(t, server, "00000000-0000-0000-0000-000000000000", token[:len(token)-8]+"AAAAAAAA"))
	eq(t, "repositories", tsv(t, "[]", "acr repository list -n regtest"), "aci-helloworld\ncopied")
	eq(t, "tags", tsv(t, "[]", "acr repository show-tags -n regtest --repository aci-helloworld"), "v1")
	like(t, "tags in detail", tsv(t, "[].digest", "acr repository show-tags -n regtest --repository aci-helloworld --detail"), `sha256:[0-9a-f]{64}`)
	eq(t, "list", tsv(t, "[?name=='regtest'].name", "acr list"), "regtest")

	refused(t, "AlreadyInUse", "acr create -g %s -n regtest --sku Basic -l westus", another(t, "registryother"))
	az(t, "acr delete -y -n regtest")
	refused(t, "could not be found", "acr show -n regtest")
	eq(t, "list after delete", tsv(t, "[?name=='regtest'].name", "acr list"), "")
}

func TestDockerLoginThroughAz(t *testing.T) {
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("the docker command line is not installed")
	}
	rg := group(t, "dockerlogin")
	server := registry(t, rg, "dockerlogin")
	// az asks `docker ps` whether a daemon runs; only the login itself is under test here, and it needs none.
	out := cloud.Sh(t, `set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT
printf '#!/bin/sh\n[ "$1" = ps ] || exec docker "$@"\n' >$d/docker; chmod +x $d/docker
export DOCKER_CONFIG=$d
DOCKER_COMMAND=$d/docker az acr login -n dockerlogin
skopeo inspect --authfile $d/config.json --format '{{.Name}}' docker://`+server+`/aci-helloworld:v1`)
	has(t, "acr login", out, "Login Succeeded")
	has(t, "a pull with what the login left", out, server+"/aci-helloworld")
}
