package az

import (
	"strings"
	"testing"
)

func TestVault(t *testing.T) {
	rg := group(t, "vault")
	uri := tsv(t, "properties.vaultUri", "keyvault create -g %s -n kvtest", rg)
	like(t, "vault URI", uri, `https://kvtest\.vault\.lazuli\.localhost(:[0-9]+)?/`)
	eq(t, "show", tsv(t, "name", "keyvault show -n kvtest"), "kvtest")
	eq(t, "list", tsv(t, "[?name=='kvtest'].name", "keyvault list"), "kvtest")
	refused(t, "already", "keyvault create -g %s -n kvtest", rg)
	for _, name := range []string{"1vault", "my--vault", "vault-"} {
		refused(t, "VaultNameNotValid", "keyvault create -g %s -n %s", rg, name)
	}
	az(t, "keyvault secret set --vault-name kvtest -n kept --value here")

	az(t, "keyvault delete -n kvtest")
	refused(t, "kvtest", "keyvault show -n kvtest")
	eq(t, "list after delete", tsv(t, "[?name=='kvtest'].name", "keyvault list"), "")
	eq(t, "deleted vaults", tsv(t, "[?name=='kvtest'].name", "keyvault list-deleted"), "kvtest")
	refused(t, "deleted state", "keyvault create -g %s -n kvtest", rg) // the name is kept for recovery
	az(t, "keyvault recover -n kvtest")
	eq(t, "recovered", tsv(t, "name", "keyvault show -n kvtest"), "kvtest")
	eq(t, "the secret of the recovered vault", tsv(t, "value", "keyvault secret show --vault-name kvtest -n kept"), "here")

	az(t, "keyvault delete -n kvtest")
	az(t, "keyvault purge -n kvtest")
	eq(t, "deleted vaults after purge", tsv(t, "[?name=='kvtest'].name", "keyvault list-deleted"), "")
	az(t, "keyvault create -g %s -n kvtest", rg)
	eq(t, "secrets of a new vault of that name", tsv(t, "length(@)", "keyvault secret list --vault-name kvtest"), "0")
	az(t, "keyvault delete -n kvtest")
	az(t, "keyvault purge -n kvtest")
}

func TestSecrets(t *testing.T) {
	rg := group(t, "secrets")
	az(t, "keyvault create -g %s -n kvsecrets", rg)
	t.Cleanup(func() { cloud.Run(t, "az keyvault delete -n kvsecrets; az keyvault purge -n kvsecrets") })
	const v = "--vault-name kvsecrets"

	first := tsv(t, "id", "keyvault secret set %s -n color --value 'deep blue $x'", v)
	like(t, "id", first, `https://kvsecrets\.vault\.lazuli\.localhost(:[0-9]+)?/secrets/color/[0-9a-f]{32}`)
	eq(t, "value", tsv(t, "value", "keyvault secret show %s -n color", v), "deep blue $x")
	az(t, "keyvault secret set %s -n color --value red --tags kind=paint", v)
	eq(t, "newest value and tag", tsv(t, "[value, tags.kind]", "keyvault secret show %s -n color", v), "red\npaint")
	eq(t, "first version by id", tsv(t, "value", "keyvault secret show --id %s", first), "deep blue $x")
	eq(t, "versions", tsv(t, "length(@)", "keyvault secret list-versions %s -n color", v), "2")
	az(t, "keyvault secret set %s -n shape --value round", v)
	eq(t, "names", strings.Join(strings.Fields(tsv(t, "sort([].name)", "keyvault secret list %s", v)), " "), "color shape")
	refused(t, "SecretNotFound", "keyvault secret show %s -n nothing", v)
	refused(t, "bad name", "keyvault secret set %s -n 'bad name' --value x", v)

	az(t, "keyvault secret set-attributes %s -n shape --enabled false", v)
	refused(t, "disabled", "keyvault secret show %s -n shape", v)
	az(t, "keyvault secret set-attributes %s -n shape --enabled true", v)
	eq(t, "value after enabling", tsv(t, "value", "keyvault secret show %s -n shape", v), "round")

	az(t, "keyvault secret delete %s -n color", v)
	refused(t, "SecretNotFound", "keyvault secret show %s -n color", v)
	eq(t, "deleted secrets", tsv(t, "[].name", "keyvault secret list-deleted %s", v), "color")
	az(t, "keyvault secret recover %s -n color", v)
	eq(t, "value after recovery", tsv(t, "value", "keyvault secret show %s -n color", v), "red")
	eq(t, "deleted secrets after recovery", tsv(t, "length(@)", "keyvault secret list-deleted %s", v), "0")

	file := cloud.Temp() + "/shape.backup"
	az(t, "keyvault secret backup %s -n shape --file %s", v, file)
	az(t, "keyvault secret delete %s -n shape", v)
	az(t, "keyvault secret purge %s -n shape", v)
	eq(t, "deleted secrets after purge", tsv(t, "length(@)", "keyvault secret list-deleted %s", v), "0")
	refused(t, "SecretNotFound", "keyvault secret show %s -n shape", v)
	refused(t, "SecretNotFound", "keyvault secret recover %s -n shape", v)
	az(t, "keyvault secret restore %s --file %s", v, file)
	eq(t, "value after restore", tsv(t, "value", "keyvault secret show %s -n shape", v), "round")
}
