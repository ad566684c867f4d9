package runc

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

// ErrNotBuiltIn is answered by a binary that was built without runc.
var ErrNotBuiltIn = errors.New("runc is not built into this binary: build with `make build`, or set the path of an installed runc or crun")

// Extract writes runc into dir, unless exactly it is there, and returns its path.
func Extract(dir string) (string, error) {
	want, err := files.ReadFile("bin/runc")
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNotBuiltIn
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "runc")
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, want) {
		return path, os.Chmod(path, 0o755)
	}
	// Renamed into place: a running runc cannot be written over, and nobody
	// may ever start half of one.
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, want, 0o755); err != nil {
		return "", fmt.Errorf("cannot extract runc: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return "", fmt.Errorf("cannot extract runc: %w", err)
	}
	return path, nil
}
