package container

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/ingress"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// named finds the group that has the name {label}.{region}.{Domain}.
func (s *Service) named(name string) (store.Key, *group, bool) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	rest, ok := strings.CutSuffix(name, "."+s.o.Domain)
	if !ok {
		return "", nil, false
	}
	dot := strings.LastIndexByte(rest, '.')
	if dot < 0 {
		return "", nil, false
	}
	label, region := rest[:dot], rest[dot+1:] // the label may have a hash behind it
	held, ok := s.labels.Get(labelKey(azure.Location(region), label))
	if !ok {
		return "", nil, false
	}
	key := store.K(held.Value.Group)
	item, ok := s.groups.Get(key)
	if !ok || item.Value.Spec.IP == nil {
		return "", nil, false
	}
	return key, &item.Value, true
}

// Lookup gives the addresses of a group's name, for the DNS server; false when no
// group has the name. It takes no I/O. A name answers from the moment its group's
// PUT was accepted until the group is deleted.
func (s *Service) Lookup(name string) ([]netip.Addr, bool) {
	_, g, ok := s.named(name)
	if !ok {
		return nil, false
	}
	return []netip.Addr{g.Spec.IP.Address}, true
}

// Route gives the address of a TCP port of a group's name, for the CONNECT proxy;
// false when no group has the name, or the group does not run or does not open the
// port: then the cloud's own listener can say so.
func (s *Service) Route(host string, port uint16) (netip.AddrPort, bool) {
	g, ok := s.visited(host)
	if !ok || !g.Serves(port) {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(g.Address, port), true
}

// Ingress serves http and https at {label}.{region}.{Domain}, as package ingress
// says.
func (s *Service) Ingress() http.Handler {
	return ingress.New(ingress.Options{Find: s.visited, Await: s.awaitPort, Dial: s.o.Dial, Log: s.o.Log})
}

// visited is what a visitor of a name meets.
func (s *Service) visited(host string) (ingress.Group, bool) {
	key, g, ok := s.named(host)
	if !ok {
		return ingress.Group{}, false
	}
	o := s.seen(key)
	return ingress.Group{
		Name: g.ID.Name(), State: cmp.Or(o.State, statePending), Runs: o.serves(), Starting: g.starting(o),
		Address: g.Spec.IP.Address, Ports: g.Spec.IP.Ports, Ready: g.readyPorts(o),
	}, true
}

// starting reports that the run the group wants has not come up or failed yet.
func (g *group) starting(o *observed) bool {
	return !g.Stopped && !g.Leaving && (o.Run < g.Run || o.Run == g.Run && !o.settled())
}

// awaitPort waits for a TCP port of the name's group to answer, or for the group not
// to be starting any more.
func (s *Service) awaitPort(ctx context.Context, host string, port uint16) {
	key, _, ok := s.named(host)
	if !ok {
		return
	}
	if r := s.runner(key); r != nil {
		_, _ = r.await(ctx, func(o *observed) bool { // what there is then is looked at anyway
			item, ok := s.groups.Get(key)
			return !ok || !item.Value.starting(o) ||
				o.Run == item.Value.Run && slices.Contains(o.Answers, port) && slices.Contains(item.Value.readyPorts(o), pod.Port{Number: port, Protocol: pod.TCP})
		})
	}
}

// serves reports that a container runs, although perhaps not all do yet.
func (o *observed) serves() bool {
	if o.State != stateRunning && o.State != statePending {
		return false
	}
	for i := range o.Containers {
		if o.Containers[i].Current.running() {
			return true
		}
	}
	return false
}
