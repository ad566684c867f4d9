package runc_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/containerd/runc"
)

func TestExtract(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runc")
	err := runc.Extract(path)
	if errors.Is(err, runc.ErrNotBuiltIn) {
		t.Skip("runc is not built in: run make build first")
	}
	if err != nil {
		t.Fatal(err)
	}
	version := func() string {
		out, err := exec.Command(path, "--version").CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return string(out)
	}
	if !strings.Contains(version(), "runc version") {
		t.Errorf("it says %q", version())
	}
	first, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := runc.Extract(path); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(path); err != nil || !again.ModTime().Equal(first.ModTime()) {
		t.Errorf("it was written again though it was right: %v", err)
	}
	// Same size, other content: what a crash of the machine may leave.
	if err := os.WriteFile(path, make([]byte, first.Size()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := runc.Extract(path); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(version(), "runc version") {
		t.Error("a damaged runc was not repaired")
	}
}
