package containerd

import (
	"context"
	"fmt"
	"path"
	"path/filepath"

	"github.com/containerd/containerd/api/types/runc/options"
	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// groupAnnotation makes the containers of a sandbox share one shim.
const groupAnnotation = "io.containerd.runc.v2.group"

// Labels on containerd's containers, for whoever looks with its own tools.
const (
	labelSandbox   = "lazuli/sandbox"
	labelContainer = "lazuli/container"
)

const (
	defaultPIDs  = 4096
	cpuPeriod    = 100_000 // microseconds, the kernel's default
	minCPUQuota  = 1_000   // the kernel refuses less
	minCPUShares = 2
	maxFiles     = 1 << 20
)

// placement is where a container goes in its sandbox and on this machine.
type placement struct {
	dir      string // of the sandbox
	hostname string
	netns    string
	cgroup   string
}

func (r *Runtime) containerOpts(image client.Image, cid, sandbox string, spec pod.ContainerSpec, place placement) []client.NewContainerOpts {
	return []client.NewContainerOpts{
		client.WithImage(image),
		client.WithImageStopSignal(image, "SIGTERM"),
		client.WithSnapshotter(r.opts.Snapshotter),
		client.WithNewSnapshot(cid, image),
		// By its path: containerd finds the shim again by it after a restart.
		client.WithRuntime(r.layout.shim(), &options.Options{BinaryName: r.runc, Root: r.layout.runc()}),
		client.WithAdditionalContainerLabels(map[string]string{labelSandbox: sandbox, labelContainer: spec.Name}),
		client.WithNewSpec(specOpts(image, sandbox, spec, place)...),
	}
}

// specOpts says how a container runs. The default it starts from has the
// capabilities, namespaces, masked and read-only paths, and no new privileges.
func specOpts(image client.Image, sandbox string, spec pod.ContainerSpec, place placement) []oci.SpecOpts {
	opts := []oci.SpecOpts{
		// crun 1.8 refuses versions it does not know; nothing later is used.
		func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
			s.Version = "1.0.2"
			return nil
		},
		oci.WithoutRunMount, // an image's /run is its own
		oci.WithImageConfig(image),
		oci.WithDefaultPathEnv,
		oci.WithEnv([]string{"HOSTNAME=" + place.hostname}),
		oci.WithEnv(environment(spec.Env)),
		oci.WithHostname(place.hostname),
		oci.WithLinuxNamespace(specs.LinuxNamespace{Type: specs.NetworkNamespace, Path: place.netns}),
		oci.WithCgroup(place.cgroup),
		oci.WithAnnotations(map[string]string{groupAnnotation: sandbox}),
		oci.WithDefaultUnixDevices,
		oci.WithRlimit(fileLimit()),
		withLimits(spec.Limits),
		withMounts(spec.Mounts, place),
	}
	if len(spec.Command) > 0 {
		opts = append(opts, oci.WithProcessArgs(spec.Command...))
	}
	if spec.WorkingDir != "" {
		opts = append(opts, oci.WithProcessCwd(spec.WorkingDir))
	}
	if spec.User != "" {
		opts = append(opts, oci.WithUser(spec.User), oci.WithAdditionalGIDs(spec.User))
	}
	// After the rest, because it allows what the capabilities need.
	return append(opts, requireCommand(spec), withSecurity(spec.Security), withFewCgroups(place.cgroup))
}

func environment(vars []pod.EnvVar) []string {
	list := make([]string, len(vars))
	for i, v := range vars {
		list[i] = v.Name + "=" + v.Value
	}
	return list
}

func requireCommand(spec pod.ContainerSpec) oci.SpecOpts {
	return func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
		if len(s.Process.Args) == 0 {
			return fmt.Errorf("image %q has no command: give container %q one", spec.Image, spec.Name)
		}
		return nil
	}
}

// fileLimit is this process's own hard limit, within reason. Raising it takes
// a capability that not every machine grants.
func fileLimit() *specs.POSIXRlimit {
	limit := unix.Rlimit{Max: 1024}
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) // keeps the 1024
	limit.Max = min(limit.Max, maxFiles)
	return &specs.POSIXRlimit{Type: "RLIMIT_NOFILE", Hard: limit.Max, Soft: limit.Max}
}

func withLimits(limits pod.Limits) oci.SpecOpts {
	return func(ctx context.Context, c oci.Client, cc *containers.Container, s *oci.Spec) error {
		if limits.CPU < 0 || limits.MemoryBytes < 0 || limits.PIDs < 0 {
			return fmt.Errorf("limits must not be negative")
		}
		pids := limits.PIDs
		if pids == 0 {
			pids = defaultPIDs
		}
		opts := []oci.SpecOpts{oci.WithPidsLimit(pids)}
		if limits.CPU > 0 {
			opts = append(opts,
				oci.WithCPUCFS(max(int64(limits.CPU*cpuPeriod), minCPUQuota), cpuPeriod),
				oci.WithCPUShares(max(uint64(limits.CPU*1024), minCPUShares)))
		}
		if limits.MemoryBytes > 0 {
			opts = append(opts, oci.WithMemoryLimit(uint64(limits.MemoryBytes)))
			if swapLimited() {
				opts = append(opts, oci.WithMemorySwap(limits.MemoryBytes))
			}
		}
		return oci.ApplyOpts(ctx, c, cc, s, opts...)
	}
}

// withMounts adds the sandbox's files, the container's own cgroup to read (the
// Go and Java runtimes size themselves by it), and the mounts asked for.
func withMounts(mounts []pod.Mount, place placement) oci.SpecOpts {
	return func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
		for _, name := range []string{"hostname", "hosts", "resolv.conf"} {
			s.Mounts = append(s.Mounts, bind(filepath.Join(place.dir, name), "/etc/"+name, false))
		}
		s.Mounts = append(s.Mounts, specs.Mount{
			Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup",
			Options: []string{"ro", "nosuid", "noexec", "nodev", "relatime"},
		})
		for _, m := range mounts {
			if !filepath.IsAbs(m.Source) || !path.IsAbs(m.Target) || path.Clean(m.Target) == "/" {
				return fmt.Errorf("mount of %q at %q: both must be absolute paths, and not /", m.Source, m.Target)
			}
			s.Mounts = append(s.Mounts, bind(m.Source, path.Clean(m.Target), m.ReadOnly))
		}
		return nil
	}
}

func bind(source, target string, readOnly bool) specs.Mount {
	mode := "rw"
	if readOnly {
		mode = "ro"
	}
	return specs.Mount{
		Destination: target, Type: "bind", Source: source, Options: []string{"rbind", "rprivate", "nosuid", "nodev", mode},
	}
}
