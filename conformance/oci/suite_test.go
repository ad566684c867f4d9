package oci

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// cloud is the one cloud of all tests here.
var cloud *harness.Cloud

func TestMain(m *testing.M) {
	harness.Main(m, func(c *harness.Cloud) { cloud = c })
}

// suite is the program of the specification's authors; its version is in go.mod.
const suite = "github.com/opencontainers/distribution-spec/conformance"

// atLeast is how many of the suite's checks must have passed: a suite that skips
// what it finds missing would pass without doing anything.
const atLeast = 860

// verdicts is what is read of the suite's junit.xml.
type verdicts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Disabled int `xml:"disabled,attr"`
	Suites   []struct {
		Cases []struct {
			Name   string `xml:"name,attr"`
			Class  string `xml:"classname,attr"`
			Status string `xml:"status,attr"`
			Output string `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestDistributionSpecification(t *testing.T) {
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	program := filepath.Join(t.TempDir(), "suite")
	if out, err := exec.Command("go", "build", "-o", program, suite).CombinedOutput(); err != nil {
		t.Fatalf("cannot build the suite: %v\n%s", err, out)
	}
	words := strings.Fields(cloud.Sh(t, `set -e
az group create -n ocisuite -l eastus >/dev/null
az acr create -g ocisuite -n ocisuite --sku Premium --admin-enabled true --query loginServer -o tsv
az acr credential show -n ocisuite --query "[username, passwords[0].value]" -o tsv`))
	t.Cleanup(func() { cloud.Sh(t, "az group delete -y -n ocisuite") })
	if len(words) != 3 {
		t.Fatalf("unexpected output: %q", words)
	}
	results := t.TempDir()
	// What the specification leaves open and this registry does is asked for, too.
	run := cloud.Run(t, fmt.Sprintf(`export OCI_REGISTRY=%s OCI_USERNAME=%s OCI_PASSWORD=%s OCI_TLS=enabled OCI_VERSION=1.1 OCI_RESULTS_DIR=%s
export OCI_REPO1=conformance/repo1 OCI_REPO2=conformance/repo2 OCI_API_BLOBS_UPLOAD_CANCEL=true OCI_API_BLOBS_DIGEST_HEADER=true OCI_API_MANIFESTS_DIGEST_HEADER=true
exec %s`, words[0], words[1], words[2], results, program))
	report, err := os.ReadFile(filepath.Join(results, "junit.xml"))
	if err != nil {
		t.Fatalf("the suite wrote no report: %v\n%s%s", err, run.Stdout, run.Stderr)
	}
	var v verdicts
	if err := xml.Unmarshal(report, &v); err != nil {
		t.Fatal(err)
	}
	passed := v.Tests - v.Failures - v.Errors - v.Skipped - v.Disabled
	t.Logf("%d passed, %d failed, %d skipped, %d off by default", passed, v.Failures+v.Errors, v.Skipped, v.Disabled)
	for _, s := range v.Suites {
		for _, c := range s.Cases {
			switch c.Status {
			case "failure", "error":
				t.Errorf("%s %s\n%s", c.Class, c.Name, c.Output)
			case "skipped":
				t.Logf("skipped: %s %s", c.Class, c.Name)
			}
		}
	}
	if run.Code != 0 || v.Failures+v.Errors > 0 || passed < atLeast {
		t.Errorf("the suite ended with %d; %d checks passed, want %d at least and no failure\n%s", run.Code, passed, atLeast, run.Stderr)
	}
}
