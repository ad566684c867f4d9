package container

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Volumes are directories named by sandbox, run and position: nothing a user
// names becomes part of a path but the checked file names of secret volumes.
// Their parents are closed to other users of the machine.

func (s *Service) volumeRoot(secret bool) string {
	if secret {
		return s.o.SecretDir
	}
	return s.o.DataDir
}

// volumeDir is the directory of the volume called name, which the group has.
func (s *Service) volumeDir(g *group, name string) string {
	i := slices.IndexFunc(g.Spec.Volumes, func(v volume) bool { return v.Name == name })
	return filepath.Join(s.volumeRoot(g.Spec.Volumes[i].Secret), g.Sandbox, runOf(g), strconv.Itoa(i))
}

// makeVolumes makes the run's volumes, or completes them. spec is the group's
// with its secrets open.
func (s *Service) makeVolumes(g *group, spec *spec) error {
	for _, v := range spec.Volumes {
		dir := s.volumeDir(g, v.Name)
		if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
			return err
		}
		// Containers run as any user: emptyDir is writable and secrets readable for all.
		mode := fs.FileMode(0o777)
		if v.Secret {
			mode = 0o755
		}
		if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := os.Chmod(dir, mode); err != nil { // umask
			return err
		}
		for _, f := range v.Files {
			data, err := base64.StdEncoding.DecodeString(f.Content.plain.Reveal())
			if err != nil {
				return err
			}
			if err := writeFile(dir, f.Name, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFile writes a file of a secret volume within dir and nowhere else.
func writeFile(dir, name string, data []byte) error {
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

// removeOldVolumes removes what earlier runs left.
func (s *Service) removeOldVolumes(g *group) error {
	for _, secret := range []bool{false, true} {
		dir := filepath.Join(s.volumeRoot(secret), g.Sandbox)
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if e.Name() == runOf(g) {
				continue
			}
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) removeVolumes(sandbox string) error {
	return errors.Join(os.RemoveAll(filepath.Join(s.volumeRoot(false), sandbox)), os.RemoveAll(filepath.Join(s.volumeRoot(true), sandbox)))
}

// sweepVolumes removes the volumes of groups that are gone.
func (s *Service) sweepVolumes() {
	for _, secret := range []bool{false, true} {
		entries, err := os.ReadDir(s.volumeRoot(secret))
		if err != nil {
			continue // made with the first volume
		}
		for _, e := range entries {
			if len(e.Name()) != 34 || e.Name()[:2] != "g-" || len(s.groups.By("sandbox", e.Name())) > 0 {
				continue
			}
			if err := s.removeVolumes(e.Name()); err != nil {
				s.o.Log.Warn("cannot remove the volumes of a group that is gone", "sandbox", e.Name(), "error", err)
			}
		}
	}
}
