package expr

import (
	"math/big"
	"net/netip"
)

func (c *call) prefix() (netip.Prefix, error) {
	s, err := c.text(0)
	if err != nil {
		return netip.Prefix{}, err
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, c.fault("expects an address range in CIDR notation. The provided value '%s' is not one.", clip(s))
	}
	return p.Masked(), nil
}

// offset is the address n above the first of p.
func offset(p netip.Prefix, n *big.Int) netip.Addr {
	sum := new(big.Int).Add(new(big.Int).SetBytes(p.Addr().AsSlice()), n)
	raw := make([]byte, p.Addr().BitLen()/8)
	sum.FillBytes(raw)
	addr, _ := netip.AddrFromSlice(raw) // 4 or 16 bytes always make one
	return addr
}

// span is the number of addresses of p.
func span(p netip.Prefix) *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
}

func parseCIDR(c *call) (any, error) {
	p, err := c.prefix()
	if err != nil {
		return nil, err
	}
	one := big.NewInt(1)
	end := new(big.Int).Sub(span(p), one)
	ones := make([]byte, p.Addr().BitLen()/8)
	for i := range p.Bits() {
		ones[i/8] |= 0x80 >> (i % 8)
	}
	mask, _ := netip.AddrFromSlice(ones) // 4 or 16 bytes always make one
	out := NewObject("network", p.Addr().String(), "netmask", mask.String())
	firstUsable, lastUsable := p.Addr(), offset(p, end)
	if p.Addr().Is4() {
		out.Set("broadcast", lastUsable.String())
		if p.Bits() < 31 {
			firstUsable, lastUsable = offset(p, one), offset(p, new(big.Int).Sub(end, one))
		}
	}
	out.Set("firstUsable", firstUsable.String())
	out.Set("lastUsable", lastUsable.String())
	out.Set("cidr", int64(p.Bits()))
	return out, nil
}

func cidrSubnet(c *call) (any, error) {
	p, err := c.prefix()
	if err != nil {
		return nil, err
	}
	size, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	index, err := c.integer(2)
	if err != nil {
		return nil, err
	}
	if size < int64(p.Bits()) || size > int64(p.Addr().BitLen()) {
		return nil, c.fault("expects a prefix length from %d to %d. The provided value is '%d'.", p.Bits(), p.Addr().BitLen(), size)
	}
	sub := netip.PrefixFrom(p.Addr(), int(size))
	at := new(big.Int).Mul(big.NewInt(index), span(sub))
	if index < 0 || at.Cmp(span(p)) >= 0 {
		return nil, c.fault("found no subnet of the index '%d': the range '%s' is too small.", index, p)
	}
	return netip.PrefixFrom(offset(p, at), int(size)).String(), nil
}

// cidrHost counts the usable addresses from 0.
func cidrHost(c *call) (any, error) {
	p, err := c.prefix()
	if err != nil {
		return nil, err
	}
	index, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	at, usable := big.NewInt(index), span(p)
	if p.Bits() < p.Addr().BitLen()-1 {
		at.Add(at, big.NewInt(1)) // the network's own address
		if p.Addr().Is4() {
			usable.Sub(usable, big.NewInt(1)) // the broadcast address
		}
	}
	if index < 0 || at.Cmp(usable) >= 0 {
		return nil, c.fault("found no host of the index '%d': the range '%s' is too small.", index, p)
	}
	return offset(p, at).String(), nil
}
