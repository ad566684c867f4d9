package arm

import (
	"context"
	"net/http"
	"sort"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// remove serves DELETE of one resource: 200, or 204 when it was not there.
func (h *Hall) remove(t *Type) func(context.Context, *CallRequest) (any, error) {
	return func(ctx context.Context, r *CallRequest) (any, error) {
		e, ok := h.Find(r.ID)
		if !ok {
			if r.ID.ResourceGroup != "" && !h.Exists(r.ID.Group()) {
				return nil, groupNotFound(r.ID)
			}
			return httpd.None{}, nil
		}
		if err := checkETag(r.Header, true, e.ETag); err != nil {
			return nil, err
		}
		var shown any = httpd.None{}
		if t.DeleteShows {
			v, err := h.view(ctx, t, e, false)
			if err != nil {
				return nil, err
			}
			shown = v
		}
		// The delete is promised from here on: a caller who hangs up does not
		// stop it half way.
		there, err := h.destroy(context.WithoutCancel(ctx), e.ID)
		if err != nil {
			return nil, err
		}
		if !there {
			return httpd.None{}, nil
		}
		return httpd.Reply[any]{Status: http.StatusOK, Body: shown}, nil
	}
}

// destroy deletes a resource and all below it, children first. It reports
// whether there was anything.
func (h *Hall) destroy(ctx context.Context, id azure.ResourceID) (bool, error) {
	below := h.tables.resources.List(resourceKey(id), "", 0)
	if len(below) == 0 {
		return false, nil
	}
	sort.SliceStable(below, func(i, j int) bool { return len(below[i].Key.Parts()) > len(below[j].Key.Parts()) })
	for _, item := range below {
		target, err := azure.ParseID(item.Value.ID)
		if err != nil {
			return true, err
		}
		if err := h.destroyOne(ctx, target); err != nil {
			return true, err
		}
	}
	return true, nil
}

// destroyOne marks, releases and removes one resource.
func (h *Hall) destroyOne(ctx context.Context, id azure.ResourceID) error {
	t, err := h.typeOf(id)
	if err != nil {
		return err
	}
	if t.ops.release != nil {
		if err := h.release(ctx, t, id); err != nil {
			return err
		}
	}
	return h.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := h.tables.resources.GetTx(tx, resourceKey(id))
		if err != nil || !ok {
			return err
		}
		e := item.Value.envelope(item.ETag)
		if err := t.ops.remove(ctx, tx, e); err != nil {
			return err
		}
		if err := h.tables.resources.Delete(tx, item.Key); err != nil {
			return err
		}
		return h.tellDeleted(ctx, tx, e.ID)
	})
}

// release marks the record Deleting and undoes what Ensure made, waiting its
// turn behind a running Ensure.
func (h *Hall) release(ctx context.Context, t *Type, id azure.ResourceID) error {
	err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := h.tables.resources.GetTx(tx, resourceKey(id))
		if err != nil || !ok || item.Value.State == stateDeleting {
			return err
		}
		rec := item.Value
		rec.State, rec.Owner = stateDeleting, h.process
		return h.tables.resources.Put(tx, item.Key, rec)
	})
	if err != nil {
		return err
	}
	h.ensuring.interrupt(id.Key()) // a delete does not wait for what it undoes
	done, err := h.turns.take(ctx, id.Key())
	if err != nil {
		return err
	}
	defer done()
	e, ok := h.Find(id)
	if !ok {
		return nil
	}
	return t.ops.release(ctx, e)
}

func (h *Hall) tellDeleted(ctx context.Context, tx *store.Tx, id azure.ResourceID) error {
	for _, f := range h.onDelete {
		if err := f(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
