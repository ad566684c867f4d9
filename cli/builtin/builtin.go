// Package builtin carries the small az, cmd/az alone, inside the whole binary: it
// starts in a millisecond where the whole takes twenty. It is built into the
// folder bin before, by `make build`:
//
//	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o cli/builtin/bin/az ./cmd/az
//
// Without it this package still compiles, and [Install] links to the whole binary,
// which is az too when it is called by that name.
//
// It does not know: what az does.
package builtin

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed bin
var files embed.FS

// Install puts az into a directory, unless exactly it is there, and returns its
// path.
func Install(dir string) (string, error) {
	path := filepath.Join(dir, "az")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	data, err := files.ReadFile("bin/az")
	if errors.Is(err, fs.ErrNotExist) {
		return path, link(path)
	}
	if err != nil {
		return "", err
	}
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, data) {
		return path, nil
	}
	// Renamed into place: a running program cannot be written over.
	tmp, err := os.CreateTemp(dir, ".az.*")
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o755), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return "", fmt.Errorf("cannot put az into %s: %w", dir, err)
	}
	return path, nil
}

// link makes path lead to this program.
func link(path string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if to, err := os.Readlink(path); err == nil && to == self {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(self, path)
}
