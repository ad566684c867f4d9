package deployment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// The kinds of operations that happen here.
const (
	kindCreate  = "Create"
	kindRead    = "Read" // it was there and is to be left alone then
	kindDelete  = "Delete"
	kindOutputs = "EvaluateDeploymentOutput"
)

// resource brings one resource to its end and records it as an operation. nil means that what depends on it may begin.
func (r *runner) resource(ctx context.Context, res *template.Resource) error {
	if res.Existing || res.Skipped {
		return nil
	}
	op := operation{ID: r.operationID(res.ID.Key()), Kind: kindCreate, State: stateRunning, Start: r.s.o.Now().UTC(),
		Target: target{ID: res.ID.String(), ResourceType: res.Type, ResourceName: res.Name, APIVersion: res.APIVersion, SymbolicName: res.Symbolic}}
	if item, ok := r.s.tables.operations.Get(r.operationKey(op.ID)); ok { // before a restart
		switch old := item.Value; {
		case old.State == stateSucceeded:
			return nil
		case done(old.State) && old.Error != nil:
			return old.Error.ErrorOf(http.StatusConflict)
		default:
			op = old
		}
	}
	if ctx.Err() != nil || r.canceled() {
		return nil
	}
	if err := r.putOperation(ctx, op); err != nil {
		return err
	}
	status, err := r.send(ctx, res, &op)
	if ctx.Err() != nil {
		return ctx.Err() // the next start goes on from the operation as it stands
	}
	if e := azure.AsError(err); e != nil && e.Kind == azure.Internal {
		r.s.o.Log.Error("a resource of a deployment met an unexpected error", "deployment", r.j.id.String(), "resource", res.ID.String(), "error", err)
	}
	if err = r.j.scrub(err); err != nil {
		err = azure.AsError(err).At(res.ID.String())
	}
	if e := r.endOperation(ctx, op, status, err); e != nil {
		return e
	}
	return err
}

// send sends the resource and follows it to the end. It gives the HTTP status of the answer.
func (r *runner) send(ctx context.Context, res *template.Resource, op *operation) (int, error) {
	if op.Poll != "" {
		return http.StatusOK, r.follow(ctx, res, op.Poll)
	}
	if res.OnlyIfNew() {
		switch _, err := r.Reference(ctx, res.ID, res.APIVersion); {
		case err == nil:
			op.Kind = kindRead
			return http.StatusOK, nil
		case azure.AsError(err).Kind != azure.NotFound:
			return azure.AsError(err).Kind.Status(), err
		}
	}
	body, err := res.Body(ctx, r)
	if err != nil {
		return http.StatusBadRequest, err
	}
	if r.j.req.settings.Debug.has("requestContent") {
		op.Request = r.j.withheldJSON(body.Redacted())
	}
	if res.Nested() {
		ctx = context.WithValue(ctx, lineageKey{}, r.j.lineage(body, r.j.redacted(body)))
	}
	a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodPut, res.ID.String()+"?api-version="+res.APIVersion, body.JSON)
	if err := a.Err(); err != nil {
		return a.Status, err
	}
	if r.j.req.settings.Debug.has("responseContent") && json.Valid(a.Body) {
		op.Response = r.j.withheldJSON(a.Body)
	}
	if op.Poll = r.pollOf(a); op.Poll == "" {
		return a.Status, nil
	}
	if err := r.putOperation(ctx, *op); err != nil {
		return a.Status, err
	}
	return a.Status, r.follow(ctx, res, op.Poll)
}

// redacted is the body of a nested deployment as it may be stored; nil when that is as it is: secrets in its parameters are
// sealed anyway.
func (j *job) redacted(b *template.Body) json.RawMessage {
	for _, place := range b.Secrets {
		if strings.HasPrefix(strings.ToLower(place), "properties.template") {
			return j.withheldJSON(b.Redacted())
		}
	}
	if shown := j.withheldJSON(b.JSON); !bytes.Equal(shown, b.JSON) {
		return shown
	}
	return nil
}

// pollOf is path and query of the address that tells how an accepted request goes on, or "".
func (r *runner) pollOf(a arm.Answer) string {
	at := a.Header.Get("Azure-AsyncOperation")
	if at == "" && a.Status == http.StatusAccepted {
		at = a.Header.Get("Location")
	}
	return strings.TrimPrefix(at, r.s.o.Endpoints.ResourceManager)
}

// The pace at which requests that were accepted are followed.
const (
	pollFirst = 10 * time.Millisecond
	pollMost  = 250 * time.Millisecond
)

// follow waits for the end of what was accepted.
func (r *runner) follow(ctx context.Context, res *template.Resource, at string) error {
	for wait := pollFirst; ; wait = min(2*wait, pollMost) {
		a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodGet, at, nil)
		if err := a.Err(); err != nil {
			return err
		}
		var op azure.Operation
		if err := json.Unmarshal(a.Body, &op); len(a.Body) > 0 && err != nil {
			return err
		}
		switch {
		case op.Status == azure.Failed || op.Status == azure.Canceled:
			return terminal(res, op)
		case op.Status == azure.Succeeded, op.Status == "" && a.Status != http.StatusAccepted:
			return nil
		}
		if r.canceled() {
			r.cancelNested(ctx, res)
			return azure.Errorf(azure.Conflict, azure.CodeDeploymentCanceled, "The deployment '%s' was canceled before the resource was ready.", r.j.id.Name())
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// terminal is the error of a resource that was accepted and then failed.
func terminal(res *template.Resource, op azure.Operation) error {
	var inner *azure.Error
	if op.Error != nil {
		inner = op.Error.ErrorOf(http.StatusConflict)
	}
	if inner != nil && res.Nested() {
		return inner // DeploymentFailed, with the details of its own
	}
	e := azure.Errorf(azure.Conflict, azure.CodeResourceDeploymentFailure, "The resource write operation failed to complete successfully, because it reached terminal provisioning state '%s'.", op.Status)
	if inner != nil {
		e = e.WithDetails(inner)
	}
	return e
}

// cancelNested cancels the nested deployment when its parent is.
func (r *runner) cancelNested(ctx context.Context, res *template.Resource) {
	if !res.Nested() {
		return
	}
	a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodPost, res.ID.String()+"/cancel?api-version="+res.APIVersion, nil)
	if err := a.Err(); err != nil && !azure.HasCode(err, azure.CodeDeploymentNotActive) {
		r.s.o.Log.Warn("cannot cancel a nested deployment", "deployment", res.ID.String(), "error", err)
	}
}

// operationID is the id of the operation on a target: the same after a restart.
func (r *runner) operationID(about string) string {
	sum := sha256.Sum256([]byte(r.j.run + "\x00" + about))
	return strings.ToUpper(hex.EncodeToString(sum[:8]))
}

func (r *runner) operationKey(id string) store.Key { return store.K(r.j.run, id) }

func (r *runner) putOperation(ctx context.Context, op operation) error {
	return r.s.o.Store.Update(ctx, func(tx *store.Tx) error { return r.s.tables.operations.Put(tx, r.operationKey(op.ID), op) })
}

// endOperation records how an operation ended.
func (r *runner) endOperation(ctx context.Context, op operation, status int, failure error) error {
	now := r.s.o.Now().UTC()
	op.End, op.State, op.Poll = &now, stateSucceeded, ""
	op.StatusCode = strings.ReplaceAll(http.StatusText(status), " ", "")
	if op.StatusCode == "" {
		op.StatusCode = strconv.Itoa(status)
	}
	if failure != nil {
		detail := azure.AsError(failure).Detail()
		op.State, op.Error = stateFailed, &detail
		if azure.HasCode(failure, azure.CodeDeploymentCanceled) {
			op.State = stateCanceled
		}
		if status < http.StatusBadRequest {
			op.StatusCode = strings.ReplaceAll(http.StatusText(azure.AsError(failure).Kind.Status()), " ", "")
		}
	}
	return r.putOperation(ctx, op)
}

// Reference reads a resource for reference(). It is part of [template.Runtime].
func (r *runner) Reference(ctx context.Context, id azure.ResourceID, apiVersion string) (json.RawMessage, error) {
	a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodGet, id.String()+"?api-version="+apiVersion, nil)
	return a.Body, a.Err()
}

// List posts to an action of a resource for list functions. It is part of [template.Runtime].
func (r *runner) List(ctx context.Context, id azure.ResourceID, action, apiVersion string, body json.RawMessage) (json.RawMessage, error) {
	a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodPost, id.String()+"/"+action+"?api-version="+apiVersion, body)
	return a.Body, a.Err()
}
