package containerd

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/containerd/cgroups/v3"
	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/opencontainers/runtime-spec/specs-go"
)

const cgroupRoot = "/sys/fs/cgroup"

// cgroup is the parent of our containers' cgroups, below the root of each
// hierarchy. Other clouds on the machine have other folders, hence other ones.
func (r *Runtime) cgroup() string { return "/lazuli-" + hash(r.opts.Dir) }

// sized are the hierarchies of cgroup 1 that runtimes size themselves by: Go by
// cpu alone, Java by all of them or none.
var sized = []string{"cpu", "cpuacct", "cpuset", "memory", "pids"}

// withFewCgroups shows a container of cgroup 1 those of its cgroups it can use,
// which it can only read. The runtime would mount all ten or so, which takes longer
// than all its other mounts of a kind: 3 ms of a start.
func withFewCgroups(path string) oci.SpecOpts {
	return func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
		at := slices.IndexFunc(s.Mounts, func(m specs.Mount) bool { return m.Type == "cgroup" && slices.Contains(m.Options, "ro") })
		if cgroups.Mode() == cgroups.Unified || at < 0 {
			return nil
		}
		few := []specs.Mount{{
			Destination: cgroupRoot, Type: "tmpfs", Source: "tmpfs", Options: []string{"ro", "nosuid", "noexec", "nodev", "mode=755"},
		}}
		for _, name := range sized {
			hierarchy := filepath.Join(cgroupRoot, name)
			if _, err := os.Stat(hierarchy); err == nil {
				few = append(few, specs.Mount{
					Destination: hierarchy, Type: "bind", Source: filepath.Join(hierarchy, path), Options: []string{"bind", "ro", "nosuid", "noexec", "nodev"},
				})
			}
		}
		s.Mounts = slices.Replace(s.Mounts, at, at+1, few...)
		return nil
	}
}

// oomKilled says whether the kernel killed a process of the cgroup for want of
// memory. It asks the counter, not the event, which may come after the exit.
func oomKilled(path string) bool {
	file := filepath.Join(cgroupRoot, "memory", path, "memory.oom_control")
	if cgroups.Mode() == cgroups.Unified {
		file = filepath.Join(cgroupRoot, path, "memory.events")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			n, err := strconv.Atoi(strings.TrimSpace(count))
			return err == nil && n > 0
		}
	}
	return false
}

// swapLimited says whether memory and swap can be limited together. In cgroup 1
// that is a kernel setting; in cgroup 2 runc leaves out what is not there.
func swapLimited() bool {
	if cgroups.Mode() == cgroups.Unified {
		return true
	}
	_, err := os.Stat(filepath.Join(cgroupRoot, "memory", "memory.memsw.limit_in_bytes"))
	return err == nil
}

// removeCgroup removes our parent cgroup from every hierarchy, if empty.
func removeCgroup(path string) {
	dirs, _ := filepath.Glob(filepath.Join(cgroupRoot, "*", path))
	for _, dir := range append(dirs, filepath.Join(cgroupRoot, path)) {
		os.Remove(dir)
	}
}

// warmCgroups moves this process into the cgroup it is in. The kernel makes a
// first mover wait until all processors have passed a quiet state, some 6 to
// 15 ms, and lets one that comes shortly after go on at once: the shim, which
// moves the container's first process when that waits. Nothing changes, and
// failing costs nothing.
func warmCgroups() {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(own)) {
		// 7:pids:/path in version 1, 0::/path in version 2.
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 || fields[1] != "" && fields[1] != "pids" {
			continue
		}
		procs := filepath.Join("/sys/fs/cgroup", fields[1], fields[2], "cgroup.procs")
		if os.WriteFile(procs, []byte("0"), 0) == nil {
			return
		}
	}
}
