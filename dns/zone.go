package dns

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	wire "github.com/miekg/dns"
)

const (
	serviceTTL   = 60
	publishedTTL = 5
	negativeTTL  = 5
)

// zone is what we know about the domain. Names are fully qualified and in lower case.
type zone struct {
	apex      string
	addresses []netip.Addr
	nodes     map[string][]netip.Addr // names that exist, with or without addresses
	wild      map[string]bool         // names beneath which every other name is a service's
	lookup    func(name string) ([]netip.Addr, bool)
	serial    uint32
}

// record is what find knows of a name.
type record struct {
	exists bool
	addrs  []netip.Addr
	ttl    uint32
}

func newZone(o Options, now time.Time) (*zone, error) {
	apex := wire.CanonicalName(o.Domain)
	if _, ok := wire.IsDomainName(apex); !ok || apex == "." {
		return nil, fmt.Errorf("dns: the domain %q is not a DNS name", o.Domain)
	}
	z := &zone{
		apex: apex, addresses: o.Addresses, lookup: o.Lookup, serial: uint32(now.Unix()),
		nodes: map[string][]netip.Addr{apex: o.Addresses}, wild: map[string]bool{},
	}
	services := o.Services
	if services == nil {
		services = []string{"*"}
	}
	for _, name := range append([]string{"ns"}, services...) {
		beneath, isWild := strings.CutPrefix(name+".", "*.")
		if isWild {
			name = strings.TrimSuffix(beneath, ".")
		}
		full, err := z.add(name)
		if err != nil {
			return nil, err
		}
		if isWild {
			z.wild[full] = true
		} else {
			z.nodes[full] = o.Addresses
		}
	}
	for name, addrs := range o.Static {
		full, err := z.add(name)
		if err != nil {
			return nil, err
		}
		z.nodes[full] = addrs
	}
	return z, nil
}

// add lets a name relative to the apex, and the names between, exist. It gives the full name.
func (z *zone) add(relative string) (string, error) {
	full := wire.CanonicalName(relative + "." + z.apex)
	if relative == "" {
		full = z.apex
	}
	if _, ok := wire.IsDomainName(full); !ok || strings.Contains(full, "*") || strings.Contains(full, "..") {
		return "", fmt.Errorf("dns: %q is not a name beneath %s: want labels, as in vault or *.vault", relative, z.apex)
	}
	for name := full; name != z.apex; name = parent(name) {
		if _, known := z.nodes[name]; !known {
			z.nodes[name] = nil
		}
	}
	return full, nil
}

func parent(name string) string {
	next, end := wire.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[next:]
}

// holds says whether the name is the apex or beneath it.
func (z *zone) holds(name string) bool { return wire.IsSubDomain(z.apex, name) }

// find looks a name of the zone up, by RFC 4592: itself, then the wildcard of its closest encloser.
func (z *zone) find(name string) record {
	if addrs, ok := z.nodes[name]; ok {
		return record{true, addrs, serviceTTL}
	}
	if z.lookup != nil {
		if addrs, ok := z.lookup(strings.TrimSuffix(name, ".")); ok {
			return record{true, addrs, publishedTTL}
		}
	}
	for name != z.apex && name != "." {
		name = parent(name)
		if z.wild[name] {
			return record{true, z.addresses, serviceTTL}
		}
		if _, ok := z.nodes[name]; ok {
			break
		}
	}
	return record{}
}

// answer fills in the reply to a question about a name of the zone.
func (z *zone) answer(m *wire.Msg, q wire.Question, name string) {
	m.Authoritative = true
	found := z.find(name)
	if !found.exists {
		m.Rcode = wire.RcodeNameError
		m.Ns = append(m.Ns, z.soa(z.apex, negativeTTL))
		return
	}
	atApex := name == z.apex
	switch {
	case q.Qtype == wire.TypeANY:
		// RFC 8482: a small fixed answer, because ANY is asked mostly to make answers large.
		m.Answer = append(m.Answer, &wire.HINFO{Hdr: header(q.Name, wire.TypeHINFO, serviceTTL), Cpu: "RFC8482"})
	case q.Qtype == wire.TypeSOA && atApex:
		m.Answer = append(m.Answer, z.soa(q.Name, serviceTTL))
	case q.Qtype == wire.TypeNS && atApex:
		m.Answer = append(m.Answer, &wire.NS{Hdr: header(q.Name, wire.TypeNS, serviceTTL), Ns: z.ns()})
		m.Extra = append(m.Extra, hosts(z.ns(), wire.TypeA, z.addresses, serviceTTL)...)
		m.Extra = append(m.Extra, hosts(z.ns(), wire.TypeAAAA, z.addresses, serviceTTL)...)
	case q.Qtype == wire.TypeA || q.Qtype == wire.TypeAAAA:
		m.Answer = hosts(q.Name, q.Qtype, found.addrs, found.ttl)
	}
	if len(m.Answer) == 0 {
		m.Ns = append(m.Ns, z.soa(z.apex, negativeTTL))
	}
}

func (z *zone) ns() string { return "ns." + z.apex }

func (z *zone) soa(owner string, ttl uint32) wire.RR {
	return &wire.SOA{
		Hdr: header(owner, wire.TypeSOA, ttl), Ns: z.ns(), Mbox: "hostmaster." + z.apex, Serial: z.serial,
		Refresh: 3600, Retry: 600, Expire: 86400, Minttl: negativeTTL,
	}
}

// answerLocalhost fills in the reply to a question about localhost and the names beneath it.
func answerLocalhost(m *wire.Msg, q wire.Question) {
	m.Answer = hosts(q.Name, q.Qtype, []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, serviceTTL)
}

// hosts makes the records of one type from those of the addresses that have it.
func hosts(owner string, qtype uint16, addrs []netip.Addr, ttl uint32) []wire.RR {
	var list []wire.RR
	for _, addr := range addrs {
		addr = addr.Unmap()
		switch {
		case qtype == wire.TypeA && addr.Is4():
			list = append(list, &wire.A{Hdr: header(owner, qtype, ttl), A: addr.AsSlice()})
		case qtype == wire.TypeAAAA && addr.Is6():
			list = append(list, &wire.AAAA{Hdr: header(owner, qtype, ttl), AAAA: addr.AsSlice()})
		}
	}
	return list
}

func header(owner string, rtype uint16, ttl uint32) wire.RR_Header {
	return wire.RR_Header{Name: owner, Rrtype: rtype, Class: wire.ClassINET, Ttl: ttl}
}
