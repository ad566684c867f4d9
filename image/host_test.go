package image_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/image"
)

// An image of this machine's own shell has the shell, what it needs to start, and
// the same digest each time.
func TestHostProgramsBecomeAnImage(t *testing.T) {
	extra := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(extra, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	o := image.HostOptions{Required: []string{"bash"}, Optional: []string{"ls", "no-such-program"}, Files: map[string]string{"/usr/bin/tool": extra}}
	img, err := image.Host(o)
	if err != nil {
		t.Skipf("this machine has no bash: %v", err)
	}
	defer img.Close()
	blobs, err := img.Blobs()
	if err != nil || len(blobs) != 3 {
		t.Fatalf("%d blobs, %v", len(blobs), err)
	}
	r, err := blobs[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	found, loader := map[string]*tar.Header{}, ""
	for layer := tar.NewReader(r); ; {
		h, err := layer.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if parent := filepath.Dir(strings.TrimSuffix(h.Name, "/")); parent != "." && found[parent+"/"] == nil {
			t.Errorf("%s comes before its directory", h.Name)
		}
		found[h.Name] = h
		if base := filepath.Base(h.Name); strings.HasPrefix(base, "ld-") || strings.HasPrefix(base, "ld.so") {
			loader = h.Name
		}
		if h.Mode&0o6000 != 0 {
			t.Errorf("%s is set-user-ID", h.Name)
		}
	}
	for _, name := range []string{"usr/bin/bash", "usr/bin/ls", "usr/bin/tool", "usr/bin/sh", "bin", "lib", "etc/", "home/"} {
		if found[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if loader == "" || found["bin"].Linkname != "usr/bin" || found["tmp/"].Mode != 0o1777 {
		t.Errorf("loader %q, bin %+v, tmp %+v", loader, found["bin"], found["tmp/"])
	}
	again, err := image.Host(o)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	one, _ := img.Digest()
	if two, _ := again.Digest(); one == "" || one != two {
		t.Errorf("the digests are %s and %s", one, two)
	}
}

// A machine without the program says so.
func TestHostNeedsItsPrograms(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bin", "script"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bash", "script"} {
		if img, err := image.Host(image.HostOptions{Root: root, Required: []string{name}}); err == nil || !strings.Contains(err.Error(), "no "+name) {
			t.Errorf("%s: %v %v", name, img, err)
		}
	}
}
