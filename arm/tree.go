package arm

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// managementGroup is the stored form of a management group. The root, whose name
// is the tenant's id, is there without a record; renaming it makes one.
type managementGroup struct {
	Name        string `json:"name"` // as first written
	DisplayName string `json:"displayName"`
	Parent      string `json:"parent,omitempty"` // name; "" is the root, and the root's own
	Version     int    `json:"version"`
	Updated     Stamp  `json:"updated"`
}

// maxTree is how many levels of management groups there may be below the root.
const maxTree = 6

func treeKey(name string) store.Key { return store.K(strings.ToLower(name)) }

// isRoot reports the name of the root management group.
func (h *Hall) isRoot(name string) bool { return strings.EqualFold(name, h.o.TenantID) }

// managementGroup finds a management group by name in any case.
func (h *Hall) managementGroup(name string) (managementGroup, bool) {
	item, ok := h.tables.tree.Get(treeKey(name))
	if !ok && h.isRoot(name) {
		return h.rootGroup(), true
	}
	return item.Value, ok
}

// rootGroup is the root before it was renamed.
func (h *Hall) rootGroup() managementGroup {
	return managementGroup{Name: h.o.TenantID, DisplayName: "Tenant Root Group", Version: 1}
}

// managementGroupTx is managementGroup inside a transaction.
func (h *Hall) managementGroupTx(tx *store.Tx, name string) (managementGroup, bool, error) {
	item, ok, err := h.tables.tree.GetTx(tx, treeKey(name))
	if err == nil && !ok && h.isRoot(name) {
		return h.rootGroup(), true, nil
	}
	return item.Value, ok, err
}

// parentName is the name of the group's parent; "" for the root.
func (h *Hall) parentName(g managementGroup) string {
	switch {
	case h.isRoot(g.Name):
		return ""
	case g.Parent == "":
		return h.o.TenantID
	}
	return g.Parent
}

// groupOf is the name of the management group a subscription is in.
func (h *Hall) groupOf(s subscription) string {
	if s.ManagementGroup == "" {
		return h.o.TenantID
	}
	return s.ManagementGroup
}

// Above gives the keys of the management groups above a scope, the nearest
// first. A group that is not there yet would be below the root.
func (h *Hall) Above(scope azure.ResourceID) (keys []string) {
	name := ""
	switch own := scope.ManagementGroup(); {
	case scope.Subscription != "":
		item, _ := h.tables.subscriptions.Get(store.K(strings.ToLower(scope.Subscription)))
		name = h.groupOf(item.Value)
	case own == "" || h.isRoot(own):
		return nil
	default:
		g, _ := h.managementGroup(own)
		name = h.parentName(g)
	}
	for ; name != "" && len(keys) <= maxTree; name = h.nextAbove(name) {
		keys = append(keys, azure.ManagementGroup(name).Key())
	}
	return keys
}

// nextAbove is the name of the parent of the group of that name, or "".
func (h *Hall) nextAbove(name string) string {
	g, ok := h.managementGroup(name)
	if !ok {
		return ""
	}
	return h.parentName(g)
}

// groupsBelow are the direct children of a management group, by name.
func (h *Hall) groupsBelow(name string) (out []managementGroup) {
	for _, item := range h.tables.tree.List("", "", 0) {
		if strings.EqualFold(h.parentName(item.Value), name) {
			out = append(out, item.Value)
		}
	}
	return out
}

// subscriptionsBelow are the subscriptions directly in a management group.
func (h *Hall) subscriptionsBelow(name string) (out []subscription) {
	for _, item := range h.tables.subscriptions.List("", "", 0) {
		if strings.EqualFold(h.groupOf(item.Value), name) {
			out = append(out, item.Value)
		}
	}
	return out
}

// height is how many levels of groups there are from a group down, itself included.
func (h *Hall) height(name string) int {
	most := 0
	for _, g := range h.groupsBelow(name) {
		most = max(most, h.height(g.Name))
	}
	return most + 1
}

// place checks that the group of that name may be put below parent: that it
// makes no circle and is not too deep.
func (h *Hall) place(tx *store.Tx, name, parent string) error {
	levels := 0
	for at := parent; at != ""; levels++ {
		g, ok, err := h.managementGroupTx(tx, at)
		if err != nil {
			return err
		}
		if !ok {
			return noManagementGroup(at)
		}
		if strings.EqualFold(at, name) || levels > maxTree {
			return azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The management group '%s' cannot be moved below '%s', which is itself or below it. Choose another parent.", name, parent)
		}
		at = h.parentName(g)
	}
	if levels-1+h.height(name) > maxTree {
		return azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The management group '%s' would be more than %d levels below the root. Choose a parent that is higher up.", name, maxTree)
	}
	return nil
}

func noManagementGroup(name string) error {
	return azure.Errorf(azure.NotFound, azure.CodeManagementGroupNotFound, "The management group '%s' could not be found. List them with 'az account management-group list'.", name)
}
