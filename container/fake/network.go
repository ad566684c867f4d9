package fake

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// wires is the network inside a sandbox: listeners by port, pipes between.
type wires struct {
	mu        sync.Mutex
	listeners map[uint16]*pipeListener
}

type pipeListener struct {
	wires *wires
	port  uint16
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (w *wires) listen(port uint16) (net.Listener, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listeners[port] != nil {
		return nil, fmt.Errorf("port %d: %w", port, syscall.EADDRINUSE)
	}
	l := &pipeListener{wires: w, port: port, conns: make(chan net.Conn), done: make(chan struct{})}
	w.listeners[port] = l
	return l, nil
}

func (w *wires) dial(ctx context.Context, port uint16) (net.Conn, error) {
	w.mu.Lock()
	l := w.listeners[port]
	w.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("port %d: %w", port, syscall.ECONNREFUSED)
	}
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, fmt.Errorf("port %d: %w", port, syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *pipeListener) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.wires.mu.Lock()
		defer l.wires.mu.Unlock()
		delete(l.wires.listeners, l.port)
	})
	return nil
}

// Addr implements [net.Listener].
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{Port: int(l.port)} }

// forwarder carries real connections to a sandbox's wires. UDP ports are bound
// and swallow what comes.
type forwarder struct {
	mu     sync.Mutex
	open   map[io.Closer]struct{}
	closed bool
	wait   sync.WaitGroup
}

func forward(w *wires, addr netip.Addr, ports []pod.Port) (*forwarder, error) {
	f := &forwarder{open: map[io.Closer]struct{}{}}
	for _, p := range ports {
		at := netip.AddrPortFrom(addr, p.Number).String()
		if p.Protocol == pod.UDP {
			c, err := net.ListenPacket("udp", at)
			if err != nil {
				f.close()
				return nil, fmt.Errorf("%w: %w", pod.ErrAddressInUse, err)
			}
			f.track(c)
			continue
		}
		l, err := net.Listen("tcp", at)
		if err != nil {
			f.close()
			return nil, fmt.Errorf("%w: %w", pod.ErrAddressInUse, err)
		}
		f.track(l)
		f.wait.Go(func() { f.serve(l, w, p.Number) })
	}
	return f, nil
}

func (f *forwarder) track(c io.Closer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		c.Close()
		return false
	}
	f.open[c] = struct{}{}
	return true
}

func (f *forwarder) release(c io.Closer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, c)
	c.Close()
}

func (f *forwarder) serve(l net.Listener, w *wires, port uint16) {
	for {
		outer, err := l.Accept()
		if err != nil {
			return
		}
		f.wait.Go(func() {
			if !f.track(outer) {
				return
			}
			defer f.release(outer)
			inner, err := w.dial(context.Background(), port)
			if err != nil || !f.track(inner) {
				return
			}
			defer f.release(inner)
			go func() {
				io.Copy(inner, outer)
				inner.Close()
			}()
			io.Copy(outer, inner)
		})
	}
}

func (f *forwarder) close() {
	f.mu.Lock()
	f.closed = true
	for c := range f.open {
		c.Close()
	}
	f.mu.Unlock()
	f.wait.Wait()
}
