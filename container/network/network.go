package network

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/vishvananda/netlink"
)

// Options names what a network is made of. All but Allow and Spares are required.
type Options struct {
	// Dir keeps the pinned namespaces and the record of addresses.
	Dir string
	// Bridge is the bridge's interface name, at most 15 bytes.
	Bridge string
	// Table is the nf_tables table's name (family inet).
	Table string
	// Subnet is the private range of the groups; its first address is the bridge's.
	Subnet netip.Prefix
	// Allow lists what groups may reach on this machine, over TCP and UDP: the
	// cloud's DNS server on the bridge's address, for instance.
	Allow []netip.AddrPort
	// Spares is how many endpoints are made ahead of the groups that will have them.
	Spares int
}

// Network is an open network. Safe for concurrent use.
type Network struct {
	opts Options

	mu        sync.Mutex
	endpoints map[string]Endpoint
	spares    spares
	last      netip.Addr // the last address given out; a freed one rests for a whole round
}

// Endpoint is one group's place in the network.
type Endpoint struct {
	ID        string
	Namespace string // path to join the network namespace by
	Address   netip.Addr
}

// Open makes the network, or takes over what an earlier process left.
// It needs root, and turns on IPv4 forwarding in the current network namespace.
func Open(opts Options) (*Network, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opts.Dir, 0o711); err != nil {
		return nil, fmt.Errorf("cannot make the network's folder: %w", err)
	}
	n := &Network{opts: opts, endpoints: map[string]Endpoint{}, last: n0(opts.Subnet)}
	if err := n.load(); err != nil {
		return nil, err
	}
	if err := n.sweepSpares(); err != nil {
		return nil, err
	}
	if err := n.ensureBridge(); err != nil {
		return nil, err
	}
	if err := n.ensureRules(); err != nil {
		err = fmt.Errorf("cannot set the rules of nf_tables table %s: %w", opts.Table, err)
		return nil, errors.Join(err, n.Close())
	}
	if err := enableForwarding(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	n.startSpares()
	return n, nil
}

func (o Options) check() error {
	switch {
	case o.Dir == "" || o.Table == "":
		return errors.New("network options: Dir and Table are required")
	case o.Bridge == "" || len(o.Bridge) > 15:
		return fmt.Errorf("network options: bridge name %q must have 1 to 15 bytes", o.Bridge)
	case !o.Subnet.IsValid() || !o.Subnet.Addr().Is4() || o.Subnet.Bits() > 29:
		return fmt.Errorf("network options: subnet %q must be IPv4 with at least 8 addresses, for instance 10.89.0.0/16", o.Subnet)
	}
	return nil
}

// n0 is the bridge's address: the first of the subnet.
func n0(subnet netip.Prefix) netip.Addr { return subnet.Masked().Addr().Next() }

// Gateway is the bridge's address, where [Options.Allow] is usually opened.
func (n *Network) Gateway() netip.Addr { return n0(n.opts.Subnet) }

// Attach makes the endpoint of a group, or completes and returns the one there
// is. The id becomes a file name: the caller has checked it.
func (n *Network) Attach(id string) (Endpoint, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e, known := n.endpoints[id]
	if !known {
		if e, ok, err := n.takeSpare(id); ok || err != nil {
			return e, err
		}
		addr, err := n.allocate()
		if err != nil {
			return Endpoint{}, err
		}
		e = Endpoint{ID: id, Namespace: filepath.Join(n.opts.Dir, id+pinSuffix), Address: addr}
		if err := n.save(e); err != nil {
			return Endpoint{}, err
		}
		n.endpoints[id] = e
	}
	if err := n.plug(e); err != nil {
		return Endpoint{}, fmt.Errorf("cannot attach %s to bridge %s: %w", id, n.opts.Bridge, err)
	}
	return e, nil
}

// Detach removes a group's endpoint and everything made for it. The namespace
// itself goes when its last process does. An unknown id is no error.
func (n *Network) Detach(id string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	e, known := n.endpoints[id]
	if !known {
		return nil
	}
	if err := n.unplug(e); err != nil {
		return fmt.Errorf("cannot detach %s from bridge %s: %w", id, n.opts.Bridge, err)
	}
	if err := removeFile(n.recordPath(id)); err != nil {
		return err
	}
	delete(n.endpoints, id)
	return nil
}

// Endpoints lists the groups attached now or by an earlier process, by id.
func (n *Network) Endpoints() []Endpoint {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]Endpoint, 0, len(n.endpoints))
	for _, e := range n.endpoints {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Endpoint) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Close removes bridge and table, unless a group is still attached: then all
// stays as it is for the next Open. Spare endpoints are removed.
func (n *Network) Close() error {
	if n.spares.stop != nil { // else Open failed
		if err := n.closeSpares(); err != nil {
			return err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.endpoints) > 0 {
		return nil
	}
	return errors.Join(n.removeRules(), n.removeBridge())
}

// allocate finds the next free address after the last one given out.
func (n *Network) allocate() (netip.Addr, error) {
	used := map[netip.Addr]bool{n.Gateway(): true}
	for _, e := range n.endpoints {
		used[e.Address] = true
	}
	for _, e := range n.spares.ready {
		used[e.Address] = true
	}
	maps.Copy(used, n.spares.making)
	addr := n.last
	for range 1 << (32 - n.opts.Subnet.Bits()) {
		addr = addr.Next()
		// The first address is the network, the last is its broadcast address.
		if !n.opts.Subnet.Contains(addr) || !n.opts.Subnet.Contains(addr.Next()) {
			addr = n.Gateway()
		}
		if !used[addr] {
			n.last = addr
			return addr, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("all addresses of %s are in use: choose a larger subnet", n.opts.Subnet)
}

type record struct {
	Address netip.Addr `json:"address"`
	Pin     string     `json:"pin,omitempty"` // file the namespace is pinned to, here; empty means by id
}

const (
	pinSuffix    = ".netns"
	recordSuffix = ".json"
)

func (n *Network) recordPath(id string) string {
	return filepath.Join(n.opts.Dir, id+recordSuffix)
}

func (n *Network) save(e Endpoint) error {
	return n.write(n.recordPath(e.ID), record{Address: e.Address, Pin: filepath.Base(e.Namespace)})
}

func (n *Network) write(path string, r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", data, 0o600); err != nil {
		return fmt.Errorf("cannot record the address %s: %w", r.Address, err)
	}
	return os.Rename(path+".tmp", path)
}

func (n *Network) load() error {
	entries, err := os.ReadDir(n.opts.Dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		id, ok := strings.CutSuffix(entry.Name(), recordSuffix)
		if !ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(n.opts.Dir, entry.Name()))
		if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(data, &r); err != nil || !n.opts.Subnet.Contains(r.Address) {
			return fmt.Errorf("%s is no address record of subnet %s: restore it, or stop the group and delete the file",
				n.recordPath(id), n.opts.Subnet)
		}
		n.endpoints[id] = Endpoint{ID: id, Namespace: filepath.Join(n.opts.Dir, cmp.Or(r.Pin, id+pinSuffix)), Address: r.Address}
		if n.last.Less(r.Address) {
			n.last = r.Address
		}
	}
	return nil
}

// mac derives a locally administered hardware address from an IP address.
func mac(addr netip.Addr) net.HardwareAddr {
	b := addr.As4()
	return net.HardwareAddr{0x02, 0x42, b[0], b[1], b[2], b[3]}
}

func linkNotFound(err error) bool {
	var missing netlink.LinkNotFoundError
	return errors.As(err, &missing)
}
