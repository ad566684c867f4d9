package container

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/page"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
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
	key, g, ok := s.named(host)
	o := s.seen(key)
	if !ok || !g.opens(port) || !o.serves() || !g.readyFor(o, port) {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(g.Spec.IP.Address, port), true
}

func (g *group) opens(port uint16) bool {
	for _, p := range g.Spec.IP.Ports {
		if p.Number == port && p.Protocol != pod.UDP {
			return true
		}
	}
	return false
}

// readyFor reports that readiness probes let a TCP port be used.
func (g *group) readyFor(o *observed, port uint16) bool {
	return slices.ContainsFunc(g.readyPorts(o), func(p pod.Port) bool { return p.Number == port && p.Protocol != pod.UDP })
}

// Ingress serves http and https at {label}.{region}.{Domain}: the request goes to
// the group's port of the same number as the URL's. A request that came by TLS
// goes to 443 if the group opens that (by TLS again, whose certificate is not
// looked at: the connection does not leave the machine), else to 80.
// Streaming and web sockets pass. An unknown name is 404, a port the group does
// not open and a group that does not answer 502, one that does not run 503.
func (s *Service) Ingress() http.Handler {
	transport := &http.Transport{
		DialContext:           s.o.Dial,
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       30 * time.Second,
		DisableCompression:    true,
		ResponseHeaderTimeout: 0,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, g, ok := s.named(httpd.HostnameOf(r))
		if !ok {
			page.Write(w, r, http.StatusNotFound, "There is no container group with this name", "No container group has the DNS name label of '"+httpd.HostnameOf(r)+"'. List the groups with 'az container list'.")
			return
		}
		o := s.seen(key)
		if !o.serves() {
			page.Write(w, r, http.StatusServiceUnavailable, "The container group is not running", "The container group '"+g.ID.Name()+"' is in state '"+stateWord(o)+"'. 'az container show' and 'az container logs' tell more; 'az container start' starts it.")
			return
		}
		target, ok := g.target(r)
		if !ok {
			page.Write(w, r, http.StatusBadGateway, "The container group does not open this port", "The container group '"+g.ID.Name()+"' opens "+portList(g.Spec.IP.Ports)+". Use one of these in the URL.")
			return
		}
		if n, err := strconv.ParseUint(target.Port(), 10, 16); err == nil && !g.readyFor(o, uint16(n)) {
			page.Write(w, r, http.StatusServiceUnavailable, "The container group is not ready", "The readiness probe of the container group '"+g.ID.Name()+"' does not succeed now. 'az container show' lists its events.")
			return
		}
		proxy := &httputil.ReverseProxy{
			Transport:     transport,
			FlushInterval: -1,
			Rewrite: func(p *httputil.ProxyRequest) {
				p.SetURL(target)
				p.Out.Host = r.Host
				p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
				p.SetXForwarded()
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				if r.Context().Err() == context.Canceled {
					panic(http.ErrAbortHandler) // the client left
				}
				s.o.Log.Debug("a container group does not answer", "group", g.ID.String(), "target", target.Host, "error", err)
				page.Write(w, r, http.StatusBadGateway, "The container group does not answer", "The container group '"+g.ID.Name()+"' runs, but nothing answers on its port "+target.Port()+". Look at its log with 'az container logs'.")
			},
		}
		proxy.ServeHTTP(w, r)
	})
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

func stateWord(o *observed) string {
	if o.State == "" {
		return statePending
	}
	return o.State
}

// target is where the request goes: the port of its Host if the group opens it,
// else what the scheme means. A listener on another port than 80 and 443 (the
// cloud's 8080 and 8443) stands for them.
func (g *group) target(r *http.Request) (*url.URL, bool) {
	secure := r.TLS != nil
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil && g.opens(uint16(n)) {
			return g.url(uint16(n), secure && n == 443), true
		}
		if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && p != "80" && p != "443" {
			if _, mine, err := net.SplitHostPort(local.String()); err != nil || mine != p {
				return nil, false
			}
		}
	}
	switch {
	case secure && g.opens(443):
		return g.url(443, true), true
	case g.opens(80):
		return g.url(80, false), true
	}
	return nil, false
}

func (g *group) url(port uint16, secure bool) *url.URL {
	u := &url.URL{Scheme: "http", Host: netip.AddrPortFrom(g.Spec.IP.Address, port).String()}
	if secure {
		u.Scheme = "https"
	}
	return u
}

func portList(ports []pod.Port) string {
	words := make([]string, 0, len(ports))
	for _, p := range ports {
		words = append(words, strconv.Itoa(int(p.Number))+"/"+string(p.Protocol))
	}
	return strings.Join(words, ", ")
}
