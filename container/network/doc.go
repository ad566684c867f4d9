// Package network gives each container group a network namespace of its own,
// an address on a private bridge, a way out and a forwarder in. Pure Go:
// netlink and nf_tables, no CNI, no iptables, no shelling out.
//
// What it makes, all named by [Options] so that several clouds can share a
// machine: one bridge; per group a pinned namespace, a veth pair and a record
// of its address; one nf_tables table. All of it outlives the process, because
// the groups do; [Open] picks it up again and [Network.Close] removes bridge
// and table when no group is left.
//
// What a group can reach: its own loopback, and the outside by masquerade. Not
// other groups (bridge ports are isolated, and nothing is routed from the
// bridge back to it), and not this machine, on any of its addresses, except
// [Options.Allow].
//
// How a group is reached: at its address on the bridge from this machine only,
// and through a [Forwarder] that listens on a public address. Forwarders live
// in the process; their open connections end with it.
//
// Bridge and group MAC addresses are derived from the IP addresses. With
// random ones a reused address is dead until the neighbour entry expires,
// which was measured at 9 to 30 seconds.
//
// IPv4 only. IPv6 is off on the groups' interfaces but not on their loopback.
// It knows nothing of containers, images or ARM.
package network
