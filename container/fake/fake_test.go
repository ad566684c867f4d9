package fake_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/runtimetest"
	"github.com/lazuli-cloud/lazuli/container/runtimetest/program"
)

func TestRuntime(t *testing.T) {
	rt := fake.New(fake.Options{
		Programs: map[string]fake.Program{"suite": program.Run},
		Commands: func(word string) bool { return word == "/program" },
	})
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	digest := "sha256:" + strings.Repeat("ab", 32)
	image, err := rt.PrepareImage(context.Background(), "suite", pod.Descriptor{Digest: digest})
	if err != nil {
		t.Fatal(err)
	}
	runtimetest.Run(t, &runtimetest.Harness{
		Runtime: rt, Image: image.Name, Path: "/program",
		Restart: func(*testing.T) pod.Runtime { rt.Restart(); return rt },
	})
}

// The default program answers with its image's name, and Exit ends it.
func TestServeAndExit(t *testing.T) {
	rt := fake.New(fake.Options{})
	t.Cleanup(func() { rt.Close() })
	ctx := context.Background()
	image, err := rt.EnsureImage(ctx, pod.ImageRequest{Name: "example.test/hello:v1"})
	if err != nil {
		t.Fatal(err)
	}
	address := netip.MustParseAddr("127.78.0.1")
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "g", Address: address, Ports: []pod.Port{{Number: 18080}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.StartContainer(ctx, "g", pod.ContainerSpec{Name: "c", Image: image.Name}); err != nil {
		t.Fatal(err)
	}
	var page []byte
	for range 100 {
		resp, err := http.Get("http://127.78.0.1:18080/")
		if err != nil {
			continue
		}
		page, _ = io.ReadAll(resp.Body)
		resp.Body.Close()
		break
	}
	if !bytes.Contains(page, []byte("example.test/hello:v1@sha256:")) {
		t.Errorf("page %q", page)
	}
	if err := rt.Exit("g", "c", 42, true); err != nil {
		t.Fatal(err)
	}
	all, err := rt.Statuses(ctx, "g")
	if err != nil || len(all) != 1 || all[0].ExitCode != 42 || !all[0].OOMKilled {
		t.Errorf("statuses %+v, %v", all, err)
	}
}
