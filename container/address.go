package container

import (
	"encoding/binary"
	"hash/fnv"
	"math/bits"
	"net/netip"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/name"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// maxProbes bounds the search for a free address, and so the rows read.
const maxProbes = 1024

// allot finds a free address of the pool. It starts at a place that depends on
// seed, so that an address is not given to the next group right after its last
// one left, and clients with an old answer do not meet a stranger.
func (s *Service) allot(tx *store.Tx, seed string) (netip.Addr, error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed)) // never fails
	size := s.poolSize()
	start := h.Sum64() % size
	for i := range min(size, maxProbes) {
		a := s.poolAddress((start + i) % size)
		_, taken, err := s.addresses.GetTx(tx, addressKey(a))
		if err != nil {
			return netip.Addr{}, err
		}
		if !taken {
			return a, nil
		}
	}
	return netip.Addr{}, azure.Errorf(azure.Conflict, azure.CodeServiceUnavailable, "There is no free public address in the pool %s: %d are in use. Delete container groups, or give the cloud a larger pool.", s.o.Pool, s.addresses.Len())
}

// poolSize is the number of usable addresses, at most 2^32.
func (s *Service) poolSize() uint64 {
	n := min(s.o.Pool.Addr().BitLen()-s.o.Pool.Bits(), 32)
	return uint64(1)<<n - 2
}

// poolAddress is the n-th usable address: the pool's first plus n plus one.
func (s *Service) poolAddress(n uint64) netip.Addr {
	a := s.o.Pool.Addr().As16()
	low, carry := bits.Add64(binary.BigEndian.Uint64(a[8:]), n+1, 0)
	binary.BigEndian.PutUint64(a[8:], low)
	binary.BigEndian.PutUint64(a[:8], binary.BigEndian.Uint64(a[:8])+carry)
	out := netip.AddrFrom16(a)
	if s.o.Pool.Addr().Is4() {
		return out.Unmap()
	}
	return out
}

// public is ip if it is a public address, else nil.
func (ip *ipSpec) public() *ipSpec {
	if ip == nil || ip.Private {
		return nil
	}
	return ip
}

// name is the part of the group's DNS name before the region.
func (ip *ipSpec) name() string {
	if ip.Hash == "" {
		return ip.Label
	}
	return ip.Label + "." + ip.Hash
}

// hash fills Hash in.
func (ip *ipSpec) hash(tenant string, g *group) {
	if ip != nil && ip.Label != "" {
		ip.Hash = name.Hash(ip.Scope, g.Sandbox, ip.Label, tenant, g.ID.Subscription, strings.ToLower(g.ID.ResourceGroup))
	}
}
