package network_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables"

	"github.com/lazuli-cloud/lazuli/container/network"
)

const insideVariable = "LAZULI_TEST_INSIDE"

// TestMain runs the tests in a network and mount namespace of their own.
func TestMain(m *testing.M) {
	if os.Getuid() != 0 {
		fmt.Println("SKIP: networks need root")
		return
	}
	if what := os.Getenv(listenVariable); what != "" {
		serve(what)
	}
	if os.Getenv(insideVariable) != "" {
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			fmt.Println("cannot make the mounts private:", err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(t *testing.T, command string, args ...string) string {
	t.Helper()
	out, err := exec.Command(command, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func open(t *testing.T, opts network.Options) *network.Network {
	t.Helper()
	n, err := network.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attach(t *testing.T, n *network.Network, id string) network.Endpoint {
	t.Helper()
	e, err := n.Attach(id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// in runs a command in an endpoint's namespace.
func in(e network.Endpoint, args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"--net=" + e.Namespace}, args...)...)
}

// connects says whether a TCP connection from inside an endpoint succeeds.
func connects(e network.Endpoint, to netip.AddrPort) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	conn, err := network.Endpoint{Namespace: e.Namespace, Address: to.Addr()}.Dial(ctx, "tcp4", to.Port())
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// listenIn runs this binary in an endpoint's namespace as a server.
func listenIn(t *testing.T, e network.Endpoint, udp bool, port string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := in(e, self)
	cmd.Env = append(os.Environ(), listenVariable+"="+map[bool]string{true: "udp", false: "tcp"}[udp]+" "+port)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := out.Read(make([]byte, 10)); err != nil {
		t.Fatalf("nobody listens in %s: %v", e.ID, err)
	}
}

// listenVariable makes this binary a server: "tcp 80" or "udp 80".
const listenVariable = "LAZULI_TEST_LISTEN"

// serve answers what it is sent with who sent it.
func serve(what string) {
	kind, port, _ := strings.Cut(what, " ")
	if kind == "udp" {
		conn, err := net.ListenPacket("udp4", ":"+port)
		if err != nil {
			panic(err)
		}
		fmt.Println("ready")
		for buf := make([]byte, 100); ; {
			n, from, _ := conn.ReadFrom(buf)
			host, _, _ := net.SplitHostPort(from.String())
			conn.WriteTo([]byte(string(buf[:n])+" from "+host), from)
		}
	}
	l, err := net.Listen("tcp4", ":"+port)
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	for {
		conn, err := l.Accept()
		if err != nil {
			panic(err)
		}
		buf := make([]byte, 100)
		n, _ := conn.Read(buf)
		host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		io.WriteString(conn, host+"\n"+string(buf[:n]))
		conn.Close()
	}
}

// ask sends a line to an address and returns the answer.
func ask(t *testing.T, kind, to, line string) string {
	t.Helper()
	conn, err := net.DialTimeout(kind, to, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	io.WriteString(conn, line)
	buf := make([]byte, 200)
	if kind == "udp" {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestNetwork(t *testing.T) {
	run(t, "ip", "link", "set", "lo", "up")
	gateway := netip.MustParseAddr("10.214.0.1")
	opts := network.Options{
		Dir: t.TempDir(), Bridge: "lznet0", Table: "lznet", Subnet: netip.MustParsePrefix("10.214.0.0/24"),
		Allow: []netip.AddrPort{netip.AddrPortFrom(gateway, 5353)},
	}
	n := open(t, opts)
	a, b := attach(t, n, "a"), attach(t, n, "b")
	if again := attach(t, n, "a"); again != a || a.Address == b.Address || !opts.Subnet.Contains(a.Address) {
		t.Fatalf("endpoints %v, %v, again %v", a, b, again)
	}
	listenIn(t, a, false, "8080")
	listenIn(t, a, true, "8080")
	t.Run("from this machine", func(t *testing.T) {
		if got := ask(t, "tcp", a.Address.String()+":8080", "hi"); got != gateway.String()+"\nhi" {
			t.Errorf("answer %q", got)
		}
	})
	t.Run("forwarder", func(t *testing.T) { testForwarder(t, a) })
	t.Run("isolation", func(t *testing.T) { testIsolation(t, a, b, gateway) })
	t.Run("outside", func(t *testing.T) { testOutside(t, a) })
	t.Run("reopen", func(t *testing.T) {
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		n = open(t, opts)
		if again := attach(t, n, "a"); again != a || len(n.Endpoints()) != 2 {
			t.Errorf("after reopening %v, was %v; all %v", again, a, n.Endpoints())
		}
		ask(t, "tcp", a.Address.String()+":8080", "hi")
		// After a restart of the machine the pin is an empty file.
		run(t, "umount", b.Namespace)
		b = attach(t, n, "b")
		listenIn(t, b, false, "8080")
		ask(t, "tcp", b.Address.String()+":8080", "hi")
	})
	t.Run("remove", func(t *testing.T) { testRemove(t, n, opts) })
}

func testForwarder(t *testing.T, a network.Endpoint) {
	public := netip.MustParseAddr("127.80.0.1")
	f, err := network.Forward(a, public, []network.Port{{Number: 8080}, {Number: 8080, UDP: true}, {Number: 9090}})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, "tcp", "127.80.0.1:8080", "hi"); got != a.Address.String()+"\nhi" {
		t.Errorf("TCP answer %q", got)
	}
	for _, line := range []string{"one", "two"} {
		if got := ask(t, "udp", "127.80.0.1:8080", line); got != line+" from "+a.Address.String() {
			t.Errorf("UDP answer %q", got)
		}
	}
	// Nobody listens on 9090 inside: the connection ends at once.
	conn, err := net.Dial("tcp", "127.80.0.1:9090")
	if err == nil {
		conn.SetDeadline(time.Now().Add(2 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("a closed port: %v", err)
		}
		conn.Close()
	}
	if _, err := network.Forward(a, public, []network.Port{{Number: 7070}, {Number: 8080}}); err == nil {
		t.Error("the same port was bound twice")
	}
	f.Close()
	for _, port := range []string{"7070", "8080"} {
		if conn, err := net.Dial("tcp", "127.80.0.1:"+port); err == nil {
			conn.Close()
			t.Errorf("port %s is open after Close", port)
		}
	}
}

func testIsolation(t *testing.T, a, b network.Endpoint, gateway netip.Addr) {
	for _, at := range []string{"0.0.0.0:7001", gateway.String() + ":5353"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	run(t, "ip", "addr", "add", "192.0.2.1/32", "dev", "lo")
	for _, to := range []netip.AddrPort{
		netip.AddrPortFrom(a.Address, 8080), // another group
		netip.AddrPortFrom(gateway, 7001),   // this machine on the bridge
		netip.MustParseAddrPort("192.0.2.1:7001"),
	} {
		if connects(b, to) {
			t.Errorf("a group reaches %s", to)
		}
	}
	// Not by way of the gateway either, past the bridge's isolation.
	if out, err := in(b, "ip", "route", "replace", a.Address.String(), "via", gateway.String()).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if connects(b, netip.AddrPortFrom(a.Address, 8080)) {
		t.Error("a group reaches another by way of the gateway")
	}
	if !connects(b, netip.AddrPortFrom(gateway, 5353)) {
		t.Error("a group does not reach what is allowed")
	}
}

// testOutside makes a second machine, and looks who calls it.
func testOutside(t *testing.T, a network.Endpoint) {
	run(t, "ip", "netns", "add", "lzout")
	t.Cleanup(func() { exec.Command("ip", "netns", "del", "lzout").Run() })
	run(t, "ip", "link", "add", "lzwan", "type", "veth", "peer", "name", "eth0", "netns", "lzout")
	run(t, "ip", "addr", "add", "198.51.100.1/24", "dev", "lzwan")
	run(t, "ip", "link", "set", "lzwan", "up")
	run(t, "ip", "-n", "lzout", "addr", "add", "198.51.100.2/24", "dev", "eth0")
	run(t, "ip", "-n", "lzout", "link", "set", "eth0", "up")
	outside := network.Endpoint{ID: "outside", Namespace: "/run/netns/lzout", Address: netip.MustParseAddr("198.51.100.2")}
	listenIn(t, outside, false, "80")
	conn, err := network.Endpoint{Namespace: a.Namespace, Address: outside.Address}.Dial(context.Background(), "tcp4", 80)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "hi")
	if answer, _ := io.ReadAll(conn); string(answer) != "198.51.100.1\nhi" {
		t.Errorf("outside saw %q", answer)
	}
	// And nobody outside reaches a group by its own address.
	run(t, "ip", "-n", "lzout", "route", "add", a.Address.String(), "via", "198.51.100.1")
	if connects(outside, netip.AddrPortFrom(a.Address, 8080)) {
		t.Error("a group is reached from outside")
	}
}

func testRemove(t *testing.T, n *network.Network, opts network.Options) {
	for _, e := range n.Endpoints() {
		for range 2 {
			if err := n.Detach(e.ID); err != nil {
				t.Error(err)
			}
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(opts.Dir + "/*"); len(left) > 0 {
		t.Errorf("files left: %v", left)
	}
	if left := run(t, "ip", "-o", "link"); strings.Contains(left, "lznet") || strings.Contains(left, "lz0a") {
		t.Errorf("interfaces left: %s", left)
	}
	tables, err := new(nftables.Conn).ListTables()
	if err != nil || len(tables) > 0 {
		t.Errorf("tables left: %v, %v", tables, err)
	}
}

// A freed address is given out again, and works at once: with random hardware
// addresses it would be dead for many seconds.
func TestAddressReuse(t *testing.T) {
	run(t, "ip", "link", "set", "lo", "up")
	n := open(t, network.Options{Dir: t.TempDir(), Bridge: "lzre0", Table: "lzre", Subnet: netip.MustParsePrefix("10.216.0.0/29")})
	seen := map[netip.Addr]int{}
	for i := range 12 {
		e := attach(t, n, fmt.Sprintf("c%d", i))
		seen[e.Address]++
		begun := time.Now()
		_, err := net.DialTimeout("tcp", e.Address.String()+":1", 2*time.Second)
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Since(begun) > 900*time.Millisecond {
			t.Errorf("%s for the %d. time: %v after %v", e.Address, seen[e.Address], err, time.Since(begun))
		}
		if err := n.Detach(e.ID); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 5 {
		t.Errorf("addresses %v of a subnet with 5 for groups", seen)
	}
	for i := range 6 {
		if _, err := n.Attach(fmt.Sprintf("full%d", i)); (err != nil) != (i == 5) {
			t.Errorf("endpoint %d: %v", i, err)
		}
	}
	for _, e := range n.Endpoints() {
		if err := n.Detach(e.ID); err != nil {
			t.Error(err)
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// An endpoint that was made ahead is like any other, and is removed if nobody took it,
// by the next process if need be.
func TestSpares(t *testing.T) {
	run(t, "ip", "link", "set", "lo", "up")
	opts := network.Options{Dir: t.TempDir(), Bridge: "lzsp0", Table: "lzsp", Subnet: netip.MustParsePrefix("10.217.0.0/24"), Spares: 1}
	n := open(t, opts)
	spare := func() string {
		t.Helper()
		for range 400 {
			files, _ := filepath.Glob(filepath.Join(opts.Dir, "*.spare"))
			if len(files) == 1 && strings.Contains(run(t, "ip", "-br", "link", "show", "master", opts.Bridge, "up"), "UP") {
				return strings.TrimSuffix(filepath.Base(files[0]), ".spare")
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatal("no spare endpoint")
		return ""
	}
	first := spare()
	time.Sleep(50 * time.Millisecond) // from its link to its place among the spare ones
	a := attach(t, n, "a")
	if a.Address.String() != first {
		t.Errorf("a has %s, the spare endpoint %s", a.Address, first)
	}
	listenIn(t, a, false, "8080")
	ask(t, "tcp", a.Address.String()+":8080", "hi")
	if next := spare(); next == first {
		t.Errorf("the next is as the first, %s", next)
	}
	// A process that is killed leaves its spare one.
	opts.Spares = 0
	after := open(t, opts)
	if again := attach(t, after, "a"); again != a || len(after.Endpoints()) != 1 {
		t.Errorf("a was %v and is %v of %v", a, again, after.Endpoints())
	}
	ask(t, "tcp", a.Address.String()+":8080", "hi")
	if files, err := os.ReadDir(opts.Dir); err != nil || len(files) != 2 {
		t.Errorf("beside a's pin and record: %v, %v", files, err)
	}
	if err := errors.Join(after.Detach("a"), n.Detach("a"), n.Close(), after.Close()); err != nil {
		t.Error(err)
	}
	if links := run(t, "ip", "-br", "link"); strings.Count(links, "\n") != 1 {
		t.Errorf("left: %s", links)
	}
}

func TestBadOptions(t *testing.T) {
	run(t, "ip", "link", "set", "lo", "up")
	good := network.Options{Dir: t.TempDir(), Bridge: "lzbad0", Table: "lzbad", Subnet: netip.MustParsePrefix("10.215.0.0/24")}
	for _, c := range []struct {
		change func(*network.Options)
		says   string
	}{
		{func(o *network.Options) { o.Bridge = "a-name-that-is-too-long" }, "15 bytes"},
		{func(o *network.Options) { o.Subnet = netip.MustParsePrefix("10.0.0.0/31") }, "at least 8"},
		{func(o *network.Options) { o.Subnet = netip.MustParsePrefix("fd00::/64") }, "IPv4"},
		{func(o *network.Options) { o.Subnet = netip.MustParsePrefix("127.0.0.0/16") }, "overlaps"},
		{func(o *network.Options) { o.Bridge = "lo" }, "another bridge name"},
	} {
		opts := good
		c.change(&opts)
		if _, err := network.Open(opts); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("wanted %q: %v", c.says, err)
		}
	}
}
