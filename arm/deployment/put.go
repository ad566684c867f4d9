package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// put serves PUT of a deployment: 201, or 200 when one of that name was there.
func (s *Service) put(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[view], error) {
	reply := httpd.Reply[view]{Status: http.StatusCreated, Header: http.Header{}}
	j, err := s.jobOf(ctx, r)
	if err != nil {
		return reply, err
	}
	if err := s.checkIdle(j.id); err != nil {
		return reply, err
	}
	if err := s.preflight(ctx, j); err != nil {
		return reply, err
	}
	rec, existed, err := s.accept(ctx, j)
	if err != nil {
		return reply, err
	}
	if existed {
		reply.Status = http.StatusOK
	}
	s.start(j)
	reply.Body = s.show(rec)
	reply.Header.Set("Azure-AsyncOperation", s.statusURL(j.id, j.run, j.req.settings.APIVersion))
	reply.Header.Set("retry-after-ms", strconv.Itoa(azure.PollMilliseconds))
	return reply, nil
}

func (s *Service) statusURL(id azure.ResourceID, operation, version string) string {
	return s.o.Endpoints.ResourceManager + strings.TrimSuffix(id.String(), "/") + "/operationStatuses/" + operation + "?api-version=" + version
}

// validate serves POST validate: 200 with what would be deployed, or the error.
//
// Azure: az 2.5x to 2.7x reads the body of a refusal twice and then only says that it was consumed; in an answer of 200 it finds
// the error, which DeploymentValidateResult may hold. So az gets a refusal that way.
func (s *Service) validate(ctx context.Context, r *arm.CallRequest, _ httpd.None) (any, error) {
	v, err := s.validated(ctx, r)
	if err == nil {
		return v, nil
	}
	if e := azure.AsError(err); e.Kind != azure.Internal && strings.HasPrefix(r.UserAgent(), "AZURECLI/") {
		return azure.ErrorBody{Error: e.Detail()}, nil
	}
	return nil, err
}

func (s *Service) validated(ctx context.Context, r *arm.CallRequest) (view, error) {
	j, err := s.jobOf(ctx, r)
	if err != nil {
		return view{}, err
	}
	if err := s.preflight(ctx, j); err != nil {
		return view{}, err
	}
	rec := s.recordOf(j)
	rec.State, rec.End = stateSucceeded, &j.start
	v := s.show(rec)
	v.Properties.ValidatedResource, v.Properties.OutputResources = rec.Plan.Resources, nil
	return v, nil
}

// checkIdle refuses to replace a deployment that runs.
func (s *Service) checkIdle(id azure.ResourceID) error {
	item, ok := s.tables.deployments.Get(deploymentKey(id))
	if !ok || done(item.Value.State) {
		return nil
	}
	return active(item.Value)
}

func active(rec record) error {
	id, err := azure.ParseID(rec.ID)
	if err != nil {
		return err
	}
	return azure.Errorf(azure.Conflict, azure.CodeDeploymentActive,
		"Unable to edit or replace deployment '%s': previous deployment from '%s' is still active (expiration time is '%s'). Please see https://aka.ms/arm-deploy for usage details.",
		id.Name(), rec.Start.Format("1/2/2006 3:04:05 PM"), rec.Start.AddDate(0, 0, 7).Format("1/2/2006 3:04:05 PM"))
}

// recordOf is the record of a job that was accepted.
func (s *Service) recordOf(j *job) record {
	return record{ID: j.id.String(), Run: j.run, Location: j.req.location, Tags: j.req.tags, State: stateAccepted, Start: j.start,
		Correlation: j.correlation, worker: worker{j.caller, s.o.Hall.Process()}, Settings: j.req.settings, Hash: j.tmpl.Hash(), Parameters: j.withheldJSON(j.bound.Parameters()), Plan: j.shown()}
}

// accept stores the deployment: from here on it runs, also through a restart.
func (s *Service) accept(ctx context.Context, j *job) (rec record, existed bool, err error) {
	rec = s.recordOf(j)
	src := source{Template: j.req.template}
	secret := payload{Parameters: j.req.parameters, Inputs: j.req.inputs, Secrets: j.inherited}
	if j.stored != "" {
		src.Template, secret.Template = j.stored, j.req.template
	}
	plain, err := json.Marshal(secret)
	if err != nil {
		return rec, false, err
	}
	if src.Sealed, err = s.o.Seal(plain); err != nil {
		return rec, false, err
	}
	var gone []string
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		gone = nil
		old, ok, err := s.tables.deployments.GetTx(tx, deploymentKey(j.id))
		if err != nil {
			return err
		}
		existed = ok
		if ok {
			if !done(old.Value.State) {
				return active(old.Value)
			}
			if old.Value.Location != rec.Location {
				return azure.Errorf(azure.Conflict, azure.CodeInvalidDeploymentLocation,
					"Invalid deployment location '%s'. The deployment '%s' already exists in location '%s'.", rec.Location, j.id.Name(), old.Value.Location)
			}
			gone = append(gone, old.Value.Run)
		} else if gone, err = s.trim(tx, j.scope()); err != nil {
			return err
		}
		for _, run := range gone {
			if err := s.tables.sources.Delete(tx, store.K(run)); err != nil {
				return err
			}
		}
		if err := s.tables.sources.Put(tx, store.K(j.run), src); err != nil {
			return err
		}
		return s.tables.deployments.Put(tx, deploymentKey(j.id), rec)
	})
	if err != nil {
		return rec, existed, err
	}
	for _, run := range gone {
		if err := s.dropOperations(ctx, run); err != nil {
			s.o.Log.Warn("operations of a replaced deployment stay until the next start", "run", run, "error", err)
		}
	}
	return rec, existed, nil
}

// trim makes room in the history of a scope: the oldest that have ended go.
func (s *Service) trim(tx *store.Tx, scope azure.ResourceID) (gone []string, err error) {
	items := s.tables.deployments.List(scopeKey(scope), "", 0)
	if len(items) < s.o.History {
		return nil, nil
	}
	items = slices.Clone(items)
	sort.Slice(items, func(a, b int) bool { return items[a].Value.Start.Before(items[b].Value.Start) })
	over := len(items) - s.o.History + 1
	for _, item := range items {
		if over == 0 {
			break
		}
		if !done(item.Value.State) {
			continue
		}
		if err := s.tables.deployments.Delete(tx, item.Key); err != nil {
			return nil, err
		}
		gone, over = append(gone, item.Value.Run), over-1
	}
	return gone, nil
}

// shown is the plan as deployments show it.
func (j *job) shown() shownPlan {
	out := shownPlan{Providers: []shownProvider{}, Dependencies: []dependency{}, Resources: []idOnly{}}
	for _, r := range j.plan.Resources {
		if r.Skipped || r.Existing {
			continue
		}
		out.Resources = append(out.Resources, idOnly{r.ID.String()})
		out.addType(r.Type, r.Location)
		d := dependency{ID: r.ID.String(), ResourceType: r.Type, ResourceName: r.Name}
		for _, to := range r.DependsOn {
			if !to.Existing {
				d.DependsOn = append(d.DependsOn, dependency{ID: to.ID.String(), ResourceType: to.Type, ResourceName: to.Name})
			}
		}
		if d.DependsOn != nil {
			out.Dependencies = append(out.Dependencies, d)
		}
	}
	return out
}

// addType notes a type and a location of it.
func (p *shownPlan) addType(full, location string) {
	space, typ, _ := strings.Cut(full, "/")
	at := slices.IndexFunc(p.Providers, func(q shownProvider) bool { return strings.EqualFold(q.Namespace, space) })
	if at < 0 {
		at = len(p.Providers)
		p.Providers = append(p.Providers, shownProvider{Namespace: space})
	}
	types := &p.Providers[at].ResourceTypes
	in := slices.IndexFunc(*types, func(t shownResourceType) bool { return strings.EqualFold(t.ResourceType, typ) })
	if in < 0 {
		in = len(*types)
		*types = append(*types, shownResourceType{typ, []string{}})
	}
	if l, known := azure.ParseLocation(location); known && !slices.Contains((*types)[in].Locations, string(l)) {
		(*types)[in].Locations = append((*types)[in].Locations, string(l))
	}
}
