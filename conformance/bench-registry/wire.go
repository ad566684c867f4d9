package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// pieceSize is how many bytes the client writes, and reads, at once.
const pieceSize = 1 << 20

// random is the content of all layers, but for their first bytes: it costs the client nothing.
var random = sync.OnceValue(func() []byte {
	b := make([]byte, pieceSize)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
})

// layer is content of which no two are alike.
type layer struct {
	seed, size int64
	digest     string
}

func newLayer(seed, size int64) layer {
	l := layer{seed: seed, size: size}
	sum := sha256.New()
	_ = l.pieces(func(p []byte) error { _, err := sum.Write(p); return err }) // a hash never fails
	l.digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return l
}

// pieces gives the content, piece by piece.
func (l layer) pieces(f func([]byte) error) error {
	var first [8]byte
	binary.LittleEndian.PutUint64(first[:], uint64(l.seed))
	if err := f(first[:]); err != nil {
		return err
	}
	for left := l.size - int64(len(first)); left > 0; left -= pieceSize {
		if err := f(random()[:min(left, pieceSize)]); err != nil {
			return err
		}
	}
	return nil
}

// conn is a connection to a server that stays open. It is used by one goroutine.
type conn struct {
	net.Conn
	in   *bufio.Reader
	host string
	auth string // the Authorization header; may be empty
	buf  []byte
}

// dial opens a connection and ends the handshake; the certificate is not what is measured.
func (s *server) dial(ctx context.Context) (*conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return nil, err
	}
	if s.tls {
		over := tls.Client(newSocket(c), &tls.Config{InsecureSkipVerify: true, ServerName: hostname(s.host)})
		if err := over.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c = over
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	return &conn{Conn: c, in: bufio.NewReaderSize(c, 64<<10), host: s.host, auth: s.auth, buf: make([]byte, pieceSize)}, nil
}

// socket is a connection below TLS, which alone would ask the kernel for every record of 16 KiB. The client has the processors
// of the servers, so it may not need more than it must: all servers are measured with it.
type socket struct {
	net.Conn
	in  *bufio.Reader
	out *bufio.Writer // sent before each read; what is left at the end is TLS's farewell
}

func newSocket(c net.Conn) *socket {
	return &socket{Conn: c, in: bufio.NewReaderSize(c, socketBuffer), out: bufio.NewWriterSize(c, socketBuffer)}
}

const socketBuffer = 128 << 10

func (s *socket) Read(p []byte) (int, error) {
	if err := s.out.Flush(); err != nil {
		return 0, err
	}
	return s.in.Read(p)
}

func (s *socket) Write(p []byte) (int, error) { return s.out.Write(p) }

func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}

// call sends a request and reads the head of the answer, which must have the status; the caller reads the body with drain.
func (c *conn) call(method, path string, status int, length int64, body func(func([]byte) error) error, headers ...string) (*http.Response, error) {
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, c.host)
	if c.auth != "" {
		fmt.Fprintf(&head, "Authorization: %s\r\n", c.auth)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&head, "%s: %s\r\n", headers[i], headers[i+1])
	}
	if method != http.MethodGet && method != http.MethodHead {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", length)
	}
	head.WriteString("\r\n")
	if err := c.send(head.Bytes(), length, body); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	res, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if res.StatusCode != status {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		return nil, fmt.Errorf("%s %s: %s, want %d: %s", method, path, res.Status, status, text)
	}
	return res, nil
}

// send writes a request, a small one at once: each write costs the client, which has the servers' cores.
func (c *conn) send(head []byte, length int64, body func(func([]byte) error) error) error {
	if body == nil || int64(len(head))+length > int64(len(c.buf)) {
		if _, err := c.Write(head); err != nil || body == nil {
			return err
		}
		return body(func(p []byte) error { _, err := c.Write(p); return err })
	}
	all := append(c.buf[:0], head...)
	if err := body(func(p []byte) error { all = append(all, p...); return nil }); err != nil {
		return err
	}
	_, err := c.Write(all)
	return err
}

// drain reads the body and gives its length; sum may be nil.
func (c *conn) drain(res *http.Response, sum io.Writer) (n int64, err error) {
	defer res.Body.Close()
	for {
		m, err := res.Body.Read(c.buf)
		n += int64(m)
		if sum != nil {
			_, _ = sum.Write(c.buf[:m]) // a hash never fails
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// simple sends a request with a small body and drops what is answered.
func (c *conn) simple(method, path string, status int, body []byte, headers ...string) (*http.Response, error) {
	send := func(w func([]byte) error) error { return w(body) }
	if len(body) == 0 {
		send = nil
	}
	res, err := c.call(method, path, status, int64(len(body)), send, headers...)
	if err != nil {
		return nil, err
	}
	_, err = c.drain(res, nil)
	return res, err
}

// push uploads a layer as docker does.
func (c *conn) push(repository string, l layer) error {
	res, err := c.simple(http.MethodPost, "/v2/"+repository+"/blobs/uploads/", http.StatusAccepted, nil)
	if err != nil {
		return err
	}
	at, err := location(res, "")
	if err != nil {
		return err
	}
	res, err = c.call(http.MethodPatch, at, http.StatusAccepted, l.size, l.pieces, "Content-Type", "application/octet-stream")
	if err != nil {
		return err
	}
	if _, err := c.drain(res, nil); err != nil {
		return err
	}
	if at, err = location(res, l.digest); err != nil {
		return err
	}
	_, err = c.simple(http.MethodPut, at, http.StatusCreated, nil)
	return err
}

// location is where to go on, with the digest in its query.
func location(res *http.Response, digest string) (string, error) {
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil || u.Path == "" {
		return "", fmt.Errorf("the answer has the Location %q", res.Header.Get("Location"))
	}
	if digest != "" {
		q := u.Query()
		q.Set("digest", digest)
		u.RawQuery = q.Encode()
	}
	return u.RequestURI(), nil
}

// pull downloads a layer; with check its content is compared, too.
func (c *conn) pull(repository string, l layer, check bool) error {
	res, err := c.call(http.MethodGet, "/v2/"+repository+"/blobs/"+l.digest, http.StatusOK, 0, nil)
	if err != nil {
		return err
	}
	var sum io.Writer
	hash := sha256.New()
	if check {
		sum = hash
	}
	n, err := c.drain(res, sum)
	if err != nil {
		return err
	}
	if got := "sha256:" + hex.EncodeToString(hash.Sum(nil)); n != l.size || check && got != l.digest {
		return fmt.Errorf("the layer %s of %d bytes came back with %d bytes as %s", l.digest, l.size, n, got)
	}
	return nil
}

// seconds is how long f takes.
func seconds(f func() error) (float64, error) {
	begin := time.Now()
	err := f()
	return time.Since(begin).Seconds(), err
}
