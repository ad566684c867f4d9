package proxy

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

const (
	maxHeaderBytes    = 64 << 10
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	defaultDial       = 15 * time.Second
)

// Options says what the proxy connects to. Route is required.
type Options struct {
	// Route gives the address (host:port, TCP) that serves a name of the cloud; ok says whether the name
	// is the cloud's at all. An empty address with ok means that nothing serves that port. The host is in
	// lower case without a final dot, or an address without brackets; the port is a number.
	Route func(host, port string) (addr string, ok bool)
	// AllowOutside lets requests for other names through; else they are refused with 403.
	AllowOutside bool
	// Upstream chooses the proxy (http or https) for a request to an outside name, as the function of
	// httpproxy.Config does; a nil URL means direct. Nil means always direct.
	Upstream func(*url.URL) (*url.URL, error)
	// Dial connects to an outside address ("ip:port", IPv4, looked up and checked); nil means from this machine.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// AllowPeer says who may use the proxy. Nil means loopback addresses only.
	AllowPeer func(netip.Addr) bool
	// DialTimeout bounds how long connecting may take, name resolution included; 0 means 15 seconds.
	DialTimeout time.Duration
	// Log is told of refusals (info) and failures (debug); nil means nobody is.
	Log *slog.Logger
}

// Proxy is a running or not yet running proxy. It is safe for concurrent use.
type Proxy struct {
	o      Options
	via    string
	server *http.Server
	// direct connects to public addresses only, inside to those that Route gave, chained to other proxies.
	direct, inside, chained *http.Transport

	cut    context.CancelFunc // ends what Shutdown no longer waits for
	mu     sync.Mutex
	closed bool
	active sync.WaitGroup
	conns  map[net.Conn]struct{} // both ends of every tunnel
}

// New makes a proxy that serves nothing until Serve is called. It fails if there is no Route.
func New(o Options) (*Proxy, error) {
	if o.Route == nil {
		return nil, errors.New("proxy: Options.Route is required")
	}
	if o.AllowPeer == nil {
		o.AllowPeer = netip.Addr.IsLoopback
	}
	if o.DialTimeout == 0 {
		o.DialTimeout = defaultDial
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Upstream == nil {
		o.Upstream = func(*url.URL) (*url.URL, error) { return nil, nil }
	}
	id := make([]byte, 6)
	_, _ = rand.Read(id) // never fails
	p := &Proxy{o: o, via: "lazuli-" + hex.EncodeToString(id), conns: map[net.Conn]struct{}{}}
	p.inside = p.transport(&net.Dialer{Timeout: o.DialTimeout})
	p.direct = p.transport(p.guarded())
	if o.Dial != nil {
		p.direct.DialContext = p.dialOutside
	}
	p.chained = p.transport(&net.Dialer{Timeout: o.DialTimeout})
	p.chained.Proxy = func(r *http.Request) (*url.URL, error) { return o.Upstream(r.URL) }

	ctx, cut := context.WithCancel(context.Background())
	p.cut = cut
	p.server = &http.Server{
		Handler:           p,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	return p, nil
}

func (p *Proxy) transport(d *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext:           d.DialContext,
		TLSHandshakeTimeout:   p.o.DialTimeout,
		DisableCompression:    true, // what the client asked for passes through
		MaxIdleConnsPerHost:   8,
		MaxIdleConns:          64,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// Serve answers requests on l, and closes it, until Shutdown is called; then it gives nil. It may be
// called for several listeners.
func (p *Proxy) Serve(l net.Listener) error {
	if err := p.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops accepting, waits for requests and tunnels to end until ctx is done, and cuts those
// that are left. It gives ctx's error if it had to cut. The proxy cannot be used again.
func (p *Proxy) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.server.Shutdown(ctx)
	ended := make(chan struct{})
	go func() { p.active.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		err = ctx.Err()
		p.cutAll()
		<-ended
	}
	p.cut()
	for _, t := range []*http.Transport{p.direct, p.inside, p.chained} {
		t.CloseIdleConnections()
	}
	return err
}

func (p *Proxy) cutAll() {
	p.cut()
	_ = p.server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// begin counts a request in, unless the proxy is closing.
func (p *Proxy) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.active.Add(1)
	return true
}

// hold lets Shutdown cut the connections until the function it gives is called.
func (p *Proxy) hold(conns ...net.Conn) (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = struct{}{}
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range conns {
			delete(p.conns, c)
		}
	}
}
