package arm

import (
	"context"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// process is the row of a process that works on the store: it lives as long as
// the process renews it.
type process struct {
	Started time.Time `json:"started"`
}

// Process is the id of this process, which long work is marked with.
func (h *Hall) Process() string { return h.process }

// Orphaned reports whether nobody does the work that is marked with owner: it is
// not this process, and no other that lives.
func (h *Hall) Orphaned(owner string) bool {
	if owner == h.process {
		return false
	}
	_, lives := h.tables.processes.Get(store.K(owner))
	return owner == "" || h.o.Tenure == 0 || !lives
}

// OnTakeover adds a function that takes up orphaned work of its own kind. It runs
// when another process may have ended; not before [Hall.Resume].
func (h *Hall) OnTakeover(f func(ctx context.Context)) { h.onTakeover = append(h.onTakeover, f) }

// attend shows that this process lives, and takes up the work of those that do
// not any more, until the hall closes.
func (h *Hall) attend(ctx context.Context) {
	for tick := time.NewTicker(h.o.Tenure / 3); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if err := h.showLife(ctx); err != nil && ctx.Err() == nil {
			h.o.Log.Warn("cannot tell the other processes that this one lives; they may take up its work", "error", err)
			continue
		}
		if err := h.takeUp(ctx); err != nil && ctx.Err() == nil {
			h.o.Log.Warn("cannot take up the work of other processes", "error", err)
		}
		for _, f := range h.onTakeover {
			f(ctx)
		}
	}
}

func (h *Hall) showLife(ctx context.Context) error {
	return h.o.Store.Update(ctx, func(tx *store.Tx) error {
		return h.tables.processes.PutTTL(tx, store.K(h.process), process{h.started}, h.o.Tenure)
	})
}

// retire removes the row of this process, so that others need not wait.
func (h *Hall) retire() {
	if h.o.Tenure == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.o.Tenure)
	defer cancel()
	err := h.o.Store.Update(ctx, func(tx *store.Tx) error { return h.tables.processes.Delete(tx, store.K(h.process)) })
	if err != nil {
		h.o.Log.Warn("other processes take up the work of this one a little later", "error", err)
	}
}

// takeUp goes on with orphaned operations and deletes. Each is marked first: of
// several processes one gets it.
func (h *Hall) takeUp(ctx context.Context) error {
	for _, item := range h.tables.operations.By(byStatus, string(azure.InProgress)) {
		if !h.Orphaned(item.Value.Owner) {
			continue
		}
		var mine *operation
		err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
			mine = nil
			now, ok, err := h.tables.operations.GetTx(tx, item.Key)
			if err != nil || !ok || now.Value.Status.Done() || !h.Orphaned(now.Value.Owner) {
				return err
			}
			mine = &now.Value
			mine.Owner = h.process
			return h.tables.operations.Put(tx, item.Key, *mine)
		})
		if err != nil {
			return err
		}
		if mine != nil {
			h.start(*mine)
		}
	}
	return h.takeUpDeletes(ctx)
}

func (h *Hall) takeUpDeletes(ctx context.Context) error {
	for _, item := range h.tables.resources.By(byState, stateDeleting) {
		if !h.Orphaned(item.Value.Owner) {
			continue
		}
		id, err := azure.ParseID(item.Value.ID)
		if err != nil {
			return err
		}
		mine := false
		err = h.o.Store.Update(ctx, func(tx *store.Tx) error {
			mine = false
			now, ok, err := h.tables.resources.GetTx(tx, item.Key)
			if err != nil || !ok || !strings.EqualFold(now.Value.State, stateDeleting) || !h.Orphaned(now.Value.Owner) {
				return err
			}
			mine = true
			now.Value.Owner = h.process
			return h.tables.resources.Put(tx, item.Key, now.Value)
		})
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		h.background(func(ctx context.Context) {
			if _, err := h.destroy(ctx, id); err != nil && ctx.Err() == nil {
				h.o.Log.Error("cannot finish a delete", "id", id.String(), "error", err)
			}
		})
	}
	return nil
}
