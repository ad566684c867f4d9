package volume

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Make makes the directory of a volume with a mode, or gives it that mode. Its
// parents are closed to other users of the machine.
func Make(dir string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(dir, mode) // umask
}

// Write writes a file that everybody may read, within dir and nowhere else.
func Write(dir, name string, data []byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // a directory handle
	if err := root.WriteFile(name, data, 0o644); err != nil {
		return err
	}
	return root.Chmod(name, 0o444)
}
