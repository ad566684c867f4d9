package arm

import (
	"context"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// groupSubscriptionView is a SubscriptionUnderManagementGroup on the wire.
type groupSubscriptionView struct {
	ID         string                      `json:"id"`
	Type       string                      `json:"type"`
	Name       string                      `json:"name"`
	Properties groupSubscriptionProperties `json:"properties"`
}

type groupSubscriptionProperties struct {
	Tenant      string    `json:"tenant"`
	DisplayName string    `json:"displayName"`
	Parent      groupLink `json:"parent"`
	State       string    `json:"state"`
}

func (h *Hall) viewGroupSubscription(s subscription) groupSubscriptionView {
	group := azure.ManagementGroup(h.groupOf(s)).String()
	return groupSubscriptionView{ID: group + "/subscriptions/" + s.ID, Type: azure.TypeManagementGroup + "/subscriptions", Name: s.ID,
		Properties: groupSubscriptionProperties{Tenant: h.o.TenantID, DisplayName: s.DisplayName, Parent: groupLink{ID: group}, State: "Active"}}
}

func (h *Hall) listGroupSubscriptions(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[groupSubscriptionView], error) {
	name := r.Values["managementGroup"]
	if _, ok := h.managementGroup(name); !ok {
		return azure.Page[groupSubscriptionView]{}, noManagementGroup(name)
	}
	var out []groupSubscriptionView
	for _, s := range h.subscriptionsBelow(name) {
		out = append(out, h.viewGroupSubscription(s))
	}
	return azure.NewPage(out, ""), nil
}

func (h *Hall) getGroupSubscription(_ context.Context, r *CallRequest, _ httpd.None) (groupSubscriptionView, error) {
	item, ok := h.tables.subscriptions.Get(store.K(strings.ToLower(r.Values["subscription"])))
	if !ok || !strings.EqualFold(h.groupOf(item.Value), r.Values["managementGroup"]) {
		return groupSubscriptionView{}, noGroupSubscription(r)
	}
	return h.viewGroupSubscription(item.Value), nil
}

func noGroupSubscription(r *CallRequest) error {
	return azure.Errorf(azure.NotFound, azure.CodeManagementGroupNotFound, "The subscription '%s' could not be found in the management group '%s'.", r.Values["subscription"], r.Values["managementGroup"])
}

// putGroupSubscription moves a subscription into a management group.
func (h *Hall) putGroupSubscription(ctx context.Context, r *CallRequest, _ httpd.None) (groupSubscriptionView, error) {
	return h.moveSubscription(ctx, r, r.Values["managementGroup"])
}

// removeGroupSubscription moves a subscription back below the root: 200, or 204 when it is not in the group.
func (h *Hall) removeGroupSubscription(ctx context.Context, r *CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	if _, err := h.getGroupSubscription(ctx, r, httpd.None{}); err != nil {
		return httpd.Reply[httpd.None]{Status: http.StatusNoContent}, nil
	}
	_, err := h.moveSubscription(ctx, r, h.o.TenantID)
	return httpd.Reply[httpd.None]{Status: http.StatusOK}, err
}

// moveSubscription puts the subscription that r names below the group to. Azure: it takes the right to write at the group it
// leaves, and to give roles in the subscription, which inherits others afterwards; that to write at the target is the row's.
func (h *Hall) moveSubscription(ctx context.Context, r *CallRequest, to string) (groupSubscriptionView, error) {
	id := azure.ResourceID{Subscription: r.Values["subscription"]}
	key := store.K(strings.ToLower(id.Subscription))
	if !h.Exists(id) {
		return groupSubscriptionView{}, azure.Errorf(azure.NotFound, azure.CodeSubscriptionNotFound, "The subscription '%s' could not be found.", id.Subscription)
	}
	if err := h.mayMove(r.Principal, id); err != nil {
		return groupSubscriptionView{}, err
	}
	var moved subscription
	err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
		g, ok, err := h.managementGroupTx(tx, to)
		if err != nil {
			return err
		}
		if !ok {
			return noManagementGroup(to)
		}
		item, ok, err := h.tables.subscriptions.GetTx(tx, key)
		if err != nil || !ok {
			return err
		}
		moved = item.Value
		before := h.groupOf(moved)
		if strings.EqualFold(before, g.Name) {
			return nil
		}
		if err := h.o.Checker.Check(r.Principal, action(azure.ManagementGroup(before), "write"), azure.ManagementGroup(before)); err != nil {
			return err
		}
		if moved.ManagementGroup = g.Name; h.isRoot(g.Name) {
			moved.ManagementGroup = ""
		}
		return h.tables.subscriptions.Put(tx, key, moved)
	})
	return h.viewGroupSubscription(moved), err
}

// descendantView is a DescendantInfo on the wire.
type descendantView struct {
	ID         string               `json:"id"`
	Type       string               `json:"type"`
	Name       string               `json:"name"`
	Properties descendantProperties `json:"properties"`
}

type descendantProperties struct {
	DisplayName string    `json:"displayName"`
	Parent      groupLink `json:"parent"`
}

// listDescendants shows everything below a group, flat.
func (h *Hall) listDescendants(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[descendantView], error) {
	name := r.Values["managementGroup"]
	if _, ok := h.managementGroup(name); !ok {
		return azure.Page[descendantView]{}, noManagementGroup(name)
	}
	return azure.NewPage(h.descendants(name), ""), nil
}

func (h *Hall) descendants(name string) (out []descendantView) {
	parent := groupLink{ID: azure.ManagementGroup(name).String()}
	for _, s := range h.subscriptionsBelow(name) {
		out = append(out, descendantView{"/subscriptions/" + s.ID, azure.TypeManagementGroup + "/subscriptions", s.ID, descendantProperties{s.DisplayName, parent}})
	}
	for _, g := range h.groupsBelow(name) {
		out = append(out, descendantView{azure.ManagementGroup(g.Name).String(), azure.TypeManagementGroup, g.Name, descendantProperties{g.DisplayName, parent}})
		out = append(out, h.descendants(g.Name)...)
	}
	return out
}

// entityView is an EntityInfo on the wire.
type entityView struct {
	ID         string           `json:"id"`
	Type       string           `json:"type"`
	Name       string           `json:"name"`
	Properties entityProperties `json:"properties"`
}

type entityProperties struct {
	TenantID    string     `json:"tenantId"`
	DisplayName string     `json:"displayName"`
	Parent      *groupLink `json:"parent,omitempty"`
	Permissions string     `json:"permissions"` // view, edit, delete
	Children    int        `json:"numberOfChildren"`
	ChildGroups int        `json:"numberOfChildGroups"`
	Descendants int        `json:"numberOfDescendants"`
}

// listEntities shows the groups and subscriptions that the caller may read.
func (h *Hall) listEntities(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[entityView], error) {
	var out []entityView
	permission := func(id azure.ResourceID) (word string) {
		for _, may := range [][2]string{{"read", "view"}, {"write", "edit"}, {"delete", "delete"}} {
			if h.o.Checker.Allowed(r.Principal, action(id, may[0]), id) {
				word = may[1]
			}
		}
		return word
	}
	for _, g := range h.wholeTree() {
		id := azure.ManagementGroup(g.Name)
		if word := permission(id); word != "" {
			groups := len(h.groupsBelow(g.Name))
			out = append(out, entityView{id.String(), azure.TypeManagementGroup, g.Name, entityProperties{TenantID: h.o.TenantID, DisplayName: g.DisplayName,
				Parent: h.viewManagementGroup(g).Properties.Details.Parent, Permissions: word, ChildGroups: groups,
				Children: groups + len(h.subscriptionsBelow(g.Name)), Descendants: len(h.descendants(g.Name))}})
		}
	}
	for _, item := range h.tables.subscriptions.List("", "", 0) {
		id := azure.ResourceID{Subscription: item.Value.ID}
		if word := permission(id); word != "" {
			out = append(out, entityView{id.String(), "/subscriptions", item.Value.ID, entityProperties{TenantID: h.o.TenantID, DisplayName: item.Value.DisplayName,
				Parent: &groupLink{ID: azure.ManagementGroup(h.groupOf(item.Value)).String()}, Permissions: word}})
		}
	}
	return azure.NewPage(out, ""), nil
}

// nameCheck is a CheckNameAvailabilityRequest.
type nameCheck struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// nameAnswer is a CheckNameAvailabilityResult.
type nameAnswer struct {
	NameAvailable bool   `json:"nameAvailable"`
	Reason        string `json:"reason,omitempty"`
	Message       string `json:"message,omitempty"`
}

func (h *Hall) checkTreeName(_ context.Context, _ *CallRequest, b nameCheck) (nameAnswer, error) {
	if !treeNamePattern.MatchString(b.Name) {
		return nameAnswer{Reason: "Invalid", Message: "The name '" + b.Name + "' is invalid. It has 1 to 90 letters, digits, '-', '_', '.', '(' or ')' and does not end with '.'."}, nil
	}
	if _, taken := h.managementGroup(b.Name); taken {
		return nameAnswer{Reason: "AlreadyExists", Message: "The group with the specified name already exists."}, nil
	}
	return nameAnswer{NameAvailable: true}, nil
}

// backfillAnswer is a TenantBackfillStatusResult.
type backfillAnswer struct {
	TenantID string `json:"tenantId"`
	Status   string `json:"status"`
}

func (h *Hall) backfill(context.Context, *CallRequest, httpd.None) (backfillAnswer, error) {
	return backfillAnswer{h.o.TenantID, "Completed"}, nil
}
