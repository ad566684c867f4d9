package oci

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestSendMapped: the parts arrive as they are in the file, wherever they begin
// and end in pages and windows.
func TestSendMapped(t *testing.T) {
	data := make([]byte, mappedWindow+3*4096+17)
	if _, err := rand.Read(data); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "blob")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if fileOf(sized{f, int64(len(data))}) != f || fileOf(bytes.NewReader(data)) != nil {
		t.Fatal("the file is not found, or one where there is none")
	}
	size := int64(len(data))
	for _, s := range []span{{0, size}, {0, 1}, {4095, 2}, {1, size - 1}, {size - 1, 1}, {mappedWindow - 1, 2}, {mappedWindow, size - mappedWindow}, {4096, mappedWindow}} {
		var got bytes.Buffer
		if err := sendMapped(&got, f, s); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), data[s.start:s.start+s.length]) {
			t.Errorf("%+v: %d bytes came, not those of the file", s, got.Len())
		}
	}
}

// TestSendMappedOfAShorterFile: what is not there is an error of the request, not
// the end of the process.
func TestSendMappedOfAShorterFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "blob")
	if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func() {
		if recover() == nil {
			t.Error("reading beyond the file is no fault")
		}
	}()
	_ = sendMapped(copier{}, f, span{0, 1 << 20})
}

// copier reads what it is given, as a buffered writer does.
type copier struct{}

func (copier) Write(p []byte) (int, error) { return len(bytes.Clone(p)), nil }

// sized is a file with the method that containerd's content has.
type sized struct {
	*os.File
	size int64
}

func (s sized) Reader() io.Reader { return io.LimitReader(s.File, s.size) }
