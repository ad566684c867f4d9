package cloud_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// What a user kept in Cloud Shell goes with the user, and no earlier.
func TestCloudShellForgetsWhoIsGone(t *testing.T) {
	c := cloudtest.New(t)
	const settings = "/providers/Microsoft.Portal/userSettings/cloudconsole"
	owner, stays, leaves := c.As("owner"), c.As("stays"), c.As("leaves")
	var ids [2]string
	for i, who := range []*cloudtest.Caller{stays, leaves} {
		who.Do("PATCH", settings, `{"properties":{"terminalSettings":{"fontSize":"Large"}}}`, 200)
		who.Do("GET", settings, "", 200, `"fontSize":"Large"`)
		var me struct{ ID string }
		if err := json.Unmarshal([]byte(who.Do("GET", "graph/v1.0/me", "", 200).Body), &me); err != nil {
			t.Fatal(err)
		}
		ids[i] = me.ID
		if err := os.MkdirAll(filepath.Join(c.Status.Data, "consoles", me.ID, "home"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	owner.Do("DELETE", "graph/v1.0/users/"+ids[1], "", 204)
	c.Restart() // the look at the start of a process is the one of every minute
	gone := filepath.Join(c.Status.Data, "consoles", ids[1])
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(gone); os.IsNotExist(err) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the files of a deleted user are kept")
		}
	}
	if _, err := os.Stat(filepath.Join(c.Status.Data, "consoles", ids[0], "home")); err != nil {
		t.Error(err)
	}
	stays.Do("GET", settings, "", 200, `"fontSize":"Large"`)
	stays.Do("PUT", settings, `{"properties":{"preferredShellType":"pwsh"}}`, 400, "InvalidRequestContent", "bash")
}
