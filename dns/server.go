package dns

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	wire "github.com/miekg/dns"
)

const (
	maxConns     = 128
	maxQuestions = 512
	defaultRate  = 1000
)

// Options says what the server answers and to whom. Domain is required.
type Options struct {
	// Domain is the zone, as in lazuli.localhost.
	Domain string
	// Addresses are those of the cloud's listeners: of the domain itself and of every service's host.
	Addresses []netip.Addr
	// Services are the hosts of the services, relative to the domain: management, or *.vault for all names
	// beneath vault. Nil means *, every name beneath the domain that the static table does not rule out.
	Services []string
	// Static are further names, relative to the domain. A name without addresses exists all the same: list
	// so what Lookup's names stand beneath (eastus.azurecontainer), for resolvers take NXDOMAIN for a parent
	// as word for everything beneath it.
	Static map[string][]netip.Addr
	// Lookup gives the addresses of a name in the domain that is neither static nor a service's, in lower
	// case without final dot; ok says whether it exists. Nil means none does.
	Lookup func(name string) (addrs []netip.Addr, ok bool)
	// Upstreams are the servers that other names are asked of, in order: an address with or without port.
	// Empty means that other names are refused. See Upstreams.
	Upstreams []string
	// AllowPeer says who is answered. Nil means loopback addresses only.
	AllowPeer func(netip.Addr) bool
	// Rate is how many questions per second each peer may ask, with a burst of twice that; 0 means 1000.
	Rate int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log is told of upstreams that fail; nil means nobody is.
	Log *slog.Logger
}

// Server answers DNS questions. It is safe for concurrent use.
type Server struct {
	zone      *zone
	upstreams []netip.AddrPort
	allow     func(netip.Addr) bool
	log       *slog.Logger
	limit     *limiter
	questions chan struct{} // one slot per question in flight
	forwards  chan struct{} // one slot per question being passed on
	base      context.Context
	cancel    context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running []*wire.Server
	own     []netip.AddrPort
	serving sync.WaitGroup
}

// New makes a server that answers nothing until Serve is called. It fails if a name or an upstream is
// malformed.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AllowPeer == nil {
		o.AllowPeer = netip.Addr.IsLoopback
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rate == 0 {
		o.Rate = defaultRate
	}
	z, err := newZone(o, o.Now())
	if err != nil {
		return nil, err
	}
	s := &Server{
		zone: z, allow: o.AllowPeer, log: o.Log, limit: newLimiter(o.Rate, o.Now),
		questions: make(chan struct{}, maxQuestions), forwards: make(chan struct{}, maxForwards),
	}
	for _, u := range o.Upstreams {
		at, err := parseUpstream(u)
		if err != nil {
			return nil, err
		}
		s.upstreams = append(s.upstreams, at)
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Serve answers on a UDP socket (a *net.UDPConn) and a TCP listener, usually of the same port, until Shutdown is called;
// then it gives nil. It closes both, also if one of them fails. It may be called for several pairs.
func (s *Server) Serve(pc net.PacketConn, l net.Listener) error {
	servers := []*wire.Server{
		{PacketConn: pc, Handler: s, UDPSize: maxQuestionSize, DecorateReader: s.filter},
		{Listener: newGate(l, maxConns, s.allow), Handler: s},
	}
	if _, ok := pc.(*net.UDPConn); !ok {
		_, _ = pc.Close(), l.Close()
		return fmt.Errorf("dns: serve on %T: want a *net.UDPConn", pc)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_, _ = pc.Close(), l.Close()
		return nil
	}
	s.running = append(s.running, servers...)
	if at, err := netip.ParseAddrPort(pc.LocalAddr().String()); err == nil {
		s.own = append(s.own, at)
	}
	s.serving.Add(1)
	s.mu.Unlock()
	defer s.serving.Done()

	errs := make(chan error, len(servers))
	for _, srv := range servers {
		go func() { errs <- srv.ActivateAndServe() }()
	}
	err := <-errs
	_, _ = pc.Close(), l.Close()
	if second := <-errs; err == nil {
		err = second
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	return err
}

// Shutdown stops the server and waits for the questions in flight until ctx is done; those left are
// not answered, and ctx's error is given. The server cannot be used again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	running := s.running
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	defer s.cancel()
	for _, srv := range running {
		if err := srv.ShutdownContext(ctx); err != nil {
			// Cut short, or not started yet: closing what it listens on ends it in either case.
			if srv.PacketConn != nil {
				_ = srv.PacketConn.Close()
			}
			if srv.Listener != nil {
				_ = srv.Listener.Close()
			}
		}
	}
	ended := make(chan struct{})
	go func() { s.serving.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// filter drops packets of peers that are not allowed before anything answers them.
func (s *Server) filter(r wire.Reader) wire.Reader { return &filtered{Reader: r, allow: s.allow} }

type filtered struct {
	wire.Reader
	allow func(netip.Addr) bool
}

// ReadUDP gives the next packet of an allowed peer.
func (f *filtered) ReadUDP(conn *net.UDPConn, timeout time.Duration) ([]byte, *wire.SessionUDP, error) {
	for {
		m, session, err := f.Reader.ReadUDP(conn, timeout)
		if err != nil || f.allow(peerOf(session.RemoteAddr())) {
			return m, session, err
		}
	}
}

func peerOf(a net.Addr) netip.Addr {
	if a == nil {
		return netip.Addr{}
	}
	at, _ := netip.ParseAddrPort(a.String()) // the zero address is allowed nowhere
	return at.Addr().Unmap()
}
