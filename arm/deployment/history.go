package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// find gives the deployment a call names.
func (s *Service) find(r *arm.CallRequest) (record, error) {
	id, err := s.deploymentID(r)
	if err != nil {
		return record{}, err
	}
	item, ok := s.tables.deployments.Get(deploymentKey(id))
	if !ok {
		return record{}, azure.Errorf(azure.NotFound, azure.CodeDeploymentNotFound, "Deployment '%s' could not be found.", id.Name())
	}
	return item.Value, nil
}

func (s *Service) get(_ context.Context, r *arm.CallRequest, _ httpd.None) (view, error) {
	rec, err := s.find(r)
	if err != nil {
		return view{}, err
	}
	return s.show(rec), nil
}

func (s *Service) head(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	_, err := s.find(r)
	return httpd.None{}, err
}

var filterPattern = regexp.MustCompile(`(?i)^\s*provisioningState\s+eq\s+'([^']*)'\s*$`)

// list serves the history of a scope, the newest first.
func (s *Service) list(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[view], error) {
	var page azure.Page[view]
	if err := s.checkScope(r.ID); err != nil {
		return page, err
	}
	state, top := "", 0
	q := r.URL.Query()
	if f := q.Get("$filter"); strings.TrimSpace(f) != "" {
		m := filterPattern.FindStringSubmatch(f)
		if m == nil {
			return page, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The $filter '%s' is not supported. Write: provisioningState eq 'Failed'.", f)
		}
		state = m[1]
	}
	if t := q.Get("$top"); t != "" {
		var err error
		if top, err = strconv.Atoi(t); err != nil || top < 1 {
			return page, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The query parameter $top '%s' is not a positive number.", t)
		}
	}
	items := slices.Clone(s.tables.deployments.List(scopeKey(r.ID), "", 0))
	sort.SliceStable(items, func(a, b int) bool { return items[a].Value.Start.After(items[b].Value.Start) })
	var out []view
	for _, item := range items {
		if state != "" && !strings.EqualFold(state, item.Value.State) {
			continue
		}
		if top > 0 && len(out) == top {
			break
		}
		out = append(out, s.show(item.Value))
	}
	return azure.NewPage(out, ""), nil
}

// remove serves DELETE: the deployment leaves the history, what it made stays.
func (s *Service) remove(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	id, err := s.deploymentID(r)
	if err != nil {
		return httpd.None{}, err
	}
	run := ""
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		run = ""
		item, ok, err := s.tables.deployments.GetTx(tx, deploymentKey(id))
		if err != nil || !ok {
			return err
		}
		if !done(item.Value.State) {
			return active(item.Value)
		}
		run = item.Value.Run
		if err := s.tables.sources.Delete(tx, store.K(run)); err != nil {
			return err
		}
		return s.tables.deployments.Delete(tx, item.Key)
	})
	if err != nil || run == "" {
		return httpd.None{}, err
	}
	return httpd.None{}, s.dropOperations(ctx, run)
}

// cancel serves POST cancel: nothing new is begun; what a resource provider has accepted stays its own.
func (s *Service) cancel(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	rec, err := s.find(r)
	if err != nil {
		return httpd.None{}, err
	}
	id, err := azure.ParseID(rec.ID)
	if err != nil {
		return httpd.None{}, err
	}
	stopped := false
	err = s.end(ctx, id, rec.Run, func(rec *record) { rec.State, stopped = stateCanceled, true })
	if err == nil && !stopped {
		err = azure.Errorf(azure.Conflict, azure.CodeDeploymentNotActive, "The deployment '%s' cannot be cancelled: it has ended with the state '%s'.", id.Name(), rec.State)
	}
	return httpd.None{}, err
}

// templateOf is the template of a deployment as standard JSON.
func (s *Service) templateOf(rec record) (json.RawMessage, error) {
	item, ok := s.tables.sources.Get(store.K(rec.Run))
	if !ok {
		return nil, azure.Errorf(azure.NotFound, azure.CodeDeploymentNotFound, "The template of deployment '%s' could not be found.", azureName(rec.ID))
	}
	t, err := template.Parse([]byte(item.Value.Template), template.Limits{})
	if err != nil {
		return nil, err
	}
	return t.JSON(), nil
}

// exported is a DeploymentExportResult.
type exported struct {
	Template json.RawMessage `json:"template"`
}

func (s *Service) exportTemplate(_ context.Context, r *arm.CallRequest, _ httpd.None) (exported, error) {
	rec, err := s.find(r)
	if err != nil {
		return exported{}, err
	}
	text, err := s.templateOf(rec)
	return exported{text}, err
}

// operationStatus answers the Azure-AsyncOperation URL of a PUT and the Location URL of a what-if.
func (s *Service) operationStatus(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[azure.Operation], error) {
	reply := httpd.Reply[azure.Operation]{Header: http.Header{}}
	if item, ok := s.tables.results.Get(store.K(r.Values["id"])); ok && item.Value.CallerID == r.Principal.ObjectID {
		reply.Body = item.Value.Operation
		return reply, nil
	}
	rec, err := s.find(r)
	if err != nil {
		return reply, err
	}
	if !strings.EqualFold(rec.Run, r.Values["id"]) {
		return reply, azure.Errorf(azure.NotFound, azure.CodeOperationNotFound, "The operation '%s' could not be found. The deployment may have been replaced.", r.Values["id"])
	}
	reply.Body = azure.Operation{ID: r.URL.Path, Name: rec.Run, Status: azure.Status(rec.State), StartTime: rec.Start, EndTime: rec.End, Error: rec.Error}
	if !done(rec.State) {
		reply.Header.Set("retry-after-ms", strconv.Itoa(azure.PollMilliseconds))
	}
	return reply, nil
}

// listOperations serves what a deployment has done, in the order in which it began.
func (s *Service) listOperations(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[operationView], error) {
	rec, err := s.find(r)
	if err != nil {
		return azure.Page[operationView]{}, err
	}
	items := slices.Clone(s.tables.operations.List(store.K(rec.Run), "", 0))
	sort.SliceStable(items, func(a, b int) bool { return items[a].Value.Start.Before(items[b].Value.Start) })
	out := make([]operationView, 0, len(items))
	for _, item := range items {
		out = append(out, s.showOperation(rec, item.Value))
	}
	return azure.NewPage(out, ""), nil
}

func (s *Service) getOperation(_ context.Context, r *arm.CallRequest, _ httpd.None) (operationView, error) {
	rec, err := s.find(r)
	if err != nil {
		return operationView{}, err
	}
	item, ok := s.tables.operations.Get(store.K(rec.Run, strings.ToUpper(r.Values["id"])))
	if !ok {
		return operationView{}, azure.Errorf(azure.NotFound, azure.CodeDeploymentOperationNotFound, "The deployment '%s' has no operation '%s'.", azureName(rec.ID), r.Values["id"])
	}
	return s.showOperation(rec, item.Value), nil
}

func (s *Service) showOperation(rec record, op operation) operationView {
	v := operationView{ID: strings.TrimSuffix(rec.ID, "/") + "/operations/" + op.ID, OperationID: op.ID}
	end := s.o.Now().UTC()
	if op.End != nil {
		end = *op.End
	}
	v.Properties = operationProperties{ProvisioningOperation: op.Kind, ProvisioningState: op.State, Timestamp: op.Start, Duration: duration(end.Sub(op.Start)),
		TrackingID: rec.Correlation, StatusCode: op.StatusCode}
	if op.Target.ID != "" {
		v.Properties.TargetResource = &op.Target
	}
	if op.Error != nil {
		v.Properties.StatusMessage = &statusMessage{Status: op.State, Error: op.Error}
	}
	if op.Request != nil {
		v.Properties.Request = content(op.Request)
	}
	if op.Response != nil {
		v.Properties.Response = content(op.Response)
	}
	return v
}

// content is an HttpMessage.
func content(data json.RawMessage) *json.RawMessage {
	out := json.RawMessage(`{"content":` + string(data) + `}`)
	return &out
}
