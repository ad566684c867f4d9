package arm

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Rehearsal is a PUT that is tried.
type Rehearsal struct {
	Target string // path and query
	Body   []byte
}

// errRehearsed drops the transaction of a rehearsal.
var errRehearsed = errors.New("arm: only a rehearsal")

// Rehearse tries the PUTs of p one after the other in one transaction that is dropped, so that each meets what those before it
// wrote (where the store takes only smaller transactions, only some of those), and gives the error of each. Roles and locks are not asked: see [Hall.Check]. What a room learns only later, in Ensure,
// is not tried, nor are calls that are not [Checked]. The last result is why nothing could be tried at all.
func (h *Hall) Rehearse(ctx context.Context, p authz.Principal, puts []Rehearsal) ([]error, error) {
	refusals := make([]error, len(puts))
	err := h.o.Store.Update(ctx, func(tx *store.Tx) error {
		for i, put := range puts {
			refusals[i] = h.rehearse(ctx, tx, p, put)
		}
		return errRehearsed
	})
	if half := len(puts) / 2; errors.Is(err, store.ErrTooLarge) && half > 0 { // a cluster takes small transactions only
		first, err := h.Rehearse(ctx, p, puts[:half])
		if err != nil {
			return nil, err
		}
		second, err := h.Rehearse(ctx, p, puts[half:])
		return append(first, second...), err
	}
	if !errors.Is(err, errRehearsed) {
		return nil, err
	}
	return refusals, nil
}

func (h *Hall) rehearse(ctx context.Context, tx *store.Tx, p authz.Principal, put Rehearsal) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, h.o.Endpoints.ResourceManager+put.Target, bytes.NewReader(put.Body))
	if err != nil {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceID, "The address '%s' is not valid: %v.", put.Target, err)
	}
	f, err := h.find(r)
	if err != nil {
		return err
	}
	call := &CallRequest{Request: &httpd.Request{Request: r, Principal: p, Scope: f.id}, ID: f.id, Values: f.values}
	switch id, err := azure.ParseID(r.URL.Path); {
	case f.plain:
		return h.rehearseType(ctx, tx, f.typ, call)
	case err == nil && id.IsGroup():
		var b groupBody
		if _, err := httpd.Decode(call.Request, &b); err != nil {
			return err
		}
		if err := checkGroup(call, b); err != nil {
			return err
		}
		_, err = h.writeGroup(tx, call, b)
		return err
	case f.check != nil:
		return f.check(ctx, call)
	}
	return nil
}

// rehearseType does what a PUT of a resource does up to the commit.
func (h *Hall) rehearseType(ctx context.Context, tx *store.Tx, t *Type, r *CallRequest) error {
	var b body
	if _, err := httpd.Decode(r.Request, &b); err != nil {
		return err
	}
	if err := h.checkNew(t, r.ID); err != nil {
		return err
	}
	w, err := h.prepare(ctx, tx, t, r, b)
	if err != nil {
		return err
	}
	w.rehearsal = true
	if w.State = stateSucceeded; t.ops.ensure != nil {
		w.State = pendingState(t)
	}
	if err := t.ops.put(ctx, tx, w); err != nil {
		return err
	}
	return h.tables.resources.Put(tx, resourceKey(w.ID), recordOf(&w.Envelope, w.unknown))
}
