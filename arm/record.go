package arm

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// record is the hall's stored form of a resource.
type record struct {
	ID       string            `json:"id"` // as first written
	Type     string            `json:"type"`
	Location azure.Location    `json:"location,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	SKU      *SKU              `json:"sku,omitempty"`
	Kind     string            `json:"kind,omitempty"`
	Identity json.RawMessage   `json:"identity,omitempty"`
	Zones    []string          `json:"zones,omitempty"`
	State    string            `json:"state"`
	Created  Stamp             `json:"created"`
	Updated  Stamp             `json:"updated"`
	Unknown  map[string]any    `json:"unknown,omitempty"` // properties the room has no field for
	Owner    string            `json:"owner,omitempty"`   // the process that deletes it
}

// group is the stored form of a resource group.
type group struct {
	Name      string            `json:"name"` // as first written
	Location  azure.Location    `json:"location"`
	Tags      map[string]string `json:"tags,omitempty"`
	ManagedBy string            `json:"managedBy,omitempty"`
	State     string            `json:"state"`
	Created   Stamp             `json:"created"`
}

// subscription is the stored form of a subscription.
type subscription struct {
	ID          string    `json:"id"`
	DisplayName string    `json:"displayName"`
	Created     time.Time `json:"created"`

	Tags map[string]string `json:"tags,omitempty"`
	// ManagementGroup is the name of the group it is in; "" is the root.
	ManagementGroup string `json:"managementGroup,omitempty"`
}

// The operations the hall runs in the background.
const (
	opEnsure      = "ensure"
	opDeleteGroup = "deleteGroup"
)

// operation is the stored form of a long-running operation.
type operation struct {
	ID       string             `json:"id"` // GUID
	Kind     string             `json:"kind"`
	Target   string             `json:"target"` // resource or group id
	Status   azure.Status       `json:"status"`
	Start    time.Time          `json:"start"`
	End      *time.Time         `json:"end,omitempty"`
	Error    *azure.ErrorDetail `json:"error,omitempty"`
	CallerID string             `json:"callerId"`
	Owner    string             `json:"owner,omitempty"` // the process that does it
}

// The provisioning states the hall itself writes.
const (
	stateSucceeded = "Succeeded"
	stateFailed    = "Failed"
	stateDeleting  = "Deleting"
	stateCreating  = "Creating"
)

// tables are the hall's own.
type tables struct {
	subscriptions *store.Table[subscription]
	groups        *store.Table[group]
	resources     *store.Table[record]
	operations    *store.Table[operation]
	processes     *store.Table[process]         // by id; they expire
	tree          *store.Table[managementGroup] // by name in lower case
}

// Names of the indexes of the hall's tables.
const (
	byType   = "type"   // resources by lower-case type
	byState  = "state"  // resources by state, to find unfinished deletes
	byStatus = "status" // operations by status
)

func newTables(s *store.Store) tables {
	return tables{
		processes:     store.NewTable[process](s, "arm.processes"),
		tree:          store.NewTable[managementGroup](s, "arm.managementGroups"),
		subscriptions: store.NewTable[subscription](s, "arm.subscriptions"),
		groups:        store.NewTable[group](s, "arm.groups"),
		resources: store.NewTable(s, "arm.resources",
			store.Index[record]{Name: byType, Keys: func(r record) []string { return []string{strings.ToLower(r.Type)} }},
			store.Index[record]{Name: byState, Keys: func(r record) []string { return []string{r.State} }}),
		operations: store.NewTable(s, "arm.operations",
			store.Index[operation]{Name: byStatus, Keys: func(o operation) []string { return []string{string(o.Status)} }}),
	}
}

// resourceKey orders resources so that everything below an id follows it.
func resourceKey(id azure.ResourceID) store.Key {
	return store.K(strings.Split(strings.Trim(id.Key(), "/"), "/")...)
}

func groupKey(id azure.ResourceID) store.Key {
	return store.K(strings.ToLower(id.Subscription), strings.ToLower(id.ResourceGroup))
}

// envelope is the record as rooms see it.
func (r record) envelope(etag int64) *Envelope {
	id, err := azure.ParseID(r.ID)
	if err != nil { // impossible: only parsed ids are written
		id = azure.ResourceID{}
	}
	return &Envelope{ID: id, Location: r.Location, Tags: r.Tags, SKU: r.SKU, Kind: r.Kind, Identity: r.Identity,
		Zones: r.Zones, State: r.State, Created: r.Created, Updated: r.Updated, ETag: etag}
}

// recordOf is the inverse of record.envelope.
func recordOf(e *Envelope, unknown map[string]any) record {
	return record{ID: e.ID.String(), Type: e.ID.Type(), Location: e.Location, Tags: e.Tags, SKU: e.SKU, Kind: e.Kind, Identity: e.Identity,
		Zones: e.Zones, State: e.State, Created: e.Created, Updated: e.Updated, Unknown: unknown}
}

// Find gives the record of a resource, or false.
func (h *Hall) Find(id azure.ResourceID) (*Envelope, bool) {
	item, ok := h.tables.resources.Get(resourceKey(id))
	if !ok {
		return nil, false
	}
	return item.Value.envelope(item.ETag), true
}

// Exists reports whether the scope exists: tenant, management group, subscription, group or
// resource. Child ids of types the hall keeps no record of exist when their
// parent does.
func (h *Hall) Exists(id azure.ResourceID) bool {
	switch {
	case len(id.Provider) == 1 && id.ManagementGroup() != "":
		_, ok := h.managementGroup(id.ManagementGroup())
		return ok && len(id.Provider[0].Names) == 1
	case len(id.Provider) > 0:
		if _, ok := h.Find(id); ok {
			return true
		}
		return len(id.Provider[len(id.Provider)-1].Names) > 1 && h.Exists(id.Parent())
	case id.ResourceGroup != "":
		_, ok := h.tables.groups.Get(groupKey(id))
		return ok
	case id.Subscription != "":
		_, ok := h.tables.subscriptions.Get(store.K(strings.ToLower(id.Subscription)))
		return ok
	}
	return true
}

// Count tells how many resources of a type there are.
func (h *Hall) Count(resourceType string) int {
	return len(h.tables.resources.By(byType, strings.ToLower(resourceType)))
}
