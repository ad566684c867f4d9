package store

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	embeddedMaxOps   = 4096
	embeddedMaxBytes = 16 << 20
	embeddedQuota    = 8 << 30
)

// server is the embedded etcd and the lock on its directory.
type server struct {
	etcd *embed.Etcd
	lock *os.File
}

// embeddedConfig is a member that is its own cluster and listens nowhere: the
// client calls it in process, so there is no socket to protect or to find
// stale after a crash, and no path to be too long for one.
func embeddedConfig(dir string, log *slog.Logger) *embed.Config {
	c := embed.NewConfig()
	c.Name = "lazuli"
	c.Dir = filepath.Join(dir, "etcd")
	c.ListenPeerUrls, c.ListenClientUrls, c.ListenClientHttpUrls = nil, nil, nil
	name := url.URL{Scheme: "http", Host: "127.0.0.1:2380"} // a name only, nobody listens there
	c.AdvertisePeerUrls, c.AdvertiseClientUrls = []url.URL{name}, []url.URL{name}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.EnableGRPCGateway = false
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zapLogger(log))

	// A lone member elects itself after a random time below ElectionMs.
	c.TickMs, c.ElectionMs = 20, 100
	c.PreVote = false
	c.MaxTxnOps, c.MaxRequestBytes = embeddedMaxOps, embeddedMaxBytes
	c.QuotaBackendBytes = embeddedQuota

	// History is only for watches that catch up, and ours never lag. The log in
	// memory is only for followers, and there are none.
	c.AutoCompactionMode, c.AutoCompactionRetention = embed.CompactorModePeriodic, "1m"
	c.SnapshotCount, c.SnapshotCatchUpEntries = 5000, 100
	c.MaxSnapFiles, c.MaxWalFiles = 2, 2
	c.BootstrapDefragThresholdMegabytes = 64
	return c
}

// startEmbedded starts etcd on dir and returns when it serves.
func startEmbedded(ctx context.Context, dir string, log *slog.Logger) (srv *server, c *clientv3.Client, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("store: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, nil, err
	}
	srv = &server{lock: lock}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: etcd cannot start on %s: %v; restore a backup or move the directory away", dir, p)
		}
		if err != nil {
			srv.stop()
		}
	}()
	srv.etcd, err = embed.StartEtcd(embeddedConfig(dir, log))
	if err != nil {
		return srv, nil, fmt.Errorf("store: start etcd on %s: %w", dir, err)
	}
	select {
	case <-srv.etcd.Server.ReadyNotify():
	case <-srv.etcd.Server.StopNotify():
		return srv, nil, fmt.Errorf("store: etcd on %s stopped while starting, its log says why", dir)
	case <-ctx.Done():
		return srv, nil, fmt.Errorf("store: etcd on %s is not ready: %w", dir, ctx.Err())
	}
	c = v3client.New(srv.etcd.Server)
	if err := srv.freeSpace(ctx, c, log); err != nil {
		return srv, nil, err
	}
	return srv, c, nil
}

// freeSpace ends the read-only state etcd enters when its quota is exceeded, if
// dropping history and defragmenting makes room.
func (s *server) freeSpace(ctx context.Context, c *clientv3.Client, log *slog.Logger) error {
	alarms, err := c.AlarmList(ctx)
	if err != nil {
		return fmt.Errorf("store: list alarms: %w", err)
	}
	for _, a := range alarms.Alarms {
		if a.Alarm != pb.AlarmType_NOSPACE {
			continue
		}
		start := time.Now() // house: measures, decides nothing
		if st, err := c.Get(ctx, "\x00"); err == nil {
			_, _ = c.Compact(ctx, st.Header.Revision, clientv3.WithCompactPhysical()) // already compacted is fine
		}
		if err := s.etcd.Server.Backend().Defrag(); err != nil {
			return fmt.Errorf("store: defragment: %w", err)
		}
		size := s.etcd.Server.Backend().Size()
		if size > embeddedQuota*9/10 {
			log.Error("the store is full and stays read-only", "bytes", size, "quota", int64(embeddedQuota))
			return nil
		}
		if _, err := c.AlarmDisarm(ctx, (*clientv3.AlarmMember)(a)); err != nil {
			return fmt.Errorf("store: disarm: %w", err)
		}
		log.Info("the store was full, made room", "bytes", size, "took", time.Since(start)) // house: measures, decides nothing
	}
	return nil
}

// stop ends the server and lets go of the directory.
func (s *server) stop() {
	if s.etcd != nil {
		s.etcd.Close()
	}
	s.lock.Close()
}
