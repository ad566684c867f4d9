package arm

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// groupBody is a resource group as clients send it.
type groupBody struct {
	Location  string            `json:"location"`
	Tags      map[string]string `json:"tags"`
	ManagedBy string            `json:"managedBy"`
}

// groupView is a resource group on the wire.
type groupView struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   azure.Location    `json:"location"`
	ManagedBy  *string           `json:"managedBy"`
	Tags       map[string]string `json:"tags"`
	Properties groupState        `json:"properties"`
}

type groupState struct {
	ProvisioningState string `json:"provisioningState"`
}

var groupPattern = regexp.MustCompile(`^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$`)

func viewGroup(subscription string, g group) groupView {
	v := groupView{ID: azure.ResourceID{Subscription: subscription, ResourceGroup: g.Name}.String(), Name: g.Name, Type: azure.TypeResourceGroup,
		Location: g.Location, Tags: g.Tags, Properties: groupState{g.State}}
	if g.ManagedBy != "" {
		v.ManagedBy = &g.ManagedBy
	}
	if v.Tags == nil {
		v.Tags = map[string]string{}
	}
	return v
}

// putGroup creates or updates a group: 201 or 200.
func (h *Hall) putGroup(ctx context.Context, r *CallRequest, b groupBody) (httpd.Reply[groupView], error) {
	var reply httpd.Reply[groupView]
	if err := checkGroup(r, b); err != nil {
		return reply, err
	}
	err := h.o.Store.Update(ctx, func(tx *store.Tx) (err error) {
		reply, err = h.writeGroup(tx, r, b)
		return err
	})
	return reply, err
}

// checkGroup refuses a bad name, location or tags.
func checkGroup(r *CallRequest, b groupBody) error {
	name := r.ID.ResourceGroup
	if !groupPattern.MatchString(name) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceGroupName, "The resource group name '%s' is invalid. It has 1 to 90 letters, digits, '_', '-', '.', '(' or ')' and does not end with '.'.", name)
	}
	_, known := azure.ParseLocation(b.Location)
	patch := r.Method == http.MethodPatch
	if b.Location == "" && !patch {
		return azure.Errorf(azure.Invalid, azure.CodeLocationRequired, "The location property is required for this definition.").At("location")
	}
	if b.Location != "" && !known {
		return azure.Errorf(azure.Invalid, azure.CodeLocationNotAvailable, "The provided location '%s' is not available for resource group. List the regions with 'az account list-locations'.", b.Location).At("location")
	}
	return CheckTags(b.Tags)
}

// writeGroup writes what was sent over the group's record.
func (h *Hall) writeGroup(tx *store.Tx, r *CallRequest, b groupBody) (httpd.Reply[groupView], error) {
	var reply httpd.Reply[groupView]
	loc, _ := azure.ParseLocation(b.Location)
	patch := r.Method == http.MethodPatch
	item, ok, err := h.tables.groups.GetTx(tx, groupKey(r.ID))
	if err != nil {
		return reply, err
	}
	g := item.Value
	switch {
	case !ok && patch:
		return reply, groupNotFound(r.ID)
	case !ok:
		g = group{Name: r.ID.ResourceGroup, Location: loc, Created: h.stamp(r.Principal)}
		reply.Status = http.StatusCreated
	case g.State == stateDeleting:
		return reply, azure.Errorf(azure.Conflict, azure.CodeResourceGroupBeingDeleted, "The resource group '%s' is in deprovisioning state and cannot perform this operation.", g.Name)
	case b.Location != "" && g.Location != loc:
		return reply, azure.Errorf(azure.Conflict, azure.CodeInvalidResourceGroupLocation, "Invalid resource group location '%s'. The Resource group already exists in location '%s'.", loc, g.Location)
	default:
		reply.Status = http.StatusOK
	}
	if b.Tags != nil || !patch {
		g.Tags = b.Tags
	}
	if b.ManagedBy != "" {
		g.ManagedBy = b.ManagedBy
	}
	g.State = stateSucceeded
	reply.Body = viewGroup(r.ID.Subscription, g)
	return reply, h.tables.groups.Put(tx, groupKey(r.ID), g)
}

func (h *Hall) getGroup(_ context.Context, r *CallRequest, _ httpd.None) (groupView, error) {
	item, ok := h.tables.groups.Get(groupKey(r.ID))
	if !ok {
		return groupView{}, groupNotFound(r.ID)
	}
	return viewGroup(r.ID.Subscription, item.Value), nil
}

func (h *Hall) headGroup(_ context.Context, r *CallRequest, _ httpd.None) (httpd.None, error) {
	if !h.Exists(r.ID.Group()) {
		return httpd.None{}, groupNotFound(r.ID)
	}
	return httpd.None{}, nil
}

// listGroups shows the groups of the subscription that the caller may read, or
// in which they may read something.
func (h *Hall) listGroups(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[groupView], error) {
	f, err := parseFilter(r.URL.Query().Get("$filter"))
	if err != nil {
		return azure.Page[groupView]{}, err
	}
	if !h.touches(r.Principal, r.ID) {
		return azure.Page[groupView]{}, h.o.Checker.Check(r.Principal, action(r.ID, "read"), r.ID)
	}
	var out []groupView
	for _, item := range h.tables.groups.List(store.K(strings.ToLower(r.ID.Subscription)), "", 0) {
		id := azure.ResourceID{Subscription: r.ID.Subscription, ResourceGroup: item.Value.Name}
		subject := filterSubject{name: item.Value.Name, kind: azure.TypeResourceGroup, location: string(item.Value.Location), tags: item.Value.Tags}
		if f.accepts(subject) && h.touches(r.Principal, id) {
			out = append(out, viewGroup(r.ID.Subscription, item.Value))
		}
	}
	return azure.NewPage(out, ""), nil
}

// deleteGroup marks the group and deletes what is in it in the background.
func (h *Hall) deleteGroup(ctx context.Context, r *CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	reply := httpd.Reply[httpd.None]{Status: http.StatusAccepted, Header: http.Header{}}
	var op *operation
	err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := h.tables.groups.GetTx(tx, groupKey(r.ID))
		if err != nil {
			return err
		}
		if !ok {
			return groupNotFound(r.ID)
		}
		g := item.Value
		g.State = stateDeleting
		if err := h.tables.groups.Put(tx, item.Key, g); err != nil {
			return err
		}
		op, err = h.newOperation(tx, opDeleteGroup, azure.ResourceID{Subscription: r.ID.Subscription, ResourceGroup: g.Name}, r.Principal)
		return err
	})
	if err != nil {
		return reply, err
	}
	h.announce(reply.Header, r, op)
	h.start(*op)
	return reply, nil
}

// deleteGroupNow deletes the resources of the group, then the group. It is
// idempotent.
func (h *Hall) deleteGroupNow(ctx context.Context, id azure.ResourceID) error {
	for {
		left := h.tables.resources.List(resourceKey(id), "", 1)
		if len(left) == 0 {
			break
		}
		target, err := azure.ParseID(left[0].Value.ID)
		if err != nil {
			return err
		}
		if _, err := h.destroy(ctx, target); err != nil {
			return err
		}
	}
	return h.o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := h.tellDeleted(ctx, tx, id); err != nil {
			return err
		}
		return h.tables.groups.Delete(tx, groupKey(id))
	})
}
