package portal

import "testing"

// TestSpeed loads the portal until it can be used, and prints how long that takes: 0.7 s on a machine that does nothing else. It fails above two seconds, for here it shares the machine.
// Alone: go test -count=1 -v -run TestSpeed ./portal
func TestSpeed(t *testing.T) {
	walk(t, "speed.mjs", map[string]string{"limit": "2000", "tries": "6"})
}
