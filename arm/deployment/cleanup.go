package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// resourceItem is an element of the list of a group's resources.
type resourceItem struct {
	ID   azure.ResourceID `json:"id"`
	Type string           `json:"type"`
	Name string           `json:"name"`
}

// conditionVersion is the first api-version for which a resource with a false condition counts as not in the template.
const conditionVersion = "2019-05-10"

// leftovers are the resources of the job's group that its template does not have; kept are keys of others that stay.
func (s *Service) leftovers(ctx context.Context, j *job, kept map[string]bool) ([]resourceItem, error) {
	stays := map[string]bool{}
	for _, r := range j.plan.Resources {
		if !r.Skipped || j.req.settings.APIVersion < conditionVersion {
			stays[r.ID.Key()] = true
		}
	}
	all, err := s.resourcesOf(ctx, j, j.scope())
	if err != nil {
		return nil, err
	}
	var out []resourceItem
	for _, r := range all {
		if !stays[r.ID.Key()] && !kept[r.ID.Key()] {
			out = append(out, r)
		}
	}
	return out, nil
}

// resourcesOf lists what is in a group, as far as the caller may read it.
func (s *Service) resourcesOf(ctx context.Context, j *job, group azure.ResourceID) (out []resourceItem, err error) {
	at := group.String() + "/resources?api-version=" + groupVersion
	for at != "" {
		a := s.o.Hall.Do(ctx, j.caller, http.MethodGet, at, nil)
		if err := a.Err(); err != nil {
			return nil, err
		}
		var page azure.Page[resourceItem]
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Value...)
		at = strings.TrimPrefix(page.NextLink, s.o.Endpoints.ResourceManager)
	}
	sort.Slice(out, func(a, b int) bool { return out[a].ID.Key() < out[b].ID.Key() })
	return out, nil
}

// versionOf is an api-version to ask for a resource with.
func (s *Service) versionOf(id azure.ResourceID) string {
	if v := s.o.Hall.LatestVersion(id); v != "" {
		return v
	}
	return groupVersion
}

// cleanup deletes what mode Complete does not keep.
func (r *runner) cleanup(ctx context.Context) error {
	kept := map[string]bool{}
	for _, res := range r.j.plan.Resources {
		if res.Nested() && !res.Skipped {
			r.keepNested(ctx, res.ID, kept)
		}
	}
	left, err := r.s.leftovers(ctx, r.j, kept)
	if err != nil {
		return err
	}
	var failed []*azure.Error
	for _, item := range left {
		if err := r.delete(ctx, item); err != nil {
			failed = append(failed, azure.AsError(err).At(item.ID.String()))
		}
		if ctx.Err() != nil || r.canceled() {
			return nil
		}
	}
	if failed == nil {
		return nil
	}
	return azure.Errorf(azure.Conflict, azure.CodeDeploymentFailedCleanUp,
		"The resources of the deployment were created, but deleting resources that are not in the template failed. Please see details.").WithDetails(failed...)
}

// keepNested notes what the deployment of that id and those nested in it have made.
func (r *runner) keepNested(ctx context.Context, id azure.ResourceID, kept map[string]bool) {
	item, ok := r.s.tables.deployments.Get(deploymentKey(id))
	if !ok {
		return
	}
	for _, made := range item.Value.Plan.Resources {
		inner, err := azure.ParseID(made.ID)
		if err != nil || kept[inner.Key()] {
			continue
		}
		kept[inner.Key()] = true
		if strings.EqualFold(inner.Type(), typeName) {
			r.keepNested(ctx, inner, kept)
		}
	}
}

// delete deletes one resource as the caller.
func (r *runner) delete(ctx context.Context, item resourceItem) error {
	op := operation{ID: r.operationID("delete " + item.ID.Key()), Kind: kindDelete, State: stateRunning, Start: r.s.o.Now().UTC(),
		Target: target{ID: item.ID.String(), ResourceType: item.Type, ResourceName: item.Name}}
	if err := r.putOperation(ctx, op); err != nil {
		return err
	}
	a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodDelete, item.ID.String()+"?api-version="+r.s.versionOf(item.ID), nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := a.Err()
	if e := r.endOperation(ctx, op, a.Status, err); e != nil {
		return e
	}
	return err
}

// checkOnError wants the deployment that onErrorDeployment falls back to.
func (s *Service) checkOnError(j *job) error {
	if j.req.settings.OnError == nil {
		return nil
	}
	_, err := s.fallback(j)
	return err
}

// fallback is the deployment that onErrorDeployment names: one that succeeded.
func (s *Service) fallback(j *job) (record, error) {
	ask := j.req.settings.OnError
	var best *record
	for _, item := range s.tables.deployments.List(scopeKey(j.scope()), "", 0) {
		rec := item.Value
		named := strings.EqualFold(azureName(rec.ID), ask.DeploymentName)
		if rec.State != stateSucceeded || rec.Run == j.run || ask.Type == onErrorSpecific && !named {
			continue
		}
		if best == nil || rec.Start.After(best.Start) {
			best = &rec
		}
	}
	if best == nil {
		what := "no deployment of the scope has succeeded yet"
		if ask.Type == onErrorSpecific {
			what = "no deployment '" + ask.DeploymentName + "' of the scope has succeeded"
		}
		return record{}, azure.Errorf(azure.Invalid, azure.CodeDeploymentNotFound, "The property 'onErrorDeployment' cannot be followed: %s.", what).At("properties.onErrorDeployment")
	}
	return *best, nil
}

func azureName(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// fallBack runs an older deployment again after a failure, under a name of its own, and notes how it goes.
func (r *runner) fallBack(ctx context.Context) {
	ask := *r.j.req.settings.OnError
	note := func(state string) {
		ask.ProvisioningState = state
		shown := ask
		if err := r.s.change(ctx, r.j, func(rec *record) { rec.Settings.OnError = &shown }); err != nil {
			r.s.o.Log.Warn("cannot note the state of a redeployment", "deployment", r.j.id.String(), "error", err)
		}
	}
	old, err := r.s.fallback(r.j)
	if err == nil {
		ask.DeploymentName = azureName(old.ID)
		note(stateRunning)
		err = r.redeploy(ctx, old)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		r.s.o.Log.Warn("the redeployment after a failure failed", "deployment", r.j.id.String(), "error", err)
		note(stateFailed)
		return
	}
	note(stateSucceeded)
}

// redeploy runs an ended deployment again with its template and its parameters as they are shown: values of secure parameters
// are not kept, so they must come from a vault or a default.
func (r *runner) redeploy(ctx context.Context, old record) error {
	text, err := r.s.templateOf(old)
	if err != nil {
		return err
	}
	properties := map[string]any{"mode": old.Settings.Mode, "template": text, "parameters": old.Parameters}
	body, err := json.Marshal(map[string]any{"location": old.Location, "tags": old.Tags, "properties": properties})
	if err != nil {
		return err
	}
	at := strings.TrimSuffix(old.ID, "/") + "?api-version=" + old.Settings.APIVersion
	a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodPut, at, body)
	if err := a.Err(); err != nil && !azure.HasCode(err, azure.CodeDeploymentActive) { // active: begun before a restart
		return err
	}
	for {
		a := r.s.o.Hall.Do(ctx, r.j.caller, http.MethodGet, at, nil)
		if err := a.Err(); err != nil {
			return err
		}
		var now view
		if err := json.Unmarshal(a.Body, &now); err != nil {
			return err
		}
		switch p := now.Properties; {
		case p.ProvisioningState == stateSucceeded:
			return nil
		case p.Error != nil:
			return p.Error.ErrorOf(http.StatusConflict)
		case done(p.ProvisioningState):
			return azure.Errorf(azure.Conflict, azure.CodeDeploymentCanceled, "The deployment '%s' was canceled.", now.Name)
		}
		select {
		case <-time.After(pollMost):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
