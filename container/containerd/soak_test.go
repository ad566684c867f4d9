package containerd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// leftovers counts all that a group could leave.
func leftovers(t *testing.T, dir string) (n map[string]int, files []string) {
	t.Helper()
	n = map[string]int{"goroutines": runtime.NumGoroutine()}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	n["MB of memory"] = int(memory.HeapAlloc >> 20)
	count := func(what, pattern string) {
		list, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		n[what] += len(list)
	}
	count("sockets", filepath.Join(dir, "s", "*"))
	count("descriptors", "/proc/self/fd/*")
	count("cgroups", "/sys/fs/cgroup/*/lazuli-*/soak-*")
	count("cgroups", "/sys/fs/cgroup/lazuli-*/soak-*")
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	n["mounts"] = bytes.Count(mounts, []byte("\n"))
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	n["interfaces"] = len(links)
	processes, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, p := range processes {
		if words, err := os.ReadFile(p); err == nil && bytes.Contains(words, []byte(dir)) { // shims
			n["processes"]++
		}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !strings.Contains(path, "/content/blobs/") {
			n["files"]++
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, files
}

// live is the whole life of one group, with commands, a port inside, a crash, a
// restart and a command that is broken off.
func live(ctx context.Context, rt *containerd.Runtime, id string, address netip.Addr) error {
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: id, Address: address, Ports: []pod.Port{{Number: 8080}, {Number: 8081, Protocol: pod.UDP}}}); err != nil {
		return err
	}
	for attempt := range 2 {
		for name, words := range map[string][]string{"web": {"serve", "8080", "page"}, "job": {"exit", "1"}} {
			if _, err := rt.StartContainer(ctx, id, pod.ContainerSpec{Name: name, Image: "program", Command: command(words...), Attempt: attempt, Limits: pod.Limits{MemoryBytes: 64 << 20}}); err != nil {
				return err
			}
		}
	}
	inside, err := rt.ListenInside(ctx, id, 42356)
	if err != nil {
		return err
	}
	defer inside.Close()
	for _, tty := range []bool{false, true} {
		var out bytes.Buffer
		code, err := rt.Exec(ctx, id, "web", pod.ExecSpec{Command: command("print", "3"), TTY: tty, Stdout: &out})
		if err != nil || code != 0 || !strings.Contains(out.String(), "line 3") {
			return fmt.Errorf("exec: %d, %w, %q", code, err, out.String())
		}
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := rt.Exec(short, id, "web", pod.ExecSpec{Command: command("stay")}); err == nil {
		return errors.New("a command was not broken off")
	}
	if c, err := rt.DialInside(ctx, id, 8080); err == nil {
		c.Close()
	}
	if err := rt.StopContainer(ctx, id, "web", time.Second); err != nil {
		return err
	}
	return rt.RemoveSandbox(ctx, id)
}

// Groups that come and go leave nothing: no process, mount, interface, cgroup,
// file, descriptor, goroutine or memory.
func TestSoak(t *testing.T) {
	rt, opts := world(t)
	defer func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		nothingLeft(t, opts)
	}()
	round := func(n int) {
		var work errgroup.Group
		for i := range 3 {
			work.Go(func() error {
				return live(context.Background(), rt, fmt.Sprintf("soak-%d-%d", n, i), netip.AddrFrom4([4]byte{127, 80, byte(n), byte(i + 1)}))
			})
		}
		if err := work.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	round(0) // what is made once
	before, old := leftovers(t, opts.Dir)
	const rounds = 4
	for n := range rounds {
		round(n + 1)
	}
	// Pools of goroutines and connections breathe; a leak is one for each group.
	// Databases take memory as they grow.
	breath := map[string]int{"goroutines": 3*rounds - 1, "descriptors": 3*rounds - 1, "MB of memory": 8}
	var more map[string]int
	var files []string
	for range 100 { // goroutines and shims end a moment later
		var after map[string]int
		after, files = leftovers(t, opts.Dir)
		more = map[string]int{}
		for what, n := range before {
			if d := after[what] - n; d > breath[what] {
				more[what] = d
			}
		}
		if len(more) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("after %d groups there are so many more: %v", 3*rounds, more)
	if more["files"] > 0 {
		t.Log(slices.DeleteFunc(files, func(f string) bool { return slices.Contains(old, f) }))
	}
}
