package measure

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"
)

// Drive has connections send one request after the other for a while and returns answers per second. Any answer but 200
// with the wanted text is an error. One thread serves all connections with prepared bytes, as wrk does, and reads no more of
// an answer than it must: it shares the machine with the server, and what it takes the server lacks.
func (t Target) Drive(ctx context.Context, connections int, d time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, d+10*time.Second)
	defer cancel()
	l, err := newLoop(connections)
	if err != nil {
		return 0, err
	}
	defer l.close()
	for i := range connections {
		if err := l.add(ctx, t, i); err != nil {
			return 0, err
		}
	}
	begin := time.Now()
	n, err := l.run(ctx, t, begin.Add(d))
	return float64(n) / time.Since(begin).Seconds(), err
}

// loop is the connections of a load, waited for together.
type loop struct {
	epoll  int
	events []syscall.EpollEvent
	conns  []*lane
}

// lane is one connection: a request is under way, or it is done.
type lane struct {
	rw       net.Conn // the socket, or TLS on top of it
	socket   *socket
	requests [][]byte
	next     int
	buf      []byte // of the answer, as far as it has come
	have     int
}

func newLoop(connections int) (*loop, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	return &loop{epoll: fd, events: make([]syscall.EpollEvent, connections)}, err
}

func (l *loop) close() {
	for _, c := range l.conns {
		_ = c.rw.Close() // measured already
	}
	_ = syscall.Close(l.epoll)
}

// add opens a connection, ends its handshake, and takes it from Go's poller into ours.
func (l *loop) add(ctx context.Context, t Target, i int) error {
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return err
	}
	s := &socket{Conn: raw}
	c := &lane{rw: s, socket: s, requests: t.Requests(i), buf: make([]byte, 32<<10)}
	l.conns = append(l.conns, c)
	if t.TLS != nil {
		secure := tls.Client(s, t.TLS)
		if err := secure.HandshakeContext(ctx); err != nil {
			return err
		}
		c.rw = secure
	}
	control, err := raw.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	if err := control.Control(func(fd uintptr) { s.fd = int(fd) }); err != nil {
		return err
	}
	s.direct = true
	return syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, s.fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)})
}

// run keeps a request under way on every connection until the time has come, then waits for the last answers.
func (l *loop) run(ctx context.Context, t Target, until time.Time) (done int, err error) {
	busy := len(l.conns)
	for _, c := range l.conns {
		if err := c.send(); err != nil {
			return 0, err
		}
	}
	for busy > 0 {
		if ctx.Err() != nil {
			return done, errors.Join(context.Cause(ctx), fmt.Errorf("%d answers were missing", busy))
		}
		n, err := syscall.EpollWait(l.epoll, l.events, 100)
		if err != nil && err != syscall.EINTR {
			return done, err
		}
		more := time.Now().Before(until)
		for _, e := range l.events[:max(n, 0)] {
			c := l.conns[e.Fd]
			whole, err := t.read(c)
			if err != nil {
				return done, err
			}
			if !whole {
				continue
			}
			done++
			if !more {
				busy--
			} else if err := c.send(); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// send begins the next request.
func (c *lane) send() error {
	_, err := c.rw.Write(c.requests[c.next%len(c.requests)])
	c.next++
	c.have = 0
	return err
}

// read takes what has come and says whether the answer is whole.
func (t Target) read(c *lane) (whole bool, err error) {
	for {
		n, err := c.rw.Read(c.buf[c.have:])
		c.have += n
		if n > 0 {
			length, err := t.whole(c.buf[:c.have])
			if err != nil {
				return false, err
			}
			if length > len(c.buf) {
				c.buf = append(make([]byte, 0, length), c.buf[:c.have]...)[:length]
			}
			if length > 0 && length <= c.have {
				return true, nil
			}
		}
		var wait net.Error
		switch {
		case errors.As(err, &wait) && wait.Timeout():
			return false, nil
		case err != nil:
			return false, fmt.Errorf("after %d answers: %w", c.next-1, err)
		case c.have == len(c.buf):
			return false, fmt.Errorf("the head of the answer is longer than %d bytes", len(c.buf))
		}
	}
}

const contentLength = "Content-Length: "

// whole gives the length of the answer that begins with b, zero while its head is not there, and an error when it is not the
// answer that is wanted. The body is looked at when it is whole.
func (t Target) whole(b []byte) (int, error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, nil
	}
	head, length := b[:end+2], 0
	if at := bytes.Index(head, []byte(contentLength)); at >= 0 {
		text, _, _ := bytes.Cut(head[at+len(contentLength):], []byte("\r"))
		n, err := strconv.Atoi(string(text))
		if err != nil || n < 0 || n > 1<<20 {
			return 0, fmt.Errorf("the answer has no usable Content-Length: %.500s", head)
		}
		length = n
	} else {
		return 0, fmt.Errorf("the answer has no Content-Length: %.500s", head)
	}
	if t.Head {
		length = 0
	}
	all := end + 4 + length
	switch {
	case !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")):
		return 0, fmt.Errorf("the answer is not the one wanted: %.800s", b)
	case len(b) > all:
		return 0, fmt.Errorf("the answer is longer than it says: %.800s", b)
	case len(b) == all && !bytes.Contains(b[end+4:], t.Want):
		return 0, fmt.Errorf("the answer lacks %q: %.800s", t.Want, b)
	}
	return all, nil
}

// socket is a connection that, once direct, is read and written without waiting: Go's poller costs as much as the kernel does.
type socket struct {
	net.Conn
	fd     int
	direct bool
}

// errNothing says that nothing has come. TLS goes on after a temporary error.
type errNothing struct{}

func (errNothing) Error() string   { return "nothing has come yet" }
func (errNothing) Timeout() bool   { return true }
func (errNothing) Temporary() bool { return true }

func (s *socket) Read(b []byte) (int, error) {
	if !s.direct {
		return s.Conn.Read(b)
	}
	n, err := syscall.Read(s.fd, b)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return 0, errNothing{}
	case err != nil:
		return 0, err
	case n == 0 && len(b) > 0:
		return 0, errors.New("the server closed the connection")
	}
	return n, nil
}

// Write writes all: a request fits the socket's buffer.
func (s *socket) Write(b []byte) (int, error) {
	if !s.direct {
		return s.Conn.Write(b)
	}
	n, err := syscall.Write(s.fd, b)
	if err == nil && n < len(b) {
		err = fmt.Errorf("only %d of %d bytes of a request fit the socket", n, len(b))
	}
	return max(n, 0), err
}
