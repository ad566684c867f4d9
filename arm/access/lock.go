package access

import (
	"context"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// The levels of a lock. CanNotDelete forbids deletes, ReadOnly writes and
// actions too, at the lock's scope and below it. A delete is also forbidden when
// it would take a locked resource with it. Data planes are not locked.
// Source: Microsoft.Authorization/locks, api-version 2016-09-01.
const (
	CanNotDelete = "CanNotDelete"
	ReadOnly     = "ReadOnly"
)

// LockBody is a management lock as clients send it.
type LockBody struct {
	Properties LockProperties `json:"properties"`
}

// LockProperties are the properties of a lock.
type LockProperties struct {
	Level string `json:"level"`
	Notes string `json:"notes,omitempty"` // at most 512 characters
}

// LockView is a lock on the wire.
type LockView struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Type       string         `json:"type"`
	Properties LockProperties `json:"properties"`
}

// lock is the stored form of a lock.
type lock struct {
	Scope string `json:"scope"` // as written
	Name  string `json:"name"`
	LockProperties
}

func lockKey(scope azure.ResourceID, name string) store.Key {
	return store.K(scope.Key(), strings.ToLower(name))
}

func viewLock(l lock) LockView {
	return LockView{ID: strings.TrimSuffix(l.Scope, "/") + "/providers/Microsoft.Authorization/locks/" + l.Name, Name: l.Name,
		Type: "Microsoft.Authorization/locks", Properties: l.LockProperties}
}

// lockCalls are the rows of the provider's table about locks.
func (s *Service) lockCalls() []arm.Call {
	const locks = "Microsoft.Authorization/locks/"
	calls := []arm.Call{
		arm.Do(http.MethodGet, "locks", authz.Control(locks+"read"), s.listLocks),
		arm.Do(http.MethodGet, "locks/{name}", authz.Control(locks+"read"), s.getLock),
		arm.Do(http.MethodPut, "locks/{name}", authz.Control(locks+"write"), s.putLock),
		arm.Do(http.MethodDelete, "locks/{name}", authz.Control(locks+"delete"), s.removeLock),
	}
	for i := range calls {
		calls[i] = calls[i].At(arm.AtAnyScope)
	}
	return calls
}

// Locked implements the hall's guard: ScopeLocked when a lock forbids the verb
// ("write", "delete" or "action") on id.
func (s *Service) Locked(id azure.ResourceID, verb string) error {
	key := id.Key()
	for _, item := range s.locks.List("", "", 0) {
		l := item.Value
		scope := strings.ToLower(l.Scope)
		covers := azure.KeyContains(scope, key)
		if verb == "delete" && (covers || azure.KeyContains(key, scope)) || verb != "delete" && covers && l.Level == ReadOnly {
			return azure.Errorf(azure.Conflict, azure.CodeScopeLocked, "The scope '%s' cannot perform %s operation because following scope(s) are locked: '%s'. Please remove the lock and try again.", id, verb, l.Scope)
		}
	}
	return nil
}

// putLock creates or changes a lock: 201 or 200.
func (s *Service) putLock(ctx context.Context, r *arm.CallRequest, in LockBody) (httpd.Reply[LockView], error) {
	l := lock{Scope: r.ID.String(), Name: r.Values["name"], LockProperties: in.Properties}
	reply := httpd.Reply[LockView]{Body: viewLock(l)}
	switch {
	case l.Level != CanNotDelete && l.Level != ReadOnly:
		return reply, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The lock level '%s' is not valid. Give CanNotDelete or ReadOnly.", l.Level).At("properties.level")
	case len(l.Notes) > 512:
		return reply, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The notes of a lock have at most 512 characters.").At("properties.notes")
	case len(l.Name) > 260 || strings.ContainsAny(l.Name, `<>%&:\?/`):
		return reply, azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The lock name '%s' is not valid: it has at most 260 characters without < > %% & : \\ ? /.", l.Name)
	case r.ID.ManagementGroup() != "":
		return reply, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "Management groups cannot be locked. Lock the subscription, a resource group or a resource instead of '%s'.", r.ID)
	case !s.o.Exists(r.ID):
		return reply, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The scope '%s' could not be found. Create it before locking it.", r.ID)
	}
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		_, ok, err := s.locks.GetTx(tx, lockKey(r.ID, l.Name))
		if err != nil {
			return err
		}
		reply.Status = http.StatusCreated
		if ok {
			reply.Status = http.StatusOK
		}
		return s.locks.Put(tx, lockKey(r.ID, l.Name), l)
	})
	return reply, err
}

// listLocks shows the locks at, above and below the scope.
func (s *Service) listLocks(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[LockView], error) {
	atScope := strings.EqualFold(r.URL.Query().Get("$filter"), "atScope()")
	key := r.ID.Key()
	views := []LockView{}
	for _, item := range s.locks.List("", "", 0) {
		scope := strings.ToLower(item.Value.Scope)
		if azure.KeyContains(scope, key) || !atScope && azure.KeyContains(key, scope) {
			views = append(views, viewLock(item.Value))
		}
	}
	return azure.NewPage(views, ""), nil
}

func (s *Service) getLock(_ context.Context, r *arm.CallRequest, _ httpd.None) (LockView, error) {
	item, ok := s.locks.Get(lockKey(r.ID, r.Values["name"]))
	if !ok {
		return LockView{}, azure.Errorf(azure.NotFound, azure.CodeLockNotFound, "The lock '%s' could not be found at scope '%s'.", r.Values["name"], r.ID)
	}
	return viewLock(item.Value), nil
}

// removeLock deletes a lock: 200, or 204 when there was none.
func (s *Service) removeLock(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	key := lockKey(r.ID, r.Values["name"])
	if _, ok := s.locks.Get(key); !ok {
		return httpd.Reply[httpd.None]{Status: http.StatusNoContent}, nil
	}
	return httpd.Reply[httpd.None]{Status: http.StatusOK}, s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.locks.Delete(tx, key) })
}
