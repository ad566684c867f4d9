package bulk_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/bulk"
)

// pair gives the two ends of a connection, the server's from a listener of ours.
func pair(t *testing.T) (server net.Conn, client *net.TCPConn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bulk.NewListener(inner)
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = server.Close(), dialed.Close() })
	if _, ok := server.(*bulk.Conn); !ok {
		t.Fatalf("the listener gave a %T", server)
	}
	return server, dialed.(*net.TCPConn)
}

// random is where content comes from.
var random = sync.OnceValue(func() []byte {
	b := make([]byte, 4<<20)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b) // never fails
	return b
})

// content is n bytes that are always the same; nobody writes to them.
func content(n int) []byte { return random()[:n] }

// soon fails when f does not end soon.
func soon(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(2 * time.Minute): // others may have the machine
		buf := make([]byte, 1<<20)
		t.Fatalf("%s hangs\n%s", what, buf[:runtime.Stack(buf, true)])
	}
}

func TestReadGivesAllBytesInOrder(t *testing.T) {
	for _, size := range []int{1, 100, 4 << 10, 16 << 10, 17 << 10, 1 << 20, 0} { // 0: another one each time
		server, client := pair(t)
		data := content(min(4<<20, 5000*max(size, 2000)))
		if size == 1 {
			data = data[:30000]
		}
		go func() {
			for rest := data; len(rest) > 0; { // fast and in dribs and drabs
				n := min(len(rest), 1+rand.IntN(200<<10))
				_, _ = client.Write(rest[:n])
				rest = rest[n:]
			}
			_ = client.CloseWrite()
		}()
		var got bytes.Buffer
		soon(t, "reading", func() {
			buf := make([]byte, max(size, 20<<10))
			for {
				next := buf[:size]
				if size == 0 {
					next = buf[:1+rand.IntN(len(buf))]
				}
				n, err := server.Read(next)
				got.Write(next[:n])
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		if !bytes.Equal(got.Bytes(), data) {
			t.Errorf("reads of %d bytes gave %d bytes, and not those that were sent", size, got.Len())
		}
		if n, err := server.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("a read after the end: %d, %v; want EOF again", n, err)
		}
		// The client has ended its side only.
		if _, err := server.Write([]byte("still")); err != nil {
			t.Error(err)
		}
		answer := make([]byte, 5)
		if _, err := io.ReadFull(client, answer); err != nil || string(answer) != "still" {
			t.Errorf("a half-open connection answered %q, %v", answer, err)
		}
	}
}

// ahead brings the connection to where it reads ahead: the next read waits with
// that.
func ahead(t *testing.T, server net.Conn, client net.Conn) {
	t.Helper()
	data := content(300 << 10)
	go func() { _, _ = client.Write(data) }()
	got := make([]byte, len(data))
	for n := 0; n < len(got); {
		m, err := server.Read(got[n:min(len(got), n+16<<10)])
		if err != nil {
			t.Fatal(err)
		}
		n += m
		time.Sleep(time.Millisecond) // so that there is more than is asked for
	}
	if !bytes.Equal(got, data) {
		t.Fatal("other bytes arrived than were sent")
	}
}

func TestReadDeadline(t *testing.T) {
	for _, first := range []bool{false, true} {
		server, client := pair(t)
		if first {
			ahead(t, server, client)
		}
		soon(t, "a read with a deadline", func() {
			_ = server.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			_, err := server.Read(make([]byte, 16<<10))
			var timeout net.Error
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("a read past its deadline: %v", err)
			}
		})
		// net/http ends its look for the next request so, and goes on.
		_ = server.SetReadDeadline(time.Time{})
		_, _ = client.Write([]byte("later"))
		got := make([]byte, 16<<10)
		if n, err := server.Read(got); string(got[:n]) != "later" {
			t.Errorf("after a deadline: %q, %v", got[:n], err)
		}
	}
}

func TestCloseEndsRead(t *testing.T) {
	for _, first := range []bool{false, true} {
		server, client := pair(t)
		if first {
			ahead(t, server, client)
		}
		soon(t, "a read of a closed connection", func() {
			time.AfterFunc(50*time.Millisecond, func() { _ = server.Close() })
			if _, err := server.Read(make([]byte, 16<<10)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a read of a closed connection: %v", err)
			}
		})
	}
}

func TestReset(t *testing.T) {
	server, client := pair(t)
	ahead(t, server, client)
	_ = client.SetLinger(0)
	_ = client.Close()
	soon(t, "a read of a connection that was reset", func() {
		for {
			_, err := server.Read(make([]byte, 16<<10))
			if err == io.EOF {
				t.Error("a reset looks like an end")
			}
			if err != nil {
				return
			}
		}
	})
}

// What waits for its client holds no buffer, however much came before.
func TestIdleConnectionsHoldNoBuffers(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // twice: pools give up what they have
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	const connections = 50
	for range connections {
		server, client := pair(t)
		ahead(t, server, client)
		go func() { _, _ = server.Read(make([]byte, 1)) }()
	}
	time.Sleep(100 * time.Millisecond)
	if more := int64(heap()) - int64(before); more > connections*30<<10 {
		t.Errorf("%d idle connections hold %d KiB", connections, more>>10)
	}
}
