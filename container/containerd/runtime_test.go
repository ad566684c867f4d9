package containerd_test

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/network"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/runtimetest"
)

func options(dir string) containerd.Options {
	return containerd.Options{
		Dir:     dir,
		Shim:    built.shim,
		Log:     slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Network: network.Options{Bridge: "lztest0", Table: "lztest", Subnet: netip.MustParsePrefix("10.213.0.0/24")},
	}
}

func open(t testing.TB, opts containerd.Options) *containerd.Runtime {
	t.Helper()
	begun := time.Now()
	rt, err := containerd.Open(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("open in %v", time.Since(begun))
	return rt
}

// world is a runtime with the suite's program as image "program".
func world(t testing.TB) (*containerd.Runtime, containerd.Options) {
	opts := options(t.TempDir())
	rt := open(t, opts)
	target := push(t, rt, programImage(t, built.program))
	if _, err := rt.PrepareImage(context.Background(), "program", target); err != nil {
		t.Fatal(err)
	}
	return rt, opts
}

func TestRuntime(t *testing.T) {
	rt, opts := world(t)
	h := &runtimetest.Harness{Runtime: rt, Image: "program", Path: "/program"}
	h.Restart = func(t *testing.T) pod.Runtime {
		if err := rt.Close(); err != nil {
			t.Fatal(err)
		}
		rt = open(t, opts)
		return rt
	}
	runtimetest.Run(t, h)
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
	nothingLeft(t, opts)
}

// nothingLeft checks that the kernel and the disk keep nothing of containers.
func nothingLeft(t *testing.T, opts containerd.Options) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, opts.Dir) {
			t.Errorf("mount left: %s", line)
		}
	}
	interfaces, err := net.Interfaces()
	if err != nil || len(interfaces) != 1 {
		t.Errorf("interfaces left: %v, %v", interfaces, err)
	}
	for _, pattern := range []string{
		"/sys/fs/cgroup/*/lazuli-*/suite-*", "/sys/fs/cgroup/lazuli-*/suite-*",
		filepath.Join(opts.Dir, "network/*"), filepath.Join(opts.Dir, "sandboxes/*"),
		filepath.Join(opts.Dir, "run/io.containerd.runtime.v2.task/lazuli/*"), filepath.Join(opts.Dir, "run/runc/*/*"),
		filepath.Join(opts.Dir, "run/fifo/*"), "/run/lazuli/*",
	} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}
