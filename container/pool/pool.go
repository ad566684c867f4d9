// Package pool counts the public addresses that container groups can have. It
// knows no groups and gives nothing away.
package pool

import (
	"encoding/binary"
	"hash/fnv"
	"math/bits"
	"net/netip"
)

// Default is the pool when none is configured.
var Default = netip.MustParsePrefix("127.77.0.0/16")

// Size is the number of usable addresses, all but the first and the last; at most
// 2^32 are counted. Less than 2 means that the prefix is too small.
func Size(p netip.Prefix) uint64 {
	n := min(p.Addr().BitLen()-p.Bits(), 32)
	if n < 2 {
		return 0
	}
	return uint64(1)<<n - 2
}

// At is the n-th usable address: the pool's first plus n plus one. The prefix must
// be masked.
func At(p netip.Prefix, n uint64) netip.Addr {
	a := p.Addr().As16()
	low, carry := bits.Add64(binary.BigEndian.Uint64(a[8:]), n+1, 0)
	binary.BigEndian.PutUint64(a[8:], low)
	binary.BigEndian.PutUint64(a[:8], binary.BigEndian.Uint64(a[:8])+carry)
	out := netip.AddrFrom16(a)
	if p.Addr().Is4() {
		return out.Unmap()
	}
	return out
}

// Start is where the search for a free address begins: it depends on seed, so that
// an address is not given to the next group right after its last one left, and
// clients with an old answer do not meet a stranger.
func Start(p netip.Prefix, seed string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed)) // never fails
	return h.Sum64() % Size(p)
}
