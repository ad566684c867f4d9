package arm

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// body is the envelope as clients send it. What it has no field for at the top
// level (id, name, type, systemData) is read-only and ignored.
type body struct {
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags"`
	SKU        *SKU              `json:"sku"`
	Kind       string            `json:"kind"`
	Identity   json.RawMessage   `json:"identity"`
	Zones      []string          `json:"zones"`
	Properties json.RawMessage   `json:"properties"`
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_.()-]{1,90}$`)

// put serves PUT and PATCH of type t.
func (h *Hall) put(t *Type) func(context.Context, *CallRequest) (any, error) {
	return func(ctx context.Context, r *CallRequest) (any, error) {
		var b body
		if _, err := httpd.Decode(r.Request, &b); err != nil {
			return nil, err
		}
		if err := h.checkNew(t, r.ID); err != nil {
			return nil, err
		}
		var made bool
		var op *operation
		err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
			w, err := h.prepare(ctx, tx, t, r, b)
			if err != nil {
				return err
			}
			made = w.old == nil
			w.Envelope.State = stateSucceeded
			if t.ops.ensure != nil {
				w.Envelope.State = pendingState(t)
			}
			if err := t.ops.put(ctx, tx, w); err != nil {
				return err
			}
			if err := h.tables.resources.Put(tx, resourceKey(w.ID), recordOf(&w.Envelope, w.unknown)); err != nil {
				return err
			}
			if t.ops.ensure == nil {
				return nil
			}
			op, err = h.newOperation(tx, opEnsure, w.ID, r.Principal)
			return err
		})
		if err != nil {
			return nil, err
		}
		return h.written(ctx, t, r, made, op)
	}
}

// written is the answer to a PUT or PATCH, after the commit.
func (h *Hall) written(ctx context.Context, t *Type, r *CallRequest, made bool, op *operation) (any, error) {
	e, ok := h.Find(r.ID)
	if !ok { // deleted by another caller since the commit
		return nil, h.notFound(r.ID)
	}
	view, err := h.view(ctx, t, e, false)
	if err != nil {
		return nil, err
	}
	reply := httpd.Reply[any]{Status: http.StatusOK, Header: http.Header{}, Body: view}
	if made {
		reply.Status = http.StatusCreated
	}
	if op != nil {
		h.announce(reply.Header, r, op)
		h.start(*op)
	}
	return reply, nil
}

func pendingState(t *Type) string {
	if t.Pending != "" {
		return t.Pending
	}
	return stateCreating
}

// checkNew refuses bad names and ids outside a group.
func (h *Hall) checkNew(t *Type, id azure.ResourceID) error {
	if len(id.Provider) == 1 && id.ResourceGroup == "" {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceID, "The resource type '%s' lives in a resource group. Give the id as /subscriptions/{id}/resourceGroups/{name}/providers/%s/{name}.", id.Type(), id.Type())
	}
	if t.CheckName != nil {
		return t.CheckName(id.Name())
	}
	if !namePattern.MatchString(id.Name()) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The resource name '%s' is invalid. It has 1 to 90 letters, digits, '-', '_', '.', '(' or ')'.", id.Name())
	}
	return nil
}

// prepare reads the old record and lays the sent envelope over it.
func (h *Hall) prepare(ctx context.Context, tx *store.Tx, t *Type, r *CallRequest, b body) (*write, error) {
	if err := h.checkParent(tx, t, r.ID); err != nil {
		return nil, err
	}
	item, exists, err := h.tables.resources.GetTx(tx, resourceKey(r.ID))
	if err != nil {
		return nil, err
	}
	patch := r.Method == http.MethodPatch
	if !exists && patch {
		return nil, h.notFound(r.ID)
	}
	if err := checkETag(r.Header, exists, item.ETag); err != nil {
		return nil, err
	}
	stamp := h.stamp(r.Principal)
	w := &write{principal: r.Principal, apiVersion: apiVersion(r.URL.Query()), patch: patch, properties: b.Properties}
	w.Envelope = Envelope{ID: r.ID, Created: stamp, Updated: stamp}
	if exists {
		w.old = item.Value.envelope(item.ETag)
		if w.old.State == stateDeleting {
			return nil, azure.Errorf(azure.Conflict, azure.CodeResourceBeingDeleted, "The resource '%s' is being deleted. Wait until it is gone, then create it again.", w.old.ID)
		}
		w.Envelope = *w.old
		w.Updated = stamp
	}
	if err := lay(w, t, b); err != nil {
		return nil, err
	}
	if patch {
		w.properties, err = h.patched(ctx, t, w.old, item.Value.Unknown, b.Properties)
	}
	return w, err
}

// lay puts what was sent over the envelope: a PUT replaces, a PATCH only sets.
func lay(w *write, t *Type, b body) error {
	if !w.patch || b.Tags != nil {
		w.Tags = b.Tags
	}
	if !w.patch || b.SKU != nil {
		w.SKU = b.SKU
	}
	if !w.patch || b.Kind != "" {
		w.Kind = b.Kind
	}
	if !w.patch || b.Identity != nil {
		w.Identity = b.Identity
	}
	if !w.patch || b.Zones != nil {
		w.Zones = b.Zones
	}
	if err := CheckTags(w.Tags); err != nil {
		return err
	}
	if t.Proxy {
		return nil
	}
	if b.Location == "" {
		if w.old == nil {
			return azure.Errorf(azure.Invalid, azure.CodeLocationRequired, "The location property is required for this definition. Give one of the regions, for example 'eastus'.").At("location")
		}
		return nil
	}
	loc, known := azure.ParseLocation(b.Location)
	if !known {
		return azure.Errorf(azure.Invalid, azure.CodeLocationNotAvailable, "The provided location '%s' is not available for resource type '%s'. List the regions with 'az account list-locations'.", b.Location, w.ID.Type()).At("location")
	}
	if w.old != nil && w.old.Location != loc {
		return azure.Errorf(azure.Conflict, azure.CodeInvalidResourceLocation, "The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.", w.ID.Name(), w.old.Location, w.ID.ResourceGroup, loc)
	}
	w.Location = loc
	return nil
}

// patched merges a patch (RFC 7396) into the properties as shown now.
func (h *Hall) patched(ctx context.Context, t *Type, old *Envelope, unknown map[string]any, patch json.RawMessage) (json.RawMessage, error) {
	shown, err := t.ops.get(ctx, old, false)
	if err != nil {
		return nil, err
	}
	now, err := lenient.Merge(shown, unknown)
	if err != nil || len(patch) == 0 {
		return now, err
	}
	var base, over map[string]any
	if err := json.Unmarshal(now, &base); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(patch, &over); err != nil {
		return nil, httpd.BadContent(err).At("properties")
	}
	return json.Marshal(mergePatch(base, over))
}

func mergePatch(base, over map[string]any) map[string]any {
	for k, v := range over {
		for existing := range base { // names match in any case
			if existing != k && strings.EqualFold(existing, k) {
				k = existing
				break
			}
		}
		sub, isMap := v.(map[string]any)
		inner, had := base[k].(map[string]any)
		switch {
		case v == nil:
			delete(base, k)
		case isMap && had:
			base[k] = mergePatch(inner, sub)
		default:
			base[k] = v
		}
	}
	return base
}

// checkParent wants the group, and for a child type the parent, to be there.
func (h *Hall) checkParent(tx *store.Tx, t *Type, id azure.ResourceID) error {
	if id.ResourceGroup != "" {
		g, ok, err := h.tables.groups.GetTx(tx, groupKey(id))
		if err != nil {
			return err
		}
		if !ok {
			return groupNotFound(id)
		}
		if g.Value.State == stateDeleting {
			return azure.Errorf(azure.Conflict, azure.CodeResourceGroupBeingDeleted, "The resource group '%s' is in deprovisioning state and cannot perform this operation.", g.Value.Name)
		}
	}
	parent := id.Parent()
	if len(parent.Provider) == 0 {
		return nil
	}
	_, ok, err := h.tables.resources.GetTx(tx, resourceKey(parent))
	if err != nil || ok {
		return err
	}
	return azure.Errorf(azure.NotFound, azure.CodeParentResourceNotFound, "Failed to perform 'write' on resource(s) of type '%s', because the parent resource '%s' could not be found.", id.RelativeType(), parent)
}

// checkETag holds If-Match and If-None-Match against the record's revision.
func checkETag(h http.Header, exists bool, etag int64) error {
	quoted := `"` + strconv.FormatInt(etag, 16) + `"`
	if m := h.Get("If-Match"); m != "" && (!exists || m != "*" && m != quoted) {
		return azure.Errorf(azure.Precondition, azure.CodePreconditionFailed, "The condition If-Match %s did not hold: the resource has been changed or is not there. Read it again.", m)
	}
	if m := h.Get("If-None-Match"); m != "" && exists && (m == "*" || m == quoted) {
		return azure.Errorf(azure.Precondition, azure.CodePreconditionFailed, "The condition If-None-Match %s did not hold: the resource exists.", m)
	}
	return nil
}

// CheckTags refuses tags that nothing can have, as CodeInvalidTagName.
func CheckTags(tags map[string]string) error {
	if len(tags) > 50 {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidTagName, "A resource has at most 50 tags; %d were given.", len(tags)).At("tags")
	}
	for k, v := range tags {
		if k == "" || len(k) > 512 || len(v) > 256 || strings.ContainsAny(k, `<>%&\?/`) {
			return azure.Errorf(azure.Invalid, azure.CodeInvalidTagName, "The tag name '%s' is not valid: it has 1 to 512 characters without < > %% & \\ ? /, its value at most 256.", k).At("tags")
		}
	}
	return nil
}

func (h *Hall) stamp(p authz.Principal) Stamp {
	by := p.Name
	if p.Type == authz.ServicePrincipal || by == "" {
		by = p.AppID
	}
	return Stamp{At: h.o.Now().UTC(), By: by, Type: p.Type}
}

// get serves GET of one resource.
func (h *Hall) get(t *Type) func(context.Context, *CallRequest) (any, error) {
	return func(ctx context.Context, r *CallRequest) (any, error) {
		if e, ok := h.Find(r.ID); ok {
			return h.view(ctx, t, e, false)
		}
		for _, e := range h.builtin(t, r.ID.Parent()) {
			if e.ID.Equal(r.ID) {
				return h.view(ctx, t, e, false)
			}
		}
		return nil, h.notFound(r.ID)
	}
}

// head serves HEAD: 204 when there, 404 when not.
func (h *Hall) head(_ context.Context, r *CallRequest) (any, error) {
	if _, ok := h.Find(r.ID); !ok {
		return nil, h.notFound(r.ID)
	}
	return httpd.None{}, nil
}

// notFound tells a missing group from a missing resource.
func (h *Hall) notFound(id azure.ResourceID) error {
	if id.ResourceGroup != "" && !h.Exists(id.Group()) {
		return groupNotFound(id)
	}
	return azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", id.Type(), id.FullName(), id.ResourceGroup)
}

func groupNotFound(id azure.ResourceID) error {
	return azure.Errorf(azure.NotFound, azure.CodeResourceGroupNotFound, "Resource group '%s' could not be found.", id.ResourceGroup)
}
