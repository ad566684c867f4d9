package arm

import (
	"context"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// coreCalls is the table of the hall's own endpoints.
func (h *Hall) coreCalls() []coreCall {
	const (
		sub    = "subscriptions/{subscription}"
		groups = sub + "/resourcegroups"
		one    = groups + "/{group}"
		rg     = "Microsoft.Resources/subscriptions/resourceGroups/"
	)
	get := http.MethodGet
	return []coreCall{
		// Public: clients ask for the endpoints before they can sign in.
		{Do(get, "metadata/endpoints", httpd.Public, h.metadata), atTenant},
		{Do(get, "tenants", httpd.AnyCaller, h.listTenants), atTenant},
		{Do(get, "subscriptions", httpd.AnyCaller, h.listSubscriptions), atTenant},
		{Do(get, sub, httpd.AnyCaller, h.getSubscription), atScope},
		{Do(get, sub+"/locations", httpd.AnyCaller, h.listLocations), atScope},
		{Do(get, groups, httpd.AnyCaller, h.listGroups), atScope},
		{Do(get, one, authz.Control(rg+"read"), h.getGroup), atScope},
		{Do(http.MethodHead, one, authz.Control(rg+"read"), h.headGroup), atScope},
		{Do(http.MethodPut, one, authz.Control(rg+"write"), h.putGroup), atScope},
		{Do(http.MethodPatch, one, authz.Control(rg+"write"), h.putGroup), atScope},
		{Do(http.MethodDelete, one, authz.Control(rg+"delete"), h.deleteGroup), atScope},
		{Do(get, sub+"/resources", httpd.AnyCaller, h.listResources), atScope},
		{Do(get, one+"/resources", httpd.AnyCaller, h.listResources), atScope},
		{Do(get, sub+"/providers", httpd.AnyCaller, h.listProviders), atScope},
		{Do(get, sub+"/providers/{namespace}", httpd.AnyCaller, h.getProvider), atScope},
		{Do(http.MethodPost, sub+"/providers/{namespace}/register", authz.Control("Microsoft.Resources/subscriptions/providers/register/action"), h.getProvider), atScope},
		{Do(get, "providers", httpd.AnyCaller, h.listProviders), atTenant},
		{Do(get, "providers/{namespace}", httpd.AnyCaller, h.getProvider), atTenant},
		{Do(get, sub+"/providers/{namespace}/locations/{location}/operations/{operation}", httpd.AnyCaller, h.operationStatus), atScope},
		{Do(get, sub+"/providers/{namespace}/locations/{location}/operationresults/{operation}", httpd.AnyCaller, h.operationResult), atScope},
	}
}

func atTenant(map[string]string) azure.ResourceID { return azure.ResourceID{} }

func atScope(v map[string]string) azure.ResourceID {
	return azure.ResourceID{Subscription: v["subscription"], ResourceGroup: v["group"]}
}

// subscriptionView is a subscription on the wire.
type subscriptionView struct {
	ID                   string             `json:"id"`
	SubscriptionID       string             `json:"subscriptionId"`
	TenantID             string             `json:"tenantId"`
	DisplayName          string             `json:"displayName"`
	State                string             `json:"state"`
	AuthorizationSource  string             `json:"authorizationSource"`
	ManagedByTenants     []struct{}         `json:"managedByTenants"`
	SubscriptionPolicies subscriptionPolicy `json:"subscriptionPolicies"`
	Tags                 map[string]string  `json:"tags,omitempty"`
}

type subscriptionPolicy struct {
	LocationPlacementID string `json:"locationPlacementId"`
	QuotaID             string `json:"quotaId"`
	SpendingLimit       string `json:"spendingLimit"`
}

// CreateSubscription adds a subscription; the id is a GUID.
func (h *Hall) CreateSubscription(ctx context.Context, id, displayName string) error {
	return h.o.Store.Update(ctx, func(tx *store.Tx) error {
		return h.tables.subscriptions.Insert(tx, store.K(strings.ToLower(id)), subscription{ID: id, DisplayName: displayName, Created: h.o.Now().UTC()})
	})
}

// Subscriptions lists the ids of the subscriptions.
func (h *Hall) Subscriptions() (ids []string) {
	for _, item := range h.tables.subscriptions.List("", "", 0) {
		ids = append(ids, item.Value.ID)
	}
	return ids
}

func (h *Hall) viewSubscription(s subscription) subscriptionView {
	return subscriptionView{ID: "/subscriptions/" + s.ID, SubscriptionID: s.ID, TenantID: h.o.TenantID, DisplayName: s.DisplayName, State: "Enabled",
		AuthorizationSource: "RoleBased", ManagedByTenants: []struct{}{}, Tags: s.Tags,
		SubscriptionPolicies: subscriptionPolicy{LocationPlacementID: "Public_2014-09-01", QuotaID: "Lazuli_2026-01-01", SpendingLimit: "Off"}}
}

// listSubscriptions shows those in which the caller has any assignment.
func (h *Hall) listSubscriptions(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[subscriptionView], error) {
	var out []subscriptionView
	for _, item := range h.tables.subscriptions.List("", "", 0) {
		if h.touches(r.Principal, azure.ResourceID{Subscription: item.Value.ID}) {
			out = append(out, h.viewSubscription(item.Value))
		}
	}
	return azure.NewPage(out, ""), nil
}

func (h *Hall) getSubscription(_ context.Context, r *CallRequest, _ httpd.None) (subscriptionView, error) {
	item, ok := h.tables.subscriptions.Get(store.K(strings.ToLower(r.ID.Subscription)))
	if !ok || !h.touches(r.Principal, r.ID) {
		return subscriptionView{}, h.o.Checker.Check(r.Principal, action(r.ID, "read"), r.ID)
	}
	return h.viewSubscription(item.Value), nil
}

// tenantView is a tenant on the wire.
type tenantView struct {
	ID             string `json:"id"`
	TenantID       string `json:"tenantId"`
	DisplayName    string `json:"displayName"`
	DefaultDomain  string `json:"defaultDomain"`
	TenantCategory string `json:"tenantCategory"`
	TenantType     string `json:"tenantType"`
}

func (h *Hall) listTenants(context.Context, *CallRequest, httpd.None) (azure.Page[tenantView], error) {
	return azure.NewPage([]tenantView{{ID: "/tenants/" + h.o.TenantID, TenantID: h.o.TenantID, DisplayName: "Lazuli",
		DefaultDomain: h.o.Endpoints.Domain, TenantCategory: "Home", TenantType: "AAD"}}, ""), nil
}

// locationView is a region on the wire.
type locationView struct {
	ID                  string         `json:"id"`
	Name                azure.Location `json:"name"`
	Type                string         `json:"type"`
	DisplayName         string         `json:"displayName"`
	RegionalDisplayName string         `json:"regionalDisplayName"`
	Metadata            regionMetadata `json:"metadata"`
}

type regionMetadata struct {
	RegionType     string `json:"regionType"`
	RegionCategory string `json:"regionCategory"`
}

func (h *Hall) listLocations(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[locationView], error) {
	var out []locationView
	for _, l := range azure.Regions {
		out = append(out, locationView{ID: r.ID.String() + "/locations/" + string(l.Name), Name: l.Name, Type: "Region", DisplayName: l.DisplayName,
			RegionalDisplayName: l.DisplayName, Metadata: regionMetadata{"Physical", "Recommended"}})
	}
	return azure.NewPage(out, ""), nil
}

// listResources serves the generic resource list with $filter.
func (h *Hall) listResources(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[resourceView], error) {
	var page azure.Page[resourceView]
	if r.ID.ResourceGroup != "" && !h.Exists(r.ID) {
		return page, groupNotFound(r.ID)
	}
	f, err := parseFilter(r.URL.Query().Get("$filter"))
	if err != nil {
		return page, err
	}
	keep := func(rec record) bool {
		id, err := azure.ParseID(rec.ID)
		if err != nil || len(id.Provider) == 0 {
			return false
		}
		// Children are shown only when asked for by type.
		if t, err := h.typeOf(id); err != nil || t.Proxy {
			return false
		}
		return f.accepts(filterSubject{name: id.Name(), kind: rec.Type, group: id.ResourceGroup, location: string(rec.Location), tags: rec.Tags})
	}
	items, next, err := h.visible(r, r.ID, authz.Control("Microsoft.Resources/subscriptions/resources/read"), keep)
	if err != nil {
		return page, err
	}
	views := make([]resourceView, 0, len(items))
	for _, e := range items {
		views = append(views, envelopeView(e))
	}
	return azure.NewPage(views, next), nil
}

func equalType(a, b string) bool { return strings.EqualFold(a, b) }
