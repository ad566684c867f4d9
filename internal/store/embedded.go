package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3"
	"go.uber.org/zap"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	embeddedMaxOps   = 4096
	embeddedMaxBytes = 16 << 20
	embeddedQuota    = 8 << 30
)

// memberDir is etcd's own directory below the store's.
const memberDir = "etcd"

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
	c.Dir = filepath.Join(dir, memberDir)
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
	if err = srv.start(ctx, dir, log); errors.Is(err, errUnborn) {
		log.Warn("the first start on the store was broken off before anything was written: starting anew", "directory", dir)
		srv.etcd.Close()
		if err = os.RemoveAll(filepath.Join(dir, memberDir)); err == nil {
			err = srv.start(ctx, dir, log)
		}
	}
	if err != nil {
		return srv, nil, err
	}
	c = v3client.New(srv.etcd.Server)
	if err := srv.freeSpace(ctx, c, log); err != nil {
		return srv, nil, err
	}
	return srv, c, nil
}

// errUnborn says that etcd made its log and was killed before it wrote itself
// into it as the cluster's one member. Such a member waits for a leader forever.
var errUnborn = errors.New("store: etcd's first start was broken off")

// unbornAfter is when a member without a leader is looked at: many times what
// an election takes.
const unbornAfter = time.Second

// start starts etcd and returns when it serves.
func (s *server) start(ctx context.Context, dir string, log *slog.Logger) error {
	var err error
	if s.etcd, err = embed.StartEtcd(embeddedConfig(dir, log)); err != nil {
		return fmt.Errorf("store: start etcd on %s: %w", dir, err)
	}
	look := time.NewTimer(unbornAfter)
	defer look.Stop()
	for {
		select {
		case <-s.etcd.Server.ReadyNotify():
			return nil
		case <-s.etcd.Server.StopNotify():
			return fmt.Errorf("store: etcd on %s stopped while starting, its log says why", dir)
		case <-ctx.Done():
			return fmt.Errorf("store: etcd on %s is not ready: %w", dir, ctx.Err())
		case <-look.C:
			if unborn(s.etcd.Server.Cfg.WALDir()) {
				return errUnborn
			}
		}
	}
}

// unborn reports that the log in dir holds nothing: neither an entry nor a
// vote, so that nothing was ever acknowledged.
func unborn(dir string) bool {
	log, err := wal.OpenForRead(zap.NewNop(), dir, &walpb.Snapshot{})
	if err != nil {
		return false
	}
	defer log.Close()
	_, state, entries, err := log.ReadAll()
	return err == nil && len(entries) == 0 && raft.IsEmptyHardState(state)
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
