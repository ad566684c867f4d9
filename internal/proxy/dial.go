package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// refusal is an answer that says what the proxy will not do, or could not.
type refusal struct {
	status int
	msg    string
}

func (r *refusal) Error() string { return r.msg }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, msg: fmt.Sprintf(format, args...)}
}

// way is how a target is reached.
type way struct {
	addr     string   // host:port to dial
	inside   bool     // addr is from Route
	upstream *url.URL // the proxy to go through, nil for none
}

// find decides the way to a target; scheme is that of the request to it, for the choice of an upstream.
func (p *Proxy) find(scheme, host, port string) (way, error) {
	if addr, ok := p.o.Route(host, port); ok {
		if addr == "" {
			return way{}, refuse(http.StatusBadGateway, "%s is a name of this cloud, but nothing serves port %s there", host, port)
		}
		return way{addr: addr, inside: true}, nil
	}
	target := net.JoinHostPort(host, port)
	if !p.o.AllowOutside {
		return way{}, refuse(http.StatusForbidden, "%s is not a name of this cloud, and this proxy serves no others: "+
			"let the client reach it without a proxy (NO_PROXY), or run the cloud with outside names allowed", target)
	}
	if addr, err := netip.ParseAddr(host); err == nil && !isPublic(addr) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return way{}, refuseLocal(target)
	}
	upstream, err := p.o.Upstream(&url.URL{Scheme: scheme, Host: target})
	if err != nil {
		return way{}, fmt.Errorf("choose the proxy for %s: %w", target, err)
	}
	return way{addr: target, upstream: upstream}, nil
}

func refuseLocal(target string) error {
	return refuse(http.StatusForbidden, "%s is an address of this machine or link: this proxy does not connect there, because services "+
		"on such addresses trust local programs and not those of a proxy. Reach it without the proxy (NO_PROXY)", target)
}

// isPublic says whether the proxy may connect to an address for a name that is not the cloud's.
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap()
	return !addr.IsLoopback() && !addr.IsUnspecified() && !addr.IsMulticast() && !addr.IsLinkLocalUnicast() &&
		!netip.PrefixFrom(netip.IPv4Unspecified(), 8).Contains(addr) && addr != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// guarded gives a dialer that checks the address after the name has been resolved: what DNS answers
// is not ours to trust.
func (p *Proxy) guarded() *net.Dialer {
	return &net.Dialer{
		Timeout: p.o.DialTimeout,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !isPublic(to.Addr()) {
				return refuseLocal(address)
			}
			return nil
		},
	}
}

// dialOutside looks the name up, checks each address, and connects to the first that answers by Options.Dial.
func (p *Proxy) dialOutside(ctx context.Context, _, target string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.DialTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return nil, err
	}
	err = fmt.Errorf("%s has no IPv4 address", host)
	for _, addr := range addrs {
		if addr = addr.Unmap(); !isPublic(addr) {
			err = refuseLocal(net.JoinHostPort(addr.String(), port))
			continue
		}
		var conn net.Conn
		if conn, err = p.o.Dial(ctx, net.JoinHostPort(addr.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// dial opens a connection to a tunnel's target.
func (p *Proxy) dial(ctx context.Context, host, port string) (net.Conn, error) {
	w, err := p.find("https", host, port)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.DialTimeout)
	defer cancel()
	switch {
	case w.inside:
		return p.inside.DialContext(ctx, "tcp", w.addr)
	case w.upstream != nil:
		return p.dialThrough(ctx, w.upstream, w.addr)
	}
	return p.direct.DialContext(ctx, "tcp", w.addr)
}

// dialThrough asks another proxy for a tunnel.
func (p *Proxy) dialThrough(ctx context.Context, upstream *url.URL, target string) (net.Conn, error) {
	defaultPort, ok := map[string]string{"http": "80", "https": "443"}[upstream.Scheme]
	if !ok {
		return nil, fmt.Errorf("the proxy %s has the scheme %q: http and https are supported", upstream.Redacted(), upstream.Scheme)
	}
	port := upstream.Port()
	if port == "" {
		port = defaultPort
	}
	conn, err := p.chained.DialContext(ctx, "tcp", net.JoinHostPort(upstream.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if upstream.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: upstream.Hostname(), MinVersion: tls.VersionTLS12})
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	tunnel, err := p.ask(conn, upstream, target)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("through the proxy %s: %w", upstream.Redacted(), err)
	}
	return tunnel, nil
}

// ask sends CONNECT and reads the answer.
func (p *Proxy) ask(conn net.Conn, upstream *url.URL, target string) (net.Conn, error) {
	req := &http.Request{
		Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target,
		Header: http.Header{"Via": {"1.1 " + p.via}},
	}
	if u := upstream.User; u != nil {
		password, _ := u.Password()
		token := base64.StdEncoding.EncodeToString([]byte(u.Username() + ":" + password))
		req.Header.Set("Proxy-Authorization", "Basic "+token)
	}
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(&bounded{conn, maxHeaderBytes}, 4096)
	res, err := http.ReadResponse(r, req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answered %q to CONNECT %s", res.Status, target)
	}
	early, _ := r.Peek(r.Buffered())
	return &resumed{Conn: conn, early: early}, nil
}

// bounded fails after n bytes: an answer's header ends before that.
type bounded struct {
	net.Conn
	n int
}

func (b *bounded) Read(buf []byte) (int, error) {
	if b.n <= 0 {
		return 0, errors.New("the answer's header is longer than " + strconv.Itoa(maxHeaderBytes) + " bytes")
	}
	n, err := b.Conn.Read(buf[:min(len(buf), b.n)])
	b.n -= n
	return n, err
}

// resumed is a connection of which some bytes have been read already.
type resumed struct {
	net.Conn
	early []byte
}

func (r *resumed) Read(buf []byte) (int, error) {
	if len(r.early) > 0 {
		n := copy(buf, r.early)
		r.early = r.early[n:]
		return n, nil
	}
	return r.Conn.Read(buf)
}

func (r *resumed) CloseWrite() error { return closeWrite(r.Conn) }

// splitTarget reads host:port; an empty defaultPort means that the port must be there.
func splitTarget(target, defaultPort string) (host, port string, err error) {
	u := url.URL{Host: target}
	host, port = u.Hostname(), u.Port()
	if port == "" {
		port = defaultPort
	}
	if n, perr := strconv.ParseUint(port, 10, 16); perr != nil || n == 0 || host == "" {
		return "", "", refuse(http.StatusBadRequest, "%q is not a target: want host:port with a port from 1 to 65535", target)
	}
	return strings.ToLower(strings.TrimSuffix(host, ".")), port, nil
}
