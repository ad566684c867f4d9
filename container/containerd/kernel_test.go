package containerd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/containerd/cgroups/v3"

	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// ran runs one container to its end and returns its status and log.
func ran(t *testing.T, rt *containerd.Runtime, spec pod.ContainerSpec) (pod.ContainerStatus, string) {
	t.Helper()
	ctx := context.Background()
	spec.Image = "program"
	if _, err := rt.StartContainer(ctx, "group", spec); err != nil {
		t.Fatal(err)
	}
	return ended(t, rt, spec.Name)
}

func ended(t *testing.T, rt *containerd.Runtime, name string) (pod.ContainerStatus, string) {
	t.Helper()
	for range 2000 {
		all, err := rt.Statuses(context.Background(), "group")
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range all {
			if st.Name == name && st.State == pod.Exited {
				return st, logOf(t, rt, name, pod.LogOptions{})
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("container %q does not end", name)
	return pod.ContainerStatus{}, ""
}

func logOf(t *testing.T, rt *containerd.Runtime, name string, opts pod.LogOptions) string {
	t.Helper()
	r, err := rt.Logs(context.Background(), "group", name, opts)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func command(words ...string) []string { return append([]string{"/program"}, words...) }

// What the kernel enforces and what a container sees of the machine.
func TestKernel(t *testing.T) {
	rt, opts := world(t)
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(context.Background(), "group"), rt.Close()); err != nil {
			t.Error(err)
		}
		nothingLeft(t, opts)
	}()
	dns := pod.DNS{Search: []string{"example.test"}}
	if _, err := rt.EnsureSandbox(context.Background(), pod.SandboxSpec{ID: "group", Hostname: "named", DNS: dns}); err != nil {
		t.Fatal(err)
	}
	t.Run("memory", func(t *testing.T) {
		limits := pod.Limits{MemoryBytes: 64 << 20}
		st, _ := ran(t, rt, pod.ContainerSpec{Name: "big", Command: command("oom", strconv.Itoa(256<<20)), Limits: limits})
		if st.ExitCode != 137 || !st.OOMKilled {
			t.Errorf("over the limit: %+v", st)
		}
		if st, log := ran(t, rt, pod.ContainerSpec{Name: "small", Command: command("oom", strconv.Itoa(1<<20)), Limits: limits}); st.ExitCode != 0 || st.OOMKilled {
			t.Errorf("under the limit: %+v, log %q", st, log)
		}
	})
	t.Run("processes", func(t *testing.T) {
		st, log := ran(t, rt, pod.ContainerSpec{Name: "many", Command: command("threads", "50"), Limits: pod.Limits{PIDs: 20}})
		if st.ExitCode == 0 || strings.Contains(log, "all running") {
			t.Errorf("50 threads of 20: %+v", st)
		}
	})
	// What the Go and Java runtimes size themselves by.
	t.Run("limits seen", func(t *testing.T) {
		if cgroups.Mode() == cgroups.Unified {
			t.Skip("cgroup 2 is one folder")
		}
		files := "cpu/cpu.cfs_quota_us,memory/memory.limit_in_bytes,pids/pids.max,cpuset/cpuset.cpus,cpuacct/cpuacct.usage"
		_, log := ran(t, rt, pod.ContainerSpec{
			Name: "slow", Command: command("read", "/sys/fs/cgroup/"+strings.ReplaceAll(files, ",", ",/sys/fs/cgroup/")),
			Limits: pod.Limits{CPU: 0.25, MemoryBytes: 64 << 20, PIDs: 20},
		})
		if want := "25000\n67108864\n20\n0"; !strings.Contains(log, want) || strings.Contains(log, "no such file") {
			t.Errorf("limits as the container sees them: %q, want %q", log, want)
		}
	})
	files := "/proc/self/status,/etc/hostname,/etc/hosts,/etc/resolv.conf,/proc/1/cmdline"
	_, seen := ran(t, rt, pod.ContainerSpec{Name: "look", Command: command("read", files)})
	for _, want := range []string{
		"NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t00000000a80425fb", // docker's set
		"\nnamed\n", "\tnamed\n", "search example.test\n", "/program\x00read",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("a container does not see %q: %q", want, seen)
		}
	}
	for _, file := range []string{
		"/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/fs/cgroup/new",
		"/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cpu/cgroup.procs",
	} {
		if st, log := ran(t, rt, pod.ContainerSpec{Name: "scribble", Command: command("write", file, "1")}); st.ExitCode == 0 {
			t.Errorf("a container wrote %s: %q", file, log)
		}
	}
	testMounts(t, rt)
	testUser(t, rt)
}

func testMounts(t *testing.T, rt *containerd.Runtime) {
	dir := t.TempDir()
	mount := pod.Mount{Source: dir, Target: "/mnt/data"}
	ran(t, rt, pod.ContainerSpec{Name: "writer", Command: command("write", "/mnt/data/f", "kept"), Mounts: []pod.Mount{mount}})
	if data, err := os.ReadFile(filepath.Join(dir, "f")); err != nil || string(data) != "kept" {
		t.Errorf("the mount has %q: %v", data, err)
	}
	mount.ReadOnly = true
	st, _ := ran(t, rt, pod.ContainerSpec{Name: "reader", Command: command("write", "/mnt/data/g", "x"), Mounts: []pod.Mount{mount}})
	if st.ExitCode == 0 {
		t.Error("a read-only mount was written")
	}
}

func testUser(t *testing.T, rt *containerd.Runtime) {
	_, log := ran(t, rt, pod.ContainerSpec{Name: "user", User: "1234:77", Command: command("read", "/proc/self/status")})
	if !strings.Contains(log, "Uid:\t1234") || !strings.Contains(log, "Gid:\t77") || !strings.Contains(log, "CapEff:\t0000000000000000") {
		t.Errorf("as user 1234:77: %q", log)
	}
}

func TestExecTerminal(t *testing.T) {
	rt, _ := world(t)
	ctx := context.Background()
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.StartContainer(ctx, "group", pod.ContainerSpec{Name: "c", Image: "program", Command: command("stay")}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	sizes := make(chan pod.TerminalSize)
	input, typing := io.Pipe()
	first := &seeing{want: "100x30", seen: make(chan struct{})}
	go func() {
		<-first.seen
		sizes <- pod.TerminalSize{Columns: 132, Rows: 43}
		for {
			if _, err := io.WriteString(typing, "\n"); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	code, err := rt.Exec(ctx, "group", "c", pod.ExecSpec{
		Command: command("tty"), TTY: true, Size: pod.TerminalSize{Columns: 100, Rows: 30}, Resize: sizes,
		Stdin: input, Stdout: io.MultiWriter(&out, first),
	})
	input.Close()
	if err != nil || code != 5 || !strings.Contains(out.String(), "100x30") || !strings.Contains(out.String(), "132x43") {
		t.Errorf("exit code %d, error %v, output %q", code, err, out.String())
	}
}

// seeing closes seen when a text has been written to it.
type seeing struct {
	want string
	all  []byte
	seen chan struct{}
}

func (s *seeing) Write(p []byte) (int, error) {
	had := bytes.Contains(s.all, []byte(s.want))
	s.all = append(s.all, p...)
	if !had && bytes.Contains(s.all, []byte(s.want)) {
		close(s.seen)
	}
	return len(p), nil
}

func TestLogRotation(t *testing.T) {
	rt, opts := world(t)
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	opts.LogLimit, opts.Shim = 2000, "" // and the shim that is built in
	rt = open(t, opts)
	ctx := context.Background()
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	var all string
	for attempt := range 6 {
		spec := pod.ContainerSpec{Name: "chatty", Image: "program", Command: command("print", "150"), Attempt: attempt}
		if _, all = ran(t, rt, spec); !strings.HasSuffix(all, "line 150\n") {
			t.Fatalf("attempt %d: the log ends with %q", attempt, all[max(0, len(all)-20):])
		}
	}
	// 150 lines are 1292 bytes: two parts of at most 2000 and what came in one go.
	if len(all) < 1292 || len(all) > 2*(2000+1292) {
		t.Errorf("%d bytes are kept", len(all))
	}
	stamped := logOf(t, rt, "chatty", pod.LogOptions{Timestamps: true})
	last := time.Time{}
	for line := range strings.Lines(stamped) {
		stamp, text, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil || at.Before(last) || !strings.HasPrefix(text, "line ") {
			t.Fatalf("line %q: %v", line, err)
		}
		last = at
	}
}
