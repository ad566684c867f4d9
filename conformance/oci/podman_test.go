package oci

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The programs of containers/storage log in, pull, push and refuse, each with
// images and credentials of its own.
func TestPodmanAndBuildah(t *testing.T) {
	var found []string
	for _, program := range []string{"podman", "buildah"} {
		if cloud.Run(t, "command -v "+program).Code == 0 {
			found = append(found, program)
		} else {
			t.Logf("%s is not installed: apt-get install %s", program, program)
		}
	}
	if len(found) == 0 {
		t.Skip("neither podman nor buildah is installed: apt-get install podman buildah")
	}
	server := registry(t, "podmanreg", "Basic")
	words := strings.Fields(cloud.Sh(t, `az acr update -n podmanreg --admin-enabled true >/dev/null && az acr credential show -n podmanreg --query "[username, passwords[0].value]" -o tsv`))
	if len(words) != 2 {
		t.Fatalf("credentials: %q", words)
	}
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.json")
	if err := os.WriteFile(policy, []byte(`{"default":[{"type":"insecureAcceptAnything"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, program := range found {
		own := fmt.Sprintf("%s --root %[2]s/%[1]s/root --runroot %[2]s/%[1]s/run --storage-driver vfs", program, dir)
		auth := dir + "/" + program + ".json"
		cloud.Fails(t, fmt.Sprintf("%s login --authfile %s -u %s -p wrong %s", own, auth, words[0], server))
		cloud.Fails(t, fmt.Sprintf("%s pull --signature-policy %s --authfile %s %s/app:v1", own, policy, auth, server))
		cloud.Sh(t, fmt.Sprintf(`set -e
%[1]s login --authfile %[2]s -u %[3]s -p %[4]s %[5]s >/dev/null
%[1]s pull -q --signature-policy %[6]s --authfile %[2]s %[5]s/app:v1
%[1]s tag %[5]s/app:v1 %[5]s/%[7]s:v2
%[1]s push -q --signature-policy %[6]s --authfile %[2]s %[5]s/%[7]s:v2
%[1]s rmi -a -f >/dev/null
%[1]s pull -q --signature-policy %[6]s --authfile %[2]s %[5]s/%[7]s:v2`, own, auth, words[0], words[1], server, policy, program))
	}
	says(t, strings.Join(append([]string{"app"}, sorted(found)...), " "), "[]", "acr repository list -n podmanreg")
}

// sorted gives the programs as the catalog lists them.
func sorted(programs []string) []string {
	if len(programs) == 2 {
		return []string{"buildah", "podman"}
	}
	return programs
}
