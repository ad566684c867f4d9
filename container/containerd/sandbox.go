package containerd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/network"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// sandbox is a group that exists. What changes it as a whole holds op for as
// long as it takes; fields are guarded by mu, held for moments only.
type sandbox struct {
	op sync.Mutex

	mu         sync.Mutex
	record     sandboxRecord
	endpoint   network.Endpoint
	forwarder  *network.Forwarder
	containers map[string]*container
	removed    bool
	// tasks keeps the shim, which ends with the last task, from ending while
	// another is made: held to make and to delete one.
	tasks sync.Mutex
}

func (s *sandbox) status() pod.SandboxStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	spec := s.record.Spec
	st := pod.SandboxStatus{
		ID: spec.ID, PodAddress: s.endpoint.Address, CreatedAt: s.record.CreatedAt, Labels: maps.Clone(spec.Labels),
	}
	if s.forwarder != nil {
		st.Address, st.Ports = spec.Address, slices.Clone(spec.Ports)
	}
	return st
}

func (s *sandbox) closeForwarder() {
	s.mu.Lock()
	f := s.forwarder
	s.forwarder = nil
	s.mu.Unlock()
	if f != nil {
		f.Close()
	}
}

// lookup finds a sandbox that exists; the error names the ID.
func (r *Runtime) lookup(id string) (*sandbox, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.sandboxes[id]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("%w: %q", pod.ErrNoSandbox, id)
}

// EnsureSandbox implements [pod.Sandboxes].
func (r *Runtime) EnsureSandbox(ctx context.Context, spec pod.SandboxSpec) (pod.SandboxStatus, error) {
	if err := checkSandbox(&spec); err != nil {
		return pod.SandboxStatus{}, err
	}
	s := r.claim(spec.ID)
	defer s.op.Unlock()
	if err := ctx.Err(); err != nil {
		return pod.SandboxStatus{}, err
	}
	endpoint, err := r.net.Attach(spec.ID)
	if err != nil {
		return pod.SandboxStatus{}, err
	}
	s.mu.Lock()
	moved := !sameForward(s.record.Spec, spec)
	s.mu.Unlock()
	if moved {
		s.closeForwarder() // before the new one binds, which may keep some ports
	}
	if err := r.writeSandbox(s, spec, endpoint); err != nil {
		return pod.SandboxStatus{}, err
	}
	if err := s.forward(spec, endpoint); err != nil {
		return pod.SandboxStatus{}, err
	}
	return s.status(), nil
}

func checkSandbox(spec *pod.SandboxSpec) error {
	if err := pod.ValidID(spec.ID); err != nil {
		return err
	}
	if spec.Hostname == "" {
		spec.Hostname = spec.ID
	}
	if len(spec.Hostname) > 63 || strings.ContainsAny(spec.Hostname, " \t\n/") {
		return fmt.Errorf("%w: host name %q of sandbox %q must be one word of at most 63 bytes", pod.ErrInvalid, spec.Hostname, spec.ID)
	}
	spec.Ports = slices.Clone(spec.Ports)
	for i, p := range spec.Ports {
		if p.Protocol == "" {
			spec.Ports[i].Protocol = pod.TCP
		} else if p.Protocol != pod.TCP && p.Protocol != pod.UDP {
			return fmt.Errorf("%w: protocol %q of port %d must be TCP or UDP", pod.ErrInvalid, p.Protocol, p.Number)
		}
		if p.Number == 0 {
			return fmt.Errorf("%w: port 0 of sandbox %q", pod.ErrInvalid, spec.ID)
		}
	}
	return nil
}

// claim returns the sandbox of an ID with its op held, and makes it if there is
// none or the one there was is just being removed.
func (r *Runtime) claim(id string) *sandbox {
	for {
		r.mu.Lock()
		s, ok := r.sandboxes[id]
		if !ok {
			s = &sandbox{containers: map[string]*container{}}
			s.record.Spec.ID = id
			r.sandboxes[id] = s
		}
		r.mu.Unlock()
		s.op.Lock()
		s.mu.Lock()
		removed := s.removed
		s.mu.Unlock()
		if !removed {
			return s
		}
		s.op.Unlock()
	}
}

// writeSandbox makes the folder and the files that all containers share.
func (r *Runtime) writeSandbox(s *sandbox, spec pod.SandboxSpec, endpoint network.Endpoint) error {
	dir := r.layout.sandbox(spec.ID)
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return fmt.Errorf("cannot make the folder of sandbox %q: %w", spec.ID, err)
	}
	hosts := fmt.Sprintf("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n%s\t%s\n", endpoint.Address, spec.Hostname)
	for name, text := range map[string]string{
		"hostname": spec.Hostname + "\n", "hosts": hosts, "resolv.conf": resolvConf(spec.DNS),
	} {
		// In place: the files are bound into containers that run.
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	record := sandboxRecord{Spec: spec, CreatedAt: s.record.CreatedAt}
	if record.CreatedAt.IsZero() {
		record.CreatedAt = r.opts.Now().UTC()
	}
	if err := writeRecord(filepath.Join(dir, sandboxFile), record); err != nil {
		return err
	}
	s.record, s.endpoint = record, endpoint
	return r.logs.watch(dir)
}

func sameForward(a, b pod.SandboxSpec) bool {
	return a.Address == b.Address && slices.Equal(a.Ports, b.Ports)
}

// forward opens the forwarder unless it is open.
func (s *sandbox) forward(spec pod.SandboxSpec, endpoint network.Endpoint) error {
	if !spec.Address.IsValid() || len(spec.Ports) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forwarder != nil {
		return nil
	}
	ports := make([]network.Port, len(spec.Ports))
	for i, p := range spec.Ports {
		ports[i] = network.Port{Number: p.Number, UDP: p.Protocol == pod.UDP}
	}
	f, err := network.Forward(endpoint, spec.Address, ports)
	if errors.Is(err, unix.EADDRINUSE) {
		return fmt.Errorf("%w: %w", pod.ErrAddressInUse, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", pod.ErrInvalid, err)
	}
	s.forwarder = f
	return nil
}

// resolvConf is the containers' resolver configuration. This machine's own
// resolver on loopback (systemd's, for instance) is out of their reach.
func resolvConf(dns pod.DNS) string {
	var b strings.Builder
	servers := dns.Nameservers
	if len(servers) == 0 {
		servers = machineNameservers()
	}
	for _, s := range servers {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	if len(dns.Search) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(dns.Search, " "))
	}
	if len(dns.Options) > 0 {
		fmt.Fprintf(&b, "options %s\n", strings.Join(dns.Options, " "))
	}
	return b.String()
}

func machineNameservers() []netip.Addr {
	var found []netip.Addr
	for _, path := range []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == "nameserver" {
				if a, err := netip.ParseAddr(f[1]); err == nil && !a.IsLoopback() && !a.IsUnspecified() {
					found = append(found, a)
				}
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// RemoveSandbox implements [pod.Sandboxes].
func (r *Runtime) RemoveSandbox(ctx context.Context, id string) error {
	s, err := r.lookup(id)
	if err != nil {
		return nil //nolint:nilerr // an unknown sandbox is removed already
	}
	s.op.Lock()
	defer s.op.Unlock()
	s.closeForwarder()
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.containers))
	s.mu.Unlock()
	// Killed together, then waited for: a group takes as long as one container.
	for _, c := range all {
		c.kill(r.in(ctx))
	}
	for _, c := range all {
		if err := r.remove(ctx, s, c); err != nil {
			return err
		}
	}
	if err := r.net.Detach(id); err != nil {
		return err
	}
	r.removeSocket(id)
	r.logs.forget(r.layout.sandbox(id))
	if err := os.RemoveAll(r.layout.sandbox(id)); err != nil {
		return fmt.Errorf("cannot remove the folder of sandbox %q: %w", id, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removed = true
	if r.sandboxes[id] == s {
		delete(r.sandboxes, id)
	}
	return nil
}

// removeSocket removes the socket of the group's shim, which leaves it when it
// ends by itself.
func (r *Runtime) removeSocket(id string) {
	if address, err := r.daemon.spares.address(id); err == nil {
		_ = removeFile(strings.TrimPrefix(address, "unix://")) // there is none if no container ever started
	}
}

// ListSandboxes implements [pod.Sandboxes].
func (r *Runtime) ListSandboxes(ctx context.Context) ([]pod.SandboxStatus, error) {
	r.mu.Lock()
	all := slices.Collect(maps.Values(r.sandboxes))
	r.mu.Unlock()
	list := make([]pod.SandboxStatus, 0, len(all))
	for _, s := range all {
		// One that is being made for the first time does not exist yet.
		if st := s.status(); !st.CreatedAt.IsZero() {
			list = append(list, st)
		}
	}
	slices.SortFunc(list, func(a, b pod.SandboxStatus) int { return strings.Compare(a.ID, b.ID) })
	return list, ctx.Err()
}
