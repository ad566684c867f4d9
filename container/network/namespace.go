package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// pinNewNamespace makes a network namespace and binds it to path, so that it
// lives without processes.
func pinNewNamespace(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o444)
	if err != nil {
		return fmt.Errorf("cannot make the namespace's file: %w", err)
	}
	f.Close()
	done := make(chan error)
	go func() {
		// Never unlocked: the thread is in the new namespace and must end with
		// this goroutine instead of running others.
		runtime.LockOSThread()
		done <- func() error {
			if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("cannot make a network namespace (this needs root): %w", err)
			}
			if err := tuneNamespace(); err != nil {
				return err
			}
			self := fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid())
			if err := unix.Mount(self, path, "", unix.MS_BIND, ""); err != nil {
				return fmt.Errorf("cannot pin the network namespace: %w", err)
			}
			return nil
		}()
	}()
	return <-done
}

// tuneNamespace sets the calling thread's namespace up as container engines
// do. Kernels without a setting keep their own.
func tuneNamespace() error {
	for path, value := range map[string]string{
		// Any user may serve port 80: outside, the forwarder holds the real port.
		"/proc/sys/net/ipv4/ip_unprivileged_port_start": "0",
		"/proc/sys/net/ipv4/ping_group_range":           "0 2147483647",
		// For interfaces to come, not for lo, which keeps ::1.
		"/proc/sys/net/ipv6/conf/default/disable_ipv6": "1",
	} {
		if err := os.WriteFile(path, []byte(value), 0o644); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot set %s: %w", path, err)
		}
	}
	return nil
}

// isPinned says whether path is a bound namespace and not the empty file it
// was bound to, which is what a restart of the machine leaves.
func isPinned(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && st.Type == unix.NSFS_MAGIC
}

// Dial connects to a port of the group from inside its namespace, at the
// address of its interface: what listens on the group's loopback only stays
// private, and no route or firewall of this machine is in the way.
// The network is "tcp4" or "udp4".
func (e Endpoint) Dial(ctx context.Context, network string, port uint16) (conn net.Conn, err error) {
	inErr := within(e.Namespace, func() {
		// A literal address is dialled by this goroutine, on this thread.
		conn, err = new(net.Dialer).DialContext(ctx, network, netip.AddrPortFrom(e.Address, port).String())
	})
	if inErr != nil {
		return nil, inErr
	}
	return conn, err
}

// DialOut connects by TCP from inside the group's namespace to an IPv4 address
// with port, as a container would.
func (e Endpoint) DialOut(ctx context.Context, address string) (conn net.Conn, err error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address with port: %w", address, err)
	}
	inErr := within(e.Namespace, func() {
		// A literal address is dialled by this goroutine, on this thread.
		conn, err = new(net.Dialer).DialContext(ctx, "tcp4", to.String())
	})
	if inErr != nil {
		return nil, inErr
	}
	return conn, err
}

// Listen opens a TCP port of the group's own loopback: only its containers can
// connect, wherever it is accepted.
func (e Endpoint) Listen(ctx context.Context, port uint16) (l net.Listener, err error) {
	inErr := within(e.Namespace, func() {
		// A socket belongs to the namespace of the thread that makes it: this one.
		l, err = new(net.ListenConfig).Listen(ctx, "tcp4", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port).String())
	})
	if inErr != nil {
		return nil, inErr
	}
	return l, err
}

// within runs f on a thread that is in the namespace.
func within(path string, f func()) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer home.Close()
	there, err := os.Open(path)
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("cannot enter namespace %s: %w", path, err)
	}
	f()
	if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
		// Left locked, so that the stray thread dies with the goroutine.
		return fmt.Errorf("cannot leave namespace %s: %w", path, err)
	}
	runtime.UnlockOSThread()
	return nil
}
