package deployment

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options are what the service needs from outside.
type Options struct {
	Hall      *arm.Hall
	Store     *store.Store
	Endpoints arm.Endpoints
	TenantID  string
	// Secret reads a vault's secret for a deployment of caller; no version means the current one. Its errors are those of
	// Key Vault references. nil: references are refused.
	Secret func(ctx context.Context, vault azure.ResourceID, name, version string, caller authz.Principal) (azure.Secret, error)
	// Seal and Unseal protect the parameters of running deployments at rest. Required.
	Seal, Unseal func([]byte) ([]byte, error)
	// Fetch reads a linked template or parameter file. nil: links are refused.
	Fetch func(ctx context.Context, uri string) ([]byte, error)
	// History is how many deployments a scope keeps; zero means 800.
	History int
	// Parallel is how many resources of a deployment are made at a time; zero means 16.
	Parallel int
	Now      func() time.Time // nil means time.Now
	Log      *slog.Logger     // nil means slog.Default
}

// Service runs deployments. Safe for concurrent use.
type Service struct {
	o      Options
	tables tables
	base   context.Context // ends when the service closes
	stop   context.CancelFunc
	wait   sync.WaitGroup
}

// New makes the service, its tables and the calls it adds to the hall. Register its [Service.Provider] too.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.History == 0 {
		o.History = 800
	}
	if o.Parallel == 0 {
		o.Parallel = 16
	}
	s := &Service{o: o, tables: newTables(o.Store)}
	s.base, s.stop = context.WithCancel(context.Background())
	o.Hall.OnDelete(s.forget)
	o.Hall.OnTakeover(func(ctx context.Context) {
		if err := s.takeUp(ctx); err != nil && ctx.Err() == nil {
			o.Log.Warn("cannot take up the deployments of other processes", "error", err)
		}
	})
	o.Hall.Add(s.rootCalls()...)
	return s
}

// Close stops the running deployments where they are and waits. [Service.Resume] of the next start goes on.
func (s *Service) Close() {
	s.stop()
	s.wait.Wait()
}

const (
	namespace = "Microsoft.Resources"
	typeName  = namespace + "/deployments"
	own       = typeName + "/"
)

// Provider is the table of the deployments API.
func (s *Service) Provider() arm.Provider {
	const one = "deployments/{name}"
	write := authz.Control(own + "write")
	calls := []arm.Call{
		arm.Do(http.MethodGet, "deployments", authz.Control(own+"read"), s.list),
		arm.Do(http.MethodGet, one, authz.Control(own+"read"), s.get),
		arm.Do(http.MethodHead, one, authz.Control(own+"read"), s.head),
		arm.Do(http.MethodPut, one, write, s.put),
		arm.Do(http.MethodDelete, one, authz.Control(own+"delete"), s.remove),
		arm.Do(http.MethodPost, one+"/validate", authz.Control(own+"validate/action"), s.validate),
		arm.Do(http.MethodPost, one+"/whatIf", authz.Control(own+"whatIf/action"), s.whatIf),
		arm.Do(http.MethodPost, one+"/cancel", authz.Control(own+"cancel/action"), s.cancel),
		arm.Do(http.MethodPost, one+"/exportTemplate", authz.Control(own+"exportTemplate/action"), s.exportTemplate),
		arm.Do(http.MethodPost, one+"/listOutputsWithSecureValues", authz.Control(own+"listOutputsWithSecureValues/action"), s.listOutputs),
		arm.Do(http.MethodGet, one+"/operations", authz.Control(own+"operations/read"), s.listOperations),
		arm.Do(http.MethodGet, one+"/operations/{id}", authz.Control(own+"operations/read"), s.getOperation),
		arm.Do(http.MethodGet, one+"/operationStatuses/{id}", authz.Control(own+"operationstatuses/read"), s.operationStatus),
	}
	for i := range calls {
		calls[i] = calls[i].At(arm.AtAnyScope)
	}
	// Anybody signed in: it computes from what is sent and shows nothing else.
	return arm.Provider{Namespace: namespace, Types: s.specTypes(), Calls: append(calls,
		arm.Do(http.MethodPost, "calculateTemplateHash", httpd.AnyCaller, s.templateHash).At(arm.AtTenant))}
}

// rootCalls are those whose paths name no provider.
func (s *Service) rootCalls() []arm.Call {
	const group = "subscriptions/{subscription}/resourcegroups/{group}"
	// Azure: the operations of a group's deployment are below the group itself.
	return []arm.Call{
		arm.Do(http.MethodGet, group+"/deployments/{name}/operations", authz.Control(own+"operations/read"), s.listOperations),
		arm.Do(http.MethodGet, group+"/deployments/{name}/operations/{id}", authz.Control(own+"operations/read"), s.getOperation),
		arm.Do(http.MethodPost, group+"/exportTemplate", authz.Control("Microsoft.Resources/subscriptions/resourceGroups/exportTemplate/action"), s.exportGroup),
	}
}
