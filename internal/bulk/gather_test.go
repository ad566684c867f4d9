package bulk_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/bulk"
	"github.com/lazuli-cloud/lazuli/internal/proxy"
)

// gathering is a request that came over the connection, as far as Gather looks.
func gathering(t *testing.T, c net.Conn) *http.Request {
	t.Helper()
	return (&http.Request{ProtoMajor: 1}).WithContext(bulk.Context(t.Context(), c))
}

func TestGatherSendsLargePieces(t *testing.T) {
	server, client := pair(t)
	done := bulk.Gather(gathering(t, server))
	data := content(300 << 10)
	for rest := data; len(rest) > 0; {
		n := min(len(rest), 16406) // a TLS record
		if m, err := server.Write(rest[:n]); m != n || err != nil {
			t.Fatal(m, err)
		}
		rest = rest[n:]
	}
	got := make([]byte, len(data)+1)
	_ = client.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	n, err := io.ReadFull(client, got)
	if !errors.Is(err, os.ErrDeadlineExceeded) || n < 256<<10 || n == len(data) {
		t.Fatalf("before the end of gathering %d of %d bytes arrived, %v; want two pieces of 128 KiB and no part of one", n, len(data), err)
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
	_ = client.SetReadDeadline(time.Time{})
	if _, err := io.ReadFull(client, got[n:len(data)]); err != nil || !bytes.Equal(got[:len(data)], data) {
		t.Fatalf("after the end: %v, or other bytes", err)
	}
	// And then at once again, as are writes larger than a piece.
	for _, p := range [][]byte{[]byte("at once"), content(1 << 20)} {
		go func() { _, _ = server.Write(p) }()
		if _, err := io.ReadFull(client, make([]byte, len(p))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGatherKeepsOrder(t *testing.T) {
	server, client := pair(t)
	data := content(3 << 20)
	go func() {
		sizes := []int{1, 200 << 10, 100, 16406, 128 << 10, 148 << 10, 147 << 10, 5, 600 << 10}
		done := func() error { return nil }
		for i, rest := 0, data; len(rest) > 0; i++ {
			if i%5 == 1 {
				done = bulk.Gather(gathering(t, server))
			}
			n := min(len(rest), sizes[i%len(sizes)])
			_, _ = server.Write(rest[:n])
			rest = rest[n:]
			if i%5 == 4 {
				_ = done()
			}
		}
		_ = done()
		_ = server.Close()
	}()
	soon(t, "reading", func() {
		if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %v; want the %d that were written", len(got), err, len(data))
		}
	})
}

// A client that does not read is noticed by the deadline and by Close, and nothing
// is sent behind the hole.
func TestGatherToSomebodyWhoDoesNotRead(t *testing.T) {
	fill := func(c net.Conn) error {
		for {
			if _, err := c.Write(content(16 << 10)); err != nil {
				return err
			}
		}
	}
	server, _ := pair(t)
	done := bulk.Gather(gathering(t, server))
	soon(t, "writing past a deadline", func() {
		_ = server.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		if err := fill(server); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("writing past a deadline: %v", err)
		}
	})
	_ = server.SetWriteDeadline(time.Time{})
	if _, err := server.Write([]byte("x")); err == nil {
		t.Error("the stream goes on behind a hole")
	}
	if err := done(); err == nil {
		t.Error("the end of gathering does not tell that bytes were lost")
	}
	if _, err := server.Write([]byte("x")); err == nil {
		t.Error("the stream goes on behind a hole after gathering")
	}
	server, _ = pair(t)
	done = bulk.Gather(gathering(t, server))
	soon(t, "closing beside a write", func() {
		time.AfterFunc(100*time.Millisecond, func() { _ = server.Close() })
		if err := fill(server); !errors.Is(err, net.ErrClosed) {
			t.Errorf("writing to what was closed: %v", err)
		}
		if err := done(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the end of gathering after Close: %v", err)
		}
	})
}

// serve starts a server whose TLS connections are bulk, and its client.
func serve(t *testing.T, h http.HandlerFunc, proto string) (*httptest.Server, *http.Client) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Listener = bulk.NewListener(s.Listener)
	s.Config.ConnContext = bulk.Context
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{proto}, DynamicRecordSizingDisabled: true}
	s.EnableHTTP2 = proto == "h2"
	s.StartTLS()
	t.Cleanup(s.Close)
	c := s.Client()
	c.Timeout = 2 * time.Minute
	return s, c
}

// blobs answers as many bytes as the query asks for, and the digests of bodies.
func blobs(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		sum := sha256.New()
		_, err := io.Copy(sum, r.Body)
		fmt.Fprintf(w, "%x %v", sum.Sum(nil), err)
		return
	}
	done := bulk.Gather(r)
	defer func() { _ = done() }()
	var size int
	_, _ = fmt.Sscan(r.URL.Query().Get("size"), &size)
	for data := content(1 << 20); size > 0; {
		n, err := w.Write(data[:min(size, 100<<10)])
		if err != nil {
			return
		}
		size -= n
	}
}

func get(c *http.Client, base string, size int) error {
	res, err := c.Get(fmt.Sprintf("%s/?size=%d", base, size))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || len(got) != size {
		return fmt.Errorf("GET of %d bytes over %s: %d bytes, %w", size, res.Proto, len(got), err)
	}
	for rest, data := got, content(100<<10); len(rest) > 0; rest = rest[min(len(rest), len(data)):] {
		if n := min(len(rest), len(data)); !bytes.Equal(rest[:n], data[:n]) {
			return fmt.Errorf("GET of %d bytes: other bytes", size)
		}
	}
	return nil
}

func put(c *http.Client, base string, body []byte) error {
	req, err := http.NewRequest(http.MethodPut, base, io.MultiReader(bytes.NewReader(body))) // chunked
	if err != nil {
		return err
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); string(got) != fmt.Sprintf("%x <nil>", sha256.Sum256(body)) {
		return fmt.Errorf("PUT of %d bytes: %s, %w", len(body), got, err)
	}
	return nil
}

// Many requests after and beside each other, over HTTP/1.1, HTTP/2, and through a
// tunnel.
func TestServer(t *testing.T) {
	for _, way := range []string{"http/1.1", "h2", "tunnel"} {
		t.Run(way, func(t *testing.T) {
			s, c := serve(t, blobs, map[string]string{"h2": "h2"}[way])
			if way == "tunnel" {
				c.Transport.(*http.Transport).Proxy = http.ProxyURL(tunnel(t, s.Listener.Addr().String()))
			}
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					for _, size := range []int{0, 10, 1 << 20, 3, 127<<10 + 5, 128 << 10, 3 << 20, 100} {
						if err := errors.Join(get(c, s.URL, size), put(c, s.URL, content(size))); err != nil {
							t.Error(err)
						}
					}
				})
			}
			soon(t, "requests", all.Wait)
		})
	}
}

// tunnel starts a proxy that leads to addr.
func tunnel(t *testing.T, addr string) *url.URL {
	p, err := proxy.New(proxy.Options{Route: func(string, string) (string, bool) { return addr, true }})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- p.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // cut what is open
		_ = p.Shutdown(ctx)
		<-served
	})
	return &url.URL{Scheme: "http", Host: l.Addr().String()}
}

// A client that goes away, or stops reading, ends the handler and not the server.
func TestServerOfClientsThatLeave(t *testing.T) {
	ended := make(chan error, 1)
	s, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		done := bulk.Gather(r)
		data := content(100 << 10)
		for {
			if _, err := w.Write(data); err != nil {
				ended <- errors.Join(err, done())
				return
			}
		}
	}, "")
	res, err := c.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, res.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // the handler waits
	_ = res.Body.Close()
	soon(t, "the handler of a client that left", func() {
		if err := <-ended; err == nil {
			t.Error("it ended without an error")
		}
	})
	res, err = c.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	time.Sleep(50 * time.Millisecond)
	_ = s.Config.Close() // with a client that does not read
	soon(t, "the handler of a server that closes", func() {
		if err := <-ended; err == nil {
			t.Error("it ended without an error")
		}
	})
}

// A connection that changes hands goes on, both ways.
func TestHijack(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		done := bulk.Gather(r)
		if err := done(); err != nil {
			t.Error(err)
		}
		c, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.CopyN(c, buf, 1<<20)
	}, "")
	c, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
	data := content(1 << 20)
	go func() { _, _ = c.Write(append([]byte(head), data...)) }()
	soon(t, "the echo", func() {
		got, err := io.ReadAll(c)
		if err != nil || !bytes.HasSuffix(got, data) {
			t.Errorf("%d bytes came back, %v; want the %d that were sent", len(got), err, len(data))
		}
	})
}
