package containerd

import (
	"net/netip"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/core/metadata"
)

// defaultSubnet is the groups' range unless the options say otherwise.
var defaultSubnet = netip.MustParsePrefix("10.89.0.0/16")

// Content is the content store that images are started from, in process. Its
// calls need a context made by containerd's namespaces.WithNamespace with
// [Namespace]. Content that no image record, lease or gc label holds is
// collected, so a push writes under a lease and labels its manifests.
func (r *Runtime) Content() content.Store { return r.daemon.db.ContentStore() }

// ContentDir is the folder of the local store below Content: verified content may
// be moved to its place there, and is then noted by a writer of Content that knows
// its digest.
func (r *Runtime) ContentDir() string {
	return filepath.Join(r.layout.root(), "io.containerd.content.v1.content")
}

// ImageStore holds the names of images; each keeps its content from collection.
func (r *Runtime) ImageStore() images.Store { return metadata.NewImageStore(r.daemon.db) }

// Leases keeps content from collection while it is being written.
func (r *Runtime) Leases() leases.Manager { return metadata.NewLeaseManager(r.daemon.db) }
