package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/proxy"
	"github.com/lazuli-cloud/lazuli/internal/tlsca"
)

// start runs a proxy on a loopback port until the test ends and gives its address.
func start(t *testing.T, o proxy.Options) (*proxy.Proxy, string) {
	t.Helper()
	if o.Route == nil {
		o.Route = func(string, string) (string, bool) { return "", false }
	}
	p, err := proxy.New(o)
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
		cancel()
		_ = p.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return p, l.Addr().String()
}

// routeAll sends every name under lazuli.test to addr; port 81 is served by nobody.
func routeAll(addr string) func(host, port string) (string, bool) {
	return func(host, port string) (string, bool) {
		switch {
		case !strings.HasSuffix(host, ".lazuli.test"):
			return "", false
		case port == "81":
			return "", true
		}
		return addr, true
	}
}

// cloud answers over TLS, with certificates for lazuli.test, what host and path it was asked for.
func cloud(t *testing.T) (*tlsca.Authority, string) {
	t.Helper()
	ca, err := tlsca.Open(tlsca.Options{Dir: t.TempDir(), Domain: "lazuli.test"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", ca.Config())
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(echo)}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return ca, l.Addr().String()
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Host, r.URL, body)
}

func httpServer(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func clientOf(t *testing.T, addr string, ca *tlsca.Authority) *http.Client {
	t.Helper()
	tr := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: addr})}
	if ca != nil {
		tr.TLSClientConfig = &tls.Config{RootCAs: ca.Pool()}
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
}

func get(t *testing.T, c *http.Client, target string) (int, string) {
	t.Helper()
	res, err := c.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestGoClient(t *testing.T) {
	ca, addr := cloud(t)
	_, at := start(t, proxy.Options{Route: routeAll(addr)})
	status, body := get(t, clientOf(t, at, ca), "https://Demo.vault.lazuli.test/secrets/a?x=1;2")
	if want := "GET Demo.vault.lazuli.test /secrets/a?x=1;2 "; status != 200 || body != want {
		t.Errorf("TLS: got %d %q, want %q", status, body, want)
	}
	_, plain := start(t, proxy.Options{Route: routeAll(httpServer(t, echo))})
	res, err := clientOf(t, plain, nil).Post("http://web.lazuli.test:8080/p?q=%zz;", "text/plain", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, _ := io.ReadAll(res.Body)
	if want := "POST web.lazuli.test:8080 /p?q=%zz; body"; string(got) != want {
		t.Errorf("plain: got %q, want %q", got, want)
	}
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	ca, addr := cloud(t)
	_, at := start(t, proxy.Options{Route: routeAll(addr)})
	_, plain := start(t, proxy.Options{Route: routeAll(httpServer(t, echo))})
	curl := func(proxy string, args ...string) string {
		cmd := exec.Command("curl", append([]string{"-sS", "-m", "10"}, args...)...)
		cmd.Env = append(os.Environ(), "HTTPS_PROXY=http://"+proxy, "http_proxy=http://"+proxy, "NO_PROXY=", "no_proxy=")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	for _, c := range []struct{ got, want string }{
		{curl(at, "--cacert", ca.CertificateFile(), "https://reg.azurecr.lazuli.test/v2/"), "GET reg.azurecr.lazuli.test /v2/ "},
		{curl(plain, "-d", "x=1", "http://web.lazuli.test/"), "POST web.lazuli.test / x=1"},
		{curl(at, "https://example.com/"), "curl: (56) CONNECT tunnel failed, response 403\n"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestRequests is how the Azure CLI comes: Python's requests, steered by environment variables alone.
func TestRequests(t *testing.T) {
	python := func(env []string, code string) (string, error) {
		cmd := exec.Command("python3", "-c", code)
		cmd.Env = append(os.Environ(), env...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if _, err := python(nil, "import requests"); err != nil {
		t.Skip("python3 with requests is not installed")
	}
	ca, addr := cloud(t)
	bundle, err := ca.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	_, at := start(t, proxy.Options{Route: routeAll(addr)})
	got, err := python([]string{"HTTPS_PROXY=http://" + at, "REQUESTS_CA_BUNDLE=" + bundle, "NO_PROXY=", "no_proxy="},
		`import requests; print(requests.put("https://demo.vault.lazuli.test/secrets/a", params={"api-version": "7.4"}, data="x").text)`)
	if want := "PUT demo.vault.lazuli.test /secrets/a?api-version=7.4 x\n"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

// say sends raw bytes to the proxy and gives the status and body of its answer.
func say(t *testing.T, addr, request string) (int, string) {
	t.Helper()
	conn := dial(t, addr)
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

func dial(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn.(*net.TCPConn)
}

func TestRefusals(t *testing.T) {
	secret := httpServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "private service") })
	_, port, _ := net.SplitHostPort(secret)
	_, shut := start(t, proxy.Options{Route: routeAll(secret)})
	_, wide := start(t, proxy.Options{Route: routeAll("127.0.0.1:1"), AllowOutside: true})
	_, strange := start(t, proxy.Options{AllowPeer: func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.1") }})
	connect := func(target string) string { return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n" }
	plain := func(target string) string {
		return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	}
	local := "is an address of this machine"
	for _, c := range []struct {
		name, addr, request string
		status              int
		want                string
	}{
		{"an outside name", shut, connect("example.com:443"), 403, "not a name of this cloud"},
		{"an outside name, plain", shut, plain("http://example.com/"), 403, "not a name of this cloud"},
		{"a port nobody serves", shut, connect("a.lazuli.test:81"), 502, "nothing serves port 81"},
		{"a loopback address", wide, connect("127.0.0.1:" + port), 403, local},
		{"a loopback address, plain", wide, plain("http://127.0.0.1:" + port + "/"), 403, local},
		{"another of 127/8", wide, connect("127.9.9.9:" + port), 403, local},
		{"localhost", wide, connect("LOCALHOST.:" + port), 403, local},
		{"a name of localhost", wide, connect("x.localhost:" + port), 403, local},
		{"IPv6 loopback", wide, connect("[::1]:" + port), 403, local},
		{"mapped loopback", wide, connect("[::ffff:127.0.0.1]:" + port), 403, local},
		{"the unspecified address", wide, connect("0.0.0.0:" + port), 403, local},
		{"link-local metadata", wide, connect("169.254.169.254:80"), 403, local},
		{"the cloud's own dead port", wide, connect("a.lazuli.test:443"), 502, "cannot reach"},
		{"no port", shut, connect("a.lazuli.test"), 400, "want host:port"},
		{"port 0", shut, connect("a.lazuli.test:0"), 400, "want host:port"},
		{"a page", shut, plain("/index.html"), 400, "has no pages"},
		{"TLS without CONNECT", shut, plain("https://a.lazuli.test/"), 400, "use CONNECT"},
		{"a long header", shut, "GET http://a.lazuli.test/ HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 80<<10) + "\r\n\r\n", 431, ""},
		{"a peer that is not allowed", strange, plain("http://a.lazuli.test/"), 403, "does not serve 127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := say(t, c.addr, c.request)
			if status != c.status || !strings.Contains(body, c.want) {
				t.Errorf("got %d %q, want %d ...%s...", status, body, c.status, c.want)
			}
		})
	}
}

// TestResolvedAddress: what a name resolves to counts, not how it looks.
func TestResolvedAddress(t *testing.T) {
	name, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	addrs, err := net.LookupHost(name)
	if err != nil || !strings.HasPrefix(addrs[0], "127.") {
		t.Skipf("this machine's own name does not resolve to a loopback address: %v, %v", addrs, err)
	}
	_, at := start(t, proxy.Options{AllowOutside: true})
	if status, body := say(t, at, "CONNECT "+name+":80 HTTP/1.1\r\nHost: x\r\n\r\n"); status != 403 {
		t.Errorf("got %d %q", status, body)
	}
}

// TestHalfClose: a client may end its side and still read the answer; bytes sent with CONNECT arrive.
// With a dialer of its own the proxy looks names up and checks them all the same.
func TestDial(t *testing.T) {
	var dialled []string
	_, addr := start(t, proxy.Options{AllowOutside: true, Dial: func(_ context.Context, to string) (net.Conn, error) {
		dialled = append(dialled, to)
		near, far := net.Pipe()
		go func() { // an HTTP server of one answer
			_, _ = http.ReadRequest(bufio.NewReader(far))
			_, _ = io.WriteString(far, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			_ = far.Close()
		}()
		return near, nil
	}})
	through := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: addr})}
	defer through.CloseIdleConnections()
	for _, row := range []struct {
		url    string
		status int
	}{{"http://192.0.2.7:8080/", 204}, {"http://127.0.0.1:8080/", 403}, {"http://localhost:8080/", 403}, {"http://169.254.169.254/", 403}} {
		res, err := (&http.Client{Transport: through}).Get(row.url)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != row.status {
			t.Errorf("%s: %d, want %d", row.url, res.StatusCode, row.status)
		}
	}
	if len(dialled) != 1 || dialled[0] != "192.0.2.7:8080" {
		t.Errorf("dialled %q", dialled)
	}
}

func TestHalfClose(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		all, _ := io.ReadAll(conn)
		fmt.Fprintf(conn, "%d bytes", len(all))
	}()
	_, at := start(t, proxy.Options{Route: routeAll(l.Addr().String())})
	conn := dial(t, at)
	defer conn.Close()
	sent := strings.Repeat("x", 100_000)
	_, _ = io.WriteString(conn, "CONNECT a.lazuli.test:443 HTTP/1.1\r\nHost: a\r\n\r\n"+sent[:50_000])
	_, _ = io.WriteString(conn, sent[50_000:])
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if want := "HTTP/1.1 200 Connection established\r\n\r\n100000 bytes"; err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestStreaming(t *testing.T) {
	next := make(chan struct{})
	at := httpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one\n")
		w.(http.Flusher).Flush()
		<-next
		_, _ = io.WriteString(w, "two\n")
	})
	_, addr := start(t, proxy.Options{Route: routeAll(at)})
	res, err := clientOf(t, addr, nil).Get("http://logs.lazuli.test/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	r := bufio.NewReader(res.Body)
	if line, err := r.ReadString('\n'); line != "one\n" {
		t.Fatalf("got %q, %v before the server went on", line, err)
	}
	close(next)
	if line, err := r.ReadString('\n'); line != "two\n" {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestHopByHop(t *testing.T) {
	at := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "X-Own")
		w.Header().Set("X-Own", "1")
		w.Header().Set("X-Kept", "2")
		_ = r.Header.Write(w)
	})
	_, addr := start(t, proxy.Options{Route: routeAll(at)})
	conn := dial(t, addr)
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET http://u:p@a.lazuli.test/ HTTP/1.1\r\nHost: a\r\nConnection: X-Mine\r\nX-Mine: 1\r\nProxy-Authorization: Basic eA==\r\n"+
		"Proxy-Connection: keep-alive\r\nX-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer t\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	want := []string{"Authorization: Bearer t", "Via: 1.1 lazuli-", "X-Forwarded-For: 1.2.3.4"}
	lines := strings.Split(strings.TrimSpace(string(body)), "\r\n")
	if len(lines) != len(want) {
		t.Errorf("the server got %q", lines)
	}
	for i := range min(len(lines), len(want)) {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("got %q, want %q", lines[i], want[i])
		}
	}
	if res.Header.Get("X-Own") != "" || res.Header.Get("X-Kept") != "2" {
		t.Errorf("the client got %v", res.Header)
	}
}

// upgrade answers with 101 and echoes, as a websocket server does.
func upgrade(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "websocket" {
		http.Error(w, "want an upgrade", http.StatusUpgradeRequired)
		return
	}
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	w.WriteHeader(http.StatusSwitchingProtocols)
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = io.Copy(conn, rw)
}

const upgradeRequest = "GET ws://exec.lazuli.test/ HTTP/1.1\r\nHost: exec.lazuli.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

// upgraded opens an upgraded connection through the proxy and gives its reader.
func upgraded(t *testing.T, addr string) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, upgradeRequest)
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 101 || res.Header.Get("Upgrade") != "websocket" {
		t.Fatalf("got %v, %v", res, err)
	}
	_ = res.Body.Close()
	return conn, r
}

func TestUpgrade(t *testing.T) {
	_, addr := start(t, proxy.Options{Route: routeAll(httpServer(t, upgrade))})
	conn, r := upgraded(t, addr)
	defer conn.Close()
	for _, line := range []string{"hello\n", "again\n"} {
		_, _ = io.WriteString(conn, line)
		if got, err := r.ReadString('\n'); got != line {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestUpstream(t *testing.T) {
	ca, addr := cloud(t)
	plain := httpServer(t, echo)
	var asked []string
	route := func(host, port string) (string, bool) {
		asked = append(asked, host+":"+port)
		return map[string]string{"443": addr, "80": plain}[port], true
	}
	_, far := start(t, proxy.Options{Route: route})
	through := func(u string) func(*url.URL) (*url.URL, error) {
		return func(*url.URL) (*url.URL, error) { return url.Parse(u) }
	}
	_, near := start(t, proxy.Options{AllowOutside: true, Upstream: through("http://user:word@" + far)})
	client := clientOf(t, near, ca)
	if status, body := get(t, client, "https://far.lazuli.test/a"); status != 200 || body != "GET far.lazuli.test /a " {
		t.Errorf("TLS: got %d %q", status, body)
	}
	if status, body := get(t, client, "http://far.lazuli.test/b"); status != 200 || body != "GET far.lazuli.test /b " {
		t.Errorf("plain: got %d %q", status, body)
	}
	if got := strings.Join(asked, " "); got != "far.lazuli.test:443 far.lazuli.test:80" {
		t.Errorf("the upstream proxy was asked for %s", got)
	}
	_, socks := start(t, proxy.Options{AllowOutside: true, Upstream: through("socks5://user:word@" + far)})
	status, body := say(t, socks, "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
	if status != 502 || !strings.Contains(body, "http and https are supported") || strings.Contains(body, "word") {
		t.Errorf("socks: got %d %q", status, body)
	}
}

// TestLoop: an upstream that leads back is found out instead of going round until sockets run out.
func TestLoop(t *testing.T) {
	var self string
	_, self = start(t, proxy.Options{AllowOutside: true, Upstream: func(*url.URL) (*url.URL, error) { return url.Parse("http://" + self) }})
	if status, body := say(t, self, "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n"); status != 502 || !strings.Contains(body, "508") {
		t.Errorf("CONNECT: got %d %q", status, body)
	}
	if status, body := say(t, self, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n"); status != 508 {
		t.Errorf("GET: got %d %q", status, body)
	}
}

func TestShutdown(t *testing.T) {
	p, addr := start(t, proxy.Options{Route: routeAll(httpServer(t, upgrade))})
	conn, r := upgraded(t, addr)
	ended := make(chan error, 1)
	go func() { ended <- p.Shutdown(context.Background()) }()
	for { // until the listener is closed
		c, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		_ = c.Close()
		time.Sleep(time.Millisecond)
	}
	_, _ = io.WriteString(conn, "still here\n")
	if got, err := r.ReadString('\n'); got != "still here\n" {
		t.Errorf("an open stream was cut: %q, %v", got, err)
	}
	_ = conn.Close()
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestShutdownCuts(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	at := httpServer(t, upgrade)
	p, addr := start(t, proxy.Options{Route: func(_, port string) (string, bool) {
		return map[string]string{"80": at, "443": silent.Addr().String()}[port], true
	}})
	stream, _ := upgraded(t, addr)
	defer stream.Close()
	tunnel := dial(t, addr)
	defer tunnel.Close()
	_, _ = io.WriteString(tunnel, "CONNECT a.lazuli.test:443 HTTP/1.1\r\nHost: a\r\n\r\n")
	if line, _ := bufio.NewReader(tunnel).ReadString('\n'); !strings.Contains(line, "200") {
		t.Fatalf("CONNECT: %q", line)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := p.Shutdown(ctx); err != context.DeadlineExceeded {
		t.Errorf("Shutdown: %v", err)
	}
	for name, c := range map[string]net.Conn{"stream": stream, "tunnel": tunnel} {
		if _, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("the %s is still open", name)
		}
	}
}
