package runtimetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Run tests a runtime. The harness's runtime must be empty, and is again
// afterwards.
func Run(t *testing.T, h *Harness) {
	for _, c := range []struct {
		name string
		test func(*world)
	}{
		{"serve", testServe},
		{"ports move", testPortsMove},
		{"address in use", testAddressInUse},
		{"exit code", testExitCode},
		{"command and environment", testCommand},
		{"restart", testRestart},
		{"logs", testLogs},
		{"stop", testStop},
		{"shared localhost", testLocalhost},
		{"inside", testInside},
		{"exec", testExec},
		{"remove", testRemove},
		{"errors", testErrors},
		{"images", testImages},
		{"daemon restart", testDaemonRestart},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newWorld(t, h)) })
	}
	left, err := h.Runtime.ListSandboxes(context.Background())
	if err != nil || len(left) > 0 {
		t.Errorf("after the suite: sandboxes %v, error %v", left, err)
	}
}

func tcp(number uint16) pod.Port { return pod.Port{Number: number, Protocol: pod.TCP} }

func testServe(w *world) {
	st := w.ensure(pod.Port{Number: 8080}, tcp(8081))
	if st.ID != w.id || st.Address != w.address || st.CreatedAt.IsZero() || st.Labels["suite"] != w.id {
		w.Errorf("sandbox status %+v", st)
	}
	if again := w.ensure(pod.Port{Number: 8080}, tcp(8081)); again.PodAddress != st.PodAddress || !again.CreatedAt.Equal(st.CreatedAt) {
		w.Errorf("ensured again: %+v, was %+v", again, st)
	}
	c := w.start(w.spec("web", "serve", "8080", "hello"))
	if c.State != pod.Running || c.PID == 0 || c.StartedAt.IsZero() || c.Image != w.harness.Image || c.ImageDigest == "" {
		w.Errorf("container status %+v", c)
	}
	if got := w.fetch(8080); got != "hello" {
		w.Errorf("page %q", got)
	}
	all, err := w.rt.ListSandboxes(w.ctx)
	if err != nil || len(all) != 1 || !slices.Equal(all[0].Ports, []pod.Port{tcp(8080), tcp(8081)}) {
		w.Errorf("list %+v, %v", all, err)
	}
}

func testPortsMove(w *world) {
	w.ensure(tcp(8080))
	pid := w.start(w.spec("web", "serve", "8081", "moved")).PID
	w.ensure(tcp(8081))
	if got := w.fetch(8081); got != "moved" {
		w.Errorf("page %q", got)
	}
	if w.status("web").PID != pid {
		w.Error("moving the ports disturbed the container")
	}
	// A port that stays is not in the way of itself.
	w.ensure(tcp(8081), tcp(8082))
	if got := w.fetch(8081); got != "moved" {
		w.Errorf("page %q", got)
	}
	old := netip.AddrPortFrom(w.address, 8080).String()
	if conn, err := net.DialTimeout("tcp", old, time.Second); err == nil {
		conn.Close()
		w.Error("the old port is still open")
	}
}

func testAddressInUse(w *world) {
	l, err := net.Listen("tcp", netip.AddrPortFrom(w.address, 8080).String())
	if err != nil {
		w.Fatal(err)
	}
	defer l.Close()
	_, err = w.rt.EnsureSandbox(w.ctx, pod.SandboxSpec{ID: w.id, Address: w.address, Ports: []pod.Port{tcp(8080)}})
	if !errors.Is(err, pod.ErrAddressInUse) || !strings.Contains(err.Error(), "8080") {
		w.Errorf("error %v", err)
	}
}

func testExitCode(w *world) {
	ctx, cancel := context.WithCancel(w.ctx)
	events := w.rt.Events(ctx)
	w.ensure()
	before := time.Now().Add(-time.Second)
	w.start(w.spec("job", "exit", "7"))
	if e := next(w.T, events, pod.EventStarted); e.Sandbox != w.id || e.Container != "job" {
		w.Errorf("event %+v", e)
	}
	e := next(w.T, events, pod.EventExited)
	if e.Sandbox != w.id || e.Container != "job" || e.ExitCode != 7 || e.OOMKilled || e.Time.Before(before) {
		w.Errorf("event %+v", e)
	}
	st := w.status("job")
	if st.State != pod.Exited || st.ExitCode != 7 || st.PID != 0 || st.FinishedAt.Before(st.StartedAt.Add(-time.Second)) {
		w.Errorf("status %+v", st)
	}
	cancel()
	for deadline := time.Now().Add(patience); ; {
		if _, open := <-events; !open {
			break
		}
		if time.Now().After(deadline) {
			w.Fatal("the event channel stays open after its context ended")
		}
	}
}

func testCommand(w *world) {
	w.ensure()
	spec := w.spec("env", "env", "COLOUR")
	spec.Env = []pod.EnvVar{{Name: "COLOUR", Value: "red"}, {Name: "COLOUR", Value: "deep = blue"}}
	w.start(spec)
	w.ended("env")
	if got := w.logs("env", pod.LogOptions{}); got != "COLOUR=deep = blue\n" {
		w.Errorf("log %q", got)
	}
	// Without a command the image's own runs.
	own := w.spec("own")
	own.Command = nil
	if st := w.start(own); st.State != pod.Running {
		w.Errorf("status %+v", st)
	}
}

func testRestart(w *world) {
	w.ensure()
	spec := w.spec("job", "print", "1")
	spec.Labels = map[string]string{"k": "v"}
	w.start(spec)
	w.ended("job")
	spec.Attempt, spec.Command = 1, w.command("stay")
	first := w.start(spec)
	again := w.start(spec)
	if first.Attempt != 1 || again.PID != first.PID || again.Labels["k"] != "v" {
		w.Errorf("started %+v, then %+v", first, again)
	}
	if got := w.logs("job", pod.LogOptions{}); got != "line 1\n" {
		w.Errorf("log after the restart %q", got)
	}
	// The next attempt replaces the one that runs.
	spec.Attempt = 2
	if second := w.start(spec); second.PID == first.PID || second.State != pod.Running {
		w.Errorf("second attempt %+v, first %+v", second, first)
	}
	spec.Attempt, spec.Command = 0, w.command("exit", "0")
	w.start(spec)
	w.ended("job")
	if got := w.logs("job", pod.LogOptions{}); got != "" {
		w.Errorf("log of a new container %q", got)
	}
}

func testLogs(w *world) {
	w.ensure()
	begun := time.Now().Add(-time.Second)
	w.start(w.spec("job", "print", "1000"))
	w.ended("job")
	all := w.logs("job", pod.LogOptions{})
	if n := strings.Count(all, "\n"); n != 1000 || !strings.HasPrefix(all, "line 1\n") {
		w.Errorf("%d lines, beginning with %.20q", n, all)
	}
	if got := w.logs("job", pod.LogOptions{Tail: 2}); got != "line 999\nline 1000\n" {
		w.Errorf("tail %q", got)
	}
	stamp, text, _ := strings.Cut(strings.TrimSpace(w.logs("job", pod.LogOptions{Tail: 1, Timestamps: true})), " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil || text != "line 1000" || at.Before(begun) || at.After(time.Now()) {
		w.Errorf("line %q with time %q: %v", text, stamp, err)
	}
	if got := w.logs("job", pod.LogOptions{Since: time.Now().Add(time.Hour)}); got != "" {
		w.Errorf("log from the future %q", got)
	}
	// What is left on one stream when the other has ended is not lost.
	w.start(w.spec("last", "complain", "words"))
	w.ended("last")
	if got := w.logs("last", pod.LogOptions{}); got != "words\n" {
		w.Errorf("standard error after standard output was closed: %q", got)
	}
}

func testStop(w *world) {
	w.ensure()
	w.start(w.spec("kind", "serve", "8080", ""))
	w.start(w.spec("deaf", "deaf"))
	w.logged("kind", "listening") // its signal handler is in place
	begun := time.Now()
	if err := w.rt.StopContainer(w.ctx, w.id, "kind", 5*time.Second); err != nil {
		w.Errorf("stop: %v", err)
	}
	if st := w.status("kind"); st.State != pod.Exited || st.ExitCode != 3 {
		w.Errorf("stopped: %+v", st)
	}
	w.logged("kind", "terminated")
	if err := w.rt.StopContainer(w.ctx, w.id, "deaf", 100*time.Millisecond); err != nil {
		w.Errorf("stop: %v", err)
	}
	if st := w.status("deaf"); st.State != pod.Exited || st.ExitCode != 137 {
		w.Errorf("killed: %+v", st)
	}
	if took := time.Since(begun); took > patience {
		w.Errorf("stopping took %v", took)
	}
	for _, name := range []string{"kind", "never"} {
		if err := w.rt.StopContainer(w.ctx, w.id, name, time.Second); err != nil {
			w.Errorf("stop %s: %v", name, err)
		}
	}
}

func testLocalhost(w *world) {
	w.ensure()
	w.start(w.spec("web", "serve", "9090", "from next door"))
	w.start(w.spec("client", "get", "9090"))
	if st := w.ended("client"); st.ExitCode != 0 {
		w.Errorf("client ended with %d", st.ExitCode)
	}
	if got := w.logs("client", pod.LogOptions{}); got != "from next door\n" {
		w.Errorf("client got %q", got)
	}
}

// Inside: dialling needs no forwarder, and what listens is for the sandbox alone.
func testInside(w *world) {
	w.ensure()
	w.start(w.spec("web", "serve", "9090", "page"))
	var conn net.Conn
	for range 200 {
		var err error
		if conn, err = w.rt.DialInside(w.ctx, w.id, 9090); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if conn == nil {
		w.Fatal("cannot dial a port inside")
	}
	defer conn.Close()
	go fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n")
	if answer, err := io.ReadAll(conn); !bytes.HasSuffix(answer, []byte("page")) {
		w.Errorf("inside: %q, %v", answer, err)
	}
	l, err := w.rt.ListenInside(w.ctx, w.id, 9191)
	if err != nil {
		w.Fatal(err)
	}
	defer l.Close()
	go http.Serve(l, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, "from the daemon") }))
	w.start(w.spec("client", "get", "9191"))
	if st := w.ended("client"); st.ExitCode != 0 || w.logs("client", pod.LogOptions{}) != "from the daemon\n" {
		w.Errorf("client: %+v, %q", st, w.logs("client", pod.LogOptions{}))
	}
	if c, err := net.DialTimeout("tcp", "127.0.0.1:9191", time.Second); err == nil {
		c.Close()
		w.Error("a port inside is open on this machine")
	}
	out, err := w.rt.DialOut(w.ctx, w.id, "127.0.0.1:9191")
	if err != nil {
		w.Fatalf("what the sandbox reaches cannot be dialled from it: %v", err)
	}
	out.Close()
	here, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	defer here.Close()
	if c, err := w.rt.DialOut(w.ctx, w.id, here.Addr().String()); err == nil {
		c.Close()
		w.Error("this machine's loopback is reached from a sandbox")
	}
	if _, err := w.rt.DialOut(w.ctx, "nobody", "192.0.2.1:1"); !errors.Is(err, pod.ErrNoSandbox) {
		w.Error(err)
	}
	if _, err := w.rt.DialInside(w.ctx, "nobody", 1); !errors.Is(err, pod.ErrNoSandbox) {
		w.Error(err)
	}
	if _, err := w.rt.ListenInside(w.ctx, "nobody", 1); !errors.Is(err, pod.ErrNoSandbox) {
		w.Error(err)
	}
}

func testExec(w *world) {
	w.ensure()
	spec := w.spec("main", "stay")
	spec.Env = []pod.EnvVar{{Name: "COLOUR", Value: "red"}}
	w.start(spec)
	var out bytes.Buffer
	exec := func(e pod.ExecSpec) int {
		w.Helper()
		out.Reset()
		e.Stdout = &out
		code, err := w.rt.Exec(w.ctx, w.id, "main", e)
		if err != nil {
			w.Fatalf("exec %q: %v", e.Command, err)
		}
		return code
	}
	if code := exec(pod.ExecSpec{Command: w.command("exit", "9")}); code != 9 {
		w.Errorf("exit code %d", code)
	}
	if exec(pod.ExecSpec{Command: w.command("env", "COLOUR")}); out.String() != "COLOUR=red\n" {
		w.Errorf("environment %q", out.String())
	}
	added := []pod.EnvVar{{Name: "COLOUR", Value: "green"}}
	if exec(pod.ExecSpec{Command: w.command("env", "COLOUR"), Env: added}); out.String() != "COLOUR=green\n" {
		w.Errorf("environment %q", out.String())
	}
	if exec(pod.ExecSpec{Command: w.command("cat"), Stdin: strings.NewReader("typed")}); out.String() != "typed" {
		w.Errorf("echo %q", out.String())
	}
	ctx, cancel := context.WithTimeout(w.ctx, 300*time.Millisecond)
	defer cancel()
	if _, err := w.rt.Exec(ctx, w.id, "main", pod.ExecSpec{Command: w.command("deaf")}); !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("exec whose context ended: %v", err)
	}
	if _, err := w.rt.Exec(w.ctx, w.id, "main", pod.ExecSpec{Command: []string{"/no/such"}}); !errors.Is(err, pod.ErrStart) {
		w.Errorf("exec of a missing program: %v", err)
	}
	if w.status("main").State != pod.Running {
		w.Error("an exec ended the container")
	}
}

func testRemove(w *world) {
	w.ensure(tcp(8080))
	w.start(w.spec("web", "serve", "8080", "x"))
	w.start(w.spec("deaf", "deaf"))
	w.fetch(8080)
	if err := w.rt.RemoveContainer(w.ctx, w.id, "deaf"); err != nil {
		w.Fatal(err)
	}
	if _, err := w.rt.Logs(w.ctx, w.id, "deaf", pod.LogOptions{}); !errors.Is(err, pod.ErrNoContainer) {
		w.Errorf("logs of a removed container: %v", err)
	}
	for range 2 { // the second time there is nothing to do
		if err := w.rt.RemoveContainer(w.ctx, w.id, "deaf"); err != nil {
			w.Error(err)
		}
		if err := w.rt.RemoveSandbox(w.ctx, w.id); err != nil {
			w.Error(err)
		}
	}
	if all, err := w.rt.ListSandboxes(w.ctx); err != nil || len(all) > 0 {
		w.Errorf("list %v, %v", all, err)
	}
	if all, err := w.rt.Statuses(w.ctx, w.id); err != nil || len(all) > 0 {
		w.Errorf("statuses %v, %v", all, err)
	}
	if conn, err := net.DialTimeout("tcp", netip.AddrPortFrom(w.address, 8080).String(), time.Second); err == nil {
		conn.Close()
		w.Error("the public port is still open")
	}
	// The id is free for another sandbox.
	w.ensure(tcp(8080))
	if all, err := w.rt.Statuses(w.ctx, w.id); err != nil || len(all) > 0 {
		w.Errorf("a new sandbox has containers %v, %v", all, err)
	}
	w.start(w.spec("web", "serve", "8080", "y"))
	if got := w.fetch(8080); got != "y" {
		w.Errorf("page %q", got)
	}
}

func testErrors(w *world) {
	w.ensure()
	good := w.spec("job", "exit", "0")
	with := func(change func(*pod.ContainerSpec)) pod.ContainerSpec {
		s := good
		change(&s)
		return s
	}
	for _, c := range []struct {
		name    string
		sandbox string
		spec    pod.ContainerSpec
		want    error
		says    string
	}{
		{"no sandbox", "nobody", good, pod.ErrNoSandbox, "nobody"},
		{"no image", w.id, with(func(s *pod.ContainerSpec) { s.Image = "example.test/none" }), pod.ErrNoImage, "example.test/none"},
		{"bad name", w.id, with(func(s *pod.ContainerSpec) { s.Name = "../x" }), pod.ErrInvalid, "../x"},
		{"no program", w.id, with(func(s *pod.ContainerSpec) { s.Command = []string{"/no/such"} }), pod.ErrStart, "/no/such"},
	} {
		if _, err := w.rt.StartContainer(w.ctx, c.sandbox, c.spec); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			w.Errorf("%s: %v", c.name, err)
		}
	}
	for _, spec := range []pod.SandboxSpec{
		{ID: "Upper"}, {ID: strings.Repeat("x", 49)}, {ID: "a/b"}, {ID: "x", Ports: []pod.Port{{Number: 0}}},
		{ID: "x", Ports: []pod.Port{{Number: 1, Protocol: "SCTP"}}},
	} {
		if _, err := w.rt.EnsureSandbox(w.ctx, spec); !errors.Is(err, pod.ErrInvalid) {
			w.Errorf("sandbox %+v: %v", spec, err)
		}
	}
	if all, _ := w.rt.Statuses(w.ctx, w.id); len(all) > 0 {
		w.Errorf("what could not start is listed: %v", all)
	}
	if _, err := w.rt.Exec(w.ctx, w.id, "job", pod.ExecSpec{Command: w.command("exit", "0")}); !errors.Is(err, pod.ErrNoContainer) {
		w.Errorf("exec in nothing: %v", err)
	}
}

func testImages(w *world) {
	if err := w.rt.ForgetImage(w.ctx, "example.test/never@sha256:"+strings.Repeat("0", 64)); err != nil {
		w.Errorf("forget: %v", err)
	}
	var bad *pod.ImageError
	if _, err := w.rt.PrepareImage(w.ctx, "x", pod.Descriptor{Digest: "nonsense"}); !errors.Is(err, pod.ErrInvalid) {
		w.Errorf("prepare: %v, %v", err, bad)
	}
}

func testDaemonRestart(w *world) {
	w.ensure(tcp(8080))
	pid := w.start(w.spec("web", "serve", "8080", "still here")).PID
	w.start(w.spec("done", "exit", "4"))
	w.ended("done")
	w.fetch(8080)
	w.rt = w.harness.Restart(w.T)
	w.harness.Runtime = w.rt
	all, err := w.rt.ListSandboxes(w.ctx)
	if err != nil || len(all) != 1 || all[0].ID != w.id || all[0].Labels["suite"] != w.id || len(all[0].Ports) != 0 {
		w.Fatalf("sandboxes %+v, %v", all, err)
	}
	if st := w.status("web"); st.State != pod.Running || st.PID != pid {
		w.Errorf("running container: %+v, its pid was %d", st, pid)
	}
	if st := w.status("done"); st.State != pod.Exited || st.ExitCode != 4 {
		w.Errorf("ended container: %+v", st)
	}
	w.ensure(tcp(8080))
	if got := w.fetch(8080); got != "still here" {
		w.Errorf("page %q", got)
	}
	// It is as much ours as before: events, stop and start work on it.
	events := w.rt.Events(w.ctx)
	if err := w.rt.StopContainer(w.ctx, w.id, "web", 5*time.Second); err != nil {
		w.Fatal(err)
	}
	if e := next(w.T, events, pod.EventExited); e.Container != "web" {
		w.Errorf("event %+v", e)
	}
	again := w.spec("web", "serve", "8080", "again")
	again.Attempt = 1
	w.start(again)
	if got := w.fetch(8080); got != "again" {
		w.Errorf("page %s", strconv.Quote(got))
	}
}
