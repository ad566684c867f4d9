package arm

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Provider is a room's table for the hall.
type Provider struct {
	Namespace string // "Microsoft.KeyVault"
	Types     []Type
	Calls     []Call // below {scope}/providers/{Namespace}/, see Call.Level
}

// Envelope is what every resource has besides its properties.
type Envelope struct {
	ID       azure.ResourceID
	Location azure.Location
	Tags     map[string]string
	SKU      *SKU
	Kind     string
	Identity json.RawMessage // as sent; rooms that support identities parse it
	Zones    []string
	State    string // provisioningState
	Created  Stamp
	Updated  Stamp
	ETag     int64 // revision of the record; zero before the first write
}

// SKU is the envelope's sku. Family is Key Vault's.
type SKU struct {
	Name     string `json:"name"`
	Tier     string `json:"tier,omitempty"`
	Family   string `json:"family,omitempty"`
	Capacity int    `json:"capacity,omitempty"`
}

// Stamp says who wrote when, for systemData.
type Stamp struct {
	At   time.Time           `json:"at"`
	By   string              `json:"by"`
	Type authz.PrincipalType `json:"type"`
}

// Put is the write of one resource with wire properties P.
type Put[P any] struct {
	Envelope             // as it will be stored; Put handlers may change SKU, Kind, Tags and Identity
	Properties P         // as sent (PUT), or as shown now with the patch merged in (PATCH)
	Old        *Envelope // the record before, nil on create
	Principal  authz.Principal
	APIVersion string
	Patch      bool // the request was a PATCH
	Rehearsal  bool // the write is tried and dropped: count nothing, hold nothing
}

// Handlers give a resource type its meaning. P is the wire shape of properties;
// what the room stores is the room's own business.
type Handlers[P any] struct {
	// Put validates r, fills defaults and writes the room's intent in tx. It may
	// run several times and has no other side effect. Required.
	Put func(ctx context.Context, tx *store.Tx, r *Put[P]) error
	// Get shows the properties: defaults filled, read-only values added, secrets
	// left out. list is true inside collections, where Azure omits instance
	// views. provisioningState is added by the hall. Required.
	Get func(ctx context.Context, e *Envelope, list bool) (P, error)
	// Delete removes the room's records in tx, together with the hall's. Required.
	Delete func(ctx context.Context, tx *store.Tx, e *Envelope) error
	// Ensure makes the world agree with the intent. Idempotent; it runs after a
	// PUT and again at start-up when it had not ended. Its error becomes the
	// operation's error and the state Failed. nil: a PUT is complete at once.
	Ensure func(ctx context.Context, id azure.ResourceID) error
	// Release undoes what Ensure made. Idempotent; it runs before Delete,
	// outside any transaction. nil: nothing to undo.
	Release func(ctx context.Context, e *Envelope) error
}

// Type is one row of a provider's table, made by [Resource].
type Type struct {
	Name     string   // below the namespace: "vaults" or "vaults/secrets"
	Versions []string // newest first; shown by the providers listing, not enforced
	Calls    []Call   // below a resource of this type
	// Proxy types have no location and tags of their own (vaults/secrets).
	Proxy bool
	// Pending is the provisioningState while Ensure runs; default "Creating".
	Pending string
	// DeleteShows makes DELETE answer 200 with the last shown body (ACI)
	// instead of 200 without one.
	DeleteShows bool
	// Builtin gives the resources of a child type that are below every parent
	// without having been written: they are read and listed, and Put must refuse
	// their names. nil: there are none.
	Builtin func(parent azure.ResourceID) []*Envelope
	// CheckName refuses bad names before anything else; nil allows
	// [A-Za-z0-9-_.()]{1,90}.
	CheckName func(name string) error

	ops typeOps
}

// typeOps is Handlers with the property type erased.
type typeOps struct {
	put     func(ctx context.Context, tx *store.Tx, w *write) error
	get     func(ctx context.Context, e *Envelope, list bool) (any, error)
	remove  func(ctx context.Context, tx *store.Tx, e *Envelope) error
	ensure  func(ctx context.Context, id azure.ResourceID) error
	release func(ctx context.Context, e *Envelope) error
}

// write is a Put before its properties are decoded.
type write struct {
	Envelope
	old        *Envelope
	properties json.RawMessage // sent or merged
	unknown    map[string]any  // set by put: what P has no field for
	principal  authz.Principal
	apiVersion string
	patch      bool
	rehearsal  bool
}

// Resource makes the row of a type called name with properties P.
func Resource[P any](name string, h Handlers[P]) Type {
	return Type{Name: name, ops: typeOps{
		put: func(ctx context.Context, tx *store.Tx, w *write) error {
			r := &Put[P]{Envelope: w.Envelope, Old: w.old, Principal: w.principal, APIVersion: w.apiVersion, Patch: w.patch, Rehearsal: w.rehearsal}
			if len(w.properties) > 0 {
				unknown, err := lenient.Decode(w.properties, &r.Properties)
				if err != nil {
					return httpd.BadContent(err).At("properties")
				}
				w.unknown = unknown
			}
			if err := h.Put(ctx, tx, r); err != nil {
				return err
			}
			w.SKU, w.Kind, w.Tags, w.Identity = r.SKU, r.Kind, r.Tags, r.Identity
			return nil
		},
		get:     func(ctx context.Context, e *Envelope, list bool) (any, error) { return h.Get(ctx, e, list) },
		remove:  h.Delete,
		ensure:  h.Ensure,
		release: h.Release,
	}}
}

// Level says below which scopes a provider's call hangs.
type Level uint8

// The levels. The hall checks that subscription and group exist.
const (
	AtSubscription Level = iota // /subscriptions/{s}/providers/NS/...
	AtGroup                     // .../resourceGroups/{g}/providers/NS/...
	AtTenant                    // /providers/NS/...
	AtAnyScope                  // any of them, and below any resource
)

// Call is an endpoint that is not a plain resource: an action ("listCredentials"),
// a sub-path ("containers/{container}/logs"), or a provider-level one
// ("locations/{location}/deletedVaults/{vault}"). Made by [Do].
type Call struct {
	Method string
	Path   string // literal segments match in any case; {name} matches one segment
	Level  Level  // for provider calls
	Action authz.Action
	serve  func(ctx context.Context, r *CallRequest) (any, error)
	check  func(ctx context.Context, r *CallRequest) error // nil: not rehearsed
}

// CallRequest is what a call's function gets.
type CallRequest struct {
	*httpd.Request
	ID       azure.ResourceID  // the resource, or the scope of a provider call
	Envelope *Envelope         // the resource's record; nil for provider calls
	Values   map[string]string // the {name} segments
}

// Do makes a call. In of httpd.None reads no body; Out of httpd.None answers 204;
// Out of httpd.Reply chooses status and headers; any other Out is 200 with JSON.
// The action is checked at r.ID before f runs; httpd.AnyCaller checks nothing.
func Do[In, Out any](method, path string, action authz.Action, f func(ctx context.Context, r *CallRequest, in In) (Out, error)) Call {
	return Call{Method: method, Path: path, Action: action, serve: func(ctx context.Context, r *CallRequest) (any, error) {
		var in In
		if _, none := any(in).(httpd.None); !none && r.Method != http.MethodGet {
			if _, err := httpd.Decode(r.Request, &in); err != nil {
				return nil, err
			}
		}
		return f(ctx, r, in)
	}}
}

// At is the call at another level.
func (c Call) At(l Level) Call {
	c.Level = l
	return c
}

// Checked is the call with a function that says, when a deployment asks beforehand, what the call would refuse. f writes nothing.
func Checked[In any](c Call, f func(ctx context.Context, r *CallRequest, in In) error) Call {
	c.check = func(ctx context.Context, r *CallRequest) error {
		var in In
		if _, err := httpd.Decode(r.Request, &in); err != nil {
			return err
		}
		return f(ctx, r, in)
	}
	return c
}
