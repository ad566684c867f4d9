package oci

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// allWorkflows is how many of the tests must have passed: all, but those that
// wait for content which somebody else put there, and the one for registries
// that do not mount what they find.
const allWorkflows = 76

// TestDistributionWorkflows runs the tests that belong to version 1.1 of the
// specification: pull, push, content discovery, content management. They have a
// module of their own, see package workflows.
func TestDistributionWorkflows(t *testing.T) {
	program := filepath.Join(t.TempDir(), "workflows")
	build := exec.Command("go", "test", "-c", "-o", program, suite)
	build.Dir = "workflows"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build the tests: %v\n%s", err, out)
	}
	server := registry(t, "workflows", "Premium")
	words := strings.Fields(cloud.Sh(t, `az acr update -n workflows --admin-enabled true >/dev/null && az acr credential show -n workflows --query "[username, passwords[0].value]" -o tsv`))
	if len(words) != 2 {
		t.Fatalf("unexpected output: %q", words)
	}
	results := t.TempDir()
	run := cloud.Run(t, fmt.Sprintf(`export OCI_ROOT_URL=https://%s OCI_USERNAME=%s OCI_PASSWORD=%s OCI_REPORT_DIR=%s
export OCI_NAMESPACE=conformance/repo1 OCI_CROSSMOUNT_NAMESPACE=conformance/repo2 OCI_AUTOMATIC_CROSSMOUNT=1
export OCI_TEST_PULL=1 OCI_TEST_PUSH=1 OCI_TEST_CONTENT_DISCOVERY=1 OCI_TEST_CONTENT_MANAGEMENT=1
exec %s`, server, words[0], words[1], results, program))
	report, err := os.ReadFile(filepath.Join(results, "junit.xml"))
	if err != nil {
		t.Fatalf("the tests wrote no report: %v\n%s%s", err, run.Stdout, run.Stderr)
	}
	var v verdicts
	if err := xml.Unmarshal(report, &v); err != nil {
		t.Fatal(err)
	}
	passed := v.Tests - v.Failures - v.Errors - v.Skipped - v.Disabled
	t.Logf("%d passed, %d failed, %d skipped, %d off", passed, v.Failures+v.Errors, v.Skipped, v.Disabled)
	for _, s := range v.Suites {
		for _, c := range s.Cases {
			switch c.Status {
			case "failed", "panicked", "timedout", "aborted", "interrupted":
				t.Errorf("%s\n%s", c.Name, c.Output)
			case "skipped":
				t.Logf("skipped: %s", c.Name)
			}
		}
	}
	if run.Code != 0 || v.Failures+v.Errors > 0 || passed < allWorkflows {
		t.Errorf("the tests ended with %d; %d passed, want %d at least and no failure\n%s", run.Code, passed, allWorkflows, run.Stderr)
	}
}
