package network

import (
	"errors"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// ensureRules replaces the table in one transaction:
//
//	table inet TABLE {
//	  chain input       { type filter hook input priority filter
//	    iifname BRIDGE ct state established,related accept
//	    iifname BRIDGE ip daddr ALLOWED tcp|udp dport ALLOWED accept
//	    iifname BRIDGE drop }
//	  chain forward     { type filter hook forward priority filter
//	    iifname BRIDGE oifname BRIDGE drop
//	    iifname BRIDGE ip saddr != SUBNET drop
//	    oifname BRIDGE ct state established,related accept
//	    oifname BRIDGE drop }
//	  chain postrouting { type nat hook postrouting priority srcnat
//	    oifname != BRIDGE ip saddr SUBNET masquerade } }
func (n *Network) ensureRules() error {
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	table := &nftables.Table{Name: n.opts.Table, Family: nftables.TableFamilyINet}
	// Added first so that the deletion succeeds whether it was there or not.
	conn.AddTable(table)
	conn.DelTable(table)
	conn.AddTable(table)
	n.addInput(conn, table)
	n.addForward(conn, table)
	n.addMasquerade(conn, table)
	return conn.Flush()
}

func (n *Network) addInput(conn *nftables.Conn, table *nftables.Table) {
	chain := conn.AddChain(&nftables.Chain{
		Name: "input", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter,
	})
	add := func(parts ...[]expr.Any) {
		conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: join(parts)})
	}
	add(n.from(), established(), accept())
	for _, to := range n.opts.Allow {
		for _, protocol := range []byte{unix.IPPROTO_TCP, unix.IPPROTO_UDP} {
			add(n.from(), address(daddr, expr.CmpOpEq, netip.PrefixFrom(to.Addr(), 32)), port(protocol, to.Port()), accept())
		}
	}
	add(n.from(), drop())
}

func (n *Network) addForward(conn *nftables.Conn, table *nftables.Table) {
	chain := conn.AddChain(&nftables.Chain{
		Name: "forward", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter,
	})
	add := func(parts ...[]expr.Any) {
		conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: join(parts)})
	}
	add(n.from(), n.to(expr.CmpOpEq), drop())
	add(n.from(), address(saddr, expr.CmpOpNeq, n.opts.Subnet), drop())
	add(n.to(expr.CmpOpEq), established(), accept())
	add(n.to(expr.CmpOpEq), drop())
}

func (n *Network) addMasquerade(conn *nftables.Conn, table *nftables.Table) {
	chain := conn.AddChain(&nftables.Chain{
		Name: "postrouting", Table: table, Type: nftables.ChainTypeNAT,
		Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityNATSource,
	})
	conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: join([][]expr.Any{
		n.to(expr.CmpOpNeq), address(saddr, expr.CmpOpEq, n.opts.Subnet), {&expr.Masq{}},
	})})
}

func (n *Network) removeRules() error {
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	conn.DelTable(&nftables.Table{Name: n.opts.Table, Family: nftables.TableFamilyINet})
	if err := conn.Flush(); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}

func join(parts [][]expr.Any) []expr.Any {
	var all []expr.Any
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// from matches what comes from a group, to what goes (or does not go) to one.
func (n *Network) from() []expr.Any { return n.iface(expr.MetaKeyIIFNAME, expr.CmpOpEq) }

func (n *Network) to(op expr.CmpOp) []expr.Any { return n.iface(expr.MetaKeyOIFNAME, op) }

func (n *Network) iface(key expr.MetaKey, op expr.CmpOp) []expr.Any {
	name := make([]byte, unix.IFNAMSIZ)
	copy(name, n.opts.Bridge)
	return []expr.Any{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: op, Register: 1, Data: name}}
}

func established() []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{
			SourceRegister: 1, DestRegister: 1, Len: 4, Xor: binaryutil.NativeEndian.PutUint32(0),
			Mask: binaryutil.NativeEndian.PutUint32(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED),
		},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: binaryutil.NativeEndian.PutUint32(0)},
	}
}

// Offsets in the IPv4 header.
const (
	saddr = 12
	daddr = 16
)

func address(offset uint32, op expr.CmpOp, p netip.Prefix) []expr.Any {
	mask := binaryutil.BigEndian.PutUint32(^uint32(0) << (32 - p.Bits()))
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.NFPROTO_IPV4}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: op, Register: 1, Data: p.Masked().Addr().AsSlice()},
	}
}

func port(protocol byte, number uint16) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{protocol}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binaryutil.BigEndian.PutUint16(number)},
	}
}

func accept() []expr.Any { return []expr.Any{&expr.Verdict{Kind: expr.VerdictAccept}} }

func drop() []expr.Any { return []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}} }
