package registry

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// cloud is the one cloud of all tests here.
var cloud *harness.Cloud

func TestMain(m *testing.M) {
	harness.Main(m, func(c *harness.Cloud) { cloud = c })
}

// A client is somebody with credentials, and what the registry must allow.
type client struct {
	who, user, password string
	pull, push          bool
}

// world makes a registry with the sample and one image pushed for reading, and one client of each kind.
func world(t *testing.T, name string) (server string, clients []client) {
	t.Helper()
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	t.Cleanup(func() {
		cloud.Run(t, fmt.Sprintf(`az group delete -y -n %[1]s
for s in pull push none gone; do az ad app delete --id $(az ad sp list --display-name %[1]s-$s --query [0].appId -o tsv); done`, name))
	})
	out := cloud.Sh(t, fmt.Sprintf(`set -e
az group create -n %[1]s -l eastus >/dev/null
az acr create -g %[1]s -n %[1]s --sku Basic --admin-enabled true >/dev/null
server=$(az acr show -n %[1]s --query loginServer -o tsv); scope=$(az acr show -n %[1]s --query id -o tsv)
lazuli push %[2]s $server/sample:v1 >/dev/null
echo $server
az acr credential show -n %[1]s --query "[username, passwords[0].value]" -o tsv | paste -s
for role in AcrPull:pull AcrPush:push; do
	az ad sp create-for-rbac --name %[1]s-${role#*:} --role ${role%%:*} --scopes $scope --query "[appId, password]" -o tsv | paste -s
done
for name in none gone; do az ad sp create-for-rbac --name %[1]s-$name --query "[appId, password]" -o tsv | paste -s; done`, name, cloud.Sample(t)))
	words := strings.Fields(out)
	if len(words) != 11 {
		t.Fatalf("unexpected output:\n%s", out)
	}
	w := func(i int) (string, string) { return words[1+2*i], words[2+2*i] }
	add := func(who string, i int, pull, push bool) {
		user, password := w(i)
		clients = append(clients, client{who, user, password, pull, push})
	}
	add("the admin user", 0, true, true)
	add("a service principal with AcrPull", 1, true, false)
	add("a service principal with AcrPush", 2, true, true)
	add("a service principal without a role", 3, false, false)
	add("a deleted service principal", 4, false, false)
	cloud.Sh(t, "az ad sp delete --id "+clients[4].user)
	clients = append(clients,
		client{"the admin user with a wrong password", clients[0].user, "wrong", false, false},
		client{"a service principal with a wrong secret", clients[2].user, "wrong", false, false},
		client{"a service principal with another one's secret", clients[2].user, clients[1].password, false, false},
		client{"a stranger", "stranger", "secret", false, false},
	)
	return words[0], clients
}

func TestSkopeo(t *testing.T) {
	server, clients := world(t, "skopeoreg")
	for i, c := range clients {
		read := cloud.Run(t, fmt.Sprintf("skopeo inspect --creds '%s:%s' --format '{{.Digest}}' docker://%s/sample:v1", c.user, c.password, server))
		expect(t, c.who+" inspects with skopeo", read.Code == 0, c.pull, read.Stderr)
		copied := cloud.Run(t, fmt.Sprintf(`set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT
skopeo copy --src-creds '%[1]s:%[2]s' docker://%[4]s/sample:v1 oci:$d/image:v1 >/dev/null
skopeo copy --dest-creds '%[5]s:%[6]s' oci:$d/image:v1 docker://%[4]s/skopeo:v%[3]d`,
			clients[0].user, clients[0].password, i, server, c.user, c.password))
		expect(t, c.who+" pushes with skopeo", copied.Code == 0, c.push, copied.Stderr)
	}
	admin := clients[0]
	digest := func(image string) string {
		return cloud.Sh(t, fmt.Sprintf("skopeo inspect --creds '%s:%s' --format '{{.Digest}}' docker://%s/%s", admin.user, admin.password, server, image))
	}
	if pushed, copied := digest("sample:v1"), digest("skopeo:v0"); pushed != copied {
		t.Errorf("skopeo's copy has digest %s, the image %s", copied, pushed)
	}
}

func TestCrane(t *testing.T) {
	server, clients := world(t, "cranereg")
	transport := cloud.Client(t).Transport
	img, err := random.Image(4096, 3)
	if err != nil {
		t.Fatal(err)
	}
	want, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range clients {
		options := []crane.Option{crane.WithTransport(transport), crane.WithAuth(&authn.Basic{Username: c.user, Password: c.password})}
		_, err := crane.Manifest(server+"/sample:v1", options...)
		expect(t, c.who+" pulls with crane", err == nil, c.pull, fmt.Sprint(err))
		ref := fmt.Sprintf("%s/crane/deep/name:v%d", server, i)
		err = crane.Push(img, ref, options...)
		expect(t, c.who+" pushes with crane", err == nil, c.push, fmt.Sprint(err))
		if !c.push {
			continue
		}
		pulled, err := crane.Pull(ref, options...)
		if err != nil {
			t.Errorf("%s pulls what it pushed: %v", c.who, err)
			continue
		}
		if got, err := pulled.Digest(); err != nil || got != want {
			t.Errorf("%s pushed %s and pulled %s, %v", c.who, want, got, err)
		}
	}
	if _, err := crane.Manifest(server+"/sample:v1", crane.WithTransport(transport)); err == nil {
		t.Error("the registry lets anybody pull")
	}
	admin := crane.WithAuth(&authn.Basic{Username: clients[0].user, Password: clients[0].password})
	tags, err := crane.ListTags(server+"/crane/deep/name", crane.WithTransport(transport), admin)
	if err != nil || strings.Join(tags, " ") != "v0 v2" {
		t.Errorf("tags %v, %v; want v0 and v2", tags, err)
	}
}

func TestDockerLogin(t *testing.T) {
	server, clients := world(t, "dockerreg")
	if r := cloud.Run(t, "command -v docker"); r.Code != 0 {
		t.Skip("the docker command line is not installed")
	}
	for _, c := range clients {
		r := cloud.Run(t, fmt.Sprintf(`d=$(mktemp -d); trap 'rm -rf $d' EXIT
printf %%s '%s' | docker --config $d login -u '%s' --password-stdin %s`, c.password, c.user, server))
		// Azure: a login succeeds for those with any role at the registry, not for everybody the directory knows.
		expect(t, c.who+" logs in with docker", r.Code == 0, c.pull, r.Stdout+r.Stderr)
	}
	token := cloud.Sh(t, "az acr login -n dockerreg --expose-token --query accessToken -o tsv")
	r := cloud.Run(t, fmt.Sprintf(`d=$(mktemp -d); trap 'rm -rf $d' EXIT
printf %%s '%s' | docker --config $d login -u 00000000-0000-0000-0000-000000000000 --password-stdin %s`, token, server))
	expect(t, "a token of az acr login logs in with docker", r.Code == 0, true, r.Stdout+r.Stderr)
}

// expect reports when what happened is not what must.
func expect(t *testing.T, what string, got, want bool, said string) {
	t.Helper()
	switch {
	case got && !want:
		t.Errorf("%s: it was allowed", what)
	case !got && want:
		t.Errorf("%s: it was refused: %s", what, said)
	}
}
