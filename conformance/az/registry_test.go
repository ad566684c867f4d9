package az

import "testing"

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
	renewed := tsv(t, "passwords[0].value", "acr credential renew -n regtest --password-name password")
	if renewed == first {
		t.Error("renew kept the password")
	}
	eq(t, "the other password", tsv(t, "passwords[1].value", "acr credential show -n regtest"), second)

	like(t, "token", tsv(t, "accessToken", "acr login -n regtest --expose-token"), `[\w-]+\.[\w-]+\.[\w-]+`)
	eq(t, "repositories", tsv(t, "[]", "acr repository list -n regtest"), "aci-helloworld")
	eq(t, "tags", tsv(t, "[]", "acr repository show-tags -n regtest --repository aci-helloworld"), "v1")
	like(t, "tags in detail", tsv(t, "[].digest", "acr repository show-tags -n regtest --repository aci-helloworld --detail"), `sha256:[0-9a-f]{64}`)
	eq(t, "list", tsv(t, "[?name=='regtest'].name", "acr list"), "regtest")

	refused(t, "AlreadyInUse", "acr create -g %s -n regtest --sku Basic -l westus", group(t, "registryother"))
	az(t, "acr delete -y -n regtest")
	refused(t, "", "acr show -n regtest")
}

func TestDockerLoginThroughAz(t *testing.T) {
	rg := group(t, "dockerlogin")
	registry(t, rg, "dockerlogin")
	// az asks `docker ps` whether a daemon runs; only the login itself is under test here, and it needs none.
	out := cloud.Sh(t, `set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT
printf '#!/bin/sh\n[ "$1" = ps ] || exec docker "$@"\n' >$d/docker; chmod +x $d/docker
DOCKER_CONFIG=$d DOCKER_COMMAND=$d/docker az acr login -n dockerlogin`)
	has(t, "acr login", out, "Login Succeeded")
}
