package registry_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/log"
	bolt "go.etcd.io/bbolt"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/access"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/bulk"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry"
	"github.com/lazuli-cloud/lazuli/registry/oci"
)

const (
	tenant = "11111111-1111-4111-8111-111111111111"
	sub    = "22222222-2222-4222-8222-222222222222"
	domain = ".azurecr.lazuli.localhost"
	rg     = "/subscriptions/" + sub + "/resourceGroups/rg"
	prov   = rg + "/providers/Microsoft.ContainerRegistry/registries/"
)

// TestMain keeps containerd from telling at every start what the file system lacks.
func TestMain(m *testing.M) {
	if err := log.SetLevel("error"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// people are the principals of the world. Their name is their directory token
// and, for service principals, their application id.
var people = map[string]authz.Principal{
	"owner":    {ObjectID: "a0000000-0000-4000-8000-000000000001", TenantID: tenant, Type: authz.User, Name: "owner@lazuli"},
	"reader":   {ObjectID: "a0000000-0000-4000-8000-000000000002", TenantID: tenant, Type: authz.User, Name: "reader@lazuli"},
	"stranger": {ObjectID: "a0000000-0000-4000-8000-000000000003", TenantID: tenant, Type: authz.User, Name: "stranger@lazuli"},
	"puller":   {ObjectID: "b0000000-0000-4000-8000-000000000001", TenantID: tenant, AppID: "puller", Type: authz.ServicePrincipal, Name: "puller"},
	"pusher":   {ObjectID: "b0000000-0000-4000-8000-000000000002", TenantID: tenant, AppID: "pusher", Type: authz.ServicePrincipal, Name: "pusher ~?é😀>"},
}

// world is a control plane and registries with real storage behind real HTTPS.
type world struct {
	t         testing.TB
	dir       string
	hall      *arm.Hall
	access    *access.Service
	service   *registry.Service
	store     *store.Store
	bolt      *bolt.DB
	db        *metadata.DB
	server    *httptest.Server
	client    *http.Client
	transport *http.Transport
	port      string

	mu      sync.Mutex
	secrets map[string]string // of service principals: secret by application id
	dead    map[string]bool   // credentials that ended
	clock   time.Time
	pushed  []oci.Pushed
	free    int64 // bytes left on the disk, as the registry is told
	stop    context.CancelFunc

	retries  []time.Duration
	outbound http.RoundTripper // nil: nothing of this machine is reached
	aside    string            // a folder for small uploads beside the content store; empty: its own
	bucket   counted           // nil: content stays in containerd's store
}

func start(t testing.TB) *world { return startWith(t, nil, nil) }

// startWith is start with another way out of the cloud, and a bucket.
func startWith(t testing.TB, out http.RoundTripper, bucket counted) *world {
	w := &world{outbound: out, bucket: bucket, retries: []time.Duration{10 * time.Millisecond, 20 * time.Millisecond}, t: t, dir: t.TempDir(), secrets: map[string]string{"puller": "puller-secret", "pusher": "pusher-secret"}, dead: map[string]bool{}, clock: time.Now(), free: 1 << 40}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(httpd.HostnameOf(r), domain) {
			w.service.Handler().ServeHTTP(rw, r)
			return
		}
		w.hall.ServeHTTP(rw, r)
	}))
	w.server.Listener, w.server.Config.ConnContext = bulk.NewListener(w.server.Listener), bulk.Context // as in the cloud
	w.server.StartTLS()
	_, w.port, _ = net.SplitHostPort(w.server.Listener.Addr().String())
	w.transport = &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, w.server.Listener.Addr().String())
		},
	}
	w.client = &http.Client{Transport: w.transport}
	w.open()
	t.Cleanup(func() {
		w.transport.CloseIdleConnections()
		w.server.Close()
		w.close()
	})
	if err := w.hall.CreateSubscription(t.Context(), sub, "Test"); err != nil {
		t.Fatal(err)
	}
	w.assign("00000000-0000-4000-8000-000000000001", authz.RoleOwner, "owner", azure.ResourceID{Subscription: sub})
	w.arm("owner", "PUT", rg, `{"location":"eastus"}`, 201)
	return w
}

// open opens everything that keeps state; after close, as a restart does.
func (w *world) open() {
	t := w.t
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	var err error
	if w.store, err = store.Open(ctx, store.Options{Dir: filepath.Join(w.dir, "state")}); err != nil {
		t.Fatal(err)
	}
	if w.bolt, err = bolt.Open(filepath.Join(w.dir, "meta.db"), 0o600, nil); err != nil {
		t.Fatal(err)
	}
	blobs, err := local.NewStore(filepath.Join(w.dir, "content"))
	if err != nil {
		t.Fatal(err)
	}
	w.db = metadata.NewDB(w.bolt, blobs, nil)
	if err := w.db.Init(ctx); err != nil {
		t.Fatal(err)
	}
	checker := &authz.Checker{}
	w.hall = arm.NewHall(arm.Options{Store: w.store, Checker: checker, TenantID: tenant, Endpoints: arm.Endpoints{ResourceManager: "https://management.lazuli.localhost", Login: "https://login.test"},
		Front: httpd.Front{Authenticate: func(r *http.Request) (authz.Principal, error) {
			return w.verify(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		}}})
	w.access = access.New(access.Options{Store: w.store, Checker: checker, Exists: w.hall.Exists, Principal: func(id string) (authz.PrincipalType, bool) {
		for _, p := range people {
			if p.ObjectID == id {
				return p.Type, true
			}
		}
		return "", false
	}})
	checker.Source = w.access
	w.hall.OnDelete(w.access.Forget)
	folder := filepath.Join(w.dir, "content")
	if w.aside != "" {
		folder = w.aside
	}
	blobsOf := registry.Blobs{Content: w.db.ContentStore(), Leases: metadata.NewLeaseManager(w.db), Local: folder, Free: w.left}
	if w.bucket != nil {
		blobsOf.Bucket = w.bucket
	}
	w.service, err = registry.New(ctx, registry.Options{Store: w.store, Checker: checker, LoginSuffix: domain + ":" + w.port, Now: w.now,
		Content:  blobsOf,
		Seal:     registry.Sealer{Seal: seal, Unseal: unseal},
		Logins:   registry.Logins{SignIn: w.signIn, VerifyToken: w.verify, Alive: w.alive},
		Outbound: w.outbound, Retries: w.retries,
		OnPush: func(_ context.Context, p oci.Pushed) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pushed = append(w.pushed, p)
		}})
	if err != nil {
		t.Fatal(err)
	}
	w.hall.Register(w.access.Provider(), w.service.Provider())
}

func (w *world) close() {
	w.stop()
	w.hall.Close()
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.bolt.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) restart() {
	w.close()
	w.open()
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) left() (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.free, nil
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) verify(_ context.Context, token string) (authz.Principal, error) {
	p, ok := people[token]
	if !ok {
		return p, azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationToken, "The token is not valid.")
	}
	return p, nil
}

func (w *world) signIn(_ context.Context, user, password string) (authz.Principal, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s, ok := w.secrets[user]; !ok || s != password {
		return authz.Principal{}, "", azure.Errorf(azure.Unauthenticated, azure.CodeSignInWrongSecret, "Invalid client secret provided.")
	}
	return people[user], "key-of-" + user, nil
}

func (w *world) alive(_, credential string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.dead[credential]
}

// kill ends a service principal's secret.
func (w *world) kill(app string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.secrets, app)
	w.dead["key-of-"+app] = true
}

func (w *world) assign(name, role, who string, scope azure.ResourceID) {
	w.t.Helper()
	p := people[who]
	if err := w.access.Assign(w.t.Context(), name, role, p.ObjectID, p.Type, scope); err != nil {
		w.t.Fatal(err)
	}
}

// grant assigns a role at a registry over HTTP; revoke takes it away.
func (w *world) grant(reg, role, who string) {
	w.t.Helper()
	w.arm("owner", "PUT", prov+reg+"/providers/Microsoft.Authorization/roleAssignments/"+w.assignment(reg, who), fmt.Sprintf(
		`{"properties":{"roleDefinitionId":"/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s","principalId":"%s","principalType":"%s"}}`,
		sub, role, people[who].ObjectID, people[who].Type), 201)
}

func (w *world) revoke(reg, who string) {
	w.t.Helper()
	w.arm("owner", "DELETE", prov+reg+"/providers/Microsoft.Authorization/roleAssignments/"+w.assignment(reg, who), "", 200)
}

func (w *world) assignment(reg, who string) string {
	return fmt.Sprintf("c0000000-0000-4000-8000-%012d", int(people[who].ObjectID[0])*1000+int(people[who].ObjectID[35])+len(reg)*100000)
}

// answer is a response with its body read.
type answer struct {
	t      testing.TB
	status int
	http.Header
	body string
}

// want checks the status and texts in the body.
func (a answer) want(status int, texts ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			a.t.Fatalf("want %q in %s", s, a.body)
		}
	}
	return a
}

func (a answer) json(v any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
}

// arm calls the control plane.
func (w *world) arm(who, method, path, body string, status int, texts ...string) answer {
	w.t.Helper()
	r := w.request(method, "https://management.lazuli.localhost"+path+"?api-version=2023-07-01", body)
	r.Header.Set("Authorization", "Bearer "+who)
	return w.send(r).want(status, texts...)
}

func (w *world) request(method, url, body string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) send(r *http.Request) answer {
	w.t.Helper()
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{w.t, res.StatusCode, res.Header, string(data)}
}

// host is a registry's login server.
func (w *world) host(reg string) string { return reg + domain + ":" + w.port }

// at calls a registry with an Authorization header, which may be empty.
// Further arguments are headers, name and value.
func (w *world) at(reg, auth, method, path, body string, headers ...string) answer {
	w.t.Helper()
	r := w.request(method, "https://"+w.host(reg)+path, body)
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.send(r)
}

// form posts a form to a registry.
func (w *world) form(reg, path string, kv ...string) answer {
	w.t.Helper()
	v := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		v.Add(kv[i], kv[i+1])
	}
	return w.at(reg, "", "POST", path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

// registry makes a registry with the admin user on and gives the passwords.
func (w *world) registry(name string) (passwords [2]string) {
	w.t.Helper()
	w.arm("owner", "PUT", prov+name, `{"location":"eastus","sku":{"name":"Basic"},"properties":{"adminUserEnabled":true}}`, 201)
	return w.passwords(name)
}

func (w *world) passwords(name string) [2]string {
	w.t.Helper()
	var c registry.Credentials
	w.arm("owner", "POST", prov+name+"/listCredentials", "", 200).json(&c)
	return [2]string{c.Passwords[0].Value, c.Passwords[1].Value}
}

// collect runs containerd's garbage collector.
func (w *world) collect() {
	w.t.Helper()
	if _, err := w.db.GarbageCollect(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// testKey seals in tests; the name is authenticated, as in the cloud.
var testKey = []byte("0123456789abcdef0123456789abcdef")

func aead() cipher.AEAD {
	b, _ := aes.NewCipher(testKey)
	g, _ := cipher.NewGCM(b)
	return g
}

func seal(name string, data []byte) ([]byte, error) {
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce)
	return aead().Seal(nonce, nonce, data, []byte(name)), nil
}

func unseal(name string, data []byte) ([]byte, error) {
	return aead().Open(nil, data[:12], data[12:], []byte(name))
}
