package containerd_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// TestAbandonedSnapshots: a daemon killed between making a snapshot's folder and
// recording it leaves the folder under the number that comes next.
func TestAbandonedSnapshots(t *testing.T) {
	rt, opts := world(t)
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	roots, err := filepath.Glob(filepath.Join(opts.Dir, "containerd", "io.containerd.snapshotter.v1.overlayfs", "snapshots"))
	if err != nil || len(roots) != 1 {
		t.Skipf("no overlayfs here: %v %v", roots, err)
	}
	for n := range 40 {
		if err := os.MkdirAll(filepath.Join(roots[0], strconv.Itoa(n), "fs"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	rt = open(t, opts)
	ctx := context.Background()
	t.Cleanup(func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
			t.Error(err)
		}
	})
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.StartContainer(ctx, "group", pod.ContainerSpec{Name: "c", Image: "program", Command: command("exit", "0")}); err != nil {
		t.Fatal(err)
	}
}
