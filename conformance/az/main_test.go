package az

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// cloud is the one cloud of all tests here; each test keeps to a resource group and names of its own.
var cloud *harness.Cloud

func TestMain(m *testing.M) {
	harness.Main(m, func(c *harness.Cloud) { cloud = c })
}

// needAz skips the test where the real Azure CLI cannot be installed. The test runs beside others: az takes a second of
// processor time for each command and the cloud next to none.
func needAz(t *testing.T) {
	t.Helper()
	t.Parallel()
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
}

// az runs one az command, which must succeed, and returns what it prints.
func az(t *testing.T, format string, args ...any) string {
	t.Helper()
	return cloud.Sh(t, "az "+fmt.Sprintf(format, args...))
}

// tsv is az with --query and output fit for a variable.
func tsv(t *testing.T, query, format string, args ...any) string {
	t.Helper()
	return az(t, "%s --query %s --output tsv", fmt.Sprintf(format, args...), quote(query))
}

// quote makes one word of text for bash.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// refused runs one az command, which must fail and say the wanted text, so that no other mistake passes for the refusal.
func refused(t *testing.T, want, format string, args ...any) {
	t.Helper()
	if want == "" {
		t.Fatal("refused without a reason to look for")
	}
	cloud.Fails(t, "az "+fmt.Sprintf(format, args...), want)
}

// eq compares what a command printed with what it should have.
func eq(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// like compares what a command printed with a pattern that must match all of it.
func like(t *testing.T, what, got, pattern string) {
	t.Helper()
	if !regexp.MustCompile(`(?s)^(?:` + pattern + `)$`).MatchString(got) {
		t.Errorf("%s: got %q, want it to match %s", what, got, pattern)
	}
}

// has reports a text without the wanted part.
func has(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s: got %q, want it to hold %q", what, got, want)
	}
}

// group skips the test without az, creates a resource group for it and deletes it after.
func group(t *testing.T, name string) string {
	t.Helper()
	needAz(t)
	return another(t, name)
}

// another creates a further resource group for the test and deletes it after.
func another(t *testing.T, name string) string {
	t.Helper()
	az(t, "group create -n %s -l eastus", name)
	t.Cleanup(func() {
		if r := cloud.Run(t, "az group delete -y -n "+name); r.Code != 0 && !strings.Contains(r.Stderr, "ResourceGroupNotFound") {
			t.Errorf("group %s is not deleted: %s", name, r.Stderr)
		}
	})
	return name
}

// A principal is a service principal with its password.
type principal struct{ AppID, Password string }

// servicePrincipal makes a service principal as the flags say and deletes it after the test.
func servicePrincipal(t *testing.T, name, flags string) (p principal) {
	t.Helper()
	cloud.JSON(t, "az ad sp create-for-rbac --only-show-errors --name "+name+" "+flags, &p)
	t.Cleanup(func() { cloud.Run(t, "az ad app delete --id "+p.AppID) })
	return p
}

// pull fetches the manifest and the configuration of the sample with skopeo, as anybody may who can pull it.
func pull(t *testing.T, server, user, password string) harness.Result {
	t.Helper()
	return cloud.Run(t, fmt.Sprintf("skopeo inspect --creds %s --format '{{.Digest}}' docker://%s/aci-helloworld:v1", quote(user+":"+password), server))
}

// push copies the sample to another repository of its registry with skopeo.
func push(t *testing.T, server, user, password string) harness.Result {
	t.Helper()
	return cloud.Run(t, fmt.Sprintf("skopeo copy --src-creds %[1]s --dest-creds %[1]s docker://%[2]s/aci-helloworld:v1 docker://%[2]s/copied:v1", quote(user+":"+password), server))
}

// allowed and denied report when it was the other way round. A denial must be the registry's, for want of a credential or a role.
func allowed(t *testing.T, what string, r harness.Result) {
	t.Helper()
	if r.Code != 0 {
		t.Errorf("%s was refused: %s", what, r.Stderr)
	}
}

func denied(t *testing.T, what string, r harness.Result) {
	t.Helper()
	said := strings.ToLower(r.Stderr)
	if r.Code == 0 || !strings.Contains(said, "unauthorized") && !strings.Contains(said, "denied") {
		t.Errorf("%s was not denied: exit code %d, %s", what, r.Code, r.Stderr)
	}
}

// registry creates a registry with the sample in it and returns its login server.
func registry(t *testing.T, group, name string) string {
	t.Helper()
	server := tsv(t, "loginServer", "acr create -g %s -n %s --sku Basic", group, name)
	cloud.Sh(t, fmt.Sprintf("lazuli push %s %s/aci-helloworld:v1", cloud.Sample(t), server))
	return server
}
