package deployment

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// The states of deployments and operations.
const (
	stateAccepted  = "Accepted"
	stateRunning   = "Running"
	stateSucceeded = "Succeeded"
	stateFailed    = "Failed"
	stateCanceled  = "Canceled"
)

// done reports that a state is final.
func done(state string) bool {
	return state == stateSucceeded || state == stateFailed || state == stateCanceled
}

// record is the stored form of a deployment.
type record struct {
	ID          string            `json:"id"` // as written
	Run         string            `json:"run"`
	Location    string            `json:"location,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	State       string            `json:"state"`
	Start       time.Time         `json:"start"`
	End         *time.Time        `json:"end,omitempty"`
	Correlation string            `json:"correlation"`
	worker
	Settings   settings        `json:"settings"`
	Hash       string          `json:"hash"`
	Parameters json.RawMessage `json:"parameters,omitempty"` // as shown: secure ones without value
	Plan       shownPlan       `json:"plan"`
	Outputs    json.RawMessage `json:"outputs,omitempty"` // as shown
	Error      *azure.ErrorDetail
}

// worker is for whom and where a deployment runs.
type worker struct {
	Caller authz.Principal `json:"caller"`
	Owner  string          `json:"owner,omitempty"` // the process that runs it
}

// settings are what a request asks besides template and parameters, and what its parent hands down.
type settings struct {
	Mode           string     `json:"mode"`
	APIVersion     string     `json:"apiVersion"`
	TemplateLink   *link      `json:"templateLink,omitempty"`
	ParametersLink *link      `json:"parametersLink,omitempty"`
	OnError        *onError   `json:"onError,omitempty"`
	Debug          *debugging `json:"debug,omitempty"`
	Depth          int        `json:"depth,omitempty"` // how many deployments it is nested in
	Base           string     `json:"base,omitempty"`  // what relative links of the parent's resources resolve against
}

// source is the text of a run, kept apart so that a change of state does not write it again.
type source struct {
	Template string `json:"template"`          // as sent; without secrets when the parent put some in
	Sealed   []byte `json:"sealed,omitempty"`  // a sealed payload, while the deployment runs
	Outputs  []byte `json:"outputs,omitempty"` // the values of secure outputs of a nested deployment, sealed JSON by name
}

// payload is what only a running deployment needs.
type payload struct {
	Parameters string `json:"parameters"`
	Inputs     string `json:"inputs,omitempty"` // external ones
	// Secrets are those that stand in the template as if they were none.
	Secrets  []string `json:"secrets,omitempty"`
	Template string   `json:"template,omitempty"` // when it differs from the source's
}

// operation is the stored form of what was done to one resource.
type operation struct {
	ID         string
	Kind       string // provisioningOperation
	State      string
	Start      time.Time
	End        *time.Time
	StatusCode string
	Error      *azure.ErrorDetail
	Target     target
	Poll       string // path and query that tells how an accepted request goes on
	Request    json.RawMessage
	Response   json.RawMessage
}

// result is the stored answer of a what-if.
type result struct {
	Operation azure.Operation `json:"operation"`
	CallerID  string          `json:"callerId"`
}

// tables are the service's own.
type tables struct {
	deployments *store.Table[record]
	sources     *store.Table[source]
	operations  *store.Table[operation]
	results     *store.Table[result]

	specs        *store.Table[TemplateSpecProperties]
	specVersions *store.Table[specVersion]
}

// byActive lists the deployments that have not ended.
const byActive = "active"

func newTables(s *store.Store) tables {
	return tables{
		deployments: store.NewTable(s, "deployment.deployments", store.Index[record]{Name: byActive, Keys: func(r record) []string {
			if done(r.State) {
				return nil
			}
			return []string{"yes"}
		}}),
		sources:    store.NewTable[source](s, "deployment.sources"),       // by run
		operations: store.NewTable[operation](s, "deployment.operations"), // by run and operation
		results:    store.NewTable[result](s, "deployment.results"),       // by id; they expire

		specs:        store.NewTable[TemplateSpecProperties](s, "deployment.specs"), // by id
		specVersions: store.NewTable[specVersion](s, "deployment.specVersions"),     // by id
	}
}

// scopeKey is the prefix of a scope's deployments. The kind of scope is part of it: a group's are not below its
// subscription's.
func scopeKey(scope azure.ResourceID) store.Key {
	kind := "tenant"
	switch {
	case scope.ResourceGroup != "":
		kind = "group"
	case scope.Subscription != "":
		kind = "subscription"
	case scope.ManagementGroup() != "":
		kind = "managementGroup"
	}
	return store.K(kind, scope.Key())
}

// deploymentKey is the key of a deployment.
func deploymentKey(id azure.ResourceID) store.Key {
	parts := scopeKey(id.Scope()).Parts()
	return store.K(append(parts, strings.ToLower(id.Name()))...)
}

// forget removes the deployments of a resource group or management group that goes away, in the transaction that removes it.
func (s *Service) forget(_ context.Context, tx *store.Tx, id azure.ResourceID) error {
	if !id.IsGroup() && !strings.EqualFold(id.Type(), azure.TypeManagementGroup) {
		return nil
	}
	for _, item := range s.tables.deployments.List(scopeKey(id), "", 0) {
		if err := s.tables.deployments.Delete(tx, item.Key); err != nil {
			return err
		}
		if err := s.tables.sources.Delete(tx, store.K(item.Value.Run)); err != nil {
			return err
		}
	}
	return nil
}

// dropOperations removes the operations of a run that nobody can ask for any more.
func (s *Service) dropOperations(ctx context.Context, run string) error {
	const most = 1000 // rows of one transaction
	for {
		items := s.tables.operations.List(store.K(run), "", most)
		if len(items) == 0 {
			return nil
		}
		err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
			for _, item := range items {
				if err := s.tables.operations.Delete(tx, item.Key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// sweep removes the operations of runs that are gone: those of deleted groups, and what a crash left.
func (s *Service) sweep(ctx context.Context) error {
	alive := map[string]bool{}
	for _, item := range s.tables.deployments.List("", "", 0) {
		alive[item.Value.Run] = true
	}
	dead := map[string]bool{}
	for _, item := range s.tables.operations.List("", "", 0) {
		if run := item.Key.Parts()[0]; !alive[run] {
			dead[run] = true
		}
	}
	for run := range dead {
		if err := s.dropOperations(ctx, run); err != nil {
			return err
		}
	}
	return nil
}
