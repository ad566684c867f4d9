package registry

import (
	"fmt"
	"regexp"
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

// A world is a registry with the sample in it, and one client of each kind.
type world struct {
	server  string
	clients []client
}

// theWorld is made by the first test that needs it; the tests only add to it.
var theWorld *world

// needWorld returns the world, or skips the test where it cannot be made.
func needWorld(t *testing.T) (server string, clients []client) {
	t.Helper()
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	if theWorld == nil {
		theWorld = makeWorld(t)
	}
	return theWorld.server, theWorld.clients
}

func makeWorld(t *testing.T) *world {
	t.Helper()
	words := strings.Fields(cloud.Sh(t, fmt.Sprintf(`set -e
az group create -n clients -l eastus >/dev/null
az acr create -g clients -n clients --sku Basic --admin-enabled true >/dev/null
server=$(az acr show -n clients --query loginServer -o tsv); scope=$(az acr show -n clients --query id -o tsv)
lazuli push %s $server/sample:v1 >/dev/null
echo $server
az acr credential show -n clients --query "[username, passwords[0].value]" -o tsv | paste -s
for role in AcrPull:pull AcrPush:push; do
	az ad sp create-for-rbac --name clients-${role#*:} --role ${role%%%%:*} --scopes $scope --query "[appId, password]" -o tsv | paste -s
done
for name in none gone; do az ad sp create-for-rbac --name clients-$name --query "[appId, password]" -o tsv | paste -s; done`, cloud.Sample(t))))
	if len(words) != 11 {
		t.Fatalf("unexpected output: %q", words)
	}
	w := &world{server: words[0]}
	add := func(who string, i int, pull, push bool) {
		w.clients = append(w.clients, client{who, words[1+2*i], words[2+2*i], pull, push})
	}
	add("the admin user", 0, true, true)
	add("a service principal with AcrPull", 1, true, false)
	add("a service principal with AcrPush", 2, true, true)
	add("a service principal without a role", 3, false, false)
	add("a deleted service principal", 4, false, false)
	cloud.Sh(t, "az ad sp delete --id "+w.clients[4].user)
	w.clients = append(w.clients,
		client{"the admin user with a wrong password", w.clients[0].user, "wrong", false, false},
		client{"a service principal with a wrong secret", w.clients[2].user, "wrong", false, false},
		client{"a service principal with another one's secret", w.clients[2].user, w.clients[1].password, false, false},
		client{"a stranger", "stranger", "secret", false, false},
	)
	return w
}

// Unless told to keep the digests, skopeo compresses the layers that lazuli push
// sent as they are.
func TestSkopeo(t *testing.T) {
	server, clients := needWorld(t)
	for i, c := range clients {
		read := cloud.Run(t, fmt.Sprintf("skopeo inspect --creds '%s:%s' --format '{{.Digest}}' docker://%s/sample:v1", c.user, c.password, server))
		expect(t, c.who+" inspects with skopeo", read.Code == 0, c.pull, read.Stderr)
		copied := cloud.Run(t, fmt.Sprintf(`set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT
skopeo copy --preserve-digests --src-creds '%[1]s:%[2]s' docker://%[4]s/sample:v1 oci:$d/image:v1 >/dev/null
skopeo copy --preserve-digests --dest-creds '%[5]s:%[6]s' oci:$d/image:v1 docker://%[4]s/skopeo:v%[3]d`,
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
	server, clients := needWorld(t)
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
	server, clients := needWorld(t)
	if r := cloud.Run(t, "command -v docker"); r.Code != 0 {
		t.Skip("the docker command line is not installed")
	}
	for _, c := range clients {
		r := cloud.Run(t, fmt.Sprintf(`d=$(mktemp -d); trap 'rm -rf $d' EXIT
printf %%s '%s' | docker --config $d login -u '%s' --password-stdin %s`, c.password, c.user, server))
		// Azure: a login succeeds for those with any role at the registry, not for everybody the directory knows.
		expect(t, c.who+" logs in with docker", r.Code == 0, c.pull, r.Stdout+r.Stderr)
	}
	token := cloud.Sh(t, "az acr login -n clients --expose-token --query accessToken -o tsv")
	r := cloud.Run(t, fmt.Sprintf(`d=$(mktemp -d); trap 'rm -rf $d' EXIT
printf %%s '%s' | docker --config $d login -u 00000000-0000-0000-0000-000000000000 --password-stdin %s`, token, server))
	expect(t, "a token of az acr login logs in with docker", r.Code == 0, true, r.Stdout+r.Stderr)
}

// refusal is how the clients call a 401 or 403.
var refusal = regexp.MustCompile(`(?i)unauthorized|denied|forbidden`)

// expect reports when what happened is not what must, or when a refusal was not for want of a credential or a role.
func expect(t *testing.T, what string, got, want bool, said string) {
	t.Helper()
	switch {
	case got && !want:
		t.Errorf("%s: it was allowed", what)
	case !got && want:
		t.Errorf("%s: it was refused: %s", what, said)
	case !got && !refusal.MatchString(said):
		t.Errorf("%s: it failed, but was not refused: %s", what, said)
	}
}
