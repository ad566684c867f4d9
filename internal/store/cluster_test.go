package store_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// cluster starts an etcd of its own with TLS on a loopback port.
func cluster(t *testing.T) (addr string, trust *tls.Config) {
	t.Helper()
	dir := t.TempDir()
	cert, err := transport.SelfCert(zap.NewNop(), dir+"/cert", []string{"127.0.0.1:0"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := embed.NewConfig()
	c.Name, c.Dir, c.TickMs, c.ElectionMs = "one", dir+"/etcd", 10, 50
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	c.ListenPeerUrls = nil
	c.ListenClientUrls = []url.URL{{Scheme: "https", Host: "127.0.0.1:0"}}
	c.AdvertiseClientUrls, c.AdvertisePeerUrls = c.ListenClientUrls, []url.URL{{Scheme: "http", Host: "127.0.0.1:2380"}}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.ClientTLSInfo = cert
	e, err := embed.StartEtcd(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	<-e.Server.ReadyNotify()
	pem, err := os.ReadFile(cert.CertFile)
	if err != nil {
		t.Fatal(err)
	}
	trust = &tls.Config{RootCAs: x509.NewCertPool()}
	trust.RootCAs.AppendCertsFromPEM(pem)
	return e.Clients[0].Addr().String(), trust
}

func join(t *testing.T, addr string, trust *tls.Config, prefix string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Endpoints: []string{"https://" + addr}, TLS: trust, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// Two processes on one cluster: no increment and no event is lost, one of two
// inserts wins, and a third cloud with another prefix sees and disturbs nothing.
func TestTwoProcessesShareACluster(t *testing.T) {
	addr, trust := cluster(t)
	a, b, other := join(t, addr, trust, ""), join(t, addr, trust, ""), join(t, addr, trust, "/other/")
	ta, tb, to := store.NewTable[int](a, "t"), store.NewTable[int](b, "t"), store.NewTable[int](other, "t")
	events := tb.Watch(t.Context())
	var wg sync.WaitGroup
	for i := range 12 {
		s, tab := a, ta
		switch i % 3 {
		case 1:
			s, tab = b, tb
		case 2:
			s, tab = other, to
		}
		wg.Go(func() {
			for range 10 {
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					it, _, err := tab.GetTx(tx, store.K("n"))
					if err != nil {
						return err
					}
					return tab.Put(tx, store.K("n"), it.Value+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for want := 1; want <= 80; want++ {
		if e := <-events; e.Item.Value != want {
			t.Fatalf("event %d says %d", want, e.Item.Value)
		}
	}
	if it, _ := to.Get(store.K("n")); it.Value != 40 || to.Len() != 1 {
		t.Errorf("the other cloud counted %d", it.Value)
	}
	errs := make(chan error, 2)
	for _, p := range []struct {
		s   *store.Store
		tab *store.Table[int]
	}{{a, ta}, {b, tb}} {
		go func() {
			errs <- p.s.Update(t.Context(), func(tx *store.Tx) error { return p.tab.Insert(tx, store.K("name"), 1) })
		}()
	}
	e1, e2 := <-errs, <-errs
	if (e1 == nil) == (e2 == nil) || !errors.Is(errors.Join(e1, e2), store.ErrExists) {
		t.Errorf("two inserts: %v, %v", e1, e2)
	}
	// What a transaction refuses is judged by the present, not by a mirror that lags.
	put(t, a, ta, store.K("fresh"), 1)
	err := b.Update(t.Context(), func(tx *store.Tx) error {
		if _, ok, err := tb.GetTx(tx, store.K("fresh")); err != nil || !ok {
			return errors.Join(errors.New("not found"), err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("b reads what a has acknowledged: %v", err)
	}
	err = a.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 200 {
			if err := ta.Put(tx, store.K(fmt.Sprint(i)), i); err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("200 rows on a cluster that takes 128: %v", err)
	}
}

// wire is a TCP proxy that can be cut.
type wire struct {
	net.Listener
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &wire{Listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", to)
			w.mu.Lock()
			if err != nil || w.cut {
				c.Close()
			} else {
				w.conns = append(w.conns, c, up)
				go func() { io.Copy(up, c); up.Close() }()
				go func() { io.Copy(c, up); c.Close() }()
			}
			w.mu.Unlock()
		}
	}()
	return w
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// A process that lost the cluster while the history it missed was compacted
// away ends up with exactly the cluster's rows, and its watchers hear of every
// row that changed.
func TestMirrorSurvivesReconnectAndCompaction(t *testing.T) {
	addr, trust := cluster(t)
	w := newWire(t, addr)
	a, b := join(t, addr, trust, ""), join(t, w.Addr().String(), trust, "")
	ta, tb := store.NewTable[int](a, "t"), store.NewTable[int](b, "t", store.Index[int]{Name: "odd", Keys: func(n int) []string { return []string{fmt.Sprint(n%2 == 1)} }})
	for i := range 4 {
		put(t, a, ta, store.K(fmt.Sprint(i)), i)
	}
	eventually(t, "four rows", func() bool { return tb.Len() == 4 })
	events := tb.Watch(t.Context())

	w.set(true)
	put(t, a, ta, store.K("1"), 10)
	put(t, a, ta, store.K("new"), 11)
	if err := a.Update(t.Context(), func(tx *store.Tx) error { return ta.Delete(tx, store.K("2")) }); err != nil {
		t.Fatal(err)
	}
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{"https://" + addr}, TLS: trust, Logger: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Compact(t.Context(), a.Revision()); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := b.Update(short, func(tx *store.Tx) error { return tb.Put(tx, store.K("x"), 1) }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update without a cluster: %v", err)
	}
	if it, ok := tb.Get(store.K("2")); !ok || it.Value != 2 {
		t.Error("reads go on without the cluster")
	}
	w.set(false)
	eventually(t, "the rows of the cluster", func() bool {
		return b.Revision() >= a.Revision() && names(tb.List("", "", 0)) == "0 1 3 new"
	})
	if got := names(tb.By("odd", "true")); got != "3 new" {
		t.Errorf("index: %s", got)
	}
	heard := map[string]bool{}
	for range 3 {
		e := <-events
		heard[fmt.Sprintf("%s %d %t", e.Item.Key, e.Item.Value, e.Deleted)] = true
	}
	for _, want := range []string{"1 10 false", "new 11 false", "2 2 true"} {
		if !heard[want] {
			t.Errorf("no event %q in %v", want, heard)
		}
	}
	put(t, a, ta, store.K("after"), 1)
	eventually(t, "the watch goes on", func() bool { _, ok := tb.Get(store.K("after")); return ok })
}

func TestUnreachableCluster(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := store.Open(ctx, store.Options{Endpoints: []string{"http://127.0.0.1:1"}})
	if err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:1") {
		t.Errorf("Open = %v", err)
	}
	if _, err := store.Open(ctx, store.Options{}); err == nil {
		t.Error("Open of nothing")
	}
}
