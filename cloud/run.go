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
	"syscall"
	"time"

	"golang.org/x/sys/unix"

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
	o := Options{Config: cfg, Log: log}
	if g := ports.groupDNS; g != nil {
		o.GroupDNS = g.at
	}
	c, err := Open(ctx, o)
	if err != nil {
		return err
	}
	down := make(chan bool, 1)
	s := &servers{failure: make(chan error, 1)}
	own := &servers{failure: s.failure}
	err = errors.Join(c.serve(s, ports), c.serveAdmin(own, down))
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
	s.stop()       // requests under way are answered first
	c.rooms.stop() // no reconciler may bring back what is removed now
	if stopGroups {
		err = errors.Join(err, c.StopGroups(context.WithoutCancel(ctx)))
	}
	err = errors.Join(err, c.Close())
	own.stop() // last: 'lazuli down' waits for the admin socket to go away
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
	groupDNS                *groupDNS
}

// groupDNS is the name server as container groups reach it: on the bridge's
// address. nil when port 53 there is somebody else's; groups then get this
// machine's name servers.
type groupDNS struct {
	at     netip.AddrPort
	subnet netip.Prefix
	listen net.Listener
	packet net.PacketConn
}

// openGroupDNS listens before the bridge exists: with IP_FREEBIND.
func openGroupDNS(c config.Config) *groupDNS {
	subnet, err := netip.ParsePrefix(c.PodSubnet)
	if err != nil || c.DNS == config.Off {
		return nil
	}
	free := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_FREEBIND, 1) })
		return errors.Join(err, failed)
	}}
	g := &groupDNS{at: netip.AddrPortFrom(subnet.Masked().Addr().Next(), 53), subnet: subnet}
	if g.listen, err = free.Listen(context.Background(), "tcp4", g.at.String()); err != nil {
		return nil
	}
	if g.packet, err = free.ListenPacket(context.Background(), "udp4", g.at.String()); err != nil {
		_ = g.listen.Close()
		return nil
	}
	return g
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
		p.groupDNS = openGroupDNS(c)
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
	if g := p.groupDNS; g != nil {
		_ = g.listen.Close()
		_ = g.packet.Close()
	}
}

// serve puts the cloud behind its listeners.
func (c *Cloud) serve(s *servers, p *ports) error {
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
		if err := c.serveDNS(s, p); err != nil {
			return err
		}
	}
	return nil
}

// serveAdmin opens the admin socket.
func (c *Cloud) serveAdmin(s *servers, down chan<- bool) error {
	l, err := listenUnix(c.config.AdminSocket())
	if err == nil {
		s.addHTTP(l, (&admin{cloud: c, down: down}).handler(), nil, c.log)
	}
	return err
}

// serveDNS answers local programs, and container groups on the bridge.
func (c *Cloud) serveDNS(s *servers, p *ports) error {
	add := func(o dns.Options, pc net.PacketConn, l net.Listener) error {
		srv, err := dns.New(o)
		if err != nil {
			return err
		}
		s.add(func() error { return srv.Serve(pc, l) }, func(ctx context.Context) { _ = srv.Shutdown(ctx) })
		return nil
	}
	if g := p.groupDNS; g != nil {
		o := c.dnsOptions()
		// Groups cannot reach the listeners and addresses on this machine's
		// loopback, so they are not led there.
		o.AllowPeer, o.Addresses, o.Lookup = g.subnet.Contains, nil, nil
		if err := add(o, g.packet, g.listen); err != nil {
			return err
		}
	}
	return add(c.dnsOptions(), p.dnsPacket, p.dns)
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
