package containerd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/containerd/containerd/v2/contrib/seccomp"
	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// withSecurity confines the container: by default as the spec already says, with
// the default seccomp profile. It comes last, because the profile allows what the
// capabilities need.
func withSecurity(x *pod.Security) oci.SpecOpts {
	if x == nil {
		return func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
			s.Linux.Seccomp = defaultProfile(s)
			return nil
		}
	}
	var opts []oci.SpecOpts
	if x.User != nil {
		id := strconv.FormatUint(uint64(*x.User), 10)
		opts = append(opts, oci.WithUser(id), oci.WithAdditionalGIDs(id))
	}
	if x.Group != nil {
		opts = append(opts, func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
			s.Process.User.GID = *x.Group
			return nil
		})
	}
	if x.Privileged {
		opts = append(opts, oci.WithPrivileged)
	}
	if slices.Contains(x.Drop, "ALL") {
		opts = append(opts, oci.WithCapabilities(nil))
	} else {
		opts = append(opts, oci.WithDroppedCapabilities(x.Drop))
	}
	if slices.Contains(x.Add, "ALL") {
		opts = append(opts, oci.WithAllKnownCapabilities)
	} else {
		opts = append(opts, oci.WithAddedCapabilities(x.Add))
	}
	if x.Escalate || x.Privileged {
		opts = append(opts, oci.WithNewPrivileges)
	}
	return oci.Compose(append(opts, withProfile(x))...)
}

// defaultProfile is containerd's without the x32 architecture: its calls are
// refused whole, and runc compiles a third less at every start (5 ms).
func defaultProfile(s *oci.Spec) *specs.LinuxSeccomp {
	p := seccomp.DefaultProfile(s)
	p.Architectures = slices.DeleteFunc(p.Architectures, func(a specs.Arch) bool { return a == specs.ArchX32 })
	return p
}

func withProfile(x *pod.Security) oci.SpecOpts {
	return func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
		base := defaultProfile(s)
		if x.Seccomp == nil {
			if !x.Privileged {
				s.Linux.Seccomp = base
			}
			return nil
		}
		var own specs.LinuxSeccomp
		if err := json.Unmarshal(x.Seccomp, &own); err != nil {
			return fmt.Errorf("cannot read the seccomp profile: %w", err)
		}
		s.Linux.Seccomp = &own
		if !x.Privileged {
			s.Linux.Seccomp = stricter(base, &own)
		}
		return nil
	}
}

// stricter allows what both profiles allow. A call the default allows only with
// certain arguments keeps the default's rules.
func stricter(base, own *specs.LinuxSeccomp) *specs.LinuxSeccomp {
	denied := map[string]bool{}  // by own, for all or some arguments
	allowed := map[string]bool{} // by own, without conditions
	out := &specs.LinuxSeccomp{DefaultAction: base.DefaultAction, DefaultErrnoRet: base.DefaultErrnoRet, Architectures: base.Architectures}
	for _, rule := range own.Syscalls {
		for _, name := range rule.Names {
			if harmless(rule.Action) {
				allowed[name] = true
			} else {
				denied[name] = true
			}
		}
		if !harmless(rule.Action) {
			out.Syscalls = append(out.Syscalls, rule)
		}
	}
	open := harmless(own.DefaultAction)
	if !open {
		out.DefaultAction, out.DefaultErrnoRet = own.DefaultAction, own.DefaultErrnoRet
	}
	for _, rule := range base.Syscalls {
		rule.Names = slices.DeleteFunc(slices.Clone(rule.Names), func(name string) bool {
			return denied[name] || !open && !allowed[name]
		})
		if len(rule.Names) > 0 {
			out.Syscalls = append(out.Syscalls, rule)
		}
	}
	return out
}

func harmless(a specs.LinuxSeccompAction) bool { return a == specs.ActAllow || a == specs.ActLog }
