package repository

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Namespace is containerd's namespace of everything the cloud keeps.
const Namespace = "lazuli"

// BufferSize is the size in bytes of the buffers that blobs are copied with. On
// loopback it beats both io.Copy's 32 KiB and sendfile.
const BufferSize = 128 << 10

// Options say where the bytes and the rows go.
type Options struct {
	Store   *store.Store
	Content content.Store  // containerd's metadata content store
	Leases  leases.Manager // of the same metadata database
	// Local is the folder of containerd's local store below Content: small uploads
	// are kept in it, and moved to their place. Empty: all go through Content.
	Local string
	// Bucket is where finished content goes; then Content holds it for some hours
	// only. Nil: it stays in Content.
	Bucket Bucket
	Now    func() time.Time
	// Free tells the bytes left for blobs; nil means that nobody knows. An upload
	// that announces more than is left is refused before it is read.
	Free func() (int64, error)
}

// Name says which repository of which registry; the registry by its uid.
type Name struct{ Registry, Repository string }

func (n Name) key(more ...string) store.Key {
	parts := [4]string{n.Registry, n.Repository}
	return store.K(append(parts[:2], more...)...) // no memory but the key's
}

func (n Name) lease() string { return leasePrefix + n.Registry + "/" + n.Repository }

const leasePrefix = "lazuli-registry/"

// Repository is the row of a repository.
type Repository struct {
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"` // when a manifest or tag last changed
	Manifests int       `json:"manifests"`
	Locks     Locks     `json:"locks,omitzero"`
}

// Manifest is the row of a manifest.
type Manifest struct {
	MediaType       string            `json:"mediaType"`
	ArtifactType    string            `json:"artifactType,omitempty"` // of the referrers listing: artifactType, or the config's media type
	ConfigMediaType string            `json:"configMediaType,omitempty"`
	Size            int64             `json:"size"`
	ImageSize       int64             `json:"imageSize"` // bytes of config and layers
	OS              string            `json:"os,omitempty"`
	Architecture    string            `json:"architecture,omitempty"`
	Subject         digest.Digest     `json:"subject,omitempty"`
	Annotations     map[string]string `json:"annotations,omitempty"`
	Blobs           []digest.Digest   `json:"blobs,omitempty"`
	Manifests       []Child           `json:"manifests,omitempty"`
	Created         time.Time         `json:"created"`
	Updated         time.Time         `json:"updated"`
	// Untagged is when its last tag left it; zero when none ever did.
	Untagged time.Time `json:"untagged,omitzero"`
	Locks    Locks     `json:"locks,omitzero"`
}

// Child is a manifest that an index names.
type Child struct {
	Digest       digest.Digest `json:"digest"`
	OS           string        `json:"os,omitempty"`
	Architecture string        `json:"architecture,omitempty"`
}

// Tag is the row of a tag.
type Tag struct {
	Digest  digest.Digest `json:"digest"`
	Created time.Time     `json:"created"`
	Updated time.Time     `json:"updated"`
	Locks   Locks         `json:"locks,omitzero"`
}

// Blob is the row that links a blob into a repository.
type Blob struct {
	Size    int64     `json:"size"`
	Touched time.Time `json:"touched"` // when it was last pushed or mounted
}

// Store is the storage of all registries. Safe for concurrent use.
type Store struct {
	o            Options
	repositories *store.Table[Repository]
	manifests    *store.Table[linked[Manifest]]
	tags         *store.Table[linked[Tag]]
	blobs        *store.Table[Blob]
	objects      *store.Table[object]
	pulled       *store.Memo[pull, *pulled]

	locks   [64]sync.RWMutex // by repository: links are made under R, unmade under W
	leased  sync.Map         // Name or id -> struct{}: the lease is known to exist
	buffers sync.Pool
	cache   cache

	uploadsMu sync.Mutex
	uploads   map[string]*session // by ref
	sweeping  sync.Mutex          // of the bucket
}

// linked is a row that knows its repository, for the indexes.
type linked[T any] struct {
	Name  Name `json:"name"`
	Value T    `json:"value"`
}

// The indexes of the tables.
const (
	bySubject = "subject" // manifests by registry, repository and subject
	byChild   = "child"   // manifests by registry, repository and each blob or manifest they name
	byDigest  = "digest"  // tags by registry, repository and digest
)

// New opens the tables.
func New(o Options) *Store {
	s := &Store{o: o, uploads: map[string]*session{}, pulled: store.NewMemo[pull, *pulled](o.Store)}
	s.buffers.New = func() any { b := make([]byte, BufferSize); return &b }
	s.repositories = store.NewTable[Repository](o.Store, "registry/repositories")
	s.blobs = store.NewTable[Blob](o.Store, "registry/blobs")
	s.objects = store.NewTable[object](o.Store, "registry/objects")
	s.manifests = store.NewTable(o.Store, "registry/manifests",
		store.Index[linked[Manifest]]{Name: bySubject, Keys: func(m linked[Manifest]) []string {
			if m.Value.Subject == "" {
				return nil
			}
			return []string{string(m.Name.key(m.Value.Subject.String()))}
		}},
		store.Index[linked[Manifest]]{Name: byChild, Keys: func(m linked[Manifest]) (keys []string) {
			for _, d := range m.Value.Blobs {
				keys = append(keys, string(m.Name.key(d.String())))
			}
			for _, c := range m.Value.Manifests {
				keys = append(keys, string(m.Name.key(c.Digest.String())))
			}
			return keys
		}})
	s.tags = store.NewTable(o.Store, "registry/tags", store.Index[linked[Tag]]{Name: byDigest, Keys: func(t linked[Tag]) []string {
		return []string{string(t.Name.key(t.Value.Digest.String()))}
	}})
	return s
}

// Buffer lends a buffer of [BufferSize] bytes; give it back with the function.
func (s *Store) Buffer() (buf []byte, done func()) {
	b := s.buffers.Get().(*[]byte)
	return *b, func() { s.buffers.Put(b) }
}

func (s *Store) lock(n Name) *sync.RWMutex {
	h := fnv.New32a()
	_, _ = h.Write([]byte(n.key()))
	return &s.locks[h.Sum32()%uint32(len(s.locks))]
}

// in is ctx for the content store. It does not end with the request: a commit
// that began is finished.
func in(ctx context.Context) context.Context {
	return namespaces.WithNamespace(context.WithoutCancel(ctx), Namespace)
}

// hold is ctx in which everything written joins the repository's lease. The
// caller holds the repository's lock.
func (s *Store) hold(ctx context.Context, n Name) (context.Context, error) {
	ctx = in(ctx)
	if _, ok := s.leased.Load(n); !ok {
		_, err := s.o.Leases.Create(ctx, func(l *leases.Lease) error { l.ID = n.lease(); return nil })
		if err != nil && !errdefs.IsAlreadyExists(err) {
			return nil, err
		}
		s.leased.Store(n, struct{}{})
	}
	return leases.WithLease(ctx, n.lease()), nil
}

// update runs f in a transaction and words the store's conflict.
func (s *Store) update(ctx context.Context, f func(tx *store.Tx) error) error {
	err := s.o.Store.Update(context.WithoutCancel(ctx), f)
	if errors.Is(err, store.ErrConflict) {
		return azure.Errorf(azure.Conflict, azure.CodeConflict, "The repository was changed by others while this request ran. Try again.").Because(err)
	}
	return err
}

// touch makes sure of the repository's row and lets change alter it.
func (s *Store) touch(tx *store.Tx, n Name, change func(r *Repository)) error {
	it, ok, err := s.repositories.GetTx(tx, n.key())
	if err != nil {
		return err
	}
	if ok && change == nil {
		return nil
	}
	r := it.Value
	if !ok {
		now := s.o.Now().UTC()
		r = Repository{Created: now, Updated: now}
	}
	if change != nil {
		change(&r)
	}
	return s.repositories.Put(tx, n.key(), r)
}

// cache keeps the bytes of small manifests by digest, which never change.
type cache struct {
	mu    sync.RWMutex
	bytes int
	items map[digest.Digest][]byte
}

const (
	cacheBytes   = 16 << 20
	cacheBiggest = 256 << 10
)

func (c *cache) get(d digest.Digest) ([]byte, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	b, ok := c.items[d]
	return b, ok
}

func (c *cache) put(d digest.Digest, b []byte) {
	if len(b) > cacheBiggest {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil {
		c.items = map[digest.Digest][]byte{}
	}
	if _, ok := c.items[d]; ok {
		return
	}
	for old, data := range c.items {
		if c.bytes+len(b) <= cacheBytes {
			break
		}
		c.bytes -= len(data)
		delete(c.items, old)
	}
	c.items[d] = b
	c.bytes += len(b)
}
