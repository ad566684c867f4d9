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

// Sync makes dir and gives it these files and no others, each as a whole: who reads
// one meets the old content or the new.
func Sync(dir string, files map[string]string) error {
	if err := Make(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // a directory handle
	there, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range there {
		if _, wanted := files[f.Name()]; !wanted {
			if err := root.Remove(f.Name()); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if old, err := root.ReadFile(name); err == nil && string(old) == text {
			continue
		}
		if err := Write(dir, draft, []byte(text)); err != nil {
			return err
		}
		if err := root.Rename(draft, name); err != nil {
			return err
		}
	}
	return nil
}

// draft is where a file is written first; no file of a volume may have the name.
const draft = "~draft"

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
