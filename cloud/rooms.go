package cloud

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/http/httpproxy"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/access"
	"github.com/lazuli-cloud/lazuli/arm/deployment"
	"github.com/lazuli-cloud/lazuli/arm/tag"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container"
	"github.com/lazuli-cloud/lazuli/container/console"
	"github.com/lazuli-cloud/lazuli/container/label"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/graph"
	"github.com/lazuli-cloud/lazuli/identity/managed"
	"github.com/lazuli-cloud/lazuli/identity/oauth"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/portal"
	"github.com/lazuli-cloud/lazuli/registry"
	"github.com/lazuli-cloud/lazuli/registry/outbound"
	"github.com/lazuli-cloud/lazuli/vault"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

// The words before the domain in the names of vaults, registries and groups.
const (
	vaultSuffix     = "vault"
	registrySuffix  = "azurecr"
	containerSuffix = "azurecontainer"
)

// rooms are the wired rooms.
type rooms struct {
	checker    *authz.Checker
	access     *access.Service
	hall       *arm.Hall
	oauth      *oauth.Service
	managed    *managed.Service
	graph      *graph.Service
	vault      *vault.Service
	registry   *registry.Service
	unpacker   *unpacker
	containers *container.Service
	consoles   *console.Service
	deploys    *deployment.Service
	hosts      httpd.Hosts
	cancel     context.CancelFunc
	wait       *sync.WaitGroup
}

// openIdentity opens the directory and the token keys and makes the first user
// at the first start.
func (c *Cloud) openIdentity(ctx context.Context) error {
	box, err := c.ring.Box(ctx, "identity")
	if err != nil {
		return err
	}
	sealFor, unsealFor := joinSeal(box, "identity")
	login := c.config.URL("login")
	c.directory, err = identity.Open(ctx, identity.Options{Store: c.store, Seal: sealFor, Unseal: unsealFor, Domain: c.config.Domain, Login: login, Now: c.now})
	if err != nil {
		return err
	}
	c.first.BootstrapResult, _, err = c.directory.Bootstrap(ctx)
	if err != nil {
		return err
	}
	c.tokens, err = token.Open(ctx, token.Options{Store: c.store, Seal: sealFor, Unseal: unsealFor, Login: login, Live: c.directory.Live,
		Tenant: c.directory.TenantID, Now: c.now})
	return err
}

// joinSeal binds a box to one purpose.
func joinSeal(box *seal.Box, purpose string) (sealFor, unsealFor func([]byte) ([]byte, error)) {
	bound := seal.Bind(purpose)
	return func(plain []byte) ([]byte, error) { return box.Seal(plain, bound) },
		func(sealed []byte) ([]byte, error) { return box.Unseal(sealed, bound) }
}

// front is what the planes share. Audiences are the resources whose tokens the
// plane takes.
func (c *Cloud) front(audiences ...string) httpd.Front {
	return httpd.Front{Authenticate: c.tokens.Authenticate(audiences...), Audit: c.audit.record, Log: c.log, Now: c.now}
}

// endpoints are the cloud's addresses as clients write them.
func (c *Cloud) endpoints() arm.Endpoints {
	cfg := c.config
	port := cfg.Port()
	return arm.Endpoints{Domain: cfg.Domain, ResourceManager: cfg.URL("management"), Login: cfg.URL("login"), Graph: cfg.URL("graph"), Portal: cfg.URL("portal"),
		VaultSuffix: cfg.Host(vaultSuffix) + port, RegistrySuffix: cfg.Host(registrySuffix) + port, StorageSuffix: cfg.Host("core") + port}
}

// openRooms makes the rooms, joins them, resumes what was left and starts their
// background work.
func (c *Cloud) openRooms(ctx context.Context) error {
	r := &c.rooms
	e := c.endpoints()
	r.checker = &authz.Checker{}
	r.hall = arm.NewHall(arm.Options{Store: c.store, Checker: r.checker, Front: c.front(e.ResourceManager), Endpoints: e, TenantID: c.first.TenantID,
		Tenure: c.tenure(), Now: c.now, Log: c.log})
	r.access = access.New(access.Options{Store: c.store, Checker: r.checker, Exists: r.hall.Exists, Administers: c.administers, Groups: c.directory.GroupsOf, Now: c.now,
		Principal: func(id string) (authz.PrincipalType, bool) {
			kind, _, ok := c.directory.PrincipalType(id)
			return kind, ok
		}})
	r.checker.Source, r.checker.Above = r.access, r.hall.Above
	r.hall.OnDelete(r.access.Forget)
	r.hall.OnManagementGroup(r.access.Own)
	r.hall.Guard(r.access.Locked)
	for _, open := range []func(context.Context, arm.Endpoints) error{c.openOAuth, c.openGraph, c.openVault, c.openRegistry, c.openContainers, c.openConsoles, c.openDeployments} {
		if err := open(ctx, e); err != nil {
			return err
		}
	}
	r.hall.Register(r.access.Provider(), r.managed.Provider(), r.vault.Provider(), r.registry.Provider(), r.containers.Provider(), label.Provider(r.containers.LabelTaken), r.consoles.Provider(), r.deploys.Provider(),
		tag.New(tag.Options{Hall: r.hall, Store: c.store}).Provider())
	if err := c.bootstrap(ctx); err != nil {
		return err
	}
	if err := c.openHosts(e); err != nil {
		return err
	}
	return c.startRooms(ctx)
}

// tenure is how long after its last sign of life the work of another process on
// the same etcd cluster is taken up; zero: etcd is this process's own.
func (c *Cloud) tenure() time.Duration {
	if len(c.config.Etcd) == 0 {
		return 0
	}
	return 15 * time.Second
}

func (c *Cloud) openOAuth(_ context.Context, e arm.Endpoints) (err error) {
	known := func(resource string) bool {
		u, err := url.Parse(resource)
		return err == nil && u.Scheme == "https" && (u.Host == e.VaultSuffix || u.Host == "containerregistry.azure.net" || strings.HasSuffix(u.Host, "."+e.RegistrySuffix))
	}
	c.rooms.oauth, err = oauth.New(oauth.Options{Directory: c.directory, Tokens: c.tokens, Store: c.store, Login: e.Login, Management: e.ResourceManager,
		Graph: e.Graph, KnownResource: known, Clients: []oauth.Client{{ID: oauth.ClientPortal, Name: "Lazuli portal", RedirectURIs: []string{e.Portal + "/signed-in"}}}, Audit: c.audit.record, Log: c.log, Now: c.now})
	if err != nil {
		return err
	}
	c.rooms.managed = managed.New(managed.Options{Store: c.store, Directory: c.directory, Tokens: c.tokens, Checker: c.rooms.checker, Audience: c.rooms.oauth.Audience})
	return nil
}

// administers reports who runs the cloud: whoever is Owner of the first
// subscription, that is may give roles and everything else there.
func (c *Cloud) administers(p authz.Principal) bool {
	at := azure.ResourceID{Subscription: c.first.SubscriptionID}
	return c.rooms.checker.Allowed(p, authz.Control("Microsoft.Authorization/roleAssignments/write"), at) &&
		c.rooms.checker.Allowed(p, authz.Control("Microsoft.Resources/subscriptions/resourceGroups/write"), at)
}

func (c *Cloud) openGraph(_ context.Context, e arm.Endpoints) (err error) {
	c.rooms.graph, err = graph.New(graph.Options{Directory: c.directory, Graph: e.Graph, Authenticate: c.tokens.AuthenticateAnyTenant(e.Graph),
		MayAdminister: c.administers, Audit: c.audit.record, Log: c.log, Now: c.now})
	return err
}

func (c *Cloud) openVault(ctx context.Context, e arm.Endpoints) (err error) {
	resource := "https://" + e.VaultSuffix
	c.rooms.vault, err = vault.New(ctx, vault.Options{Store: c.store, Seal: c.ring, Authenticate: c.tokens.Authenticate(resource, resource+"/"),
		Checker: c.rooms.checker, Groups: c.directory.GroupsOf, LoginURL: e.Login, VaultSuffix: "." + e.VaultSuffix, TenantID: c.first.TenantID, Now: c.now, Audit: c.audit.record, Log: c.log})
	return err
}

func (c *Cloud) openRegistry(ctx context.Context, e arm.Endpoints) error {
	box, err := c.ring.Box(ctx, "registry")
	if err != nil {
		return err
	}
	unpacks := c.openUnpacker()
	c.rooms.registry, err = registry.New(ctx, registry.Options{Store: c.store, Checker: c.rooms.checker, Seal: registrySealer(box), Logins: c.logins(e.ResourceManager),
		Content:     registry.Blobs{Content: c.machine.Content, Leases: c.machine.Leases, Local: c.machine.ContentDir, Bucket: c.machine.Bucket, Free: c.machine.Free},
		LoginSuffix: "." + e.RegistrySuffix, Outbound: c.outbound(), OnPush: unpacks.pushed, OnDelete: unpacks.review, UnpackState: c.unpackState, Audit: c.audit.record, Log: c.log, Now: c.now})
	return err
}

// outbound carries what users make their registries and deployments send.
func (c *Cloud) outbound() *http.Transport {
	o := outbound.Options{AllowLocal: c.config.LocalTargets}
	if env := httpproxy.FromEnvironment(); env.HTTPProxy != "" || env.HTTPSProxy != "" {
		choose := env.ProxyFunc()
		o.Proxy = func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
	}
	return outbound.New(o)
}

func (c *Cloud) openContainers(ctx context.Context, _ arm.Endpoints) error {
	box, err := c.ring.Box(ctx, "container")
	if err != nil {
		return err
	}
	pool, err := netip.ParsePrefix(c.config.Pool)
	if err != nil {
		return err
	}
	var servers pod.DNS
	if c.groupDNS.IsValid() {
		servers.Nameservers = []netip.Addr{c.groupDNS.Addr()}
	}
	c.rooms.containers, err = container.New(container.Options{Store: c.store, Images: &resolver{cloud: c}, Sealer: box, Identities: identities{c.rooms.managed, c}, Now: c.now,
		Runtime: container.Runtime{Sandboxes: c.machine.Runtime, Containers: c.machine.Runtime, Streams: c.machine.Runtime, Inside: c.machine.Runtime, Privileged: c.config.AllowPrivileged},
		Domain:  c.config.Host(containerSuffix), Pool: pool, DNS: servers, Limits: c.config.Limits,
		Volumes: container.Volumes{Dir: filepath.Join(c.config.Data, "groups"), SecretDir: secretDir(c.config.Data), SharesDir: filepath.Join(c.config.Data, "shares")}, Log: c.log,
		SessionURL: "wss" + strings.TrimPrefix(c.config.URL("sessions"), "https")})
	return err
}

func (c *Cloud) openDeployments(ctx context.Context, e arm.Endpoints) error {
	box, err := c.ring.Box(ctx, "deployment")
	if err != nil {
		return err
	}
	sealFor, unsealFor := joinSeal(box, "deployment")
	c.rooms.deploys = deployment.New(deployment.Options{Hall: c.rooms.hall, Store: c.store, Endpoints: e, TenantID: c.first.TenantID,
		Secret: c.rooms.vault.Secret, Seal: sealFor, Unseal: unsealFor, Fetch: c.fetchTemplate, Now: c.now, Log: c.log})
	return nil
}

// openHosts is the list of host names: every service is on this page.
func (c *Cloud) openHosts(e arm.Endpoints) error {
	r, cfg := &c.rooms, c.config
	vaults := r.vault.Plane()
	page, err := portal.Handler(portal.Options{ResourceManager: e.ResourceManager, Login: e.Login, Graph: e.Graph, Sessions: "wss" + strings.TrimPrefix(cfg.URL("sessions"), "https"),
		VaultSuffix: e.VaultSuffix, RegistrySuffix: e.RegistrySuffix, ClientID: oauth.ClientPortal, Tenant: c.first.TenantID, Domain: cfg.Domain, HTTP: cfg.HTTP, Dir: cfg.PortalDir})
	if err != nil {
		return err
	}
	m, pages := c.metrics, httpd.CORS{Origin: e.Portal}
	r.hosts = httpd.Hosts{
		Exact: map[string]http.Handler{
			cfg.Host("management"): m.observe("management", pages.Wrap(r.hall)),
			cfg.Host("login"):      m.observe("login", r.oauth.Handler()),
			cfg.Host("graph"):      m.observe("graph", pages.Wrap(r.graph.Handler())),
			cfg.Host("portal"):     m.observe("portal", page),
			cfg.Host("sessions"):   m.observe("sessions", c.sessions(pages.Wrap)),
			cfg.Domain:             http.RedirectHandler(e.Portal, http.StatusFound),
		},
		Suffix: map[string]http.Handler{
			"." + cfg.Host(vaultSuffix):     m.observe("vault", pages.Wrap(vaults.Handler())),
			"." + cfg.Host(registrySuffix):  m.observe("registry", pages.Wrap(r.registry.Handler())),
			"." + cfg.Host(containerSuffix): m.observe("ingress", r.containers.Ingress()),
		},
	}
	return nil
}

// plainHTTP serves port 80: container groups by host name; everything else
// moves to HTTPS.
func (c *Cloud) plainHTTP() http.Handler {
	groups := c.rooms.containers.Ingress()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := httpd.HostnameOf(r)
		if strings.HasSuffix(host, "."+c.config.Host(containerSuffix)) {
			groups.ServeHTTP(w, r)
			return
		}
		if host == c.config.Domain || strings.HasSuffix(host, "."+c.config.Domain) {
			http.Redirect(w, r, "https://"+host+c.config.Port()+r.URL.RequestURI(), http.StatusPermanentRedirect)
			return
		}
		httpd.WriteError(w, r, azure.Errorf(azure.NotFound, azure.CodeHostNotFound, "No service of this cloud answers under the host name '%s'.", host))
	})
}

// setup is the one row of the cloud's own table: what the first start made.
type setup struct {
	SubscriptionID string `json:"subscriptionId"`
	Root           bool   `json:"root,omitempty"` // the first user's role at the root management group was given
}

// bootstrap makes the first subscription and gives the first user Owner and Key
// Vault Administrator there, and Management Group Contributor at the root. It
// happens once: roles taken away later stay away.
func (c *Cloud) bootstrap(ctx context.Context) error {
	table := store.NewTable[setup](c.store, "cloud")
	key := store.K("setup")
	item, done := table.Get(key)
	if done && item.Value.Root {
		c.first.SubscriptionID = item.Value.SubscriptionID
		return nil
	}
	ids := c.rooms.hall.Subscriptions()
	switch {
	case done: // by a version without management groups
		ids = []string{item.Value.SubscriptionID}
	case len(ids) == 0: // else a start was interrupted after this step
		ids = []string{uuid.NewString()}
		if err := c.rooms.hall.CreateSubscription(ctx, ids[0], "Lazuli"); err != nil {
			return err
		}
	}
	c.first.SubscriptionID = ids[0]
	roles := map[string]azure.ResourceID{authz.RoleManagementGroupContributor: azure.ManagementGroup(c.first.TenantID)}
	if !done {
		roles[authz.RoleOwner] = azure.ResourceID{Subscription: ids[0]}
		roles[authz.RoleKeyVaultAdministrator] = azure.ResourceID{Subscription: ids[0]}
	}
	for role, scope := range roles {
		if err := c.rooms.access.Assign(ctx, uuid.NewString(), role, c.first.UserObjectID, authz.User, scope); err != nil {
			return err
		}
	}
	return c.store.Update(ctx, func(tx *store.Tx) error { return table.Put(tx, key, setup{ids[0], true}) })
}

// startRooms starts the rooms' background work and resumes operations.
func (c *Cloud) startRooms(context.Context) error {
	r := &c.rooms
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.wait = cancel, &sync.WaitGroup{}
	for what, run := range map[string]func(context.Context) error{"uploads are": r.registry.Run, "container groups are": r.containers.Run} {
		r.wait.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				c.log.Error(what+" no longer looked after", "error", err)
			}
		})
	}
	r.wait.Go(func() { r.vault.Run(ctx) })
	r.wait.Go(func() { r.consoles.Run(ctx) })
	r.wait.Go(func() { c.lookAfterImages(ctx) })
	if err := r.hall.Resume(ctx); err != nil {
		return err
	}
	return r.deploys.Resume(ctx)
}

// stop ends the rooms' background work; the rooms still answer.
func (r *rooms) stop() {
	if r.deploys != nil {
		r.deploys.Close()
	}
	if r.hall != nil {
		r.hall.Close()
	}
	if r.unpacker != nil {
		r.unpacker.stop()
	}
	if r.cancel != nil {
		r.cancel()
		r.wait.Wait()
	}
}

// groups counts the container groups.
func (r *rooms) groups() int { return r.hall.Count("Microsoft.ContainerInstance/containerGroups") }

// upstream is the proxy that outside names go through, from the environment the
// cloud was started in.
func upstream() func(*url.URL) (*url.URL, error) { return httpproxy.FromEnvironment().ProxyFunc() }
