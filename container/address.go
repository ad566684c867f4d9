package container

import (
	"net/netip"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/name"
	"github.com/lazuli-cloud/lazuli/container/pool"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// maxProbes bounds the search for a free address, and so the rows read.
const maxProbes = 1024

// allot finds a free address of the pool for a group.
func (s *Service) allot(tx *store.Tx, seed string) (netip.Addr, error) {
	size, start := pool.Size(s.o.Pool), pool.Start(s.o.Pool, seed)
	for i := range min(size, maxProbes) {
		a := pool.At(s.o.Pool, (start+i)%size)
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
