package container

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/volume"
)

// Volumes are directories named by sandbox, run and position: nothing a user
// names becomes part of a path but the checked file names of secret volumes.
// Their parents are closed to other users of the machine.

func (s *Service) volumeRoot(secret bool) string {
	if secret {
		return s.o.Volumes.SecretDir
	}
	return s.o.Volumes.Dir
}

// runDir is where the volumes of the group's run are.
func (s *Service) runDir(g *group, secret bool) string {
	return filepath.Join(s.volumeRoot(secret), g.Sandbox, runOf(g))
}

func (s *Service) volumeDir(g *group, i int) string {
	return filepath.Join(s.runDir(g, g.Spec.Volumes[i].Secret), strconv.Itoa(i))
}

// configDir has the files of a container's config map.
func (s *Service) configDir(g *group, container string) string {
	i := slices.IndexFunc(g.Spec.Containers, func(c containerSpec) bool { return c.Name == container })
	return filepath.Join(s.runDir(g, false), "config-"+strconv.Itoa(i))
}

// mount is a mount of a volume, which the group has.
func (s *Service) mount(g *group, m mount) pod.Mount {
	i := slices.IndexFunc(g.Spec.Volumes, func(v volumeSpec) bool { return v.Name == m.Volume })
	out := pod.Mount{Source: s.volumeDir(g, i), Target: filepath.Clean(m.Path), ReadOnly: m.ReadOnly}
	if x := g.Spec.Volumes[i].Share; x != nil { // was opened: both names are checked
		out.Source, out.ReadOnly = filepath.Join(s.o.Volumes.SharesDir, x.Account, x.Share), m.ReadOnly || x.ReadOnly
	}
	return out
}

// makeVolumes makes the run's volumes, or completes them. spec is the group's
// with its secrets open. What the user can mend is the error FailedMount and an
// event of that name.
func (r *runner) makeVolumes(ctx context.Context, g *group, spec *spec) error {
	for i := range spec.Volumes {
		v := &spec.Volumes[i]
		err := r.s.makeVolume(ctx, r.s.volumeDir(g, i), v)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || v.Git == nil && v.Share == nil {
			return fmt.Errorf("cannot make the volume %q: %w", v.Name, err)
		}
		r.change(g, func(o *observed) {
			o.Events = event.Add(o.Events, r.s.o.Now(), true, "FailedMount", "Unable to mount volume '"+v.Name+"': "+err.Error())
		})
		return azure.Errorf(azure.Invalid, azure.CodeFailedMount, "The volume '%s' of container group '%s' cannot be mounted: %v. Mend that and create or start the group again.", v.Name, g.ID.Name(), err)
	}
	return r.s.configure(g)
}

// configure makes the files of the config maps what the group says now. Azure:
// containers see them change, and run on.
func (s *Service) configure(g *group) error {
	for i := range g.Spec.Containers {
		if c := &g.Spec.Containers[i]; c.ConfigMap != nil {
			if err := volume.Sync(s.configDir(g, c.Name), c.ConfigMap); err != nil {
				return fmt.Errorf("cannot write the config map of container %q: %w", c.Name, err)
			}
		}
	}
	return nil
}

func (s *Service) makeVolume(ctx context.Context, dir string, v *volumeSpec) error {
	switch {
	case v.Share != nil:
		if s.o.Volumes.SharesDir == "" {
			return errors.New("this cloud has no directory for shares")
		}
		if v.Share.Key == nil { // by reference, and opened before
			return nil
		}
		_, err := volume.Share{Account: v.Share.Account, Name: v.Share.Share, Key: v.Share.Key.plain}.Open(s.o.Volumes.SharesDir)
		return err
	case v.Git != nil:
		if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
			return err
		}
		return volume.Repository{URL: v.Git.Repository.plain.Reveal(), Directory: v.Git.Directory, Revision: v.Git.Revision}.Clone(ctx, dir,
			volume.Bounds{Allowed: s.o.Volumes.CloneFrom, Bytes: int64(s.o.Limits.CloneMB) << 20})
	}
	// Containers run as any user: emptyDir is writable and secrets readable for all.
	mode := fs.FileMode(0o777)
	if v.Secret {
		mode = 0o755
	}
	if err := volume.Make(dir, mode); err != nil {
		return err
	}
	for _, f := range v.Files {
		if f.Content == nil { // by reference, and written before
			continue
		}
		data := []byte(f.Content.plain.Reveal())
		if f.Reference == "" {
			var err error
			if data, err = base64.StdEncoding.DecodeString(string(data)); err != nil {
				return err
			}
		}
		if err := volume.Write(dir, f.Name, data); err != nil {
			return err
		}
	}
	return nil
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
