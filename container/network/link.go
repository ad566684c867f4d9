package network

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const inside = "eth0" // the interface's name as the group sees it

// outside is the name of a group's interface on this machine, at most 15 bytes.
func (e Endpoint) outside() string {
	b := e.Address.As4()
	return fmt.Sprintf("lz%02x%02x%02x%02x", b[0], b[1], b[2], b[3])
}

func (n *Network) ensureBridge() error {
	name := n.opts.Bridge
	link, err := netlink.LinkByName(name)
	if linkNotFound(err) {
		if err := n.checkFree(); err != nil {
			return err
		}
		attrs := netlink.NewLinkAttrs()
		attrs.Name, attrs.HardwareAddr = name, mac(n.Gateway())
		if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); err != nil {
			return fmt.Errorf("cannot make bridge %s (this needs root): %w", name, err)
		}
		link, err = netlink.LinkByName(name)
	}
	if err != nil {
		return fmt.Errorf("cannot look up bridge %s: %w", name, err)
	}
	if link.Type() != "bridge" {
		return fmt.Errorf("interface %s exists and is a %s: choose another bridge name", name, link.Type())
	}
	if err := netlink.LinkSetHardwareAddr(link, mac(n.Gateway())); err != nil {
		return fmt.Errorf("cannot pin the hardware address of bridge %s: %w", name, err)
	}
	if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: n.ipNet(n.Gateway())}); err != nil {
		return fmt.Errorf("cannot give bridge %s its address: %w", name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("cannot bring up bridge %s: %w", name, err)
	}
	return nil
}

// checkFree refuses a subnet that overlaps a network this machine is in.
func (n *Network) checkFree() error {
	addrs, err := netlink.AddrList(nil, netlink.FAMILY_V4)
	if err != nil {
		return fmt.Errorf("cannot list addresses: %w", err)
	}
	for _, a := range addrs {
		ip, ok := netip.AddrFromSlice(a.IP.To4())
		bits, _ := a.Mask.Size()
		if ok && netip.PrefixFrom(ip, bits).Overlaps(n.opts.Subnet) {
			return fmt.Errorf("subnet %s overlaps %s, which interface %d of this machine has: choose another subnet",
				n.opts.Subnet, a.IPNet, a.LinkIndex)
		}
	}
	return nil
}

func (n *Network) removeBridge() error {
	link, err := netlink.LinkByName(n.opts.Bridge)
	if linkNotFound(err) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("cannot remove bridge %s: %w", n.opts.Bridge, err)
	}
	return nil
}

func (n *Network) ipNet(addr netip.Addr) *net.IPNet {
	return &net.IPNet{IP: addr.AsSlice(), Mask: net.CIDRMask(n.opts.Subnet.Bits(), 32)}
}

// plug makes whatever is missing of an endpoint. After a restart of the
// machine that is everything: the pin is then an ordinary empty file.
func (n *Network) plug(e Endpoint) error {
	if !isPinned(e.Namespace) {
		if err := deleteLink(e.outside()); err != nil {
			return err
		}
		if err := pinNewNamespace(e.Namespace); err != nil {
			return err
		}
	}
	ns, err := netns.GetFromPath(e.Namespace)
	if err != nil {
		return fmt.Errorf("cannot open namespace %s: %w", e.Namespace, err)
	}
	defer ns.Close()
	host, err := netlink.LinkByName(e.outside())
	if linkNotFound(err) {
		host, err = n.addPair(e, ns)
	}
	if err != nil {
		return err
	}
	if err := n.configureInside(e, ns); err != nil {
		return err
	}
	bridge, err := netlink.LinkByName(n.opts.Bridge)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(host, bridge); err != nil {
		return fmt.Errorf("cannot join the bridge: %w", err)
	}
	// No frame passes between isolated ports: groups see only the bridge.
	if err := netlink.LinkSetIsolated(host, true); err != nil {
		return fmt.Errorf("cannot isolate the bridge port: %w", err)
	}
	if err := netlink.LinkSetUp(host); err != nil {
		return err
	}
	return n.awaitUp(e, ns)
}

// awaitUp waits until the kernel has noticed that both ends of the pair are up,
// and the bridge with its first port, which it does a few milliseconds late. A
// packet sent before is lost, and the next try is a second away.
func (n *Network) awaitUp(e Endpoint, ns netns.NsHandle) error {
	h, err := netlink.NewHandleAt(ns)
	if err != nil {
		return err
	}
	defer h.Close()
	for range 2000 { // a second or so, which is what a lost packet costs
		there, err := h.LinkByName(inside)
		if err != nil {
			return err
		}
		here, err := netlink.LinkByName(e.outside())
		if err != nil {
			return err
		}
		bridge, err := netlink.LinkByName(n.opts.Bridge)
		if err != nil {
			return err
		}
		if isUp(here) && isUp(there) && isUp(bridge) {
			return nil
		}
		time.Sleep(500 * time.Microsecond)
	}
	return nil
}

func isUp(link netlink.Link) bool { return link.Attrs().OperState == netlink.OperUp }

func (n *Network) addPair(e Endpoint, ns netns.NsHandle) (netlink.Link, error) {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = e.outside()
	err := netlink.LinkAdd(&netlink.Veth{
		LinkAttrs: attrs, PeerName: inside, PeerNamespace: netlink.NsFd(ns), PeerHardwareAddr: mac(e.Address),
	})
	if err != nil {
		return nil, fmt.Errorf("cannot make the veth pair: %w", err)
	}
	return netlink.LinkByName(e.outside())
}

func (n *Network) configureInside(e Endpoint, ns netns.NsHandle) error {
	h, err := netlink.NewHandleAt(ns)
	if err != nil {
		return err
	}
	defer h.Close()
	lo, err := h.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := h.LinkSetUp(lo); err != nil {
		return fmt.Errorf("cannot bring up loopback: %w", err)
	}
	eth, err := h.LinkByName(inside)
	if err != nil {
		return err
	}
	if err := h.AddrReplace(eth, &netlink.Addr{IPNet: n.ipNet(e.Address)}); err != nil {
		return fmt.Errorf("cannot set address %s: %w", e.Address, err)
	}
	if err := h.LinkSetUp(eth); err != nil {
		return fmt.Errorf("cannot bring up %s: %w", inside, err)
	}
	route := &netlink.Route{LinkIndex: eth.Attrs().Index, Gw: n.Gateway().AsSlice()}
	if err := h.RouteReplace(route); err != nil {
		return fmt.Errorf("cannot set the default route: %w", err)
	}
	return nil
}

func (n *Network) unplug(e Endpoint) error {
	if err := deleteLink(e.outside()); err != nil {
		return err
	}
	if err := unix.Unmount(e.Namespace, unix.MNT_DETACH); err != nil &&
		!errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("cannot unpin %s: %w", e.Namespace, err)
	}
	if err := os.Remove(e.Namespace); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func deleteLink(name string) error {
	link, err := netlink.LinkByName(name)
	if linkNotFound(err) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("cannot remove interface %s: %w", name, err)
	}
	return nil
}

func enableForwarding() error {
	const path = "/proc/sys/net/ipv4/ip_forward"
	if now, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(now)) == "1" {
		return nil
	}
	if err := os.WriteFile(path, []byte("1"), 0o644); err != nil {
		return fmt.Errorf("cannot turn on IPv4 forwarding, which groups need to reach the outside: %w", err)
	}
	return nil
}
