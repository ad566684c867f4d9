package dns_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"github.com/lazuli-cloud/lazuli/dns"
)

var (
	cloudAddrs = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}
	groupAddr  = netip.MustParseAddr("127.10.0.7")
)

// options is a cloud with one published container group in one region.
func options() dns.Options {
	return dns.Options{
		Domain:    "Lazuli.localhost.",
		Addresses: cloudAddrs,
		Services:  []string{"management", "login", "*.vault", "*.azurecr"},
		Static:    map[string][]netip.Addr{"eastus.azurecontainer": nil, "gateway": {netip.MustParseAddr("127.0.0.9")}},
		Lookup: func(name string) ([]netip.Addr, bool) {
			switch name {
			case "web.eastus.azurecontainer.lazuli.localhost":
				return []netip.Addr{groupAddr}, true
			case "big.eastus.azurecontainer.lazuli.localhost":
				var many []netip.Addr
				for i := range 200 {
					many = append(many, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
				}
				return many, true
			}
			return nil, false
		},
	}
}

// start serves on a loopback port until the test ends and gives the address.
func start(t *testing.T, o dns.Options) string {
	t.Helper()
	s, err := dns.New(o)
	if err != nil {
		t.Fatal(err)
	}
	pc, l := listen(t)
	served := make(chan error, 1)
	go func() { served <- s.Serve(pc, l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return pc.LocalAddr().String()
}

// listen takes a port that is free for both protocols.
func listen(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if pc, err := net.ListenPacket("udp", l.Addr().String()); err == nil {
			return pc, l
		}
		_ = l.Close()
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

func ask(t *testing.T, network, addr string, q *wire.Msg) *wire.Msg {
	t.Helper()
	c := &wire.Client{Net: network, Timeout: 5 * time.Second}
	m, _, err := c.Exchange(q, addr)
	if err != nil {
		t.Fatalf("%s %s: %v", network, q.Question[0].String(), err)
	}
	return m
}

func question(name string, qtype uint16) *wire.Msg {
	return new(wire.Msg).SetQuestion(name, qtype)
}

// short prints the parts of an answer that the tests are about.
func short(m *wire.Msg) string {
	var parts []string
	for _, rr := range m.Answer {
		parts = append(parts, strings.Join(strings.Fields(rr.String()), " "))
	}
	for _, rr := range m.Ns {
		parts = append(parts, "+"+rr.Header().Name+wire.TypeToString[rr.Header().Rrtype])
	}
	aa := ""
	if m.Authoritative {
		aa = " aa"
	}
	return strings.TrimSpace(wire.RcodeToString[m.Rcode] + aa + ": " + strings.Join(parts, ", "))
}

func TestAnswers(t *testing.T) {
	addr := start(t, options())
	const soa = "+lazuli.localhost.SOA"
	for _, c := range []struct {
		name  string
		qtype uint16
		want  string
	}{
		{"lazuli.localhost.", wire.TypeA, "NOERROR aa: lazuli.localhost. 60 IN A 127.0.0.1"},
		{"management.lazuli.localhost.", wire.TypeAAAA, "NOERROR aa: management.lazuli.localhost. 60 IN AAAA ::1"},
		{"Demo.VAULT.lazuli.LOCALHOST.", wire.TypeA, "NOERROR aa: Demo.VAULT.lazuli.LOCALHOST. 60 IN A 127.0.0.1"},
		{"r.eastus.azurecr.lazuli.localhost.", wire.TypeA, "NOERROR aa: r.eastus.azurecr.lazuli.localhost. 60 IN A 127.0.0.1"},
		{"gateway.lazuli.localhost.", wire.TypeA, "NOERROR aa: gateway.lazuli.localhost. 60 IN A 127.0.0.9"},
		{"web.eastus.azurecontainer.lazuli.localhost.", wire.TypeA, "NOERROR aa: web.eastus.azurecontainer.lazuli.localhost. 5 IN A 127.10.0.7"},
		{"web.eastus.azurecontainer.lazuli.localhost.", wire.TypeAAAA, "NOERROR aa: " + soa},
		{"no.eastus.azurecontainer.lazuli.localhost.", wire.TypeA, "NXDOMAIN aa: " + soa},
		{"azurecontainer.lazuli.localhost.", wire.TypeA, "NOERROR aa: " + soa},
		{"eastus.azurecontainer.lazuli.localhost.", wire.TypeA, "NOERROR aa: " + soa},
		{"vault.lazuli.localhost.", wire.TypeA, "NOERROR aa: " + soa},
		{"other.lazuli.localhost.", wire.TypeA, "NXDOMAIN aa: " + soa},
		{"x.management.lazuli.localhost.", wire.TypeA, "NXDOMAIN aa: " + soa},
		{"management.lazuli.localhost.", wire.TypeTXT, "NOERROR aa: " + soa},
		{"management.lazuli.localhost.", wire.TypeHTTPS, "NOERROR aa: " + soa},
		{"management.lazuli.localhost.", wire.TypeANY, `NOERROR aa: management.lazuli.localhost. 60 IN HINFO "RFC8482" ""`},
		{"lazuli.localhost.", wire.TypeNS, "NOERROR aa: lazuli.localhost. 60 IN NS ns.lazuli.localhost."},
		{"ns.lazuli.localhost.", wire.TypeA, "NOERROR aa: ns.lazuli.localhost. 60 IN A 127.0.0.1"},
		{"lazuli.localhost.", wire.TypeAXFR, "REFUSED:"},
		{"localhost.", wire.TypeA, "NOERROR: localhost. 60 IN A 127.0.0.1"},
		{"x.localhost.", wire.TypeAAAA, "NOERROR: x.localhost. 60 IN AAAA ::1"},
		{`foo\.lazuli.localhost.`, wire.TypeTXT, "NOERROR:"}, // one label that holds a dot: not ours
		{"example.com.", wire.TypeA, "REFUSED:"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			q := question(c.name, c.qtype)
			m := ask(t, network, addr, q)
			if got := short(m); got != c.want {
				t.Errorf("%s %s %s:\ngot  %s\nwant %s", network, c.name, wire.TypeToString[c.qtype], got, c.want)
			}
			if m.Question[0].Name != c.name {
				t.Errorf("%s: the question came back as %s", c.name, m.Question[0].Name)
			}
		}
	}
}

func TestEveryNameByDefault(t *testing.T) {
	o := options()
	o.Services = nil
	addr := start(t, o)
	for name, want := range map[string]string{
		"anything.lazuli.localhost.":                 "NOERROR",
		"a.b.c.lazuli.localhost.":                    "NOERROR",
		"no.eastus.azurecontainer.lazuli.localhost.": "NXDOMAIN",
	} {
		if got := wire.RcodeToString[ask(t, "udp", addr, question(name, wire.TypeA)).Rcode]; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestTruncation(t *testing.T) {
	addr := start(t, options())
	const big = "big.eastus.azurecontainer.lazuli.localhost."
	for _, c := range []struct{ offered, most int }{{0, 512}, {100, 512}, {800, 800}, {65000, 1232}} {
		q := question(big, wire.TypeA)
		if c.offered > 0 {
			q.SetEdns0(uint16(c.offered), true)
		}
		m := ask(t, "udp", addr, q)
		m.Compress = true // as it was sent
		packed, err := m.Pack()
		if !m.Truncated || len(packed) > c.most || err != nil {
			t.Errorf("offered %d: got %d bytes, truncated %t, %v", c.offered, len(packed), m.Truncated, err)
		}
		if opt := m.IsEdns0(); (opt != nil) != (c.offered > 0) || opt != nil && (!opt.Do() || opt.UDPSize() != 1232) {
			t.Errorf("offered %d: got OPT %v", c.offered, opt)
		}
	}
	if m := ask(t, "tcp", addr, question(big, wire.TypeA)); len(m.Answer) != 200 || m.Truncated {
		t.Errorf("over TCP: %d answers, truncated %t", len(m.Answer), m.Truncated)
	}
}

func TestOddQuestions(t *testing.T) {
	addr := start(t, options())
	version := question("lazuli.localhost.", wire.TypeA)
	version.SetEdns0(1232, false)
	version.IsEdns0().SetVersion(1)
	chaos := question("version.bind.", wire.TypeTXT)
	chaos.Question[0].Qclass = wire.ClassCHAOS
	notify := new(wire.Msg).SetNotify("lazuli.localhost.")
	update := new(wire.Msg).SetUpdate("lazuli.localhost.")
	twice := question("lazuli.localhost.", wire.TypeA)
	twice.Question = append(twice.Question, twice.Question[0])
	for _, c := range []struct {
		name string
		q    *wire.Msg
		want int
	}{
		{"EDNS version 1", version, wire.RcodeBadVers},
		{"class CHAOS", chaos, wire.RcodeRefused},
		{"a notification", notify, wire.RcodeNotImplemented},
		{"an update", update, wire.RcodeNotImplemented},
		{"two questions", twice, wire.RcodeFormatError},
	} {
		if m := ask(t, "udp", addr, c.q); m.Rcode != c.want || len(m.Answer) > 0 {
			t.Errorf("%s: got %s", c.name, short(m))
		}
	}
}

// upstream is a DNS server with fixed answers.
func upstream(t *testing.T, handler wire.HandlerFunc) string {
	t.Helper()
	pc, l := listen(t)
	for _, srv := range []*wire.Server{{PacketConn: pc, Handler: handler}, {Listener: l, Handler: handler}} {
		started := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(started) }
		done := make(chan struct{})
		go func() { defer close(done); _ = srv.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = srv.Shutdown(); <-done })
	}
	return pc.LocalAddr().String()
}

func TestForward(t *testing.T) {
	good := upstream(t, func(w wire.ResponseWriter, q *wire.Msg) {
		m := new(wire.Msg).SetReply(q)
		m.RecursionAvailable = true
		name := q.Question[0].Name
		switch strings.ToLower(name) {
		case "example.com.":
			rr, _ := wire.NewRR(name + " 300 IN A 192.0.2.1")
			m.Answer = []wire.RR{rr}
			m.SetEdns0(4096, q.IsEdns0().Do())
		case "large.example.com.":
			for i := range 100 {
				rr, _ := wire.NewRR(fmt.Sprintf("%s 300 IN TXT \"record number %d\"", name, i))
				m.Answer = append(m.Answer, rr)
			}
			if w.RemoteAddr().Network() == "udp" {
				m.Truncate(512)
			}
		default:
			m.Rcode = wire.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})
	var failures atomic.Int32
	bad := upstream(t, func(w wire.ResponseWriter, q *wire.Msg) {
		failures.Add(1)
		_ = w.WriteMsg(new(wire.Msg).SetRcode(q, wire.RcodeServerFailure))
	})
	o := options()
	o.Upstreams = []string{bad, good}
	addr := start(t, o)
	if got := short(ask(t, "udp", addr, question("eXample.com.", wire.TypeA))); got != "NOERROR: eXample.com. 300 IN A 192.0.2.1" {
		t.Errorf("got %s", got)
	}
	if failures.Load() != 1 {
		t.Errorf("the first upstream was asked %d times", failures.Load())
	}
	if got := short(ask(t, "udp", addr, question("none.example.com.", wire.TypeA))); got != "NXDOMAIN:" {
		t.Errorf("got %s", got)
	}
	if m := ask(t, "udp", addr, question("large.example.com.", wire.TypeTXT)); !m.Truncated {
		t.Error("100 records fitted a packet")
	}
	if m := ask(t, "tcp", addr, question("large.example.com.", wire.TypeTXT)); len(m.Answer) != 100 {
		t.Errorf("over TCP: %d records", len(m.Answer))
	}
	q := question("example.com.", wire.TypeA)
	q.RecursionDesired = false
	if got := short(ask(t, "udp", addr, q)); got != "REFUSED:" {
		t.Errorf("without recursion: got %s", got)
	}
}

func TestForwardFails(t *testing.T) {
	bad := upstream(t, func(w wire.ResponseWriter, q *wire.Msg) {
		other := question("other.example.", wire.TypeA)
		other.Id = q.Id
		_ = w.WriteMsg(new(wire.Msg).SetReply(other))
	})
	o := options()
	o.Upstreams = []string{bad}
	q := question("example.com.", wire.TypeA)
	q.SetEdns0(1232, false)
	m := ask(t, "udp", start(t, o), q)
	if m.Rcode != wire.RcodeServerFailure || !strings.Contains(m.String(), "no upstream answered") {
		t.Errorf("an answer to another question: got %s", m)
	}
	o.Upstreams = nil
	m = ask(t, "udp", start(t, o), q)
	if m.Rcode != wire.RcodeRefused || !strings.Contains(m.String(), "has no upstream") {
		t.Errorf("no upstream: got %s", m)
	}
}

// TestOwnUpstream: a resolv.conf that names this server must not make it ask itself.
func TestOwnUpstream(t *testing.T) {
	pc, l := listen(t)
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver 127.0.0.1\nnameserver ::1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	upstreams, err := dns.Upstreams(file)
	if err != nil || !slices.Equal(upstreams, []string{"127.0.0.1:53", "[::1]:53"}) {
		t.Fatalf("Upstreams: %v, %v", upstreams, err)
	}
	o := options()
	o.Upstreams = []string{pc.LocalAddr().String()}
	s, err := dns.New(o)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(pc, l) }()
	m := ask(t, "udp", pc.LocalAddr().String(), question("example.com.", wire.TypeA))
	if m.Rcode != wire.RcodeRefused {
		t.Errorf("got %s", short(m))
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestPeers(t *testing.T) {
	o := options()
	o.AllowPeer = func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.2") }
	addr := start(t, o)
	c := &wire.Client{Timeout: 200 * time.Millisecond}
	if m, _, err := c.Exchange(question("lazuli.localhost.", wire.TypeA), addr); err == nil {
		t.Errorf("UDP: a stranger got %s", short(m))
	}
	// Not even a malformed message is answered.
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write(make([]byte, 12))
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 512)); err == nil {
		t.Errorf("a stranger's malformed message was answered with %d bytes", n)
	}
	c.Net = "tcp"
	if m, _, err := c.Exchange(question("lazuli.localhost.", wire.TypeA), addr); err == nil {
		t.Errorf("TCP: a stranger got %s", short(m))
	}
	friend := &wire.Client{Timeout: 5 * time.Second, Dialer: &net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)}}}
	if m, _, err := friend.Exchange(question("lazuli.localhost.", wire.TypeA), addr); err != nil || len(m.Answer) != 1 {
		t.Errorf("a friend got %v, %v", m, err)
	}
}

func TestRate(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	o := options()
	o.Rate, o.Now = 5, func() time.Time { return now }
	addr := start(t, o)
	q := question("lazuli.localhost.", wire.TypeA)
	for i := range 12 {
		m := ask(t, "udp", addr, q)
		packed, _ := m.Pack()
		asked, _ := q.Pack()
		if over := i >= 10; m.Truncated != over || over && len(packed) > len(asked) {
			t.Errorf("question %d: %d bytes for %d, truncated %t", i, len(packed), len(asked), m.Truncated)
		}
	}
	if m := ask(t, "tcp", addr, q); len(m.Answer) != 1 {
		t.Errorf("over TCP: %s", short(m))
	}
}

func TestNewRefuses(t *testing.T) {
	for want, o := range map[string]dns.Options{
		"the domain":                       {Domain: ""},
		`"a..b" is not a name`:             {Domain: "d.test", Services: []string{"a..b"}},
		`"x.*" is not a name`:              {Domain: "d.test", Services: []string{"x.*"}},
		`upstream "dns.example" is not an`: {Domain: "d.test", Upstreams: []string{"dns.example"}},
	} {
		if _, err := dns.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ...%s...", err, want)
		}
	}
}

func TestDig(t *testing.T) {
	if _, err := exec.LookPath("dig"); err != nil {
		t.Skip("dig is not installed (Debian: apt-get install bind9-dnsutils); the library's client covers the same questions")
	}
	host, port, _ := net.SplitHostPort(start(t, options()))
	for _, c := range []struct{ args, want string }{
		{"+short web.eastus.azurecontainer.lazuli.localhost", "127.10.0.7\n"},
		{"+short +tcp demo.vault.lazuli.localhost", "127.0.0.1\n"},
		{"+short lazuli.localhost NS", "ns.lazuli.localhost.\n"},
	} {
		args := append([]string{"@" + host, "-p", port, "+tries=1"}, strings.Fields(c.args)...)
		out, err := exec.Command("dig", args...).CombinedOutput()
		if err != nil || string(out) != c.want {
			t.Errorf("dig %s: got %q, %v", c.args, out, err)
		}
	}
	out, _ := exec.Command("dig", "@"+host, "-p", port, "big.eastus.azurecontainer.lazuli.localhost").CombinedOutput()
	if !strings.Contains(string(out), "ANSWER: 200") {
		t.Errorf("dig did not ask again over TCP: %s", out)
	}
}

// recorder is a UDP client that keeps what it is sent.
type recorder struct{ sent []*wire.Msg }

func (r *recorder) LocalAddr() net.Addr         { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 53} }
func (r *recorder) RemoteAddr() net.Addr        { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5353} }
func (r *recorder) WriteMsg(m *wire.Msg) error  { r.sent = append(r.sent, m); return nil }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }
func (r *recorder) Close() error                { return nil }
func (r *recorder) TsigStatus() error           { return nil }
func (r *recorder) TsigTimersOnly(bool)         {}
func (r *recorder) Hijack()                     {}

// FuzzServeDNS: whatever message arrives, there is one answer to it or none; it is to that question,
// spelled as it was asked, fits the packet that was offered, and claims authority over our names only.
func FuzzServeDNS(f *testing.F) {
	for _, name := range []string{"web.eastus.azurecontainer.lazuli.localhost.", "Big.eastus.azurecontainer.lazuli.localhost.", "x.vault.lazuli.localhost.", "example.com."} {
		for _, qtype := range []uint16{wire.TypeA, wire.TypeANY, wire.TypeAXFR} {
			q := question(name, qtype)
			q.SetEdns0(700, true)
			packed, err := q.Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(packed)
		}
	}
	o := options()
	o.Rate = 1 << 30
	s, err := dns.New(o)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q := new(wire.Msg)
		if q.Unpack(data) != nil {
			return
		}
		asked := q.Copy()
		r := &recorder{}
		s.ServeDNS(r, q)
		if asked.Response != (len(r.sent) == 0) || len(r.sent) > 1 {
			t.Fatalf("%d answers to %s", len(r.sent), asked)
		}
		if len(r.sent) == 0 {
			return
		}
		m := r.sent[0]
		packed, err := m.Pack()
		if err != nil {
			t.Fatalf("the answer %s does not pack: %v", m, err)
		}
		most := 512
		if opt := asked.IsEdns0(); opt != nil {
			most = int(min(max(opt.UDPSize(), 512), 1232))
		}
		if len(packed) > most || m.Id != asked.Id || !m.Response || m.Opcode != asked.Opcode {
			t.Fatalf("%d bytes for %s: %s", len(packed), asked, m)
		}
		if len(asked.Question) == 1 && !reflect.DeepEqual(m.Question, asked.Question) {
			t.Fatalf("asked %s, answered %s", asked, m)
		}
		if m.Authoritative && !wire.IsSubDomain("lazuli.localhost.", wire.CanonicalName(asked.Question[0].Name)) {
			t.Fatalf("authority over %s: %s", asked, m)
		}
	})
}
