package cloud

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/core/remotes"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/network"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/registry/bucket"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// Machine is what container groups run on and where blobs lie: a runtime and
// the content store it starts images from.
type Machine struct {
	Runtime pod.Runtime
	Content content.Store
	Leases  leases.Manager
	// ContentDir is the folder of containerd's local store below Content; empty
	// means that nobody knows.
	ContentDir string
	Images     images.Store
	// Bucket keeps what registries hold; nil means that it stays in Content.
	Bucket repository.Bucket
	// Free tells the bytes left on the disk of the content store; nil means
	// that nobody knows.
	Free  func() (int64, error)
	Close func() error
}

// openMachine opens this machine: containerd in this process.
func openMachine(ctx context.Context, c config.Config, groupDNS netip.AddrPort, log *slog.Logger) (*Machine, error) {
	subnet, err := netip.ParsePrefix(c.PodSubnet)
	if err != nil {
		return nil, err
	}
	var allow []netip.AddrPort
	if groupDNS.IsValid() {
		allow = append(allow, groupDNS)
	}
	store, fetch, err := openBucket(ctx, c.Bucket)
	if err != nil {
		return nil, err
	}
	r, err := containerd.Open(ctx, containerd.Options{
		Dir:     filepath.Join(c.Data, "runtime"),
		Network: network.Options{Bridge: c.Bridge, Table: c.Bridge, Subnet: subnet, Allow: allow},
		Runc:    c.RuntimePath,
		Origin:  fetch,
		Unpacks: unpacksAtOnce + 1, // deploys need not wait for pushes
		Log:     log,
	})
	if err != nil {
		return nil, err
	}
	return &Machine{Runtime: r, Content: r.Content(), ContentDir: r.ContentDir(), Leases: r.Leases(), Images: r.ImageStore(), Bucket: store, Close: r.Close,
		Free: func() (int64, error) { return freeSpace(c.Data) }}, nil
}

// openBucket opens the bucket of the configuration, if it names one, for the
// registries and for the runtime, which fetches from it what it starts.
func openBucket(ctx context.Context, c *config.Bucket) (repository.Bucket, remotes.Fetcher, error) {
	if c == nil {
		return nil, nil, nil
	}
	through := http.DefaultTransport.(*http.Transport).Clone()
	through.MaxIdleConnsPerHost = 32
	b, err := bucket.Open(ctx, bucket.Options{Endpoint: c.Endpoint, Name: c.Name, Region: c.Region, Prefix: c.Prefix, Credentials: c.Credentials, Transport: through})
	if err != nil {
		return nil, nil, err
	}
	return b, b, nil
}

// secretDir is where secret volumes lie while their group exists: in memory,
// below /run, so that a stolen disk shows nothing. "", meaning beside the other
// volumes, where /run is no memory file system of ours.
func secretDir(data string) string {
	var fs unix.Statfs_t
	if unix.Statfs("/run", &fs) != nil || fs.Type != unix.TMPFS_MAGIC || unix.Access("/run", unix.W_OK) != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join("/run/lazuli", hex.EncodeToString(sum[:8]))
}

// freeSpace is what an unprivileged process may still write at path.
func freeSpace(path string) (int64, error) {
	var fs unix.Statfs_t
	err := unix.Statfs(path, &fs)
	return int64(fs.Bavail) * fs.Bsize, err
}
