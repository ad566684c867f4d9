package portal

import "testing"

// TestCloudShell works in the terminal at the bottom of the page: az as the user, other pages meanwhile, files that stay.
func TestCloudShell(t *testing.T) {
	o := newOperator(t)
	const group = "shell-sees"
	o.send("PUT", o.management, o.subscription+"/resourceGroups/"+group+"?api-version=2021-04-01", `{"location":"eastus"}`)
	walk(t, "shell.mjs", map[string]string{"group": group})
}
