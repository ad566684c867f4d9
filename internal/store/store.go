package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Errors of this package; test with errors.Is.
var (
	// ErrExists: Insert of a key that is there.
	ErrExists = errors.New("store: the key exists")
	// ErrConflict: PutIf with an ETag that is not the row's, or a transaction that
	// lost against others on every try.
	ErrConflict = errors.New("store: changed by another writer")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("store: closed")
	// ErrTooLarge: a transaction beyond the server's limits (rows or bytes).
	ErrTooLarge = errors.New("store: transaction too large")
	// ErrFull: the database reached its quota; nothing was written.
	ErrFull = errors.New("store: the database is full")
	// ErrDecode: a stored row is not JSON of the table's type. Such a row is
	// hidden from Get, List and By; it can be overwritten and deleted.
	ErrDecode = errors.New("store: cannot decode row")
)

// Options says where the state is kept.
type Options struct {
	Dir       string      // directory of the embedded server, created if missing (0700)
	Endpoints []string    // of an etcd cluster, "https://host:2379"; if given, Dir is not used
	TLS       *tls.Config // for Endpoints; nil means no TLS
	Username  string      // for Endpoints with etcd's own authentication on
	Password  string
	Prefix    string       // of every key; empty means "/lazuli/". Clouds that share a cluster differ here
	MaxTries  int          // of a transaction before ErrConflict; 0 means 200
	Logger    *slog.Logger // nil means silence
}

// Store is an open store. Safe for concurrent use.
type Store struct {
	client   *clientv3.Client
	server   *server // nil with a cluster
	prefix   string
	maxTries int
	log      *slog.Logger
	lane     chan struct{} // transactions that lost twice go one by one
	mirror   mirror

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	done   chan struct{} // closed when the watch has ended

	lifeMu   sync.Mutex
	closed   bool
	inflight sync.WaitGroup
}

// Open starts the embedded server, or connects to the cluster, and reads
// everything into memory. The embedded server is ready in well under a second;
// a directory that another process uses is an *[InUseError]. A cluster has 15
// seconds to answer. ctx bounds the opening only.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{
		prefix: o.Prefix, maxTries: o.MaxTries, log: o.Logger,
		lane: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if s.prefix == "" {
		s.prefix = "/lazuli/"
	}
	if s.maxTries <= 0 {
		s.maxTries = 200
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.mirror.init()
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if len(o.Endpoints) > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, 15*time.Second)
		defer stop()
	}
	if err := s.connect(ctx, o); err != nil {
		s.cancel()
		return nil, err
	}
	if err := s.load(ctx); err != nil {
		s.cancel()
		s.shutdown()
		if len(o.Endpoints) > 0 {
			return nil, fmt.Errorf("store: cannot read from etcd at %s: %w; check the addresses, the certificates and the cluster's health",
				strings.Join(o.Endpoints, ", "), err)
		}
		return nil, fmt.Errorf("store: read: %w", err)
	}
	go s.follow()
	return s, nil
}

func (s *Store) connect(ctx context.Context, o Options) (err error) {
	switch {
	case len(o.Endpoints) > 0:
		s.client, err = clientv3.New(clientv3.Config{
			Endpoints: o.Endpoints, TLS: o.TLS, Username: o.Username, Password: o.Password,
			DialTimeout: 5 * time.Second, DialKeepAliveTime: 10 * time.Second, DialKeepAliveTimeout: 5 * time.Second,
			MaxCallSendMsgSize: embeddedMaxBytes + 1<<20, Logger: zapLogger(s.log), Context: s.ctx,
		})
		if err != nil {
			return fmt.Errorf("store: connect to etcd at %s: %w", strings.Join(o.Endpoints, ", "), err)
		}
	case o.Dir != "":
		s.server, s.client, err = startEmbedded(ctx, o.Dir, s.log)
		if err != nil {
			return err
		}
	default:
		return errors.New("store: Options need Dir or Endpoints")
	}
	return nil
}

// Close waits for running transactions and stops the server. Everything
// acknowledged is on disk, with or without Close. Reads keep answering from
// memory, Update answers [ErrClosed], watches end.
func (s *Store) Close() error {
	s.lifeMu.Lock()
	if s.closed {
		s.lifeMu.Unlock()
		return nil
	}
	s.closed = true
	s.lifeMu.Unlock()
	s.inflight.Wait()
	s.cancel()
	<-s.done
	return s.shutdown()
}

func (s *Store) shutdown() error {
	err := s.client.Close()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if s.server != nil {
		s.server.stop()
	}
	return err
}

// enter registers a running transaction.
func (s *Store) enter() error {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.inflight.Add(1)
	return nil
}

// Revision is etcd's revision that the mirror has reached: every change up to
// it is visible to reads. It only grows.
func (s *Store) Revision() int64 {
	s.mirror.mu.RLock()
	defer s.mirror.mu.RUnlock()
	return s.mirror.applied
}
