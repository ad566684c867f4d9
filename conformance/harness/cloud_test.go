package harness_test

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// open prepares a cloud and removes it after the test, which fails if anything of the cloud is left then.
func open(t *testing.T) *harness.Cloud {
	t.Helper()
	c, err := harness.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// kinds are the words for what a cloud with a running group has on the machine.
var kinds = []string{"process", "namespace", "mount", "device", "address", "table", "cgroup", "folder"}

// kindsOf lists the kinds of what the cloud has, each once.
func kindsOf(c *harness.Cloud) []string {
	var found []string
	for _, thing := range c.Traces() {
		found = append(found, strings.Fields(thing)[0])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestNothingIsLeftOfAKilledCloud stops a cloud that was killed while a group ran, failed to start once and was started again.
func TestNothingIsLeftOfAKilledCloud(t *testing.T) {
	c := open(t)
	if c.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	fqdn := c.Sh(t, `set -e
az group create -n left -l eastus >/dev/null
server=$(az acr create -g left -n leftreg --sku Basic --admin-enabled true --query loginServer -o tsv)
lazuli push `+c.Sample(t)+` $server/sample:v1 >/dev/null
az container create -g left -n web --image $server/sample:v1 --dns-name-label left-web --registry-login-server $server \
	--registry-username leftreg --registry-password "$(az acr credential show -n leftreg --query passwords[0].value -o tsv)" --query ipAddress.fqdn -o tsv`)
	page := "curl --silent --show-error --fail --max-time 20 --output /dev/null http://" + fqdn + "/"
	c.Sh(t, page)
	// The search for what is left must be able to find it.
	for _, kind := range kinds {
		if !slices.Contains(kindsOf(c), kind) {
			t.Errorf("a running group has no %s that could be found in:\n%s", kind, strings.Join(c.Traces(), "\n"))
		}
	}

	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	failsToStart(t, c, "proxy", taken(t), "is taken by process")
	for _, kind := range []string{"process", "namespace", "device", "cgroup"} {
		if !slices.Contains(kindsOf(c), kind) {
			t.Errorf("a start that failed took the %s of a running group away", kind)
		}
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	c.Sh(t, page)
}

// TestNothingIsLeftOfAFailedStart fails to start early and late.
func TestNothingIsLeftOfAFailedStart(t *testing.T) {
	for _, wrong := range []struct{ key, value, says string }{
		{"listen", taken(t), "is taken by process"},
		{"runtimePath", "/no/such/runc", "/no/such/runc"},
		{"podSubnet", "127.0.0.0/16", "overlaps"},
	} {
		t.Run(wrong.key, func(t *testing.T) {
			failsToStart(t, open(t), wrong.key, wrong.value, wrong.says)
		})
	}
}

// failsToStart starts the cloud with one key of its configuration wrong, and corrects it after.
func failsToStart(t *testing.T, c *harness.Cloud, key, value, says string) {
	t.Helper()
	right := c.Configured(key)
	if err := c.Configure(key, value); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("started with %s %s: %v; want an error with %q", key, value, err, says)
	}
	if err := c.Configure(key, right); err != nil {
		t.Fatal(err)
	}
}

// taken is an address that somebody listens at.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}
