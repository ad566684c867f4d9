package deployment

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// start runs the job in the background.
func (s *Service) start(j *job) { s.wait.Go(func() { s.runJob(s.base, j) }) }

// Resume goes on with the deployments that an earlier process left unfinished. Call it once, after [arm.Hall.Resume].
func (s *Service) Resume(ctx context.Context) error {
	if err := s.takeUp(ctx); err != nil {
		return err
	}
	return s.sweep(ctx)
}

// takeUp goes on with the deployments that no process runs. Each is marked first: of several processes one gets it.
func (s *Service) takeUp(ctx context.Context) error {
	for _, item := range s.tables.deployments.By(byActive, "yes") {
		if !s.o.Hall.Orphaned(item.Value.Owner) {
			continue
		}
		var mine *record
		err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
			mine = nil
			now, ok, err := s.tables.deployments.GetTx(tx, item.Key)
			if err != nil || !ok || done(now.Value.State) || !s.o.Hall.Orphaned(now.Value.Owner) {
				return err
			}
			mine = &now.Value
			mine.Owner = s.o.Hall.Process()
			return s.tables.deployments.Put(tx, item.Key, *mine)
		})
		if err != nil {
			return err
		}
		if mine != nil {
			s.wait.Go(func() { s.resume(*mine) })
		}
	}
	return nil
}

func (s *Service) resume(rec record) {
	j, err := s.reload(s.base, rec)
	switch {
	case s.base.Err() != nil:
	case err != nil:
		s.log(s.finish(s.base, j, outcome{err: err}), j)
	default:
		s.runJob(s.base, j)
	}
}

// reload makes the job of a stored deployment again. The job names the deployment even when there is an error.
func (s *Service) reload(ctx context.Context, rec record) (*job, error) {
	id, err := azure.ParseID(rec.ID)
	j := &job{id: id, run: rec.Run, start: rec.Start, correlation: rec.Correlation, caller: rec.Caller}
	if err != nil {
		return j, err
	}
	item, _ := s.tables.sources.Get(store.K(rec.Run))
	src := item.Value
	plain, err := s.o.Unseal(src.Sealed)
	if err != nil {
		return j, err
	}
	var secret payload
	if err := json.Unmarshal(plain, &secret); err != nil {
		return j, err
	}
	j.req = &request{location: rec.Location, tags: rec.Tags, settings: rec.Settings, template: src.Template, parameters: secret.Parameters, inputs: secret.Inputs}
	j.inherited = secret.Secrets
	if secret.Template != "" {
		j.stored, j.req.template = src.Template, secret.Template
	}
	return j, s.prepare(ctx, j)
}

// outcome is how a deployment ended.
type outcome struct {
	outputs json.RawMessage
	err     error
}

// runJob brings the deployment to its end, unless the service closes.
func (s *Service) runJob(ctx context.Context, j *job) {
	r := &runner{s: s, j: j, slots: make(chan struct{}, s.o.Parallel)}
	out, err := r.all(ctx)
	if ctx.Err() != nil {
		return // the next start goes on
	}
	if !r.canceled() {
		s.log(s.finish(ctx, j, outcome{out, err}), j)
	}
}

func (s *Service) log(err error, j *job) {
	if err != nil {
		s.o.Log.Error("cannot record the end of a deployment", "deployment", j.id.String(), "error", err)
	}
}

// runner runs one job.
type runner struct {
	s     *Service
	j     *job
	slots chan struct{} // bounds what runs at a time
}

// all does everything: resources, outputs, cleanup, and after a failure what onErrorDeployment asks.
func (r *runner) all(ctx context.Context) (json.RawMessage, error) {
	if err := r.s.change(ctx, r.j, func(rec *record) { rec.State = stateRunning }); err != nil {
		return nil, err
	}
	failed := r.resources(ctx)
	if ctx.Err() != nil || r.canceled() {
		return nil, nil
	}
	var out json.RawMessage
	err := r.failure(failed)
	if err == nil {
		out, err = r.outputs(ctx)
	}
	if err == nil && r.j.req.settings.Mode == modeComplete {
		err = r.cleanup(ctx)
	}
	if err != nil && r.j.req.settings.OnError != nil {
		r.fallBack(ctx)
	}
	return out, err
}

// failure is the error of a deployment some of whose resources failed.
func (r *runner) failure(failed []*azure.Error) error {
	if len(failed) == 0 {
		return nil
	}
	return azure.Errorf(azure.Conflict, azure.CodeDeploymentFailed,
		"At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.").
		WithDetails(failed...).At(r.j.id.String())
}

// finished is the end of one resource.
type finished struct {
	resource *template.Resource
	err      error
}

// resources makes the resources along the graph. What depends on one that failed is not begun; the others go on.
func (r *runner) resources(ctx context.Context) (failed []*azure.Error) {
	waits := map[*template.Resource]int{}
	waiters := map[*template.Resource][]*template.Resource{}
	var ready []*template.Resource
	for _, res := range r.j.plan.Order() {
		waits[res] = len(res.DependsOn)
		for _, to := range res.DependsOn {
			waiters[to] = append(waiters[to], res)
		}
		if waits[res] == 0 {
			ready = append(ready, res)
		}
	}
	ended := make(chan finished)
	running := 0
	for len(ready) > 0 || running > 0 {
		for ; len(ready) > 0; ready = ready[1:] {
			res := ready[0]
			running++
			r.s.wait.Go(func() {
				r.slots <- struct{}{}
				err := r.resource(ctx, res)
				<-r.slots
				ended <- finished{res, err}
			})
		}
		end := <-ended
		running--
		if end.err != nil {
			failed = append(failed, azure.AsError(end.err))
			continue
		}
		for _, next := range waiters[end.resource] {
			if waits[next]--; waits[next] == 0 {
				ready = append(ready, next)
			}
		}
	}
	return failed
}

// outputs evaluates the outputs and notes that as an operation.
func (r *runner) outputs(ctx context.Context) (json.RawMessage, error) {
	op := operation{ID: r.operationID("outputs"), Kind: kindOutputs, State: stateRunning, Start: r.s.o.Now().UTC()}
	list, err := r.j.plan.Outputs(ctx, r)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := r.endOperation(ctx, op, http.StatusOK, r.j.scrub(err)); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, r.j.scrub(err)
	}
	return template.OutputsJSON(list), r.s.keepSecure(ctx, r.j, list)
}

// canceled reports that the deployment is to stop here: canceled, deleted, replaced, or taken up by another process since.
func (r *runner) canceled() bool {
	item, ok := r.s.tables.deployments.Get(deploymentKey(r.j.id))
	return !ok || item.Value.Run != r.j.run || done(item.Value.State) || item.Value.Owner != r.s.o.Hall.Process()
}

// change changes the record while the deployment runs; once it has ended nothing is changed.
func (s *Service) change(ctx context.Context, j *job, f func(*record)) error {
	return s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.tables.deployments.GetTx(tx, deploymentKey(j.id))
		if err != nil || !ok || item.Value.Run != j.run || done(item.Value.State) {
			return err
		}
		rec := item.Value
		f(&rec)
		return s.tables.deployments.Put(tx, item.Key, rec)
	})
}

// finish records the end. What only a running deployment needs is dropped.
func (s *Service) finish(ctx context.Context, j *job, out outcome) error {
	if out.err != nil {
		s.o.Log.Info("deployment failed", "deployment", j.id.String(), "code", azure.AsError(out.err).Code)
		if azure.AsError(out.err).Kind == azure.Internal {
			s.o.Log.Error("deployment met an unexpected error", "deployment", j.id.String(), "error", out.err)
		}
	}
	return s.end(ctx, j.id, j.run, func(rec *record) {
		rec.State, rec.Outputs = stateSucceeded, out.outputs
		if out.err != nil {
			detail := azure.AsError(out.err).Detail()
			rec.State, rec.Error = stateFailed, &detail
		}
	})
}

// end makes a running deployment's record final by f, and drops its sealed payload.
func (s *Service) end(ctx context.Context, id azure.ResourceID, run string, f func(*record)) error {
	now := s.o.Now().UTC()
	return s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.tables.deployments.GetTx(tx, deploymentKey(id))
		if err != nil || !ok || item.Value.Run != run || done(item.Value.State) {
			return err
		}
		rec := item.Value
		rec.End = &now
		f(&rec)
		src, ok, err := s.tables.sources.GetTx(tx, store.K(run))
		if err != nil {
			return err
		}
		if ok {
			src.Value.Sealed = nil
			if err := s.tables.sources.Put(tx, src.Key, src.Value); err != nil {
				return err
			}
		}
		return s.tables.deployments.Put(tx, item.Key, rec)
	})
}
