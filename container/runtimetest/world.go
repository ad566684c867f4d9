package runtimetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Harness is what the suite needs to know of a runtime.
type Harness struct {
	// Runtime is under test; the harness closes it.
	Runtime pod.Runtime
	// Image is ready to start and runs the suite's program.
	Image string
	// Path is the program's path in the image; the first word of commands.
	Path string
	// Restart closes the runtime and opens it again on what it left.
	Restart func(t *testing.T) pod.Runtime
}

// Build compiles the suite's program, statically, into dir and returns its path.
func Build(dir string) (string, error) {
	path := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "github.com/lazuli-cloud/lazuli/container/runtimetest/testdata/program")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the suite's program: %w\n%s", err, out)
	}
	return path, nil
}

// world is one test's sandbox and what it does with it.
type world struct {
	*testing.T
	ctx     context.Context
	harness *Harness
	rt      pod.Runtime
	id      string
	address netip.Addr
}

const patience = 20 * time.Second

// addresses hands out loopback addresses, so that tests do not meet.
var addresses atomic.Uint32

func newWorld(t *testing.T, h *Harness) *world {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	n := addresses.Add(1)
	w := &world{
		T: t, ctx: ctx, harness: h, rt: h.Runtime, id: fmt.Sprintf("suite-%d", n),
		address: netip.AddrFrom4([4]byte{127, 77, byte(os.Getpid()), byte(n)}),
	}
	t.Cleanup(func() {
		defer cancel()
		if err := h.Runtime.RemoveSandbox(ctx, w.id); err != nil {
			t.Errorf("remove sandbox: %v", err)
		}
	})
	return w
}

func (w *world) ensure(ports ...pod.Port) pod.SandboxStatus {
	w.Helper()
	st, err := w.rt.EnsureSandbox(w.ctx, pod.SandboxSpec{
		ID: w.id, Hostname: "suite", Address: w.address, Ports: ports, Labels: map[string]string{"suite": w.id},
	})
	if err != nil {
		w.Fatalf("ensure sandbox: %v", err)
	}
	return st
}

// spec describes a container that runs the program with words.
func (w *world) spec(name string, words ...string) pod.ContainerSpec {
	return pod.ContainerSpec{Name: name, Image: w.harness.Image, Command: w.command(words...)}
}

func (w *world) command(words ...string) []string {
	return append([]string{w.harness.Path}, words...)
}

func (w *world) start(spec pod.ContainerSpec) pod.ContainerStatus {
	w.Helper()
	st, err := w.rt.StartContainer(w.ctx, w.id, spec)
	if err != nil {
		w.Fatalf("start %s: %v", spec.Name, err)
	}
	return st
}

func (w *world) status(name string) pod.ContainerStatus {
	w.Helper()
	all, err := w.rt.Statuses(w.ctx, w.id)
	if err != nil {
		w.Fatalf("statuses: %v", err)
	}
	for _, st := range all {
		if st.Name == name {
			return st
		}
	}
	w.Fatalf("no status of container %q in %v", name, all)
	return pod.ContainerStatus{}
}

// ended waits until a container has ended.
func (w *world) ended(name string) pod.ContainerStatus {
	w.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if st := w.status(name); st.State == pod.Exited {
			return st
		}
	}
	w.Fatalf("container %q has not ended: log %q", name, w.logs(name, pod.LogOptions{}))
	return pod.ContainerStatus{}
}

func (w *world) logs(name string, opts pod.LogOptions) string {
	w.Helper()
	r, err := w.rt.Logs(w.ctx, w.id, name, opts)
	if err != nil {
		w.Fatalf("logs of %s: %v", name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		w.Fatalf("read logs of %s: %v", name, err)
	}
	return string(data)
}

// logged waits until the log has the text.
func (w *world) logged(name, text string) {
	w.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(w.logs(name, pod.LogOptions{}), text) {
			return
		}
	}
	w.Fatalf("log of %s never had %q: %q", name, text, w.logs(name, pod.LogOptions{}))
}

// fetch gets the page at a public port, as soon as somebody serves it.
func (w *world) fetch(port uint16) string {
	w.Helper()
	url := fmt.Sprintf("http://%s/", netip.AddrPortFrom(w.address, port))
	hc := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		resp, err := hc.Get(url)
		if last = err; err != nil {
			continue
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			w.Fatalf("read %s: %v", url, err)
		}
		return string(body)
	}
	w.Fatalf("nobody serves %s: %v", url, last)
	return ""
}

func next(t *testing.T, events <-chan pod.Event, what pod.EventType) pod.Event {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the event channel closed before %s", what)
			}
			if e.Type == what {
				return e
			}
		case <-deadline:
			t.Fatalf("no event %s", what)
		}
	}
}
