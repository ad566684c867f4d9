package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Port is one port to forward.
type Port struct {
	Number uint16
	UDP    bool // otherwise TCP
}

// sessionIdle ends a UDP client's session after silence in both directions.
const sessionIdle = 60 * time.Second

// maxSessions bounds the UDP clients of one port; datagrams of more are dropped.
const maxSessions = 4096

// dialTimeout bounds a connection to a group: it is on this machine.
const dialTimeout = 5 * time.Second

// Forwarder carries what arrives at ports of a public address to the same
// ports of a group.
type Forwarder struct {
	endpoint Endpoint
	stop     context.CancelFunc
	ctx      context.Context
	wait     sync.WaitGroup

	mu   sync.Mutex
	open map[io.Closer]struct{} // listeners and connections, closed by Close
}

// Forward listens on the ports of addr. All ports are bound or none. The group
// need not listen yet: a connection to a closed port is closed at once.
func Forward(endpoint Endpoint, addr netip.Addr, ports []Port) (*Forwarder, error) {
	ctx, stop := context.WithCancel(context.Background())
	f := &Forwarder{endpoint: endpoint, stop: stop, ctx: ctx, open: map[io.Closer]struct{}{}}
	for _, p := range ports {
		if err := f.listen(netip.AddrPortFrom(addr, p.Number), p.UDP); err != nil {
			f.Close()
			return nil, fmt.Errorf("cannot listen on %s port %d: %w", addr, p.Number, err)
		}
	}
	return f, nil
}

// Close ends the listeners and every open connection, and waits for them.
func (f *Forwarder) Close() {
	f.stop()
	f.mu.Lock()
	for c := range f.open {
		c.Close()
	}
	f.open = nil
	f.mu.Unlock()
	f.wait.Wait()
}

// track closes c with the forwarder; false when that is closed already.
func (f *Forwarder) track(c io.Closer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		c.Close()
		return false
	}
	f.open[c] = struct{}{}
	return true
}

func (f *Forwarder) release(c io.Closer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, c)
	c.Close()
}

func (f *Forwarder) listen(at netip.AddrPort, udp bool) error {
	if udp {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
		if err == nil && f.track(conn) {
			f.wait.Go(func() { f.serveUDP(conn, at.Port()) })
		}
		return err
	}
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(at))
	if err == nil && f.track(l) {
		f.wait.Go(func() { f.serveTCP(l, at.Port()) })
	}
	return err
}

func (f *Forwarder) serveTCP(l *net.TCPListener, port uint16) {
	for {
		client, err := l.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of descriptors, for instance: go on when some are free again.
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if f.track(client) {
			f.wait.Go(func() { f.carry(client, port) })
		}
	}
}

func (f *Forwarder) carry(client *net.TCPConn, port uint16) {
	defer f.release(client)
	ctx, cancel := context.WithTimeout(f.ctx, dialTimeout)
	conn, err := f.endpoint.Dial(ctx, "tcp4", port)
	cancel()
	if err != nil {
		// Reset, as the kernel would refuse: the client then knows to try again.
		client.SetLinger(0)
		return
	}
	if !f.track(conn) {
		return
	}
	defer f.release(conn)
	group := conn.(*net.TCPConn)
	var both sync.WaitGroup
	both.Go(func() { pipe(group, client) })
	both.Go(func() { pipe(client, group) })
	both.Wait()
}

// pipe copies until the source ends and passes the end on. Between two TCP
// connections io.Copy splices: no byte enters this process.
func pipe(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		to.Close() // and with it the other direction
		from.Close()
		return
	}
	to.CloseWrite()
}

// serveUDP keeps one connected socket per client, so that answers find back.
func (f *Forwarder) serveUDP(public *net.UDPConn, port uint16) {
	var (
		mu       sync.Mutex
		sessions = map[netip.AddrPort]net.Conn{}
		buf      = make([]byte, 64<<10)
	)
	for {
		size, client, err := public.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier answer
		}
		mu.Lock()
		session, full := sessions[client], len(sessions) >= maxSessions
		mu.Unlock()
		if session == nil && full {
			continue
		}
		if session == nil {
			session, err = f.endpoint.Dial(f.ctx, "udp4", port)
			if err != nil || !f.track(session) {
				continue
			}
			mu.Lock()
			sessions[client] = session
			mu.Unlock()
			f.wait.Go(func() {
				answer(public, client, session)
				mu.Lock()
				delete(sessions, client)
				mu.Unlock()
				f.release(session)
			})
		}
		session.SetReadDeadline(time.Now().Add(sessionIdle))
		session.Write(buf[:size])
	}
}

// answer carries a group's answers to one client until the session is idle.
func answer(public *net.UDPConn, client netip.AddrPort, session net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		size, err := session.Read(buf)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			continue // the group may listen later
		case err != nil: // idle, or closed
			return
		}
		session.SetReadDeadline(time.Now().Add(sessionIdle))
		public.WriteToUDPAddrPort(buf[:size], client)
	}
}
