package measure

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Target is a server under load.
type Target struct {
	Addr     string
	TLS      *tls.Config                   // nil for plain HTTP
	Requests func(connection int) [][]byte // what a connection sends, over and over
	Want     []byte                        // what every answer's body contains
	Head     bool                          // the requests are HEAD: answers have a length and no body
}

// dial opens a connection and ends the handshake.
func (t Target) dial(ctx context.Context) (net.Conn, error) {
	if t.TLS == nil {
		return new(net.Dialer).DialContext(ctx, "tcp", t.Addr)
	}
	return (&tls.Dialer{Config: t.TLS}).DialContext(ctx, "tcp", t.Addr)
}

// Request is the bytes of a request with a body, if any, and headers in pairs.
func Request(method, rawURL, body string, headers ...string) ([]byte, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, u.RequestURI(), u.Host)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	if method != http.MethodGet && method != http.MethodHead {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes(), nil
}

// Once sends the first request of a target on a connection of its own and returns the whole answer as it came.
func (t Target) Once(ctx context.Context) (*http.Response, []byte, error) {
	conn, err := t.dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return nil, nil, err
	}
	if _, err := conn.Write(t.Requests(0)[0]); err != nil {
		return nil, nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// ListenLoopback listens on a free port.
func ListenLoopback() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
