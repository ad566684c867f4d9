package vault

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

// Options are what the room needs from outside. Store, Seal, Authenticate,
// Checker, LoginURL, VaultSuffix and TenantID are required.
type Options struct {
	Store *store.Store
	Seal  *seal.Ring
	// Authenticate verifies the bearer token of a data-plane request. It must
	// accept the audiences of [Service.Audiences] only.
	Authenticate func(*http.Request) (authz.Principal, error)
	Checker      *authz.Checker
	// Groups tells, from memory, the ids of the groups an object is in: an access
	// policy for one counts for it. nil: there are none.
	Groups      func(objectID string) []string
	LoginURL    string           // "https://login.lazuli.localhost", port included when needed
	VaultSuffix string           // ".vault.lazuli.localhost", port included when needed
	TenantID    string           // the tenant of every vault, and of the challenge
	Scheme      string           // of vault URIs; empty means https
	Now         func() time.Time // nil means time.Now
	SweepEvery  time.Duration    // pace of scheduled purges; zero means a minute
	Audit       func(httpd.Record)
	Log         *slog.Logger // nil means slog.Default
}

// Service is the room. Safe for concurrent use.
type Service struct {
	o       Options
	tables  tables
	backups *seal.Box
}

// New opens the room. It makes the data key of backups at first start.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scheme == "" {
		o.Scheme = "https"
	}
	if o.SweepEvery <= 0 {
		o.SweepEvery = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if !strings.HasPrefix(o.VaultSuffix, ".") {
		o.VaultSuffix = "." + o.VaultSuffix
	}
	backups, err := o.Seal.Box(ctx, "vault/backup")
	if err != nil {
		return nil, err
	}
	return &Service{o: o, tables: newTables(o.Store), backups: backups}, nil
}

// now is the time in UTC, in the whole seconds the wire can show.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Second) }

// resource is the audience tokens for the data plane are asked for.
func (s *Service) resource() string {
	return s.o.Scheme + "://" + strings.TrimPrefix(s.o.VaultSuffix, ".")
}

// Audiences are the audiences a token for the data plane may have.
func (s *Service) Audiences() []string { return []string{s.resource(), s.resource() + "/"} }

// domain is the vault suffix as it stands in host names: folded, without port.
func (s *Service) domain() string {
	suffix, _, _ := strings.Cut(strings.ToLower(s.o.VaultSuffix), ":")
	return suffix
}

// hostURL is the address of a vault without a trailing slash.
func (s *Service) hostURL(name string) string {
	return s.o.Scheme + "://" + strings.ToLower(name) + s.o.VaultSuffix
}

// Run purges what is due until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(s.o.SweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Error("cannot purge deleted vaults and secrets", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
