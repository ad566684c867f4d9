package cloud

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/dns"
	"github.com/lazuli-cloud/lazuli/internal/proxy"
)

// Run is `lazuli up`: it opens the cloud, listens, calls ready once when
// healthy, and ends when ctx does or the admin socket is told to stop.
func Run(ctx context.Context, cfg config.Config, ready func(client.Status)) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	begin := time.Now()
	ports, err := openPorts(cfg)
	if err != nil {
		return err
	}
	defer ports.close()
	c, err := Open(ctx, Options{Config: cfg, Log: log})
	if err != nil {
		return err
	}
	down := make(chan bool, 1)
	s := &servers{failure: make(chan error, 1)}
	err = c.serve(s, ports, down)
	if err == nil {
		err = c.announce(ctx, begin, ready)
	}
	stopGroups := false
	if err == nil {
		select {
		case <-ctx.Done():
		case stopGroups = <-down:
		case err = <-s.failure:
		}
	}
	log.Info("stopping", "stopGroups", stopGroups)
	c.rooms.stop() // no reconciler may bring back what is removed now
	if stopGroups {
		err = errors.Join(err, c.StopGroups(context.WithoutCancel(ctx)))
	}
	err = errors.Join(err, c.Close())
	s.stop() // last: 'lazuli down' waits for the admin socket to go away
	return err
}

// announce tells ready how the cloud is, with the first user's password when it
// was made just now.
func (c *Cloud) announce(ctx context.Context, begin time.Time, ready func(client.Status)) error {
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	status.StartupSeconds = time.Since(begin).Seconds()
	if !c.first.Password.IsZero() {
		status.Password = c.first.Password.Reveal()
	}
	ready(status)
	return nil
}

// ports are the open listeners. Any may be nil but https.
type ports struct {
	https, http, proxy, dns net.Listener
	dnsPacket               net.PacketConn
}

// openPorts opens all listeners before anything else is done, so that a taken
// port stops the start before it has changed anything.
func openPorts(c config.Config) (_ *ports, err error) {
	p := &ports{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	for _, one := range []struct {
		name, addr string
		to         *net.Listener
	}{{"HTTPS", c.Listen, &p.https}, {"HTTP", c.HTTP, &p.http}, {"proxy", c.Proxy, &p.proxy}, {"DNS", c.DNS, &p.dns}} {
		if one.addr == config.Off {
			continue
		}
		if *one.to, err = listen(one.name, one.addr); err != nil {
			return nil, err
		}
	}
	if p.dns != nil {
		p.dnsPacket, err = net.ListenPacket("udp", c.DNS)
	}
	return p, err
}

// close closes what is open; listeners that were served are closed already.
func (p *ports) close() {
	for _, l := range []net.Listener{p.https, p.http, p.proxy, p.dns} {
		if l != nil {
			_ = l.Close()
		}
	}
	if p.dnsPacket != nil {
		_ = p.dnsPacket.Close()
	}
}

// serve puts the cloud behind its listeners.
func (c *Cloud) serve(s *servers, p *ports, down chan<- bool) error {
	s.addHTTP(p.https, c.Handler(), c.ca.Config(), c.log)
	if p.http != nil {
		s.addHTTP(p.http, c.plainHTTP(), nil, c.log)
	}
	if p.proxy != nil {
		px, err := proxy.New(proxy.Options{Route: c.route, AllowOutside: true, Upstream: upstream(), Log: c.log})
		if err != nil {
			return err
		}
		s.add(func() error { return px.Serve(p.proxy) }, func(ctx context.Context) { _ = px.Shutdown(ctx) })
	}
	if p.dns != nil {
		srv, err := dns.New(c.dnsOptions())
		if err != nil {
			return err
		}
		s.add(func() error { return srv.Serve(p.dnsPacket, p.dns) }, func(ctx context.Context) { _ = srv.Shutdown(ctx) })
	}
	l, err := listenUnix(c.config.AdminSocket())
	if err != nil {
		return err
	}
	s.addHTTP(l, (&admin{cloud: c, down: down}).handler(), nil, c.log)
	return nil
}

// route leads the proxy's clients: the names of groups to their own ports, every
// other name of the domain to our listeners.
func (c *Cloud) route(host, port string) (string, bool) {
	if host != c.config.Domain && !strings.HasSuffix(host, "."+c.config.Domain) {
		return "", false
	}
	if strings.HasSuffix(host, "."+c.config.Host(containerSuffix)) {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return "", true
		}
		if addr, ok := c.rooms.containers.Route(host, uint16(number)); ok {
			return addr.String(), true
		}
	}
	switch _, https, _ := net.SplitHostPort(c.config.Listen); port {
	case https, "443":
		return c.config.Listen, true
	case "80":
		return address(c.config.HTTP), true
	}
	return "", true
}

// dnsOptions is the zone: the services at our address, groups as published.
func (c *Cloud) dnsOptions() dns.Options {
	var at []netip.Addr
	if host, _, err := net.SplitHostPort(c.config.Listen); err == nil {
		if addr, err := netip.ParseAddr(host); err == nil {
			at = append(at, addr)
		}
	}
	static := map[string][]netip.Addr{containerSuffix: nil}
	for _, r := range azure.Regions {
		static[string(r.Name)+"."+containerSuffix] = nil
	}
	upstreams, err := dns.Upstreams("/etc/resolv.conf")
	if err != nil {
		c.log.Warn("other names are not answered: no upstream name servers", "error", err)
	}
	return dns.Options{Domain: c.config.Domain, Addresses: at, Static: static, Lookup: c.rooms.containers.Lookup, Upstreams: upstreams,
		Services: []string{"management", "login", "graph", "portal", "*.vault", "*.azurecr"}}
}
