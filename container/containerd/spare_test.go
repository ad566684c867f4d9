package containerd_test

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// spareShims are the processes of a shim binary that were started as spares, taken
// since or not.
func spareShims(t *testing.T, binary string) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, file := range files {
		line, _ := os.ReadFile(file) // gone: not one of them
		words := strings.Split(string(bytes.TrimRight(line, "\x00")), "\x00")
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && words[0] == binary && strings.Contains(string(line), "\x00spare-") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually waits until there are as many.
func eventually(t *testing.T, what string, want int, count func() int) {
	t.Helper()
	got := count()
	for range 300 {
		if got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
		got = count()
	}
	t.Fatalf("%s: %d, want %d", what, got, want)
}

// A group takes a shim that runs already, both its containers share it, and
// another takes its place; whatever is spare ends with the runtime.
func TestSpareShimsAreTakenAndEnd(t *testing.T) {
	rt, opts := world(t)
	binary := filepath.Join(opts.Dir, "bin", "containerd-shim-lazuli-v2")
	shims := func() int { return len(spareShims(t, binary)) }
	eventually(t, "spare shims at rest", 2, shims)
	before := spareShims(t, binary)
	ctx := context.Background()
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "taker", Address: netip.MustParseAddr("127.79.0.9")}); err != nil {
		t.Fatal(err)
	}
	for name, port := range map[string]string{"one": "8080", "two": "8081"} {
		st, err := rt.StartContainer(ctx, "taker", pod.ContainerSpec{Name: name, Image: "program", Command: command("serve", port, "x")})
		if err != nil {
			t.Fatal(err)
		}
		if parent := parentOf(t, st.PID); parent != before[0] && parent != before[1] {
			t.Errorf("container %s has parent %d, want one of the spare shims %v", name, parent, before)
		}
	}
	eventually(t, "shims with the group's", 3, shims)
	if err := rt.RemoveSandbox(ctx, "taker"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "spare shims after the group", 2, shims)
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "shims after the runtime", 0, shims)
	nothingLeft(t, opts)
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name before it has no such end
	parent, err := strconv.Atoi(strings.Fields(rest)[1])
	if err != nil {
		t.Fatal(err)
	}
	return parent
}

// Without spare shims containerd starts them, as it does when all are taken.
func TestWithoutSpareShims(t *testing.T) {
	opts := options(t.TempDir())
	opts.Spares = -1
	rt := open(t, opts)
	ctx := context.Background()
	if _, err := rt.PrepareImage(ctx, "program", push(t, rt, programImage(t, built.program))); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "own"}); err != nil {
		t.Fatal(err)
	}
	for name, port := range map[string]string{"one": "8080", "two": "8081"} {
		if _, err := rt.StartContainer(ctx, "own", pod.ContainerSpec{Name: name, Image: "program", Command: command("serve", port, "x")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := rt.RemoveSandbox(ctx, "own"); err != nil {
		t.Fatal(err)
	}
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, opts)
}
