package container_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container"
	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/limit"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/wire"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const (
	tenant = "11111111-1111-4111-8111-111111111111"
	sub    = "22222222-2222-4222-8222-222222222222"
	rg     = "/subscriptions/" + sub + "/resourceGroups/rg"
	ns     = "/providers/Microsoft.ContainerInstance"
	api    = "api-version=2024-05-01-preview"
)

func groupPath(name string) string { return rg + ns + "/containerGroups/" + name }

var owner = authz.Principal{ObjectID: "00000000-0000-4000-8000-000000000001", TenantID: tenant, Type: authz.User, Name: "owner@test"}

// ownerSource makes the owner Owner of everything.
type ownerSource struct{}

func (ownerSource) Assignments(id string) []authz.Assignment {
	if id != owner.ObjectID {
		return nil
	}
	return []authz.Assignment{{Scope: azure.ResourceID{}.Key(), PrincipalID: id, RoleID: authz.RoleOwner}}
}

func (ownerSource) Role(id string) (authz.Role, bool) {
	for _, r := range authz.BuiltIn {
		if r.ID == id {
			return r, true
		}
	}
	return authz.Role{}, false
}

// clock is a settable clock whose timers say how long they were asked for, move
// the clock there and fire at once.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
	frozen bool // timers never fire
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waited = append(c.waited, d)
	ch := make(chan time.Time, 1)
	if !c.frozen {
		c.now = c.now.Add(d)
		ch <- c.now
	}
	return ch
}

func (c *clock) waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waited...)
}

// sealer is AES-GCM with a key that outlives a restart of the world.
type sealer struct{ cipher.AEAD }

func newSealer() sealer {
	block, err := aes.NewCipher([]byte("0123456789abcdef"))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return sealer{aead}
}

func (s sealer) Seal(plain, ad []byte) ([]byte, error) {
	nonce := make([]byte, s.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.AEAD.Seal(nonce, nonce, plain, ad), nil
}

func (s sealer) Unseal(sealed, ad []byte) ([]byte, error) {
	return s.Open(nil, sealed[:s.NonceSize()], sealed[s.NonceSize():], ad)
}

// resolver refuses the images of refuse and remembers what it was asked.
type resolver struct {
	images pod.Images
	mu     sync.Mutex
	refuse map[string]pod.ImageReason
	asked  []container.ResolveRequest
	gate   chan struct{} // if not nil, Resolve waits for it
}

func (r *resolver) Resolve(ctx context.Context, req container.ResolveRequest) (pod.Image, error) {
	r.mu.Lock()
	r.asked = append(r.asked, req)
	reason, refused := r.refuse[req.Image]
	gate := r.gate
	r.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return pod.Image{}, ctx.Err()
		}
	}
	if refused {
		return pod.Image{}, &pod.ImageError{Reason: reason, Image: req.Image}
	}
	return r.images.EnsureImage(ctx, pod.ImageRequest{Name: req.Image, Credentials: req.Credentials})
}

func (r *resolver) Cached(context.Context) ([]string, error) {
	return []string{"docker.io/library/app:1"}, nil
}

// identities vouch for whoever asks: what a token says is whose it is and for what.
type identities struct {
	mu     sync.Mutex
	system map[string]azure.ManagedIdentity
	reads  int  // of secrets
	locked bool // the vault refuses
}

const userIdentity = rg + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"

func (x *identities) System(_ *store.Tx, id azure.ResourceID) (azure.ManagedIdentity, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.system == nil {
		x.system = map[string]azure.ManagedIdentity{}
	}
	m := azure.ManagedIdentity{TenantID: tenant, PrincipalID: "system-of-" + id.Name(), ClientID: "client-of-" + id.Name()}
	x.system[id.Key()] = m
	return m, nil
}

func (x *identities) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.system)
}

func (x *identities) Forget(_ *store.Tx, id azure.ResourceID) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.system, id.Key())
	return nil
}

func (x *identities) User(p authz.Principal, id azure.ResourceID) (azure.ManagedIdentity, error) {
	if p.ObjectID != owner.ObjectID || !strings.EqualFold(id.String(), userIdentity) {
		return azure.ManagedIdentity{}, azure.Errorf(azure.Forbidden, azure.CodeLinkedAuthorizationFailed, "Not yours.")
	}
	return azure.ManagedIdentity{TenantID: tenant, PrincipalID: "user", ClientID: "client-of-user"}, nil
}

func (x *identities) Token(_ context.Context, m azure.ManagedIdentity, resource string) (azure.Secret, time.Time, error) {
	if !strings.HasPrefix(resource, "https://") {
		return azure.Secret{}, time.Time{}, azure.Errorf(azure.Invalid, azure.CodeSignInResourceNotFound, "No such resource.")
	}
	return azure.NewSecret("token " + m.PrincipalID + " " + resource), time.Unix(2000000000, 0), nil
}

// Secret is "secret N of NAME for WHO" in the vault "kv", N counting its reads, unless
// it was locked.
func (x *identities) Secret(_ context.Context, m azure.ManagedIdentity, uri string) (azure.Secret, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	name, ok := strings.CutPrefix(uri, "https://kv.vault.test/secrets/")
	if !ok || x.locked {
		return azure.Secret{}, azure.Errorf(azure.Forbidden, azure.CodeForbidden, "Caller is not authorized to perform action on resource.\r\nVault: kv")
	}
	x.reads++
	return azure.NewSecret(fmt.Sprintf("secret %d of %s for %s", x.reads, name, m.PrincipalID)), nil
}

func (x *identities) lock(locked bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.locked = locked
}

// flaky is a runtime that fails as often as it is told to.
type flaky struct {
	pod.Sandboxes
	faults *atomic.Int32
}

func (f flaky) EnsureSandbox(ctx context.Context, spec pod.SandboxSpec) (pod.SandboxStatus, error) {
	if f.faults.Add(-1) >= 0 {
		return pod.SandboxStatus{}, errors.New("the disk hiccups")
	}
	return f.Sandboxes.EnsureSandbox(ctx, spec)
}

// world is the room behind a hall over a real store, with the fake runtime.
type world struct {
	t          *testing.T
	dir        string
	runtime    *fake.Runtime
	images     *resolver
	clock      *clock
	timing     container.Timing // of the next open
	pool       string
	limits     limit.Limits
	identities identities
	strict     bool         // repositories of this machine are refused
	faults     atomic.Int32 // how many calls of EnsureSandbox fail
	store      *store.Store
	hall       *arm.Hall
	room       *container.Service
	server     *httptest.Server
	stopRun    context.CancelFunc
	ran        chan struct{}
}

func newWorld(t *testing.T, o fake.Options) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
	w.pool = "127.91.0.0/16"
	w.timing = container.Timing{Grace: time.Second, Ready: 300 * time.Millisecond, Wait: 10 * time.Second, Poll: 50 * time.Millisecond, ProbeSecond: 5 * time.Millisecond}
	o.Now = w.clock.Now
	w.runtime = fake.New(o)
	w.images = &resolver{images: w.runtime, refuse: map[string]pod.ImageReason{}}
	t.Cleanup(func() { _ = w.runtime.Close() })
	w.open()
	t.Cleanup(w.close)
	w.must("PUT", strings.Replace(rg, "resourceGroups", "resourcegroups", 1), `{"location":"eastus"}`, 201)
	return w
}

// open starts the control plane as a start of the daemon does.
func (w *world) open() {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Options{Dir: w.dir + "/state"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = s
	w.timing.After = w.clock.After
	w.room, err = container.New(container.Options{
		Store: s, Runtime: container.Runtime{Sandboxes: flaky{w.runtime, &w.faults}, Containers: w.runtime, Streams: w.runtime, Inside: w.runtime},
		Images: w.images, Sealer: newSealer(), Identities: &w.identities, Now: w.clock.Now,
		Domain: "azurecontainer.lazuli.localhost", Pool: netip.MustParsePrefix(w.pool), Limits: w.limits,
		Volumes:    container.Volumes{Dir: w.dir + "/volumes", SharesDir: w.dir + "/shares", CloneFrom: func(netip.Addr) bool { return !w.strict }},
		SessionURL: "ws://sessions.test/",
		Timing:     w.timing,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.hall.ServeHTTP(rw, r) }))
	w.hall = arm.NewHall(arm.Options{Store: s, Checker: &authz.Checker{Source: ownerSource{}}, TenantID: tenant, Now: w.clock.Now, Log: slog.New(slog.DiscardHandler),
		Endpoints: arm.Endpoints{ResourceManager: w.server.URL, Login: "https://login.test"},
		Front: httpd.Front{Authenticate: func(r *http.Request) (authz.Principal, error) {
			if r.Header.Get("Authorization") != "Bearer owner" {
				return authz.Principal{}, azure.Errorf(azure.Unauthenticated, azure.CodeAuthenticationFailed, "No token.")
			}
			return owner, nil
		}}})
	w.hall.Register(w.room.Provider())
	if len(w.hall.Subscriptions()) == 0 {
		if err := w.hall.CreateSubscription(w.t.Context(), sub, "Test"); err != nil {
			w.t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stopRun, w.ran = stop, make(chan struct{})
	go func() {
		defer close(w.ran)
		if err := w.room.Run(ctx); err != nil {
			w.t.Error("run:", err)
		}
	}()
	if err := w.hall.Resume(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// close ends the control plane; containers go on.
func (w *world) close() {
	w.server.CloseClientConnections()
	w.server.Close()
	w.stopRun()
	w.hall.Close()
	<-w.ran
	_ = w.store.Close()
}

// reopen is a restart of the daemon.
func (w *world) reopen() {
	w.t.Helper()
	w.close()
	w.runtime.Restart()
	w.open()
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(method, path, body string) answer {
	w.t.Helper()
	url := path
	if !strings.HasPrefix(url, "http") {
		url = w.server.URL + path
	}
	if !strings.Contains(url, "api-version") {
		if strings.Contains(url, "?") {
			url += "&" + api
		} else {
			url += "?" + api
		}
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer owner")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

func (w *world) must(method, path, body string, status int) answer {
	w.t.Helper()
	a := w.do(method, path, body)
	if a.status != status {
		w.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

// view is what the tests read of a group.
type view struct {
	Properties struct {
		ProvisioningState string
		OSType            string
		RestartPolicy     string
		IPAddress         *wire.IPAddress
		InstanceView      wire.ContainerGroupPropertiesInstanceView
		Containers        []struct {
			Name       string
			Properties wire.ContainerProperties
		}
		InitContainers []wire.InitContainerDefinition
	}
}

func (w *world) get(name string) view {
	w.t.Helper()
	var v view
	if err := json.Unmarshal([]byte(w.must("GET", groupPath(name), "", 200).body), &v); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// create puts a group, follows the operation and returns its end.
func (w *world) create(name, body string) azure.Operation {
	w.t.Helper()
	a := w.do("PUT", groupPath(name), body)
	if a.status != 201 && a.status != 200 {
		w.t.Fatalf("PUT %s: %d %s", name, a.status, a.body)
	}
	return w.follow(a)
}

func (w *world) follow(a answer) azure.Operation {
	w.t.Helper()
	url := a.header.Get("Azure-AsyncOperation")
	if url == "" || a.header.Get("retry-after-ms") == "" {
		w.t.Fatalf("no operation in %v", a.header)
	}
	var op azure.Operation
	w.eventually("operation ends", func() bool {
		if err := json.Unmarshal([]byte(w.must("GET", url, "", 200).body), &op); err != nil {
			w.t.Fatal(err)
		}
		return op.Status.Done()
	})
	return op
}

func (w *world) up(name, body string) view {
	w.t.Helper()
	if op := w.create(name, body); op.Status != azure.Succeeded {
		w.t.Fatalf("create %s: %s %+v", name, op.Status, op.Error)
	}
	return w.get(name)
}

func (w *world) eventually(what string, f func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if f() {
			return
		}
	}
	w.t.Fatal("never: " + what)
}

// sandbox is the id of the only sandbox.
func (w *world) sandbox() string {
	w.t.Helper()
	list, err := w.runtime.ListSandboxes(w.t.Context())
	if err != nil || len(list) != 1 {
		w.t.Fatalf("sandboxes: %v %v", list, err)
	}
	return list[0].ID
}

func (w *world) statuses() []pod.ContainerStatus {
	w.t.Helper()
	list, err := w.runtime.Statuses(w.t.Context(), w.sandbox())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// body is a group of one container; the arguments are JSON members of its
// container's properties and of the group's.
func body(image, inContainer, inGroup string) string {
	if inContainer != "" {
		inContainer = "," + inContainer
	}
	if inGroup != "" {
		inGroup = "," + inGroup
	}
	return fmt.Sprintf(`{"location":"eastus","properties":{"containers":[{"name":"app","properties":{"image":%q%s}}]%s}}`, image, inContainer, inGroup)
}

// onDisk gives those of the texts that are in any file of the store.
func (w *world) onDisk(texts ...string) (found []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir+"/state", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if i := bytes.Index(data, make([]byte, 1<<20)); i >= 0 { // the preallocated rest of the log
			data = data[:i]
		}
		for _, text := range texts {
			if bytes.Contains(data, []byte(text)) {
				found = append(found, text)
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func fetch(t *testing.T, handler http.Handler, url string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("GET", url, nil)
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80})))
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}
