package dns

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// limiter is a token bucket for each peer.
type limiter struct {
	rate float64
	now  func() time.Time

	mu    sync.Mutex
	peers map[netip.Addr]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// maxPeers bounds the table: a machine has sixteen million loopback addresses to ask from.
const maxPeers = 4096

func newLimiter(rate int, now func() time.Time) *limiter {
	return &limiter{rate: float64(rate), now: now, peers: map[netip.Addr]bucket{}}
}

// take says whether the peer may ask now.
func (l *limiter) take(peer netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, burst := l.now(), 2*l.rate
	b, known := l.peers[peer]
	if !known {
		if len(l.peers) >= maxPeers {
			clear(l.peers)
		}
		b = bucket{tokens: burst, at: now}
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.tokens = min(burst, b.tokens+passed*l.rate)
	}
	b.at = now
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	l.peers[peer] = b
	return ok
}

// gate is a listener that closes connections of peers that are not allowed, and holds new ones back
// while there are as many as may be.
type gate struct {
	net.Listener
	allow func(netip.Addr) bool
	slots chan struct{}
	once  sync.Once
	done  chan struct{}
}

func newGate(l net.Listener, most int, allow func(netip.Addr) bool) *gate {
	return &gate{Listener: l, allow: allow, slots: make(chan struct{}, most), done: make(chan struct{})}
}

// Accept waits for a slot and gives the next connection of an allowed peer.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case g.slots <- struct{}{}:
	case <-g.done:
		return nil, net.ErrClosed
	}
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			<-g.slots
			return nil, err
		}
		if g.allow(peerOf(conn.RemoteAddr())) {
			return &gated{Conn: conn, leave: sync.OnceFunc(func() { <-g.slots })}, nil
		}
		_ = conn.Close()
	}
}

// Close closes the listener and ends an Accept that waits for a slot.
func (g *gate) Close() error {
	g.once.Do(func() { close(g.done) })
	return g.Listener.Close()
}

type gated struct {
	net.Conn
	leave func()
}

// Close closes the connection and frees its slot.
func (g *gated) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
