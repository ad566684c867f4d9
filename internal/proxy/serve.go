package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"os"
	"strings"
)

// ServeHTTP answers one request to the proxy. It is exported for http.Server; callers use Serve.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.begin() {
		w.Header().Set("Connection", "close")
		p.fail(w, r, refuse(http.StatusServiceUnavailable, "the proxy is shutting down"))
		return
	}
	defer p.active.Done()
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	switch {
	case err != nil || !p.o.AllowPeer(peer.Addr().Unmap()):
		w.Header().Set("Connection", "close")
		p.fail(w, r, refuse(http.StatusForbidden, "this proxy does not serve %s: it is meant for programs on the same machine", r.RemoteAddr))
	case strings.Contains(strings.Join(r.Header.Values("Via"), ","), p.via):
		p.fail(w, r, refuse(http.StatusLoopDetected, "the request has been here before: the upstream proxy leads back to this one"))
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Scheme == "http" || r.URL.Scheme == "ws":
		p.forward(w, r)
	case r.URL.Scheme != "":
		p.fail(w, r, refuse(http.StatusBadRequest, "the scheme %s is not forwarded: use CONNECT for TLS", r.URL.Scheme))
	default:
		p.fail(w, r, refuse(http.StatusBadRequest, "this is a proxy and has no pages of its own: set it as HTTPS_PROXY and HTTP_PROXY of a client"))
	}
}

// fail answers with one line of text that says why.
func (p *Proxy) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadGateway
	msg := fmt.Sprintf("cannot reach %s: %v", r.Host, err)
	var refused *refusal
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		status, msg = refused.status, refused.msg
		p.o.Log.Info("proxy refused a request", "peer", r.RemoteAddr, "method", r.Method, "target", r.Host, "reason", msg)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		status = http.StatusGatewayTimeout
	}
	p.o.Log.Debug("proxy request failed", "peer", r.RemoteAddr, "method", r.Method, "target", r.Host, "status", status, "error", err)
	http.Error(w, "lazuli proxy: "+msg, status)
}

// connect serves a tunnel.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := splitTarget(r.Host, "")
	if err != nil {
		p.fail(w, r, err)
		return
	}
	server, err := p.dial(r.Context(), host, port)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = server.Close()
		p.fail(w, r, err)
		return
	}
	release := p.hold(client, server)
	defer release()
	if p.stopped(r.Context()) {
		_, _ = client.Close(), server.Close()
		return
	}
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		_, _ = client.Close(), server.Close()
		return
	}
	join(client, buffered.Reader, server)
}

// stopped says whether Shutdown has cut everything already, and may have missed connections just made.
func (p *Proxy) stopped(ctx context.Context) bool { return ctx.Err() != nil }

// join copies both ways until both sides have ended; the end of one is passed on, so that a client may
// finish sending and still read the answer.
func join(client net.Conn, early *bufio.Reader, server net.Conn) {
	abort := func() { _, _ = client.Close(), server.Close() }
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.CopyN(server, early, int64(early.Buffered())); err != nil {
			abort()
			return
		}
		pass(server, client, abort)
	}()
	pass(client, server, abort)
	<-done
	abort()
}

func pass(dst, src net.Conn, abort func()) {
	if _, err := io.Copy(dst, src); err != nil {
		abort()
		return
	}
	if err := closeWrite(dst); err != nil {
		abort()
	}
}

func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// forward serves a plain request, and what it may be upgraded to.
func (p *Proxy) forward(w http.ResponseWriter, r *http.Request) {
	host, port, err := splitTarget(r.URL.Host, "80")
	if err != nil {
		p.fail(w, r, err)
		return
	}
	to, err := p.find("http", host, port)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	transport := p.direct
	switch {
	case to.inside:
		transport = p.inside
	case to.upstream != nil:
		transport = p.chained
	}
	reverse := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // streams pass as they come
		ErrorLog:      p.server.ErrorLog,
		ErrorHandler:  p.fail,
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.Out.URL.Scheme, pr.Out.URL.Host, pr.Out.URL.User = "http", to.addr, nil
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery
			pr.Out.Host = pr.In.Host
			// A forward proxy is not the one that says where a request came from.
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values := pr.In.Header.Values(name); len(values) > 0 {
					pr.Out.Header[name] = values
				}
			}
			pr.Out.Header.Add("Via", "1.1 "+p.via)
		},
	}
	reverse.ServeHTTP(w, r)
}
