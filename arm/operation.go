package arm

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// keepOperations is how long the outcome of an ended operation can be polled.
const keepOperations = 24 * time.Hour

// newOperation records an operation on id in tx.
func (h *Hall) newOperation(tx *store.Tx, kind string, id azure.ResourceID, p authz.Principal) (*operation, error) {
	op := operation{ID: uuid.NewString(), Kind: kind, Target: id.String(), Status: azure.InProgress, Start: h.o.Now().UTC(), CallerID: p.ObjectID, Owner: h.process}
	return &op, h.tables.operations.Insert(tx, store.K(op.ID), op)
}

// announce sets the headers by which clients follow op. Azure: az prefers
// Retry-After over retry-after-ms, and waits 30 s on "Retry-After: 0"; so only
// the millisecond header is sent.
func (h *Hall) announce(header http.Header, r *CallRequest, op *operation) {
	id, err := azure.ParseID(op.Target)
	if err != nil { // impossible: only parsed ids are written
		return
	}
	namespace := id.Namespace()
	if namespace == "" {
		namespace = "Microsoft.Resources"
	}
	location := azure.DefaultLocation
	if e, ok := h.Find(id); ok && e.Location != "" {
		location = e.Location
	}
	base := h.o.Endpoints.ResourceManager + "/subscriptions/" + id.Subscription + "/providers/" + namespace + "/locations/" + string(location)
	query := op.ID + "?api-version=" + apiVersion(r.URL.Query())
	if op.Kind == opDeleteGroup {
		header.Set("Location", base+"/operationresults/"+query)
	} else {
		header.Set("Azure-AsyncOperation", base+"/operations/"+query)
	}
	header.Set("retry-after-ms", strconv.Itoa(azure.PollMilliseconds))
}

// Resume takes up what an earlier process left unfinished: operations in
// progress and deletes. With a tenure it does so from now on with those of other
// processes that end. Call it once, after all providers are registered and their
// rooms can work, before the hall serves.
func (h *Hall) Resume(ctx context.Context) error {
	if h.o.Tenure > 0 {
		if err := h.showLife(ctx); err != nil {
			return err
		}
		h.background(h.attend)
	}
	cutoff := h.o.Now().Add(-keepOperations)
	for _, item := range h.tables.operations.List("", "", 0) {
		if op := item.Value; op.Status.Done() && op.End != nil && op.End.Before(cutoff) {
			if err := h.o.Store.Update(ctx, func(tx *store.Tx) error { return h.tables.operations.Delete(tx, item.Key) }); err != nil {
				return err
			}
		}
	}
	return h.takeUp(ctx)
}

// background runs f until done or the hall closes.
func (h *Hall) background(f func(ctx context.Context)) {
	h.inFlight.Go(func() { f(h.base) })
}

// start runs op in the background.
func (h *Hall) start(op operation) {
	h.background(func(ctx context.Context) {
		id, err := azure.ParseID(op.Target)
		if err != nil {
			h.o.Log.Error("operation with a bad target", "operation", op.ID, "error", err)
			return
		}
		release, err := h.turns.take(ctx, id.Key())
		if err != nil {
			return // closing: the next start takes it up
		}
		defer release()
		switch op.Kind {
		case opEnsure:
			err = h.ensuring.run(ctx, id.Key(), func(ctx context.Context) error { return h.ensure(ctx, id) })
		case opDeleteGroup:
			err = h.deleteGroupNow(ctx, id)
		}
		if ctx.Err() != nil {
			return
		}
		if err := h.finish(ctx, op, id, err); err != nil {
			h.o.Log.Error("cannot record the end of an operation", "operation", op.ID, "target", op.Target, "error", err)
		}
	})
}

// ensure runs the type's Ensure on id. A resource deleted meanwhile is fine.
func (h *Hall) ensure(ctx context.Context, id azure.ResourceID) error {
	t, err := h.typeOf(id)
	if err != nil {
		return err
	}
	if e, ok := h.Find(id); !ok || e.State == stateDeleting || t.ops.ensure == nil {
		return nil
	}
	return t.ops.ensure(ctx, id)
}

// finish writes the outcome of op and the resource's state in one transaction.
func (h *Hall) finish(ctx context.Context, op operation, id azure.ResourceID, failure error) error {
	now := h.o.Now().UTC()
	op.End, op.Status = &now, azure.Succeeded
	state := stateSucceeded
	if failure != nil {
		detail := azure.AsError(failure).Detail()
		op.Status, op.Error, state = azure.Failed, &detail, stateFailed
		h.o.Log.Warn("operation failed", "operation", op.ID, "target", op.Target, "error", failure)
	}
	return h.o.Store.Update(ctx, func(tx *store.Tx) error {
		now, ok, err := h.tables.operations.GetTx(tx, store.K(op.ID))
		if err != nil || !ok || now.Value.Owner != op.Owner { // another process has taken it up
			return err
		}
		if op.Kind == opEnsure {
			item, ok, err := h.tables.resources.GetTx(tx, resourceKey(id))
			if err != nil {
				return err
			}
			if ok && item.Value.State != stateDeleting {
				rec := item.Value
				rec.State = state
				if err := h.tables.resources.Put(tx, item.Key, rec); err != nil {
					return err
				}
			}
		}
		return h.tables.operations.Put(tx, store.K(op.ID), op)
	})
}

// operationStatus answers an Azure-AsyncOperation URL.
func (h *Hall) operationStatus(_ context.Context, r *CallRequest, _ httpd.None) (httpd.Reply[azure.Operation], error) {
	op, err := h.operationFor(r)
	if err != nil {
		return httpd.Reply[azure.Operation]{}, err
	}
	reply := httpd.Reply[azure.Operation]{Header: http.Header{}, Body: azure.Operation{ID: r.URL.Path, Name: op.ID, Status: op.Status,
		StartTime: op.Start, EndTime: op.End, ResourceID: op.Target, Error: op.Error}}
	if !op.Status.Done() {
		reply.Header.Set("retry-after-ms", strconv.Itoa(azure.PollMilliseconds))
	}
	return reply, nil
}

// operationResult answers a Location URL: 202 while running, then 204, or the
// failure as an error.
func (h *Hall) operationResult(_ context.Context, r *CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	op, err := h.operationFor(r)
	if err != nil {
		return httpd.Reply[httpd.None]{}, err
	}
	reply := httpd.Reply[httpd.None]{Status: http.StatusNoContent, Header: http.Header{}}
	switch {
	case !op.Status.Done():
		reply.Status = http.StatusAccepted
		reply.Header.Set("Location", h.o.Endpoints.ResourceManager+r.URL.RequestURI())
		reply.Header.Set("retry-after-ms", strconv.Itoa(azure.PollMilliseconds))
	case op.Error != nil:
		return reply, op.Error.ErrorOf(http.StatusConflict)
	}
	return reply, nil
}

// operationFor finds the operation for its caller, or for one who may read its
// target.
func (h *Hall) operationFor(r *CallRequest) (operation, error) {
	name := r.Values["operation"]
	item, ok := h.tables.operations.Get(store.K(strings.ToLower(name)))
	missing := azure.Errorf(azure.NotFound, azure.CodeOperationNotFound, "The operation '%s' could not be found. Outcomes are kept for 24 hours.", name)
	if !ok {
		return operation{}, missing
	}
	if id, err := azure.ParseID(item.Value.Target); item.Value.CallerID != r.Principal.ObjectID &&
		(err != nil || !h.o.Checker.Allowed(r.Principal, action(id, "read"), id)) {
		return operation{}, missing
	}
	return item.Value, nil
}
