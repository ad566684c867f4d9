package cloudtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/images"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// Option changes a cloud before it is opened.
type Option func(*setup)

// setup is what options change.
type setup struct {
	fake   fake.Options
	log    slog.Level
	config config.Config
	bucket repository.Bucket
}

// WithPrograms says what images run, by name; see [fake.Options].
func WithPrograms(programs map[string]fake.Program) Option {
	return func(s *setup) { s.fake.Programs = programs }
}

// WithPrepare holds or refuses the preparing of images; see [fake.Options].
func WithPrepare(prepare func(ctx context.Context, name string) error) Option {
	return func(s *setup) { s.fake.Prepare = prepare }
}

// WithConfig changes the configuration. Addresses and directories are the test's
// own whatever it says.
func WithConfig(change func(*config.Config)) Option {
	return func(s *setup) { change(&s.config) }
}

// WithBucket lets the registries keep their content in a bucket.
func WithBucket(b repository.Bucket) Option { return func(s *setup) { s.bucket = b } }

// Clock is the cloud's clock: the machine's, moved by [Clock.Advance].
type Clock struct{ ahead atomic.Int64 }

// Now is the time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance moves the clock. Timers do not see it: what waits, waits on.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// Cloud is a cloud under test.
type Cloud struct {
	*cloud.Cloud
	Clock   *Clock
	Runtime *fake.Runtime
	// Images are the runtime's names of images.
	Images images.Store
	// Status is what the cloud says of itself: ids, endpoints, addresses.
	Status client.Status

	t       testing.TB
	options cloud.Options
	server  *http.Server
	http    *http.Client
	mu      sync.Mutex
	callers map[string]*Caller
}

// pools counts the clouds of this process: each has a range of loopback
// addresses of its own.
var pools atomic.Uint32 // house: two clouds must not share addresses

// New opens a cloud and closes it when the test ends.
func New(t testing.TB, options ...Option) *Cloud {
	t.Helper()
	set := setup{log: slog.LevelWarn}
	for _, o := range options {
		o(&set)
	}
	c := &Cloud{Clock: &Clock{}, t: t, callers: map[string]*Caller{}}
	set.fake.Now = c.Clock.Now
	c.Runtime = fake.New(set.fake)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	c.check(err)
	pool := fmt.Sprintf("127.%d.%d.0/24", 128+os.Getpid()%64, pools.Add(1)%256)
	conf := set.config
	conf.Data, conf.Listen, conf.HTTP, conf.Proxy, conf.DNS, conf.Pool = t.TempDir(), l.Addr().String(), config.Off, config.Off, config.Off, pool
	conf, err = conf.Complete(false)
	c.check(err)
	m := newMachine(t, c.Runtime)
	m.Bucket = set.bucket
	c.Images = m.Images
	c.options = cloud.Options{Config: conf, Now: c.Clock.Now, Log: slog.New(slog.NewTextHandler(&writer{t: t}, &slog.HandlerOptions{Level: set.log})),
		Machine: func(context.Context) (*cloud.Machine, error) { return m, nil }}
	c.open(l)
	transport := c.transport()
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		c.shut()
		transport.CloseIdleConnections()
		if err := c.Runtime.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// transport leads every host name to the cloud, whose certificates are held
// against the cloud's clock.
func (c *Cloud) transport() *http.Transport {
	c.t.Helper()
	pem, err := os.ReadFile(c.Status.CA)
	c.check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Time: c.Clock.Now}, MaxIdleConnsPerHost: 32,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, c.Status.Addresses["https"])
		}}
}

// open opens the cloud and serves it on l.
func (c *Cloud) open(l net.Listener) {
	c.t.Helper()
	var err error
	if c.Cloud, err = cloud.Open(context.Background(), c.options); err != nil {
		_ = l.Close()
		c.t.Fatalf("cannot open the cloud: %v", err)
	}
	c.Status, err = c.Cloud.Status(context.Background())
	c.check(err)
	c.server = &http.Server{Handler: c.Handler(), TLSConfig: c.TLS(), ErrorLog: slog.NewLogLogger(c.options.Log.Handler(), slog.LevelDebug)}
	go func(s *http.Server) { _ = s.ServeTLS(l, "", "") }(c.server) // it always ends by Close
}

func (c *Cloud) shut() {
	c.t.Helper()
	if c.Cloud == nil {
		return
	}
	_ = c.server.Close()
	if err := c.Close(); err != nil {
		c.t.Errorf("cannot close the cloud: %v", err)
	}
	c.Cloud = nil
}

// Restart closes the cloud and opens it again in its directory, as a stop and a
// start of the daemon do: containers run on.
func (c *Cloud) Restart() {
	c.t.Helper()
	c.shut()
	c.Runtime.Restart()
	l, err := net.Listen("tcp", c.options.Config.Listen)
	c.check(err)
	c.open(l)
}

// check ends the test on an error of the test's own ground.
func (c *Cloud) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// Group is the path of a resource group of the first subscription.
func (c *Cloud) Group(name string) string {
	return "/subscriptions/" + c.Status.SubscriptionID + "/resourceGroups/" + name
}

// writer sends the cloud's log to the test's.
type writer struct{ t testing.TB }

func (w *writer) Write(p []byte) (int, error) {
	w.t.Logf("%s", p)
	return len(p), nil
}
