package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// supervise keeps a run that came up as its restart policy wants it, and takes it
// over from an earlier process.
func (r *runner) supervise(ctx context.Context, g *group) time.Duration {
	wait, err := r.look(ctx, g)
	r.save(ctx)
	switch {
	case ctx.Err() != nil:
		return forever
	case err == nil:
		r.faults = 0
		return wait
	}
	r.faults++
	r.adopted = false // whatever is missing is made again
	r.s.o.Log.Warn("cannot keep a container group running; trying again", "group", g.ID.String(), "error", err)
	return max(backoff(r.faults-1, r.s.o.Timing.BackoffBase, r.s.o.Timing.BackoffMax), time.Millisecond)
}

func (r *runner) look(ctx context.Context, g *group) (time.Duration, error) {
	spec := g.Spec.clone()
	if err := r.s.unseal(g.ID, &spec); err != nil {
		return forever, err
	}
	if !r.adopted {
		if r.s.lacksSecrets(g) {
			if err := r.reveal(ctx, g, &spec); err != nil {
				return forever, err
			}
		}
		if err := r.ensurePod(ctx, g, &spec); err != nil {
			return forever, err
		}
		r.adopted = true
	}
	list, err := r.s.o.Runtime.Containers.Statuses(ctx, g.Sandbox)
	if err != nil {
		return forever, err
	}
	r.absorb(g, list)
	wait := forever
	for i := range spec.Containers {
		next, err := r.revive(ctx, g, &spec, &spec.Containers[i])
		if err != nil {
			return forever, err
		}
		if next >= 0 && (wait < 0 || next < wait) {
			wait = next
		}
	}
	r.probe(g)
	return wait, r.openReady(ctx, g)
}

// absorb records what the runtime says of the containers of this run.
func (r *runner) absorb(g *group, list []pod.ContainerStatus) {
	found := map[string]pod.ContainerStatus{}
	for _, st := range list {
		if st.Labels[runLabel] == runOf(g) {
			found[st.Name] = st
		}
	}
	now := r.s.o.Now()
	next := r.seen.Load().clone()
	changed := false
	for i := range g.Spec.Containers {
		w := next.container(g.Spec.Containers[i].Name)
		st, ok := found[w.Name]
		if w.absorb(st, ok, now) {
			changed = true
			if w.Current.Ended && !g.Stopped {
				w.schedule(g.Spec.RestartPolicy, r.s.o.Timing, now)
			}
		}
		if ok && st.OOMKilled && w.Current.Ended && st.Attempt == w.Current.Attempt && w.Current.Detail != "OOMKilled" {
			w.Current.Detail, changed = "OOMKilled", true // the news came after the exit
		}
	}
	if changed {
		r.change(g, func(o *observed) { *o = *next })
	}
}

// absorb brings w up to date and reports whether its episode began or ended.
func (w *watched) absorb(st pod.ContainerStatus, found bool, now time.Time) bool {
	switch {
	case !found && w.Current.running():
		w.ended(pod.ContainerStatus{ExitCode: pod.LostExitCode, Lost: true}, now)
		return true
	case !found || st.State == pod.Created:
		return false
	case st.Attempt > w.Attempt || w.Current.zero(): // started by a process that died before it said so
		w.startedAs(st, now)
		if st.State == pod.Exited {
			w.ended(st, now)
		}
		return true
	case st.Attempt == w.Current.Attempt && st.State == pod.Exited && w.Current.running():
		w.ended(st, now)
		return true
	}
	return false
}

// revive starts a container whose restart is due; else it tells how long it is
// not, or forever.
func (r *runner) revive(ctx context.Context, g *group, spec *spec, c *containerSpec) (time.Duration, error) {
	w := r.seen.Load().container(c.Name)
	if w.Current.running() || w.RestartAt.IsZero() {
		return forever, nil
	}
	if left := w.RestartAt.Sub(r.s.o.Now()); left > 0 {
		return left, nil
	}
	err := r.reveal(ctx, g, spec)
	if err == nil {
		err = r.start(ctx, g, c, w.Attempt+1)
	} else if e := azure.AsError(err); e.Code == azure.CodeInaccessibleSecretReference {
		r.notStarted(g, c, w.Attempt+1, e.Message)
		err = pod.ErrStart
	}
	switch {
	case err == nil:
		return forever, nil
	case errors.Is(err, pod.ErrStart):
		now := r.s.o.Now()
		r.change(g, func(o *observed) { o.container(c.Name).schedule(g.Spec.RestartPolicy, r.s.o.Timing, now) })
		return 0, nil
	case errors.Is(err, pod.ErrNoImage):
		if err := r.resolveOne(ctx, g, spec, c); err != nil {
			return forever, err
		}
		return 0, nil
	}
	return forever, fmt.Errorf("cannot restart container %q: %w", c.Name, err)
}

// halt carries out a stop: the containers end, the ports close, logs remain.
func (r *runner) halt(ctx context.Context, g *group) time.Duration {
	if r.seen.Load().Halted {
		return forever
	}
	r.endProbes()
	err := r.stopAll(ctx, g)
	if ctx.Err() != nil {
		return forever
	}
	if err != nil {
		r.faults++
		r.s.o.Log.Warn("cannot stop a container group; trying again", "group", g.ID.String(), "error", err)
		return max(backoff(r.faults-1, r.s.o.Timing.BackoffBase, r.s.o.Timing.BackoffMax), time.Millisecond)
	}
	r.faults, r.adopted = 0, false
	r.change(g, func(o *observed) {
		o.Halted, o.Failure = true, nil
		for i := range o.Containers {
			o.Containers[i].RestartAt, o.Containers[i].Waiting = time.Time{}, ""
		}
	})
	r.save(ctx)
	return forever
}

func (r *runner) stopAll(ctx context.Context, g *group) error {
	list, err := r.s.o.Runtime.Containers.Statuses(ctx, g.Sandbox)
	if err != nil {
		return err
	}
	var work errgroup.Group
	for _, st := range list {
		if st.State == pod.Exited {
			continue
		}
		r.change(g, func(o *observed) {
			if w := o.container(st.Name); w != nil {
				w.Events = event.Add(w.Events, r.s.o.Now(), false, "Killing", "Killing container")
			}
		})
		work.Go(func() error {
			return r.s.o.Runtime.Containers.StopContainer(ctx, g.Sandbox, st.Name, r.s.o.Timing.Grace)
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	if list, err = r.s.o.Runtime.Containers.Statuses(ctx, g.Sandbox); err != nil {
		return err
	}
	r.absorb(g, list)
	if len(list) == 0 {
		return nil // also after a restart of the machine: nothing to close
	}
	return r.ensureSandbox(ctx, g, false)
}
