// Package confine reads what a user asks for in a security context and decides
// how much of it a container may have.
//
// It owns the list of capabilities that can be had without being near the
// machine, and the form of seccomp profiles. It does not apply anything: a
// runtime does, by [pod.Security]. It knows no resources: errors are worded by
// the caller.
package confine

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// standard is the set every container starts with (docker's), grantable what can
// be added to it: neither reaches beyond the group's own processes and network
// address. NET_ADMIN is not among them: it could take another group's address.
var (
	standard = []string{
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
		"CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
	}
	grantable = []string{"CAP_IPC_LOCK", "CAP_SYS_PTRACE", "CAP_LEASE", "CAP_NET_BROADCAST"}
	others    = []string{
		"CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_BLOCK_SUSPEND", "CAP_BPF", "CAP_CHECKPOINT_RESTORE", "CAP_DAC_READ_SEARCH", "CAP_IPC_OWNER",
		"CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_NET_ADMIN", "CAP_PERFMON", "CAP_SYSLOG", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
		"CAP_SYS_MODULE", "CAP_SYS_NICE", "CAP_SYS_PACCT", "CAP_SYS_RAWIO", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_WAKE_ALARM",
	}
)

// maxProfile bounds a seccomp profile, decoded.
const maxProfile = 256 << 10

// Wrong words an error about a field of the security context.
type Wrong func(field, format string, args ...any) error

// Read checks a security context. Privileged containers and capabilities that
// reach the machine are refused unless privileged says that this cloud allows
// them.
func Read(p *wire.SecurityContextDefinition, privileged bool, wrong Wrong) (*pod.Security, error) {
	s := &pod.Security{Privileged: isTrue(p.Privileged), Escalate: isTrue(p.AllowPrivilegeEscalation)}
	const allow = "A cloud for trusted users can allow it: set \"allowPrivileged\": true in its config.json and start it again."
	if s.Privileged && !privileged {
		return nil, wrong(".privileged", "would be privileged, which gives it this whole machine. Remove 'privileged'. "+allow)
	}
	if s.Privileged && p.AllowPrivilegeEscalation != nil && !s.Escalate {
		return nil, wrong(".allowPrivilegeEscalation", "cannot be privileged with 'allowPrivilegeEscalation' false.")
	}
	if c := p.Capabilities; c != nil {
		for _, name := range c.Drop {
			full, known := capability(name)
			if !known {
				return nil, wrong(".capabilities.drop", "drops '%s', which is no capability. Names are as in capabilities(7), such as 'NET_RAW', or 'ALL'.", name)
			}
			s.Drop = append(s.Drop, full)
		}
		for _, name := range c.Add {
			full, known := capability(name)
			switch {
			case !known:
				return nil, wrong(".capabilities.add", "adds '%s', which is no capability. Names are as in capabilities(7), such as 'SYS_PTRACE'.", name)
			case !privileged && !slices.Contains(standard, full) && !slices.Contains(grantable, full):
				return nil, wrong(".capabilities.add", "adds the capability '%s', which reaches beyond its group. These can be added: %s. %s", name, strings.Join(slices.Concat(standard, grantable), ", "), allow)
			}
			s.Add = append(s.Add, full)
		}
	}
	for _, id := range []struct {
		field string
		from  *int
		to    **uint32
	}{{"runAsUser", p.RunAsUser, &s.User}, {"runAsGroup", p.RunAsGroup, &s.Group}} {
		if id.from == nil {
			continue
		}
		if *id.from < 0 || *id.from > 1<<31-1 {
			return nil, wrong("."+id.field, "has %s %d; give 0 to %d.", id.field, *id.from, 1<<31-1)
		}
		n := uint32(*id.from)
		*id.to = &n
	}
	if p.SeccompProfile == "" {
		return s, nil
	}
	var err error
	s.Seccomp, err = profile(p.SeccompProfile, wrong)
	return s, err
}

func isTrue(b *bool) bool { return b != nil && *b }

// all stands for every capability.
const all = "ALL"

func capability(name string) (string, bool) {
	name = strings.ToUpper(strings.TrimSpace(name))
	if name == all {
		return all, true
	}
	name = "CAP_" + strings.TrimPrefix(name, "CAP_")
	return name, slices.Contains(slices.Concat(standard, grantable, others), name)
}

// actions are those that need nobody outside of the container.
var actions = []specs.LinuxSeccompAction{
	specs.ActAllow, specs.ActErrno, specs.ActKill, specs.ActKillThread, specs.ActKillProcess, specs.ActTrap, specs.ActLog,
}

// profile reads a profile in docker's and the OCI runtime's format.
func profile(encoded string, wrong Wrong) (json.RawMessage, error) {
	const at = ".seccompProfile"
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) > maxProfile {
		return nil, wrong(at, "has a seccomp profile that is not base64 of at most %d bytes.", maxProfile)
	}
	var p struct {
		DefaultAction   specs.LinuxSeccompAction `json:"defaultAction"`
		DefaultErrnoRet *uint                    `json:"defaultErrnoRet,omitempty"`
		Architectures   []specs.Arch             `json:"architectures,omitempty"`
		ArchMap         []struct {
			Architecture     specs.Arch   `json:"architecture"`
			SubArchitectures []specs.Arch `json:"subArchitectures"`
		} `json:"archMap"`
		Syscalls []struct {
			specs.LinuxSyscall
			Name     string `json:"name"`
			Comment  string `json:"comment"`
			Includes any    `json:"includes"`
			Excludes any    `json:"excludes"`
		} `json:"syscalls"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return nil, wrong(at, "has a seccomp profile that cannot be read: %v. Give JSON with defaultAction, architectures and syscalls.", err)
	}
	out := specs.LinuxSeccomp{DefaultAction: p.DefaultAction, DefaultErrnoRet: p.DefaultErrnoRet, Architectures: p.Architectures}
	for _, a := range p.ArchMap {
		out.Architectures = append(append(out.Architectures, a.Architecture), a.SubArchitectures...)
	}
	if !slices.Contains(actions, p.DefaultAction) {
		return nil, wrong(at, "has a seccomp profile with the default action '%s'; it must be one of %v.", p.DefaultAction, actions)
	}
	for _, x := range p.Syscalls {
		rule := x.LinuxSyscall
		if x.Name != "" {
			rule.Names = append(rule.Names, x.Name)
		}
		switch {
		case !empty(x.Includes) || !empty(x.Excludes):
			return nil, wrong(at, "has a seccomp profile whose rule for %v depends on 'includes' or 'excludes'. Write the rules out without conditions.", rule.Names)
		case !slices.Contains(actions, rule.Action):
			return nil, wrong(at, "has a seccomp profile whose rule for %v has the action '%s'; it must be one of %v.", rule.Names, rule.Action, actions)
		}
		if len(rule.Names) > 0 {
			out.Syscalls = append(out.Syscalls, rule)
		}
	}
	return json.Marshal(out)
}

func empty(v any) bool {
	m, isMap := v.(map[string]any)
	return v == nil || isMap && len(m) == 0
}

// Show is the security context as clients read it; nil for nil.
func Show(s *pod.Security) *wire.SecurityContextDefinition {
	if s == nil {
		return nil
	}
	p := &wire.SecurityContextDefinition{Privileged: &s.Privileged, AllowPrivilegeEscalation: &s.Escalate}
	if len(s.Add)+len(s.Drop) > 0 {
		p.Capabilities = &wire.SecurityContextCapabilitiesDefinition{Add: bare(s.Add), Drop: bare(s.Drop)}
	}
	number := func(n *uint32) *int {
		if n == nil {
			return nil
		}
		i := int(*n)
		return &i
	}
	p.RunAsUser, p.RunAsGroup = number(s.User), number(s.Group)
	if s.Seccomp != nil {
		p.SeccompProfile = base64.StdEncoding.EncodeToString(s.Seccomp)
	}
	return p
}

func bare(names []string) []string {
	var list []string
	for _, n := range names {
		list = append(list, strings.TrimPrefix(n, "CAP_"))
	}
	return list
}
