package arm

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// treeCalls is the table of Microsoft.Management: management groups.
func (h *Hall) treeCalls() []coreCall {
	const (
		own   = "Microsoft.Management/managementGroups/"
		root  = "providers/Microsoft.Management/"
		one   = root + "managementGroups/{managementGroup}"
		sub   = one + "/subscriptions"
		named = sub + "/{subscription}"
	)
	get := http.MethodGet
	at := func(v map[string]string) azure.ResourceID { return azure.ManagementGroup(v["managementGroup"]) }
	return []coreCall{
		{Do(get, root+"managementGroups", httpd.AnyCaller, h.listManagementGroups), atTenant},
		{Do(get, one, authz.Control(own+"read"), h.getManagementGroup), at},
		// The right to write that counts for a new group is that at its parent, which the body names.
		{Do(http.MethodPut, one, httpd.AnyCaller, h.putManagementGroup), at},
		{Do(http.MethodPatch, one, authz.Control(own+"write"), h.patchManagementGroup), at},
		{Do(http.MethodDelete, one, authz.Control(own+"delete"), h.deleteManagementGroup), at},
		{Do(get, one+"/descendants", authz.Control(own+"read"), h.listDescendants), at},
		{Do(get, sub, authz.Control(own+"subscriptions/read"), h.listGroupSubscriptions), at},
		{Do(get, named, authz.Control(own+"subscriptions/read"), h.getGroupSubscription), at},
		{Do(http.MethodPut, named, authz.Control(own+"subscriptions/write"), h.putGroupSubscription), at},
		{Do(http.MethodDelete, named, authz.Control(own+"subscriptions/delete"), h.removeGroupSubscription), at},
		{Do(http.MethodPost, root+"getEntities", httpd.AnyCaller, h.listEntities), atTenant},
		{Do(http.MethodPost, root+"checkNameAvailability", httpd.AnyCaller, h.checkTreeName), atTenant},
		// Azure: whether old subscriptions were put below the root; here they always are.
		{Do(http.MethodPost, root+"startTenantBackfill", httpd.AnyCaller, h.backfill), atTenant},
		{Do(http.MethodPost, root+"tenantBackfillStatus", httpd.AnyCaller, h.backfill), atTenant},
	}
}

// managementGroupBody is a CreateManagementGroupRequest.
type managementGroupBody struct {
	Properties struct {
		DisplayName string `json:"displayName"`
		Details     struct {
			Parent *groupLink `json:"parent"`
		} `json:"details"`
	} `json:"properties"`
}

// managementGroupPatch is a PatchManagementGroupRequest.
type managementGroupPatch struct {
	DisplayName   string `json:"displayName"`
	ParentGroupID string `json:"parentGroupId"`
}

// groupLink is a ParentGroupInfo.
type groupLink struct {
	ID          string `json:"id"`
	Name        string `json:"name,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
}

// managementGroupView is a ManagementGroup on the wire.
type managementGroupView struct {
	ID         string                    `json:"id"`
	Type       string                    `json:"type"`
	Name       string                    `json:"name"`
	Properties managementGroupProperties `json:"properties"`
}

type managementGroupProperties struct {
	TenantID    string                  `json:"tenantId"`
	DisplayName string                  `json:"displayName"`
	Details     *managementGroupDetails `json:"details,omitempty"`
	Children    []managementGroupChild  `json:"children,omitempty"`
}

type managementGroupDetails struct {
	Version     int         `json:"version"`
	UpdatedTime *time.Time  `json:"updatedTime,omitempty"`
	UpdatedBy   string      `json:"updatedBy,omitempty"`
	Parent      *groupLink  `json:"parent,omitempty"`
	Ancestors   []string    `json:"managementGroupAncestors,omitempty"`
	Chain       []groupLink `json:"managementGroupAncestorsChain,omitempty"`
	Path        []groupLink `json:"path,omitempty"`
}

// managementGroupChild is a ManagementGroupChildInfo.
type managementGroupChild struct {
	ID          string                 `json:"id"`
	Type        string                 `json:"type"`
	Name        string                 `json:"name"`
	DisplayName string                 `json:"displayName"`
	Children    []managementGroupChild `json:"children,omitempty"`
}

var treeNamePattern = regexp.MustCompile(`^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$`)

func (h *Hall) viewManagementGroup(g managementGroup) managementGroupView {
	v := managementGroupView{ID: azure.ManagementGroup(g.Name).String(), Type: azure.TypeManagementGroup, Name: g.Name,
		Properties: managementGroupProperties{TenantID: h.o.TenantID, DisplayName: g.DisplayName, Details: &managementGroupDetails{Version: g.Version, UpdatedBy: g.Updated.By}}}
	if !g.Updated.At.IsZero() {
		v.Properties.Details.UpdatedTime = &g.Updated.At
	}
	if parent, ok := h.managementGroup(h.parentName(g)); ok {
		v.Properties.Details.Parent = linkTo(parent)
	}
	return v
}

func linkTo(g managementGroup) *groupLink {
	return &groupLink{ID: azure.ManagementGroup(g.Name).String(), Name: g.Name, DisplayName: g.DisplayName}
}

// children are the groups and subscriptions below a group, the whole way down when asked.
func (h *Hall) children(name string, recurse bool) []managementGroupChild {
	out := []managementGroupChild{}
	for _, g := range h.groupsBelow(name) {
		c := managementGroupChild{ID: azure.ManagementGroup(g.Name).String(), Type: azure.TypeManagementGroup, Name: g.Name, DisplayName: g.DisplayName}
		if recurse {
			c.Children = h.children(g.Name, true)
		}
		out = append(out, c)
	}
	for _, s := range h.subscriptionsBelow(name) {
		out = append(out, managementGroupChild{ID: "/subscriptions/" + s.ID, Type: "/subscriptions", Name: s.ID, DisplayName: s.DisplayName})
	}
	return out
}

// listManagementGroups shows those that the caller may read.
func (h *Hall) listManagementGroups(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[managementGroupView], error) {
	var out []managementGroupView
	for _, g := range h.wholeTree() {
		if v := h.viewManagementGroup(g); h.o.Checker.Allowed(r.Principal, action(azure.ManagementGroup(g.Name), "read"), azure.ManagementGroup(g.Name)) {
			v.Properties.Details = nil
			out = append(out, v)
		}
	}
	return azure.NewPage(out, ""), nil
}

// wholeTree is every group, the root first.
func (h *Hall) wholeTree() []managementGroup {
	root, _ := h.managementGroup(h.o.TenantID)
	all := []managementGroup{root}
	for _, item := range h.tables.tree.List("", "", 0) {
		if !h.isRoot(item.Value.Name) {
			all = append(all, item.Value)
		}
	}
	return all
}

// getManagementGroup shows one group, with $expand children, path or ancestors.
func (h *Hall) getManagementGroup(_ context.Context, r *CallRequest, _ httpd.None) (managementGroupView, error) {
	g, ok := h.managementGroup(r.Values["managementGroup"])
	if !ok {
		return managementGroupView{}, noManagementGroup(r.Values["managementGroup"])
	}
	v := h.viewManagementGroup(g)
	q := r.URL.Query()
	switch expand := q.Get("$expand"); strings.ToLower(expand) {
	case "":
	case "children":
		v.Properties.Children = h.children(g.Name, strings.EqualFold(q.Get("$recurse"), "true"))
	case "path", "ancestors":
		for _, key := range h.Above(azure.ManagementGroup(g.Name)) {
			at, _ := h.managementGroup(key[strings.LastIndexByte(key, '/')+1:])
			link := *linkTo(at)
			v.Properties.Details.Path = append([]groupLink{{ID: link.ID, Name: link.Name, DisplayName: link.DisplayName}}, v.Properties.Details.Path...)
			v.Properties.Details.Ancestors = append(v.Properties.Details.Ancestors, at.Name)
			v.Properties.Details.Chain = append(v.Properties.Details.Chain, link)
		}
	default:
		return v, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The query parameter $expand '%s' is not understood. It is children, path or ancestors.", expand)
	}
	return v, nil
}

// putManagementGroup creates a group or changes it: 200 either way, as Azure's clients want.
func (h *Hall) putManagementGroup(ctx context.Context, r *CallRequest, b managementGroupBody) (managementGroupView, error) {
	if _, ok := h.managementGroup(r.Values["managementGroup"]); ok {
		if err := h.o.Checker.Check(r.Principal, action(r.ID, "write"), r.ID); err != nil {
			return managementGroupView{}, err
		}
	}
	parent := ""
	if p := b.Properties.Details.Parent; p != nil {
		parent = p.ID
	}
	return h.writeManagementGroup(ctx, r, b.Properties.DisplayName, parent)
}

func (h *Hall) patchManagementGroup(ctx context.Context, r *CallRequest, b managementGroupPatch) (managementGroupView, error) {
	if _, ok := h.managementGroup(r.Values["managementGroup"]); !ok {
		return managementGroupView{}, noManagementGroup(r.Values["managementGroup"])
	}
	return h.writeManagementGroup(ctx, r, b.DisplayName, b.ParentGroupID)
}

// writeManagementGroup creates or changes the group that r names; what is "" stays as it is.
func (h *Hall) writeManagementGroup(ctx context.Context, r *CallRequest, displayName, parentID string) (managementGroupView, error) {
	name := r.Values["managementGroup"]
	if !treeNamePattern.MatchString(name) {
		return managementGroupView{}, azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The management group name '%s' is invalid. It has 1 to 90 letters, digits, '-', '_', '.', '(' or ')' and does not end with '.'.", name)
	}
	parent := ""
	if parentID != "" {
		id, err := azure.ParseID(parentID)
		if err != nil {
			return managementGroupView{}, err
		}
		if parent = id.ManagementGroup(); parent == "" || h.isRoot(name) {
			return managementGroupView{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The parent '%s' of the management group '%s' is not valid: give the id of a management group; the root has none.", parentID, name).At("properties.details.parent.id")
		}
	}
	err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
		g, exists, err := h.managementGroupTx(tx, name)
		if err != nil {
			return err
		}
		if !exists {
			g = managementGroup{Name: name, DisplayName: name}
		}
		if parent != "" || !exists {
			if err := h.settle(tx, r.Principal, &g, parent, exists); err != nil {
				return err
			}
		}
		if displayName != "" {
			g.DisplayName = displayName
		}
		g.Version, g.Updated = g.Version+1, h.stamp(r.Principal)
		if err := h.tables.tree.Put(tx, treeKey(name), g); err != nil || exists || h.onFound == nil {
			return err
		}
		return h.onFound(tx, azure.ManagementGroup(name), r.Principal)
	})
	if err != nil {
		return managementGroupView{}, err
	}
	g, ok := h.managementGroup(name)
	if !ok { // deleted by another caller since the commit
		return managementGroupView{}, noManagementGroup(name)
	}
	return h.viewManagementGroup(g), nil
}

// settle puts a group below a parent. Whoever moves one needs the right to write at both parents, and to give roles in the
// group, as it inherits others afterwards.
func (h *Hall) settle(tx *store.Tx, p authz.Principal, g *managementGroup, parent string, exists bool) error {
	before := h.parentName(*g)
	if parent == "" {
		parent = before
	}
	if exists && strings.EqualFold(before, parent) {
		return nil
	}
	for _, at := range []string{parent, before} {
		if err := h.o.Checker.Check(p, action(azure.ManagementGroup(at), "write"), azure.ManagementGroup(at)); err != nil && (exists || at == parent) {
			return err
		}
	}
	if exists {
		if err := h.mayMove(p, azure.ManagementGroup(g.Name)); err != nil {
			return err
		}
	}
	if err := h.place(tx, g.Name, parent); err != nil {
		return err
	}
	g.Parent = parent
	if h.isRoot(parent) {
		g.Parent = ""
	}
	return nil
}

// mayMove wants the right to give roles in what moves.
func (h *Hall) mayMove(p authz.Principal, id azure.ResourceID) error {
	return h.o.Checker.Check(p, authz.Control("Microsoft.Authorization/roleAssignments/write"), id)
}

// deleteManagementGroup deletes a group that has nothing below it: 204.
func (h *Hall) deleteManagementGroup(ctx context.Context, r *CallRequest, _ httpd.None) (httpd.None, error) {
	name := r.Values["managementGroup"]
	if h.isRoot(name) {
		return httpd.None{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The root management group '%s' cannot be deleted.", name)
	}
	return httpd.None{}, h.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := h.tables.tree.GetTx(tx, treeKey(name))
		if err != nil || !ok {
			return err
		}
		groups, err := h.tables.tree.ListTx(tx, "")
		if err != nil {
			return err
		}
		subscriptions, err := h.tables.subscriptions.ListTx(tx, "")
		if err != nil {
			return err
		}
		full := false
		for _, g := range groups {
			full = full || strings.EqualFold(g.Value.Parent, name)
		}
		for _, s := range subscriptions {
			full = full || strings.EqualFold(s.Value.ManagementGroup, name)
		}
		if full {
			return azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The management group '%s' has management groups or subscriptions in it. Move or delete them first.", name)
		}
		if err := h.tellDeleted(ctx, tx, azure.ManagementGroup(item.Value.Name)); err != nil {
			return err
		}
		return h.tables.tree.Delete(tx, item.Key)
	})
}
