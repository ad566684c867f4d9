package arm

import (
	"context"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Tags gives the tags of a subscription, a resource group, or a resource that has
// tags of its own. Not found and Invalid (another scope) as errors.
func (h *Hall) Tags(id azure.ResourceID) (tags map[string]string, err error) {
	if err := h.checkTagged(id); err != nil {
		return nil, err
	}
	switch {
	case len(id.Provider) > 0:
		item, ok := h.tables.resources.Get(resourceKey(id))
		if !ok {
			return nil, h.notFound(id)
		}
		return item.Value.Tags, nil
	case id.ResourceGroup != "":
		item, ok := h.tables.groups.Get(groupKey(id))
		if !ok {
			return nil, groupNotFound(id)
		}
		return item.Value.Tags, nil
	}
	item, _ := h.tables.subscriptions.Get(subscriptionKey(id)) // it is there: asked before authorization
	return item.Value.Tags, nil
}

// SetTags replaces the tags of id by what change makes of them, and gives those.
// change may run several times and must not change what it gets. Errors as of
// [Hall.Tags]; Conflict while id is being deleted.
func (h *Hall) SetTags(ctx context.Context, p authz.Principal, id azure.ResourceID, change func(map[string]string) map[string]string) (tags map[string]string, err error) {
	if err := h.checkTagged(id); err != nil {
		return nil, err
	}
	err = h.o.Store.Update(ctx, func(tx *store.Tx) (err error) {
		switch {
		case len(id.Provider) > 0:
			tags, err = h.tagResource(tx, p, id, change)
		case id.ResourceGroup != "":
			tags, err = h.tagGroup(tx, id, change)
		default:
			tags, err = h.tagSubscription(tx, id, change)
		}
		if err == nil {
			err = CheckTags(tags)
		}
		return err
	})
	return tags, err
}

func (h *Hall) tagResource(tx *store.Tx, p authz.Principal, id azure.ResourceID, change func(map[string]string) map[string]string) (map[string]string, error) {
	item, ok, err := h.tables.resources.GetTx(tx, resourceKey(id))
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, h.notFound(id)
	case item.Value.State == stateDeleting:
		return nil, azure.Errorf(azure.Conflict, azure.CodeResourceBeingDeleted, "The resource '%s' is being deleted; its tags cannot change any more.", id)
	}
	rec := item.Value
	rec.Tags, rec.Updated = change(rec.Tags), h.stamp(p)
	return rec.Tags, h.tables.resources.Put(tx, resourceKey(id), rec)
}

func (h *Hall) tagGroup(tx *store.Tx, id azure.ResourceID, change func(map[string]string) map[string]string) (map[string]string, error) {
	item, ok, err := h.tables.groups.GetTx(tx, groupKey(id))
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, groupNotFound(id)
	case item.Value.State == stateDeleting:
		return nil, azure.Errorf(azure.Conflict, azure.CodeResourceGroupBeingDeleted, "The resource group '%s' is being deleted; its tags cannot change any more.", id.ResourceGroup)
	}
	g := item.Value
	g.Tags = change(g.Tags)
	return g.Tags, h.tables.groups.Put(tx, groupKey(id), g)
}

func (h *Hall) tagSubscription(tx *store.Tx, id azure.ResourceID, change func(map[string]string) map[string]string) (map[string]string, error) {
	item, ok, err := h.tables.subscriptions.GetTx(tx, subscriptionKey(id))
	if err != nil || !ok {
		return nil, err
	}
	s := item.Value
	s.Tags = change(s.Tags)
	return s.Tags, h.tables.subscriptions.Put(tx, subscriptionKey(id), s)
}

// EachTags gives show the tags of a subscription and of all that is in it.
func (h *Hall) EachTags(id azure.ResourceID, show func(tags map[string]string)) {
	if item, ok := h.tables.subscriptions.Get(subscriptionKey(id)); ok {
		show(item.Value.Tags)
	}
	for _, item := range h.tables.groups.List(subscriptionKey(id), "", 0) {
		show(item.Value.Tags)
	}
	for _, item := range h.tables.resources.List(resourceKey(azure.ResourceID{Subscription: id.Subscription}), "", 0) {
		show(item.Value.Tags)
	}
}

func subscriptionKey(id azure.ResourceID) store.Key { return store.K(strings.ToLower(id.Subscription)) }

// checkTagged refuses scopes that have no tags.
func (h *Hall) checkTagged(id azure.ResourceID) error {
	if id.Subscription == "" {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceID, "'%s' has no tags. Subscriptions, resource groups and resources have: give the id of one.", id)
	}
	if len(id.Provider) == 0 {
		return nil
	}
	t, err := h.typeOf(id)
	if err == nil && t.Proxy {
		err = azure.Errorf(azure.Invalid, azure.CodeInvalidResourceID, "Resources of type '%s' have no tags. Tag the resource they belong to.", id.Type())
	}
	return err
}
