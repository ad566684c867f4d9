package arm

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// resourceView is a resource on the wire.
type resourceView struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   azure.Location    `json:"location,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	SKU        *SKU              `json:"sku,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Identity   json.RawMessage   `json:"identity,omitempty"`
	Zones      []string          `json:"zones,omitempty"`
	ETag       string            `json:"etag,omitempty"`
	SystemData *systemData       `json:"systemData,omitempty"`
	Properties json.RawMessage   `json:"properties,omitempty"`
}

// systemData is ARM's record of who wrote when.
type systemData struct {
	CreatedBy          string    `json:"createdBy"`
	CreatedByType      string    `json:"createdByType"`
	CreatedAt          time.Time `json:"createdAt"`
	LastModifiedBy     string    `json:"lastModifiedBy"`
	LastModifiedByType string    `json:"lastModifiedByType"`
	LastModifiedAt     time.Time `json:"lastModifiedAt"`
}

// envelopeView is the view without properties, as resource lists show it.
func envelopeView(e *Envelope) resourceView {
	v := resourceView{ID: e.ID.String(), Name: e.ID.Name(), Type: e.ID.Type(), Location: e.Location, Tags: e.Tags, SKU: e.SKU, Kind: e.Kind,
		Identity: e.Identity, Zones: e.Zones, ETag: `"` + strconv.FormatInt(e.ETag, 16) + `"`}
	if e.Created.By != "" {
		v.SystemData = &systemData{CreatedBy: e.Created.By, CreatedByType: creatorType(e.Created), CreatedAt: e.Created.At,
			LastModifiedBy: e.Updated.By, LastModifiedByType: creatorType(e.Updated), LastModifiedAt: e.Updated.At}
	}
	return v
}

// creatorType is systemData's word for the kind of principal.
func creatorType(s Stamp) string {
	if s.Type == "ServicePrincipal" {
		return "Application"
	}
	return string(s.Type)
}

// view is the whole resource: what the room shows, what it has no field for,
// and the provisioning state.
func (h *Hall) view(ctx context.Context, t *Type, e *Envelope, list bool) (resourceView, error) {
	v := envelopeView(e)
	if v.Tags == nil && !t.Proxy {
		v.Tags = map[string]string{}
	}
	p, err := t.ops.get(ctx, e, list)
	if err != nil {
		return v, err
	}
	item, _ := h.tables.resources.Get(resourceKey(e.ID))
	merged, err := lenient.Merge(p, item.Value.Unknown)
	if err != nil {
		return v, err
	}
	var props map[string]json.RawMessage
	if err := json.Unmarshal(merged, &props); err != nil {
		return v, err
	}
	state, err := json.Marshal(e.State)
	if err != nil {
		return v, err
	}
	if props == nil {
		props = map[string]json.RawMessage{}
	}
	props["provisioningState"] = state
	v.Properties, err = json.Marshal(props)
	return v, err
}
