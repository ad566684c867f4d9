package arm

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// defaultPage and maxPage bound list answers.
const (
	defaultPage = 1000
	maxPage     = 1000
)

// list serves a collection of type t below a subscription, group or parent. It
// shows what the caller may read; a caller who may read nothing below the scope
// is refused.
func (h *Hall) list(t *Type) func(context.Context, *CallRequest) (any, error) {
	return func(ctx context.Context, r *CallRequest) (any, error) {
		scope, read := r.ID.Parent(), action(r.ID, "read")
		// Before anything is looked for: who may see nothing is not told what is there.
		if _, err := h.mayList(r, scope, read); err != nil {
			return nil, err
		}
		if len(r.ID.Provider) > 0 && len(r.ID.Provider[len(r.ID.Provider)-1].Names) > 0 {
			if _, ok := h.Find(scope); !ok {
				return nil, h.notFound(scope)
			}
		} else if scope.ResourceGroup != "" && !h.Exists(scope.Group()) {
			return nil, groupNotFound(scope)
		}
		items, next, err := h.visible(r, scope, read, func(rec record) bool { return equalType(rec.Type, r.ID.Type()) })
		if err != nil {
			return nil, err
		}
		if next == "" && h.o.Checker.Allowed(r.Principal, read, scope) {
			items = append(items, h.builtin(t, scope)...)
		}
		views := make([]resourceView, 0, len(items))
		for _, e := range items {
			v, err := h.view(ctx, t, e, true)
			if err != nil {
				return nil, err
			}
			views = append(views, v)
		}
		return azure.NewPage(views, next), nil
	}
}

// builtin gives what is below a parent without having been written.
func (h *Hall) builtin(t *Type, parent azure.ResourceID) []*Envelope {
	if t.Builtin == nil {
		return nil
	}
	e, ok := h.Find(parent)
	if !ok {
		return nil
	}
	return t.Builtin(e.ID)
}

// mayList reports whether the caller may read everything below scope, and
// refuses one who may read nothing there.
func (h *Hall) mayList(r *CallRequest, scope azure.ResourceID, read authz.Action) (whole bool, err error) {
	if h.o.Checker.Allowed(r.Principal, read, scope) {
		return true, nil
	}
	if h.touches(r.Principal, scope) {
		return false, nil
	}
	return false, h.o.Checker.Check(r.Principal, read, scope)
}

// visible pages through the resources below scope that keep accepts and the
// caller may read.
func (h *Hall) visible(r *CallRequest, scope azure.ResourceID, read authz.Action, keep func(record) bool) ([]*Envelope, string, error) {
	whole, err := h.mayList(r, scope, read)
	if err != nil {
		return nil, "", err
	}
	limit, after, err := pageOf(r.URL.Query())
	if err != nil {
		return nil, "", err
	}
	var prefix store.Key
	if scope.Key() != "/" {
		prefix = resourceKey(scope)
	}
	var out []*Envelope
	for _, item := range h.tables.resources.List(prefix, after, 0) {
		if !keep(item.Value) {
			continue
		}
		e := item.Value.envelope(item.ETag)
		if !whole && !h.o.Checker.Allowed(r.Principal, action(e.ID, "read"), e.ID) {
			continue
		}
		if len(out) == limit {
			return out, h.nextLink(r, resourceKey(out[limit-1].ID)), nil
		}
		out = append(out, e)
	}
	return out, "", nil
}

// touches reports whether the principal has any assignment at, above or below
// scope.
func (h *Hall) touches(p authz.Principal, scope azure.ResourceID) bool {
	key := scope.Key()
	for _, a := range h.o.Checker.Source.Assignments(p.ObjectID) {
		if azure.KeyContains(key, a.Scope) || h.o.Checker.Covers(a.Scope, scope) {
			return true
		}
		if at, err := azure.ParseID(a.Scope); err == nil && h.o.Checker.Covers(key, at) {
			return true
		}
	}
	return false
}

// pageOf reads $top and $skiptoken.
func pageOf(q url.Values) (limit int, after store.Key, err error) {
	limit = defaultPage
	if top := q.Get("$top"); top != "" {
		limit, err = strconv.Atoi(top)
		if err != nil || limit < 1 {
			return 0, "", azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The query parameter $top '%s' is not a positive number.", top)
		}
		limit = min(limit, maxPage)
	}
	if token := q.Get("$skiptoken"); token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return 0, "", azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The query parameter $skiptoken is not one this service gave. Start the list again.")
		}
		after = store.Key(raw)
	}
	return limit, after, nil
}

// nextLink is the address of the page after the key.
func (h *Hall) nextLink(r *CallRequest, after store.Key) string {
	q := r.URL.Query()
	q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString([]byte(after)))
	return h.o.Endpoints.ResourceManager + r.URL.Path + "?" + q.Encode()
}
