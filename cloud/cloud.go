package cloud

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/internal/tlsca"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

// Version of the program.
const Version = "0.1.0"

// Options are what a cloud is opened with.
type Options struct {
	Config config.Config    // complete, see [config.Config.Complete]
	Log    *slog.Logger     // nil means slog.Default
	Now    func() time.Time // nil means time.Now
	// GroupDNS is where container groups reach the cloud's name server; zero
	// gives them this machine's name servers.
	GroupDNS netip.AddrPort
	// Machine is what groups run on; nil means containerd in this process.
	Machine func(ctx context.Context) (*Machine, error)
}

// Cloud is an open cloud: every room, wired. Close it.
type Cloud struct {
	config    config.Config
	log       *slog.Logger
	now       func() time.Time
	began     time.Time
	store     *store.Store
	ring      *seal.Ring
	ca        *tlsca.Authority
	machine   *Machine
	audit     *audit
	metrics   *metrics
	directory *identity.Directory
	tokens    *token.Authority
	first     firstUser
	groupDNS  netip.AddrPort
	rooms     rooms
}

// firstUser is the user made at the first start.
type firstUser struct {
	identity.BootstrapResult
	SubscriptionID string
}

// Open opens the cloud in the data directory and takes up what an earlier
// process left unfinished. It listens nowhere: see [Cloud.Handler] and [Run].
func Open(ctx context.Context, o Options) (_ *Cloud, err error) {
	c := &Cloud{config: o.Config, groupDNS: o.GroupDNS, log: o.Log, now: o.Now, metrics: newMetrics()}
	if c.log == nil {
		c.log = slog.Default()
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.began = c.now()
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := os.MkdirAll(c.config.Data, 0o700); err != nil {
		return nil, err
	}
	if c.audit, err = openAudit(c.config.Data); err != nil {
		return nil, err
	}
	if err := c.openGround(ctx, o); err != nil {
		return nil, err
	}
	if err := c.openIdentity(ctx); err != nil {
		return nil, err
	}
	return c, c.openRooms(ctx)
}

// openGround opens store, keys, certificates and machine. The store comes
// first: its lock keeps a second process out of the directory; the rest goes
// side by side.
func (c *Cloud) openGround(ctx context.Context, o Options) error {
	so := store.Options{Dir: filepath.Join(c.config.Data, "etcd"), Logger: c.log}
	if len(c.config.Etcd) > 0 {
		so = store.Options{Endpoints: c.config.Etcd, Logger: c.log}
	}
	if o.Machine == nil {
		o.Machine = func(ctx context.Context) (*Machine, error) { return openMachine(ctx, c.config, o.GroupDNS, c.log) }
	}
	g, gctx := errgroup.WithContext(ctx)
	opened := make(chan struct{})
	g.Go(func() (err error) {
		if c.store, err = store.Open(ctx, so); err != nil {
			return err
		}
		close(opened)
		master, err := seal.OpenMasterFile(filepath.Join(c.config.Data, "keys", "master.json"))
		if err != nil {
			return err
		}
		c.ring, err = seal.Open(ctx, seal.Options{Store: c.store, Master: master, Now: c.now})
		return err
	})
	g.Go(func() (err error) {
		c.ca, err = tlsca.Open(tlsca.Options{Dir: filepath.Join(c.config.Data, "tls"), Domain: c.config.Domain, Now: c.now})
		if err == nil {
			_, err = c.ca.Bundle()
		}
		return err
	})
	g.Go(func() (err error) {
		select {
		case <-opened:
		case <-gctx.Done():
			return nil
		}
		// Not gctx: it ends with the group, the machine lives on.
		c.machine, err = o.Machine(ctx)
		if err != nil {
			return fmt.Errorf("cannot start the container runtime: %w", err)
		}
		return nil
	})
	return g.Wait()
}

// Close ends background work and closes everything. Container groups run on.
func (c *Cloud) Close() error {
	var errs []error
	c.rooms.stop()
	if c.machine != nil {
		errs = append(errs, c.machine.Close())
	}
	if c.store != nil {
		errs = append(errs, c.store.Close())
	}
	if c.audit != nil {
		errs = append(errs, c.audit.close())
	}
	return errors.Join(errs...)
}

// StopGroups removes what every container group holds on this machine: their
// processes, namespaces and addresses. The groups themselves stay; a later
// start brings them up again by their restart policy.
func (c *Cloud) StopGroups(ctx context.Context) error {
	all, err := c.machine.Runtime.ListSandboxes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range all {
		errs = append(errs, c.machine.Runtime.RemoveSandbox(ctx, s.ID))
	}
	if dir := secretDir(c.config.Data); dir != "" { // written anew when a group starts again
		errs = append(errs, os.RemoveAll(dir))
		_ = os.Remove(filepath.Dir(dir)) // unless another cloud uses it
	}
	return errors.Join(errs...)
}

// Status tells how the cloud is. Addresses are added by [Run].
func (c *Cloud) Status(ctx context.Context) (client.Status, error) {
	sandboxes, err := c.machine.Runtime.ListSandboxes(ctx)
	if err != nil {
		return client.Status{}, err
	}
	cfg := c.config
	return client.Status{Healthy: true, Version: Version, PID: os.Getpid(), Started: c.began, Data: cfg.Data, Domain: cfg.Domain,
		TenantID: c.first.TenantID, SubscriptionID: c.first.SubscriptionID, User: c.first.UPN, CA: cfg.CA(), CABundle: cfg.CABundle(),
		Groups: c.rooms.groups(), Sandboxes: len(sandboxes), Unpacks: c.rooms.unpacker.list(),
		Endpoints: map[string]string{"resourceManager": cfg.URL("management"), "login": cfg.URL("login"), "graph": cfg.URL("graph"), "portal": cfg.URL("portal")},
		Addresses: map[string]string{"https": cfg.Listen, "http": address(cfg.HTTP), "proxy": address(cfg.Proxy), "dns": address(cfg.DNS)}}, nil
}

// address is "" for a listener that is off.
func address(addr string) string {
	if addr == config.Off {
		return ""
	}
	return addr
}

// Handler serves every host name of the cloud.
func (c *Cloud) Handler() http.Handler { return c.rooms.hosts }
