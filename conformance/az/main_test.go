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

// needAz skips the test where the real Azure CLI cannot be installed.
func needAz(t *testing.T) {
	t.Helper()
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
	quoted := "'" + strings.ReplaceAll(query, "'", `'\''`) + "'"
	return az(t, "%s --query %s --output tsv", fmt.Sprintf(format, args...), quoted)
}

// refused runs one az command, which must fail and say the wanted text.
func refused(t *testing.T, want, format string, args ...any) {
	t.Helper()
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

// group creates a resource group for the test and deletes it after.
func group(t *testing.T, name string) string {
	t.Helper()
	needAz(t)
	az(t, "group create -n %s -l eastus", name)
	t.Cleanup(func() {
		if r := cloud.Run(t, "az group delete -y -n "+name); r.Code != 0 && !strings.Contains(r.Stderr, "ResourceGroupNotFound") {
			t.Errorf("group %s is not deleted: %s", name, r.Stderr)
		}
	})
	return name
}

// registry creates a registry with the sample in it and returns its login server.
func registry(t *testing.T, group, name string) string {
	t.Helper()
	server := tsv(t, "loginServer", "acr create -g %s -n %s --sku Basic", group, name)
	cloud.Sh(t, fmt.Sprintf("lazuli push %s %s/aci-helloworld:v1", cloud.Sample(t), server))
	return server
}
