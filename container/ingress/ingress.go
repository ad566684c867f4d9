// Package ingress carries web requests to container groups: which of a group's
// ports a request means, and what visitors read when it cannot be answered. It
// knows of a group what [Group] says, and finds one by asking.
package ingress

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/container/page"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// Group is what a request needs to know of the group it is for.
type Group struct {
	Name  string
	State string // as Azure's words are
	Runs  bool   // a container runs
	// Starting: it is being made or started, and what does not answer may do so soon.
	Starting bool
	Address  netip.Addr
	Ports    []pod.Port // that it opens
	Ready    []pod.Port // those of them whose readiness probes succeed
}

// Opens reports whether a TCP port is open.
func (g *Group) Opens(port uint16) bool { return has(g.Ports, port) }

// Serves reports whether a TCP port is open and may be used now.
func (g *Group) Serves(port uint16) bool { return g.Runs && g.Opens(port) && has(g.Ready, port) }

func has(ports []pod.Port, port uint16) bool {
	for _, p := range ports {
		if p.Number == port && p.Protocol != pod.UDP {
			return true
		}
	}
	return false
}

// Options say how groups are found and reached. All fields are required.
type Options struct {
	// Find gives the group with a host name; false when there is none.
	Find func(host string) (Group, bool)
	// Await waits until a port of a group answers, or the group is not starting any
	// more, or ctx ends.
	Await func(ctx context.Context, host string, port uint16)
	// Dial reaches groups.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Log  *slog.Logger
}

// New serves http and https for groups: the request goes to the group's port of
// the same number as the URL's. A request that came by TLS goes to 443 if the group
// opens that (by TLS again, whose certificate is not looked at: the connection does
// not leave the machine), else to 80. Streaming and web sockets pass. An unknown
// name is 404, a port the group does not open and a group that does not answer 502,
// one that does not run 503. A group that is starting is waited for, some seconds.
func New(o Options) http.Handler {
	return &handler{o, &http.Transport{
		DialContext:           o.Dial,
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       30 * time.Second,
		DisableCompression:    true,
		ResponseHeaderTimeout: 0,
	}}
}

type handler struct {
	Options
	transport *http.Transport
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g, ok := h.find(r)
	if !ok {
		page.Write(w, r, http.StatusNotFound, "There is no container group with this name", "No container group has the DNS name label of '"+httpd.HostnameOf(r)+"'. List the groups with 'az container list'.")
		return
	}
	if !g.Runs {
		page.Write(w, r, http.StatusServiceUnavailable, "The container group is not running", "The container group '"+g.Name+"' is in state '"+g.State+"'. 'az container show' and 'az container logs' tell more; 'az container start' starts it.")
		return
	}
	target, ok := g.target(r)
	if !ok {
		page.Write(w, r, http.StatusBadGateway, "The container group does not open this port", "The container group '"+g.Name+"' opens "+portList(g.Ports)+". Use one of these in the URL.")
		return
	}
	if n, err := strconv.ParseUint(target.Port(), 10, 16); err == nil && !g.Serves(uint16(n)) {
		page.Write(w, r, http.StatusServiceUnavailable, "The container group is not ready", "The readiness probe of the container group '"+g.Name+"' does not succeed now. 'az container show' lists its events.")
		return
	}
	h.proxy(&g, target, r).ServeHTTP(w, r)
}

// patience is how long a visitor waits for a group that is starting.
const patience = 5 * time.Second

// find gives the group a request is for. One that is starting is waited for: who
// makes a group looks at its page next.
func (h *handler) find(r *http.Request) (Group, bool) {
	host := httpd.HostnameOf(r)
	g, ok := h.Find(host)
	if !ok || !g.Starting {
		return g, ok
	}
	target, ok := g.target(r)
	if !ok {
		return g, true
	}
	port, err := strconv.ParseUint(target.Port(), 10, 16)
	if err != nil { // impossible: target made it of a number
		return g, true
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	h.Await(ctx, host, uint16(port))
	return h.Find(host)
}

func (h *handler) proxy(g *Group, target *url.URL, r *http.Request) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport:     h.transport,
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
			h.Log.Debug("a container group does not answer", "group", g.Name, "target", target.Host, "error", err)
			page.Write(w, r, http.StatusBadGateway, "The container group does not answer", "The container group '"+g.Name+"' runs, but nothing answers on its port "+target.Port()+". Look at its log with 'az container logs'.")
		},
	}
}

// target is where the request goes: the port of its Host if the group opens it,
// else what the scheme means. A listener on another port than 80 and 443 (the
// cloud's 8080 and 8443) stands for them.
func (g *Group) target(r *http.Request) (*url.URL, bool) {
	secure := r.TLS != nil
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil && g.Opens(uint16(n)) {
			return g.url(uint16(n), secure && n == 443), true
		}
		if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && p != "80" && p != "443" {
			if _, mine, err := net.SplitHostPort(local.String()); err != nil || mine != p {
				return nil, false
			}
		}
	}
	switch {
	case secure && g.Opens(443):
		return g.url(443, true), true
	case g.Opens(80):
		return g.url(80, false), true
	}
	return nil, false
}

func (g *Group) url(port uint16, secure bool) *url.URL {
	u := &url.URL{Scheme: "http", Host: netip.AddrPortFrom(g.Address, port).String()}
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
