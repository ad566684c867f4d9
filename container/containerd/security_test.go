package containerd_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// What a user may change of a container's confinement, as the kernel sees it.
func TestSecurity(t *testing.T) {
	rt, opts := world(t)
	ctx := context.Background()
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
			t.Error(err)
		}
		nothingLeft(t, opts)
	}()
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	id := func(n uint32) *uint32 { return &n }
	const denyRead = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdirat","mkdir"],"action":"SCMP_ACT_ERRNO"}]}`
	for _, c := range []struct {
		name     string
		security pod.Security
		want     []string
	}{
		{"dropped", pod.Security{Drop: []string{"ALL"}, Add: []string{"CAP_CHOWN"}}, []string{"CapEff:\t0000000000000001", "NoNewPrivs:\t1", "Seccomp:\t2"}},
		{"added", pod.Security{Add: []string{"CAP_SYS_PTRACE"}, Drop: []string{"CAP_NET_RAW"}}, []string{"CapEff:\t00000000a80c05fb"}},
		{"user", pod.Security{User: id(1234), Group: id(77)}, []string{"Uid:\t1234", "Gid:\t77", "CapEff:\t0000000000000000"}},
		{"group", pod.Security{Group: id(78)}, []string{"Uid:\t0", "Gid:\t78"}},
		{"escalate", pod.Security{Escalate: true}, []string{"NoNewPrivs:\t0", "CapEff:\t00000000a80425fb"}},
		{"profile", pod.Security{Seccomp: json.RawMessage(denyRead)}, []string{"Seccomp:\t2"}},
		{"privileged", pod.Security{Privileged: true}, []string{"Seccomp:\t0", "NoNewPrivs:\t0"}},
	} {
		st, log := ran(t, rt, pod.ContainerSpec{Name: c.name, Command: command("read", "/proc/self/status"), Security: &c.security})
		for _, want := range c.want {
			if st.ExitCode != 0 || !strings.Contains(log, want) {
				t.Errorf("%s: no %q in %q", c.name, want, log)
			}
		}
	}
	// A profile that allows everything allows no more than the default.
	open := pod.Security{Seccomp: json.RawMessage(`{"defaultAction":"SCMP_ACT_ALLOW"}`)}
	noWays(t, rt, pod.ContainerSpec{Name: "open-profile", Security: &open})
	// One that denies what everything needs stops the program.
	closed := pod.Security{Seccomp: json.RawMessage(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["openat"],"action":"SCMP_ACT_KILL_PROCESS"}]}`)}
	spec := pod.ContainerSpec{Name: "closed-profile", Image: "program", Command: command("read", "/proc/self/status"), Security: &closed}
	if _, err := rt.StartContainer(ctx, "group", spec); err == nil {
		if st, log := ended(t, rt, spec.Name); st.ExitCode == 0 {
			t.Errorf("a profile without openat: %+v %q", st, log)
		}
	}
}

// noWays runs the program's attempts to get out; addresses are some more.
func noWays(t *testing.T, rt *containerd.Runtime, spec pod.ContainerSpec, addresses ...string) {
	t.Helper()
	spec.Command = command(append([]string{"escape"}, addresses...)...)
	if st, log := ran(t, rt, spec); st.ExitCode != 0 || !strings.Contains(log, "tried ") || strings.Contains(log, "OPEN:") {
		t.Errorf("%s: exit code %d, %s", spec.Name, st.ExitCode, log)
	}
}

// A container finds no way to the machine, to another group, to what listens on
// the machine, nor to the services inside of another group.
func TestEscape(t *testing.T) {
	rt, opts := world(t)
	ctx := context.Background()
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.RemoveSandbox(ctx, "other"), rt.Close()); err != nil {
			t.Error(err)
		}
		nothingLeft(t, opts)
	}()
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	other, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "other"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rt.StartContainer(ctx, "other", pod.ContainerSpec{Name: "web", Image: "program", Command: command("serve", "8080", "secret")}); err != nil {
		t.Fatal(err)
	}
	inside, err := rt.ListenInside(ctx, "other", 42356)
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	everywhere, err := net.Listen("tcp", "0.0.0.0:9292") // as an administrative port would be at worst
	if err != nil {
		t.Fatal(err)
	}
	defer everywhere.Close()
	socket := filepath.Join(opts.Dir, "admin.sock") // as the operator's door is
	for _, at := range []string{socket, "@lazuli-test-door"} {
		door, err := net.Listen("unix", at)
		if err != nil {
			t.Fatal(err)
		}
		defer door.Close()
	}
	loopback, err := net.Listen("tcp", "127.0.0.1:9293")
	if err != nil {
		t.Fatal(err)
	}
	defer loopback.Close()
	gateway := opts.Network.Subnet.Masked().Addr().Next().String()
	noWays(t, rt, pod.ContainerSpec{Name: "thief"}, "+"+other.PodAddress.String()+":8080", "+"+other.PodAddress.String()+":42356", "+127.0.0.1:42356",
		"+127.0.0.1:9292", "+127.0.0.1:9293", "+"+gateway+":9292", "+"+gateway+":9293", "+169.254.169.254:80", "+"+socket, "+@lazuli-test-door")
	_, log := ran(t, rt, pod.ContainerSpec{Name: "root", Command: command("escape"), Security: &pod.Security{Privileged: true}})
	for _, way := range []string{"mount tmpfs", "bind the root", "new network", "hostname", "write /proc/sys/kernel/core_pattern", "interface", "loopback by the gateway"} {
		if !strings.Contains(log, "OPEN: "+way+"\n") {
			t.Errorf("%q is closed even to a privileged container: the attempt is no test: %q", way, log)
		}
	}
	// As another user there are fewer.
	noWays(t, rt, pod.ContainerSpec{Name: "user", User: "1000:1000"})
}
