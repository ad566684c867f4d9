package runc

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

//go:embed bin
var files embed.FS

// ErrNotBuiltIn is answered by a binary that was built without what is asked for.
var ErrNotBuiltIn = errors.New("runc is not built into this binary: build with `make build`, or set the path of an installed runc or crun")

// Extract writes runc to path, unless exactly it is there.
func Extract(path string) error { return extract("runc", path) }

// ExtractShim writes the slim shim to path, unless exactly it is there.
func ExtractShim(path string) error { return extract("shim", path) }

func extract(name, path string) error {
	carried, err := files.Open("bin/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotBuiltIn
	}
	if err != nil {
		return err
	}
	defer carried.Close()
	if same(carried, path) {
		return os.Chmod(path, 0o755)
	}
	if _, err := carried.(io.Seeker).Seek(0, io.SeekStart); err != nil {
		return err
	}
	// Renamed into place: a running program cannot be written over, and nobody
	// may ever start half of one.
	tmp := path + ".tmp"
	out, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return fmt.Errorf("cannot extract %s: %w", name, err)
	}
	_, err = io.Copy(out, carried)
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("cannot extract %s: %w", name, err)
	}
	return nil
}

// same compares piece by piece: the programs are not to fill the memory.
func same(carried fs.File, path string) bool {
	have, err := os.Open(path)
	if err != nil {
		return false
	}
	defer have.Close()
	info, err := os.Lstat(path)
	want, werr := carried.Stat()
	if err != nil || werr != nil || !info.Mode().IsRegular() || info.Size() != want.Size() {
		return false
	}
	a, b := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(carried, a)
		m, _ := io.ReadFull(have, b)
		if n != m || !bytes.Equal(a[:n], b[:m]) {
			return false
		}
		if err != nil {
			return true // both have ended
		}
	}
}
