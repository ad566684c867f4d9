package registry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/acr"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/outbound"
	"github.com/lazuli-cloud/lazuli/registry/repository"
	"github.com/lazuli-cloud/lazuli/registry/webhook"
)

// Options are what the room needs from outside. All are required unless said
// otherwise.
type Options struct {
	Store   *store.Store
	Content Blobs
	Checker *authz.Checker // it answers from rows of Store
	Seal    Sealer
	Logins  Logins
	// LoginSuffix follows the lower-case name in a login server:
	// ".azurecr.lazuli.localhost", with ":port" when it is not 443.
	LoginSuffix string
	// OnPush is told of every manifest that was pushed. It must not block. May be nil.
	OnPush func(ctx context.Context, p oci.Pushed)
	// OnDelete is told that manifests, a repository or a registry were deleted. It
	// must not block. May be nil.
	OnDelete func(ctx context.Context)
	// UnpackState tells how far an image, HOST/REPOSITORY@DIGEST, is unpacked for
	// container groups; "" when nobody knows. May be nil.
	UnpackState func(ctx context.Context, image string) string
	// Outbound carries what users make the registry send: webhooks and imports. Nil
	// means [outbound.New] with nothing allowed that only this machine may reach.
	Outbound http.RoundTripper
	// Retries are the pauses between tries of a webhook's delivery; nil means
	// [webhook.Retries].
	Retries []time.Duration
	// Audit is told of every write and every refusal. May be nil.
	Audit func(httpd.Record)
	Log   *slog.Logger // nil means slog.Default
	Now   func() time.Time
}

// Blobs is where the bytes go: containerd's own stores, both of one metadata
// database. The room uses the namespace "lazuli".
type Blobs struct {
	Content content.Store
	Leases  leases.Manager
	// Local is the folder of containerd's local store below Content, on the disk:
	// small uploads need not go through its writer. Empty: they do.
	Local string
	// Bucket is where finished content goes to stay; nil means that it stays here.
	Bucket repository.Bucket
	// Free tells the bytes left on the disk; nil means that nobody knows.
	Free func() (int64, error)
}

// Sealer encrypts at rest. name is part of what is authenticated.
type Sealer struct {
	Seal   func(name string, data []byte) ([]byte, error)
	Unseal func(name string, data []byte) ([]byte, error)
}

// Logins are the joints to the directory. Errors are Unauthenticated and say
// what is wrong with the credential.
type Logins struct {
	// SignIn verifies the password of a user (by user principal name) or the
	// secret of a service principal (by application id). credential names the
	// secret that matched, for Alive; it may be empty.
	SignIn func(ctx context.Context, user, password string) (p authz.Principal, credential string, err error)
	// VerifyToken verifies a directory token whose audience is the control plane
	// or https://containerregistry.azure.net.
	VerifyToken func(ctx context.Context, token string) (authz.Principal, error)
	// Alive reports, from memory, whether the principal exists and is enabled and
	// the named credential has neither ended nor been removed. Nil: always.
	Alive func(objectID, credential string) bool
}

// Service is the room. Safe for concurrent use.
type Service struct {
	o          Options
	registries *store.Table[record]
	scopeMaps  *store.Table[scopeMap]
	tokens     *store.Table[tokenRow]
	webhooks   *store.Table[hookRow]
	sender     *webhook.Sender
	imports    imports
	importRows *store.Table[importRow]
	life       context.Context // of the work behind requests
	end        context.CancelFunc
	content    *repository.Store
	found      *store.Memo[string, access.Registry] // by host name
	guard      *access.Guard
	oci        *oci.Handler
	acr        *acr.Handler
}

// record is the row of a registry, by lower-case name.
type record struct {
	access.Registry
	Created  time.Time `json:"created"`
	Deleting bool      `json:"deleting,omitempty"`
	Bypass   string    `json:"bypass,omitempty"` // networkRuleBypassOptions, stored and shown
	// Retention is the policy for manifests without a tag.
	Retention retention `json:"retention,omitzero"`
}

// New opens the room. The key that signs tokens is made at the first start and
// kept sealed.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.OnDelete == nil {
		o.OnDelete = func(context.Context) {}
	}
	if o.Outbound == nil {
		o.Outbound = outbound.New(outbound.Options{})
	}
	s := &Service{o: o, registries: store.NewTable[record](o.Store, "registry/registries"), scopeMaps: store.NewTable[scopeMap](o.Store, "registry/scopeMaps"),
		tokens: store.NewTable[tokenRow](o.Store, "registry/tokens"), importRows: store.NewTable[importRow](o.Store, "registry/imports"), webhooks: store.NewTable[hookRow](o.Store, "registry/webhooks")}
	s.found = store.NewMemo[string, access.Registry](o.Store)
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.imports = imports{slots: make(chan struct{}, importsAtOnce), jobs: map[string]*importJob{}}
	s.sender = webhook.New(webhook.Options{Store: o.Store, Find: s.findHook, Transport: o.Outbound, Retries: o.Retries, Log: o.Log, Now: o.Now})
	key, err := s.signingKey(ctx)
	if err != nil {
		return nil, err
	}
	s.content = repository.New(repository.Options{Store: o.Store, Content: o.Content.Content, Leases: o.Content.Leases, Local: o.Content.Local, Bucket: o.Content.Bucket, Free: o.Content.Free, Now: o.Now})
	if err := s.content.CheckBucket(ctx); err != nil {
		return nil, err
	}
	s.guard = access.NewGuard(access.Options{Checker: o.Checker, Store: o.Store, Now: o.Now, Key: key, SignIn: o.Logins.SignIn, Alive: o.Logins.Alive, Token: s.tokenNow})
	front := httpd.Front{Audit: o.Audit, Log: o.Log, Now: o.Now}
	s.oci = &oci.Handler{Front: front, Guard: s.guard, Content: s.content, OnEvent: s.happened}
	s.acr = &acr.Handler{Front: front, Guard: s.guard, Content: s.content, OnEvent: s.happened, VerifyToken: o.Logins.VerifyToken, UnpackState: o.UnpackState}
	return s, nil
}

// signing is the row that holds the sealed key of the registries' tokens.
type signing struct {
	Sealed []byte `json:"sealed"`
}

const (
	signingRow = "tokens"
	keyBytes   = 32
)

func (s *Service) signingKey(ctx context.Context) ([]byte, error) {
	keys := store.NewTable[signing](s.o.Store, "registry/signing")
	var key []byte
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := keys.GetTx(tx, store.K(signingRow))
		if err != nil {
			return err
		}
		if ok {
			key, err = s.o.Seal.Unseal("registry/signing", it.Value.Sealed)
			return err
		}
		key = make([]byte, keyBytes)
		if _, err := rand.Read(key); err != nil {
			return err
		}
		sealed, err := s.o.Seal.Seal("registry/signing", key)
		if err != nil {
			return err
		}
		return keys.Put(tx, store.K(signingRow), signing{sealed})
	})
	if err != nil {
		return nil, fmt.Errorf("cannot open the key that signs registry tokens: %w", err)
	}
	return key, nil
}

// sweepEvery is the pace of the background work.
const sweepEvery = 5 * time.Minute

// Run does the background work until ctx ends: it delivers to webhooks, deletes what retention
// policies let go of, purges uploads that rest, frees blobs that nothing names, and repairs what a crash left.
func (s *Service) Run(ctx context.Context) error {
	var sending sync.WaitGroup
	defer func() {
		s.end()
		s.imports.wait.Wait()
		sending.Wait()
	}()
	sending.Go(func() { s.sender.Run(ctx) })
	s.resumeImports(ctx)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Error("cannot put the registries' storage in order", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sweep does the background work once.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.expire(ctx), s.forgetImports(ctx), s.content.Sweep(ctx))
}

func nameKey(name string) store.Key { return store.K(strings.ToLower(name)) }

func (s *Service) loginServer(name string) string { return strings.ToLower(name) + s.o.LoginSuffix }

// find gives the registry of a host name, with or without port.
func (s *Service) find(host string) (access.Registry, error) {
	return s.found.Get(host, func() (access.Registry, error) { return s.lookUp(host) })
}

func (s *Service) lookUp(host string) (access.Registry, error) {
	host = strings.ToLower(host)
	bare, _, _ := strings.Cut(host, ":")
	suffix, _, _ := strings.Cut(s.o.LoginSuffix, ":")
	name, ours := strings.CutSuffix(strings.TrimSuffix(bare, "."), suffix)
	it, ok := s.registries.Get(store.K(name))
	if !ours || !ok || it.Value.Deleting {
		return access.Registry{}, azure.Errorf(azure.NotFound, azure.CodeHostNotFound, "There is no registry '%s' in this cloud. List them with 'az acr list'.", host)
	}
	reg := it.Value.Registry
	reg.LoginServer = s.loginServer(name)
	return reg, nil
}

// Handler serves the data planes of all registries: the host name says which.
func (s *Service) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reg, err := s.find(r.Host)
		switch path := r.URL.Path; {
		case err != nil:
			oci.Headers(w.Header())
			oci.WriteError(w, r, azure.AsError(err), access.Access{})
		case strings.HasPrefix(path, "/oauth2/"):
			s.acr.ServeToken(w, r, reg)
		case strings.HasPrefix(path, "/acr/"):
			s.acr.ServeData(w, r, reg)
		default:
			s.oci.Serve(w, r, reg)
		}
	})
}

// Table lists the endpoints of a registry's host with the actions they need.
func Table() []httpd.Row { return append(oci.Table(), acr.Table()...) }

// conflictOr words the store's errors of a transaction.
func conflictOr(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return azure.Errorf(azure.Conflict, azure.CodeConflict, "The registry was changed by others while this request ran. Try again.").Because(err)
	}
	return err
}
