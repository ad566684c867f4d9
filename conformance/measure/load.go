package measure

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
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

// Drive has connections send one request after the other for a while and returns answers per second. Any answer but 200
// with the wanted text is an error. The client writes prepared bytes and reads no more than it must, since it shares the
// machine with the server.
func (t Target) Drive(ctx context.Context, connections int, d time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, d+10*time.Second)
	defer cancel()
	conns := make([]net.Conn, connections)
	for i := range conns {
		c, err := t.dial(ctx)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		conns[i] = c
	}
	counts, errs := make([]int, connections), make([]error, connections)
	begin := time.Now()
	var all sync.WaitGroup
	for i, c := range conns {
		all.Go(func() { counts[i], errs[i] = t.send(ctx, c, i, begin.Add(d)) })
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	n := 0
	for _, c := range counts {
		n += c
	}
	return float64(n) / took, nil
}

// send is one connection's work.
func (t Target) send(ctx context.Context, c net.Conn, connection int, until time.Time) (n int, err error) {
	if deadline, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return 0, err
		}
	}
	requests, in := t.Requests(connection), bufio.NewReaderSize(c, 16<<10)
	var body []byte
	for ; time.Now().Before(until) && ctx.Err() == nil; n++ {
		if _, err := c.Write(requests[n%len(requests)]); err != nil {
			return n, err
		}
		if body, err = t.readAnswer(in, body); err != nil {
			return n, err
		}
		if !bytes.Contains(body, t.Want) {
			return n, fmt.Errorf("the answer lacks %q: %.300s", t.Want, body)
		}
	}
	return n, nil
}

// readAnswer reads a 200 with Content-Length into body's room.
func (t Target) readAnswer(in *bufio.Reader, body []byte) ([]byte, error) {
	status, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	good, first := bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")), string(bytes.TrimSpace(status))
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		const name = "Content-Length: "
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			if length, err = strconv.Atoi(string(line[len(name):])); err != nil {
				return nil, err
			}
		}
	}
	if length < 0 || length > 1<<20 {
		return nil, fmt.Errorf("the answer (%s) has no usable Content-Length", first)
	}
	if t.Head {
		length = 0
	}
	if cap(body) < length {
		body = make([]byte, length)
	}
	body = body[:length]
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, err
	}
	if !good {
		return nil, fmt.Errorf("%s: %.500s", first, body)
	}
	return body, nil
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
