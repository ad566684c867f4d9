package tlsca_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/tlsca"
)

const domain = "lazuli.localhost"

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// clock is a time a test can move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func open(t *testing.T, o tlsca.Options) *tlsca.Authority {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Domain == "" {
		o.Domain = domain
	}
	a, err := tlsca.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serve answers "hello HOST" over TLS on a loopback port and gives the port.
func serve(t *testing.T, a *tlsca.Authority) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", a.Config())
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _, _ := net.SplitHostPort(r.Host)
			fmt.Fprintf(w, "hello %s", host)
		}),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestGoClient(t *testing.T) {
	a := open(t, tlsca.Options{})
	port := serve(t, a)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: a.Pool()},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port)
		},
	}}
	for _, host := range []string{
		domain, "management." + domain, "demo.vault." + domain, "web.eastus.azurecontainer." + domain,
		"UPPER.azurecr." + domain, "127.0.0.1", "localhost",
		strings.Repeat("long-label-", 5) + "x" + ".eastus.azurecontainer." + domain, // longer than a common name
	} {
		res, err := client.Get("https://" + host + ":" + port)
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(body) != "hello "+host {
			t.Errorf("%s: got %q", host, body)
		}
	}
	for _, host := range []string{"example.com", "other.localhost", "notlazuli.localhost", "a..lazuli.localhost", "*.lazuli.localhost"} {
		if _, err := a.Leaf(host); err == nil || !strings.Contains(err.Error(), "no certificate for") {
			t.Errorf("%s: got %v, want a refusal", host, err)
		}
	}
	if _, err := a.Leaf("10.0.0.1"); err == nil {
		t.Error("a certificate for an address that is not loopback was made")
	}
}

// run runs a real client and gives its output and whether it succeeded.
func run(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Env = append(cmd.Env, "NO_PROXY=*", "no_proxy=*")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestCurl(t *testing.T) {
	a := open(t, tlsca.Options{})
	port := serve(t, a)
	host := "demo.vault." + domain
	out, err := run(t, nil, "curl", "-sS", "--cacert", a.CertificateFile(), "--resolve", host+":"+port+":127.0.0.1", "https://"+host+":"+port)
	if err != nil || out != "hello "+host {
		t.Errorf("by name: %s, %v", out, err)
	}
	out, err = run(t, nil, "curl", "-sS", "--cacert", a.CertificateFile(), "https://127.0.0.1:"+port)
	if err != nil || out != "hello 127.0.0.1" {
		t.Errorf("by address: %s, %v", out, err)
	}
	if out, err = run(t, nil, "curl", "-sS", "--resolve", host+":"+port+":127.0.0.1", "https://"+host+":"+port); err == nil {
		t.Errorf("curl accepted an authority it was not told to trust: %s", out)
	}
}

// pythonGet is what requests and the Azure CLI do, with the strictness that Python 3.13 made the default.
const pythonGet = `
import os, ssl, socket, sys
c = ssl.create_default_context(cafile=os.environ["BUNDLE"])
c.verify_flags |= ssl.VERIFY_X509_STRICT
for name in sys.argv[2:]:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s, c.wrap_socket(s, server_hostname=name) as t:
        print(name, t.getpeercert()["subjectAltName"])
`

func TestPython(t *testing.T) {
	a := open(t, tlsca.Options{})
	bundle, err := a.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	port := serve(t, a)
	out, err := run(t, []string{"BUNDLE=" + bundle}, "python3", "-c", pythonGet, port, "login."+domain, "demo.vault."+domain, "127.0.0.1")
	want := `login.lazuli.localhost (('DNS', 'login.lazuli.localhost'),)
demo.vault.lazuli.localhost (('DNS', 'demo.vault.lazuli.localhost'),)
127.0.0.1 (('IP Address', '127.0.0.1'),)
`
	if err != nil || out != want {
		t.Errorf("got %s (%v)\nwant %s", out, err, want)
	}
}

func TestOpenSSL(t *testing.T) {
	dir := t.TempDir()
	a := open(t, tlsca.Options{Dir: dir})
	leaf, err := a.Leaf("demo.vault." + domain)
	if err != nil {
		t.Fatal(err)
	}
	// A certificate that the stolen key signs for a name outside the domain must not convince anyone.
	forged := filepath.Join(dir, "forged.pem")
	writePEM(t, forged, forge(t, dir, a.Certificate()))
	good := filepath.Join(dir, "good.pem")
	writePEM(t, good, leaf.Certificate[0])
	for _, purpose := range []string{"sslserver", "any"} {
		out, err := run(t, nil, "openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", a.CertificateFile(), good)
		if err != nil {
			t.Errorf("%s: %s", purpose, out)
		}
	}
	out, err := run(t, nil, "openssl", "verify", "-CAfile", a.CertificateFile(), forged)
	if err == nil || !strings.Contains(out, "permitted subtree violation") {
		t.Errorf("the forged certificate: %s, %v", out, err)
	}
	out, _ = run(t, nil, "openssl", "x509", "-in", a.CertificateFile(), "-noout", "-text")
	for _, want := range []string{"X509v3 Basic Constraints: critical", "CA:TRUE, pathlen:0", "X509v3 Key Usage: critical",
		"X509v3 Name Constraints: critical", "DNS:lazuli.localhost", "X509v3 Subject Key Identifier"} {
		if !strings.Contains(out, want) {
			t.Errorf("the authority's certificate lacks %q:\n%s", want, out)
		}
	}
}

func forge(t *testing.T, dir string, ca *x509.Certificate) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"example.com"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
	}, ca, &own.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func writePEM(t *testing.T, path string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRenewal(t *testing.T) {
	c := &clock{t: start}
	a := open(t, tlsca.Options{Now: c.Now})
	serial := func() string {
		leaf, err := a.Leaf("vault." + domain)
		if err != nil {
			t.Fatal(err)
		}
		if left := leaf.Leaf.NotAfter.Sub(c.Now()); left < 0 {
			t.Fatalf("got a leaf that expired %s ago", -left)
		}
		return leaf.Leaf.SerialNumber.String()
	}
	first := serial()
	c.Add(59 * 24 * time.Hour)
	if serial() != first {
		t.Error("a leaf with 31 days left was made anew")
	}
	c.Add(2 * 24 * time.Hour)
	if serial() == first {
		t.Error("a leaf with 29 days left was not renewed")
	}
	c.t = start.AddDate(9, 11, 20)
	if last := serial(); last != serial() {
		t.Error("leaves that end with the authority are made anew at each handshake")
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	c := &clock{t: start}
	a := open(t, tlsca.Options{Dir: dir, Now: c.Now})
	b := open(t, tlsca.Options{Dir: dir, Now: c.Now})
	if !a.Certificate().Equal(b.Certificate()) {
		t.Fatal("the second start made another authority")
	}
	key := filepath.Join(dir, "ca.key")
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key: %v, %v", info.Mode(), err)
	}
	refused := func(want string, o tlsca.Options) {
		t.Helper()
		o.Dir = dir
		if _, err := tlsca.Open(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ...%s...", err, want)
		}
	}
	refused("made for lazuli.localhost and localhost, not for example.org", tlsca.Options{Domain: "example.org", Now: c.Now})
	refused("expired on", tlsca.Options{Domain: domain, Now: func() time.Time { return start.AddDate(11, 0, 0) }})
	refused("not a DNS name", tlsca.Options{Domain: "bad domain"})
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	refused("can be read by other users", tlsca.Options{Domain: domain, Now: c.Now})
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	refused("key of the authority cannot be read", tlsca.Options{Domain: domain, Now: c.Now})
	// A start that died between key and certificate left a key that signed nothing.
	if err := os.Remove(filepath.Join(dir, "ca.pem")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, tlsca.Options{Dir: dir, Now: c.Now})
	if d.Certificate().Equal(a.Certificate()) || d.Certificate().Subject.CommonName == a.Certificate().Subject.CommonName {
		t.Error("the new authority is the old one, or has its name")
	}
}

func TestBundle(t *testing.T) {
	dir := t.TempDir()
	other := open(t, tlsca.Options{Domain: "example.org"})
	a := open(t, tlsca.Options{Dir: dir, Roots: []string{filepath.Join(dir, "none.pem"), other.CertificateFile()}})
	path, err := a.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	want := string(other.CertificatePEM()) + "# " + a.Certificate().Subject.CommonName + "\n" + string(a.CertificatePEM())
	if err != nil || string(got) != want {
		t.Errorf("got %s (%v)\nwant %s", got, err, want)
	}
}

// TestManyNames asks for more names than are kept, from several handshakes at once.
func TestManyNames(t *testing.T) {
	if testing.Short() {
		t.Skip("makes thousands of keys")
	}
	a := open(t, tlsca.Options{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 1100 {
				name := fmt.Sprintf("n%d.%s", j+i*1000, domain)
				leaf, err := a.Leaf(name)
				if err != nil || leaf.Leaf.VerifyHostname(name) != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	wg.Wait()
}
