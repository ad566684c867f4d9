package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// cloud is the one cloud of all tests here.
var cloud *harness.Cloud

func TestMain(m *testing.M) {
	harness.Main(m, func(c *harness.Cloud) { cloud = c })
}

// web is the folder of the portal's source.
const web = "../../web"

// walkLimit ends a browser that hangs.
const walkLimit = 5 * time.Minute

var firstUser = regexp.MustCompile(`(?m)^\s*user\s+(\S+)\n\s*password\s+(\S+)$`)

// needBrowser skips the test where the portal cannot be walked through, and says what is missing.
func needBrowser(t *testing.T) {
	t.Helper()
	for _, name := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	for _, path := range []string{web + "/node_modules/playwright-core", "../../portal/dist/index.html"} {
		if _, err := os.Stat(path); err != nil {
			t.Skipf("the portal is not built (go run ./tools/build): %v", err)
		}
	}
}

// walk runs a script of web/e2e, given what it needs to know and more. Its output is in the test's log.
func walk(t *testing.T, script string, more map[string]string) {
	t.Helper()
	needBrowser(t)
	status, err := cloud.Status()
	if err != nil {
		t.Fatal(err)
	}
	endpoints, _ := status["endpoints"].(map[string]any)
	user := firstUser.FindStringSubmatch(cloud.Log())
	if user == nil {
		t.Fatalf("lazuli up did not print the first user:\n%s", cloud.Log())
	}
	shots, err := filepath.Abs(filepath.Join(web, "shots", strings.TrimSuffix(script, ".mjs")))
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{"portal": fmt.Sprint(endpoints["portal"]), "user": user[1], "password": user[2], "lazuli": cloud.Bin, "data": cloud.Dir, "shots": shots}
	for k, v := range more {
		given[k] = v
	}
	text, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), walkLimit)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "node", filepath.Join("e2e", script), string(text))
	cmd.Dir, cmd.Stdout, cmd.Stderr = web, &out, &out
	err = cmd.Run()
	t.Logf("%s", &out)
	if err != nil {
		t.Fatalf("%s: %v; pictures are in %s", script, err, shots)
	}
}
