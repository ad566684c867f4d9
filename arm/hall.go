package arm

import (
	"context"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options are what the hall needs from outside.
type Options struct {
	Store     *store.Store
	Checker   *authz.Checker
	Front     httpd.Front // authentication, audit and limits of the control plane
	Endpoints Endpoints
	TenantID  string
	// Tenure is for several processes on one store: how long after a process's last
	// sign of life others take up its work. Zero: no other process shares the store.
	Tenure time.Duration
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil means slog.Default
}

// Endpoints are the addresses of the cloud as clients write them: scheme, host
// and, when it is not the default one, port; without a trailing slash.
type Endpoints struct {
	Domain          string // "lazuli.localhost"
	ResourceManager string // "https://management.lazuli.localhost"
	Login           string // "https://login.lazuli.localhost"
	Graph           string // "https://graph.lazuli.localhost"
	Portal          string // "https://portal.lazuli.localhost"
	VaultSuffix     string // "vault.lazuli.localhost", port included when needed
	RegistrySuffix  string // "azurecr.lazuli.localhost", port included when needed
	StorageSuffix   string // "core.lazuli.localhost": named in the metadata, not served
}

// Hall is the control plane. Make it with [NewHall], [Hall.Register] the rooms'
// providers, then serve it. Safe for concurrent use after registration.
type Hall struct {
	o         Options
	tables    tables
	providers map[string]*provider // by lower-case namespace
	core      []coreCall
	onDelete  []func(ctx context.Context, tx *store.Tx, id azure.ResourceID) error
	onFound   func(tx *store.Tx, id azure.ResourceID, by authz.Principal) error
	locked    func(id azure.ResourceID, verb string) error
	inFlight  sync.WaitGroup
	turns     turns
	ensuring  interrupts
	base      context.Context // ends when the hall closes
	stop      context.CancelFunc
	presence
}

// presence is this process among those that share the store.
type presence struct {
	process    string // its id
	started    time.Time
	onTakeover []func(ctx context.Context)
}

// provider is a Provider with its types indexed.
type provider struct {
	Provider
	types map[string]*Type // by lower-case relative type
}

// NewHall makes a hall with no providers.
func NewHall(o Options) *Hall {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	h := &Hall{o: o, tables: newTables(o.Store), providers: map[string]*provider{}}
	h.base, h.stop = context.WithCancel(context.Background())
	h.process, h.started = uuid.NewString(), o.Now().UTC()
	if o.Front.Challenge == nil {
		h.o.Front.Challenge = func(*http.Request) string {
			return `Bearer authorization_uri="` + o.Endpoints.Login + "/" + o.TenantID + `", error="invalid_token", error_description="The access token is missing or not valid."`
		}
	}
	h.core = append(h.coreCalls(), h.treeCalls()...)
	h.Register(Provider{Namespace: "Microsoft.Management"})
	return h
}

// Register adds rooms' providers; several may share a namespace. It panics when a
// type is taken: the wiring is wrong.
func (h *Hall) Register(providers ...Provider) {
	for _, p := range providers {
		key := strings.ToLower(p.Namespace)
		in := h.providers[key]
		if in == nil {
			in = &provider{Provider: Provider{Namespace: p.Namespace}, types: map[string]*Type{}}
			h.providers[key] = in
		}
		in.Types, in.Calls = append(in.Types, p.Types...), append(in.Calls, p.Calls...)
		for i := range p.Types {
			t := &p.Types[i]
			name := strings.ToLower(t.Name)
			if in.types[name] != nil {
				panic("arm: type " + p.Namespace + "/" + t.Name + " registered twice")
			}
			in.types[name] = t
		}
	}
}

// OnDelete adds a function that runs in the transaction that removes a resource
// or group, so that what hangs from it (role assignments) goes with it.
func (h *Hall) OnDelete(f func(ctx context.Context, tx *store.Tx, id azure.ResourceID) error) {
	h.onDelete = append(h.onDelete, f)
}

// OnManagementGroup sets the function that runs in the transaction that makes a
// management group, so that who made it can go on with it.
func (h *Hall) OnManagementGroup(f func(tx *store.Tx, id azure.ResourceID, by authz.Principal) error) {
	h.onFound = f
}

// Guard sets the function that says whether a lock forbids a verb ("write",
// "delete" or "action") on an id. It is asked after authorization.
func (h *Hall) Guard(locked func(id azure.ResourceID, verb string) error) { h.locked = locked }

// Close ends the background work and waits for it. What had not ended is taken
// up by [Hall.Resume] at the next start.
func (h *Hall) Close() {
	h.stop()
	h.inFlight.Wait()
	h.retire()
}

// namespaces lists the registered namespaces in order.
func (h *Hall) namespaces() []*provider {
	out := make([]*provider, 0, len(h.providers))
	for _, p := range h.providers {
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Namespace < out[j].Namespace })
	return out
}

// typeOf finds the row of a resource id's type.
func (h *Hall) typeOf(id azure.ResourceID) (*Type, error) {
	p := h.providers[strings.ToLower(id.Namespace())]
	if p == nil {
		return nil, azure.Errorf(azure.NotFound, azure.CodeInvalidResourceNamespace, "The resource namespace '%s' is invalid. This cloud has: %s.", id.Namespace(), h.namespaceNames())
	}
	t := p.types[strings.ToLower(id.RelativeType())]
	if t == nil {
		return nil, azure.Errorf(azure.NotFound, azure.CodeInvalidResourceType, "The resource type '%s' could not be found in the namespace '%s'.", id.RelativeType(), p.Namespace)
	}
	return t, nil
}

func (h *Hall) namespaceNames() string {
	var names []string
	for _, p := range h.namespaces() {
		names = append(names, p.Namespace)
	}
	return strings.Join(names, ", ")
}

// action is the control-plane action for a verb on the id's type.
func action(id azure.ResourceID, verb string) authz.Action {
	t := id.Type()
	if t == azure.TypeResourceGroup {
		t = "Microsoft.Resources/subscriptions/resourceGroups"
	}
	return authz.Control(t + "/" + verb)
}

// turns serialises work on one resource id.
type turns struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// take waits for the turn of key and returns its release.
func (t *turns) take(ctx context.Context, key string) (func(), error) {
	for {
		t.mu.Lock()
		if t.held == nil {
			t.held = map[string]chan struct{}{}
		}
		wait, busy := t.held[key]
		if !busy {
			done := make(chan struct{})
			t.held[key] = done
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.held, key)
				t.mu.Unlock()
				close(done)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// interrupts lets a delete end the Ensure that is under way for its resource.
type interrupts struct {
	mu      sync.Mutex
	cancels map[string]context.CancelFunc
}

// run runs f with a context that interrupt ends; f then counts as failed because
// the resource is being deleted.
func (i *interrupts) run(ctx context.Context, key string, f func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	i.mu.Lock()
	if i.cancels == nil {
		i.cancels = map[string]context.CancelFunc{}
	}
	i.cancels[key] = cancel
	i.mu.Unlock()
	err := f(inner)
	i.mu.Lock()
	delete(i.cancels, key)
	i.mu.Unlock()
	defer cancel()
	if err != nil && inner.Err() != nil && ctx.Err() == nil {
		return azure.Errorf(azure.Conflict, azure.CodeResourceBeingDeleted, "The resource was deleted before it was ready.").Because(err)
	}
	return err
}

func (i *interrupts) interrupt(key string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if cancel := i.cancels[key]; cancel != nil {
		cancel()
	}
}
