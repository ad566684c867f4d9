package pod

import (
	"context"
	"net/netip"
	"time"
)

// Sandboxes makes and removes the shared part of container groups.
// Safe for concurrent use; calls for one sandbox are serialised by the runtime.
type Sandboxes interface {
	// EnsureSandbox makes the sandbox or completes a half-made one, and opens a
	// forwarder from spec.Address for each of spec.Ports. Called again with other
	// ports or another address it moves the forwarders and leaves the running
	// containers alone. [ErrAddressInUse] when a port cannot be bound.
	EnsureSandbox(ctx context.Context, spec SandboxSpec) (SandboxStatus, error)
	// RemoveSandbox kills and removes every container of the sandbox and all the
	// kernel and disk state made for it, logs included. An unknown id is no error.
	RemoveSandbox(ctx context.Context, id string) error
	// ListSandboxes lists what exists, whoever made it, ordered by id. A sandbox
	// found after a restart of the daemon has no forwarders until it is ensured.
	ListSandboxes(ctx context.Context) ([]SandboxStatus, error)
}

// SandboxSpec is what the room wants of a sandbox.
type SandboxSpec struct {
	// ID names the sandbox for the runtime: 1 to 48 of [a-z0-9-], starting and
	// ending with a letter or digit. The room makes it; see [ValidID].
	ID string
	// Hostname is what the containers see as their own name; empty means ID.
	Hostname string
	// Address is where Ports are reachable from outside. The zero value means
	// the sandbox has no public address and Ports are ignored.
	Address netip.Addr
	// Ports are forwarded from Address to the same number inside.
	Ports []Port
	// DNS fills the containers' resolv.conf.
	DNS DNS
	// Labels are kept with the sandbox and given back by ListSandboxes.
	Labels map[string]string
}

// DNS is the resolver configuration of a sandbox. Without Nameservers the
// runtime uses the machine's own, leaving out those on a loopback address,
// which a container cannot reach.
type DNS struct {
	Nameservers []netip.Addr
	Search      []string
	Options     []string
}

// Port is one public port.
type Port struct {
	Number   uint16
	Protocol Protocol // empty means TCP
}

// Protocol is a transport protocol, in Azure's spelling.
type Protocol string

// The protocols a port can have.
const (
	TCP Protocol = "TCP"
	UDP Protocol = "UDP"
)

// SandboxStatus is what the runtime sees of a sandbox.
type SandboxStatus struct {
	ID string
	// PodAddress is the address inside; reachable from this machine only.
	// Zero for runtimes without networks of their own.
	PodAddress netip.Addr
	// Address and Ports are those of the forwarders open now.
	Address   netip.Addr
	Ports     []Port
	CreatedAt time.Time
	Labels    map[string]string
}
