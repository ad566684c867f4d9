package bulk

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
)

const (
	pieceSize = 128 << 10         // bytes that are sent at once
	slack     = 20 << 10          // one more TLS record fits behind a piece
	filled    = 4 << 10           // a read that takes so much, and all it may, has left some behind
	plenty    = 32 << 10          // a read ahead that gets less was too early
	bufSize   = pieceSize + slack // of all buffers
)

// buffers lends the memory of all connections.
var buffers = sync.Pool{New: func() any { return new([bufSize]byte) }}

// NewListener gives a listener whose TCP connections are [Conn].
func NewListener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	tcp, ok := c.(*net.TCPConn)
	if err != nil || !ok {
		return c, err
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c, nil
	}
	return &Conn{Conn: c, raw: raw}, nil
}

// Conn is a TCP connection. Like every net.Conn it is safe for concurrent use.
// Close drops what was gathered and not sent.
type Conn struct {
	net.Conn
	raw syscall.RawConn

	readMu sync.Mutex
	more   bool           // data arrives faster than it is read
	in     *[bufSize]byte // nil when nothing was read ahead
	rest   []byte         // of in

	writeMu   sync.Mutex
	gathering bool
	out       *[bufSize]byte // nil when nothing is gathered
	pending   int            // bytes of out
	broken    error          // what was gathered could not be sent: the stream has a hole
}

// Read implements net.Conn. What was read ahead is given even after the deadline.
func (c *Conn) Read(p []byte) (int, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	if c.in == nil {
		if !c.more || len(p) == 0 {
			n, err := c.Conn.Read(p)
			c.more = err == nil && n >= filled && n == len(p)
			return n, err
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 {
		buffers.Put(c.in)
		c.in, c.rest = nil, nil
	}
	return n, nil
}

// fill waits for data and reads as much as there is. It holds a buffer only when
// something is in it.
func (c *Conn) fill() error {
	var n int
	var failed error
	err := c.raw.Read(func(fd uintptr) bool {
		b := buffers.Get().(*[bufSize]byte)
		for {
			if n, failed = syscall.Read(int(fd), b[:]); failed != syscall.EINTR {
				break
			}
		}
		if n > 0 {
			c.in, c.rest = b, b[:n]
		} else {
			buffers.Put(b)
		}
		return failed != syscall.EAGAIN
	})
	c.more = err == nil && n >= plenty
	switch {
	case err != nil:
		return err
	case failed != nil:
		return &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("read", failed)}
	case n == 0:
		return io.EOF
	}
	return nil
}

// Write implements net.Conn. While the connection gathers, an error may be told
// only by a later Write, or by the end of the gathering.
func (c *Conn) Write(p []byte) (int, error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	if c.broken != nil {
		return 0, c.broken
	}
	if !c.gathering {
		return c.Conn.Write(p)
	}
	if c.pending+len(p) > bufSize {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) > bufSize {
		return c.Conn.Write(p)
	}
	if c.out == nil {
		c.out = buffers.Get().(*[bufSize]byte)
	}
	c.pending += copy(c.out[c.pending:], p)
	if c.pending >= pieceSize {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// flush sends what was gathered. writeMu is held.
func (c *Conn) flush() error {
	if c.pending > 0 && c.broken == nil {
		_, c.broken = c.Conn.Write(c.out[:c.pending])
	}
	c.pending = 0
	return c.broken
}

// gather begins to gather; the function ends it.
func (c *Conn) gather() (done func() error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	c.gathering = true
	return func() error {
		c.writeMu.Lock()
		defer c.writeMu.Unlock()
		c.gathering = false
		err := c.flush()
		if c.out != nil {
			buffers.Put(c.out)
			c.out = nil
		}
		return err
	}
}

// key is that of the Conn in a context.
type key struct{}

// Context is for [http.Server.ConnContext]: [Gather] then finds the connection.
func Context(ctx context.Context, c net.Conn) context.Context {
	if above, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = above.NetConn()
	}
	if own, ok := c.(*Conn); ok {
		return context.WithValue(ctx, key{}, own)
	}
	return ctx
}

// Gather makes the request's connection gather what is written to it. The handler
// calls done when it has written all, and before it waits for the client: nothing
// may have left before. It gives the error of writing, if any. On connections that
// cannot gather it does nothing.
func Gather(r *http.Request) (done func() error) {
	c, ok := r.Context().Value(key{}).(*Conn)
	if !ok || r.ProtoMajor != 1 {
		return func() error { return nil }
	}
	return c.gather()
}
