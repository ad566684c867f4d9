package pod

import (
	"context"
	"net"
)

// Inside reaches into the network of a sandbox, past its forwarders: for probes,
// and for services that only its own containers may use. Safe for concurrent use.
type Inside interface {
	// DialInside connects by TCP to a port that a container of the sandbox listens
	// on. [ErrNoSandbox] without the sandbox, else the network's own errors.
	DialInside(ctx context.Context, sandbox string, port uint16) (net.Conn, error)
	// ListenInside opens a TCP port of the sandbox's loopback, which nobody outside
	// of it can reach. The caller closes it. [ErrNoSandbox] without the sandbox.
	ListenInside(ctx context.Context, sandbox string, port uint16) (net.Listener, error)
	// DialOut connects by TCP from inside the sandbox to an IPv4 address with port,
	// and so reaches exactly what its containers reach. [ErrNoSandbox] without the
	// sandbox, else the network's own errors.
	DialOut(ctx context.Context, sandbox, address string) (net.Conn, error)
}
