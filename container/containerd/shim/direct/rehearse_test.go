//go:build cgo

package direct

import (
	"os"
	"path/filepath"
	"testing"
)

// A rehearsal goes through to its end, or it is none, and leaves no cgroup.
func TestRehearse(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("cgroups need root")
	}
	if err := Rehearse(); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"/sys/fs/cgroup/rehearsal", "/sys/fs/cgroup/*/rehearsal"} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 { // the pattern is well formed
			t.Errorf("left: %v", left)
		}
	}
}
