package containerd_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// dirVariable tells the process that is going to be killed where to work.
const dirVariable = "LAZULI_TEST_CRASH_DIR"

// TestCrashingDaemon is not a test of its own: it is the daemon that
// TestDaemonKilled kills.
func TestCrashingDaemon(t *testing.T) {
	dir := os.Getenv(dirVariable)
	if dir == "" {
		t.Skip("runs as a part of TestDaemonKilled")
	}
	built.program = filepath.Join(filepath.Dir(dir), "program")
	opts := options(dir)
	opts.Shim = filepath.Join(filepath.Dir(dir), "shim")
	rt := open(t, opts)
	ctx := context.Background()
	_, err := rt.PrepareImage(ctx, "program", push(t, rt, programImage(t, built.program)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rt.EnsureSandbox(ctx, crashSandbox); err != nil {
		t.Fatal(err)
	}
	for name, words := range map[string][]string{"web": {"serve", "8080", "alive"}, "victim": {"serve", "8081", ""}} {
		st, err := rt.StartContainer(ctx, "group", pod.ContainerSpec{Name: name, Image: "program", Command: command(words...)})
		if err != nil {
			t.Fatal(err)
		}
		for !strings.Contains(logOf(t, rt, name, pod.LogOptions{}), "listening") {
			time.Sleep(5 * time.Millisecond)
		}
		fmt.Printf("\npid %s %d\n", name, st.PID)
	}
	fmt.Println("\nready")
	select {}
}

var crashSandbox = pod.SandboxSpec{
	ID: "group", Address: netip.MustParseAddr("127.79.0.1"), Ports: []pod.Port{{Number: 8080}},
}

// A daemon that is killed leaves its containers running; the next one adopts
// them, and learns how those ended that ended meanwhile.
func TestDaemonKilled(t *testing.T) {
	dir := t.TempDir()
	for name, from := range map[string]string{"program": built.program, "shim": built.shim} {
		if err := os.Link(from, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	opts := options(filepath.Join(dir, "data"))
	pids := runAndKill(t, opts.Dir)

	if err := syscall.Kill(pids["web"], 0); err != nil {
		t.Fatalf("the container died with the daemon: %v", err)
	}
	eventually(t, "spare shims after the daemon, but the group's", 1, func() int {
		return len(spareShims(t, filepath.Join(opts.Dir, "bin", "containerd-shim-lazuli-v2")))
	})
	syscall.Kill(pids["victim"], syscall.SIGTERM)
	for range 500 {
		if errors.Is(syscall.Kill(pids["victim"], 0), syscall.ESRCH) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}

	rt := open(t, opts)
	ctx := context.Background()
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
			t.Error(err)
		}
		nothingLeft(t, opts)
	}()
	all, err := rt.Statuses(ctx, "group")
	if err != nil || len(all) != 2 {
		t.Fatalf("statuses %+v, %v", all, err)
	}
	if v := all[0]; v.Name != "victim" || v.State != pod.Exited || v.ExitCode != 3 || time.Since(v.FinishedAt) > time.Minute {
		t.Errorf("the one that ended meanwhile: %+v", v)
	}
	if w := all[1]; w.State != pod.Running || w.PID != pids["web"] {
		t.Errorf("the one that ran on: %+v", w)
	}
	if log := logOf(t, rt, "victim", pod.LogOptions{Timestamps: true}); !strings.Contains(log, " terminated\n") {
		t.Errorf("log %q", log)
	}
	if _, err := rt.EnsureSandbox(ctx, crashSandbox); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://127.79.0.1:8080/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if page, _ := io.ReadAll(resp.Body); string(page) != "alive" {
		t.Errorf("page %q", page)
	}
}

// runAndKill runs TestCrashingDaemon until it is ready, kills it, and returns
// its containers' process ids.
func runAndKill(t *testing.T, dir string) map[string]int {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestCrashingDaemon$")
	cmd.Env = append(os.Environ(), dirVariable+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pids, said := map[string]int{}, ""
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		var name string
		var pid int
		if n, _ := fmt.Sscanf(lines.Text(), "pid %s %d", &name, &pid); n == 2 {
			pids[name] = pid
		}
		said += lines.Text() + "\n"
	}
	cmd.Process.Kill()
	cmd.Wait()
	if len(pids) != 2 {
		t.Fatalf("the daemon did not get ready: %s", said)
	}
	return pids
}

// A shim that is killed takes its group's containers along; that is seen, and
// the group can be started again. So can one whose machine was restarted.
func TestShimKilled(t *testing.T) {
	rt, opts := world(t)
	ctx := context.Background()
	start := func(attempt int) pod.ContainerStatus {
		t.Helper()
		spec := pod.ContainerSpec{Name: "web", Image: "program", Command: command("serve", "8080", "x"), Attempt: attempt}
		st, err := rt.StartContainer(ctx, "group", spec)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if _, err := rt.EnsureSandbox(ctx, crashSandbox); err != nil {
		t.Fatal(err)
	}
	pid := start(0).PID
	syscall.Kill(parent(t, pid), syscall.SIGKILL)
	if st, _ := ended(t, rt, "web"); st.ExitCode != 137 {
		t.Errorf("after the shim was killed: %+v", st)
	}
	pid = start(1).PID
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	// What a restart of the machine leaves: no processes, no mounts, nothing in memory.
	syscall.Kill(parent(t, pid), syscall.SIGKILL)
	syscall.Kill(pid, syscall.SIGKILL)
	pins, err := filepath.Glob(filepath.Join(opts.Dir, "network", "*.netns"))
	if err != nil || len(pins) != 1 {
		t.Fatalf("namespaces %v, %v", pins, err)
	}
	if err := syscall.Unmount(pins[0], 0); err != nil {
		t.Fatal(err)
	}
	roots, err := filepath.Glob("/run/lazuli/*/run/*/lazuli/*/rootfs")
	if err != nil || len(roots) == 0 {
		t.Fatalf("root file systems %v, %v", roots, err)
	}
	for _, root := range roots {
		_ = syscall.Unmount(root, syscall.MNT_DETACH) // that of the first attempt is gone
	}
	if err := os.RemoveAll("/run/lazuli"); err != nil {
		t.Fatal(err)
	}
	rt = open(t, opts)
	if st, _ := ended(t, rt, "web"); st.ExitCode != pod.LostExitCode || !st.Lost || st.Attempt != 1 {
		t.Errorf("after a restart of the machine: %+v", st)
	}
	start(2)
	if _, err := rt.EnsureSandbox(ctx, crashSandbox); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if resp, err := http.Get("http://127.79.0.1:8080/"); err == nil {
			resp.Body.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
		t.Error(err)
	}
	nothingLeft(t, opts)
}

// parent is the process a process is a child of: a container's is its shim.
func parent(t *testing.T, pid int) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	var ppid int
	var state string
	if _, err := fmt.Sscanf(string(data[strings.LastIndexByte(string(data), ')')+1:]), "%s %d", &state, &ppid); err != nil || ppid < 2 {
		t.Fatalf("no parent in %q", data)
	}
	return ppid
}
