package container

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// runLabel carries the number of the run a container belongs to.
const runLabel = "run"

func runOf(g *group) string { return strconv.FormatInt(g.Run, 10) }

// provision brings a run up, or records why it cannot be.
func (r *runner) provision(ctx context.Context, g *group) time.Duration {
	limited, cancel := context.WithTimeout(ctx, r.s.o.Timing.Provision)
	err := r.bringUp(limited, g)
	for try := 1; try <= retries && transient(err) && limited.Err() == nil; try++ {
		r.s.o.Log.Warn("cannot start a container group; trying again", "group", g.ID.String(), "error", err)
		_ = sleep(limited, time.Duration(try*try)*retryDelay) // bringUp looks at the same context
		err = r.bringUp(limited, g)
	}
	cancel()
	if err != nil && limited.Err() == context.DeadlineExceeded && ctx.Err() == nil {
		err = azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The container group '%s' did not start within %s, and the cloud gave up. See its events with 'az container show'; start it again with 'az container start'.", g.ID.Name(), r.s.o.Timing.Provision).Because(err)
	}
	switch {
	case ctx.Err() != nil:
		return forever // interrupted: a wake is on its way, or the service ends
	case err == nil:
		r.change(g, func(o *observed) { o.Ready = true })
		r.adopted = true
		r.save(ctx)
		return 0
	}
	r.endProbes()
	r.unvouch()
	e := r.failure(g, err)
	r.s.o.Log.Warn("container group failed", "group", g.ID.String(), "code", e.Code, "error", err)
	// The order matters: nothing runs any more when the failure is seen.
	if rerr := r.s.o.Runtime.Sandboxes.RemoveSandbox(ctx, g.Sandbox); rerr != nil {
		r.s.o.Log.Warn("cannot remove the sandbox of a failed container group", "group", g.ID.String(), "error", rerr)
	}
	r.change(g, func(o *observed) {
		o.Failure = &failure{Kind: e.Kind, Code: e.Code, Message: e.Message}
		for i := range o.Containers {
			if w := &o.Containers[i]; w.Current.running() {
				w.ended(pod.ContainerStatus{ExitCode: 137}, r.s.o.Now())
				w.Events = event.Add(w.Events, r.s.o.Now(), false, "Killing", "Killing container because the container group failed")
			}
		}
	})
	r.save(ctx)
	return forever
}

// A failure of the runtime itself is tried again, after 0.2 and 0.8 s.
const (
	retries    = 2
	retryDelay = 200 * time.Millisecond
)

// transient tells failures of the runtime from those whose cause is the group.
func transient(err error) bool {
	var worded *azure.Error
	return err != nil && !errors.As(err, &worded) && !errors.Is(err, pod.ErrAddressInUse)
}

// failure words why a run cannot be made.
func (r *runner) failure(g *group, err error) *azure.Error {
	var worded *azure.Error
	switch {
	case errors.As(err, &worded):
		return worded
	case errors.Is(err, pod.ErrAddressInUse):
		return azure.Errorf(azure.Conflict, azure.CodePublicPortInUse, "A public port of container group '%s' is taken by another process on this machine: %v. Stop that process or choose another port, then create the group again.", g.ID.Name(), err)
	}
	return azure.Errorf(azure.Internal, azure.CodeInternal, "The container group '%s' could not be started: the container runtime failed. Try again with 'az container start'; the server's log has the reason.", g.ID.Name()).Because(err)
}

func (r *runner) bringUp(ctx context.Context, g *group) error {
	spec := g.Spec.clone()
	if err := r.s.unseal(g.ID, &spec); err != nil {
		return err
	}
	if err := r.reveal(ctx, g, &spec); err != nil {
		return err
	}
	var work errgroup.Group
	work.Go(func() error { return r.resolveAll(ctx, g, &spec) })
	work.Go(func() error { return r.ensurePod(ctx, g, &spec) })
	if err := work.Wait(); err != nil {
		return err
	}
	running, err := r.clear(ctx, g)
	if err != nil {
		return err
	}
	for i := range spec.Init {
		if err := r.runInit(ctx, g, &spec.Init[i], running[spec.Init[i].Name]); err != nil {
			return err
		}
	}
	for i := range spec.Containers {
		if st, there := running[spec.Containers[i].Name]; there && st.State != pod.Created {
			r.change(g, func(o *observed) { o.container(st.Name).startedAs(st, r.s.o.Now()) })
			continue // started by a process that died before us
		}
		if err := r.start(ctx, g, &spec.Containers[i], 0); err != nil {
			return r.startError(g, spec.Containers[i].Name, err)
		}
	}
	r.probe(g)
	if err := r.awaitReady(ctx, g); err != nil {
		return err
	}
	return r.openReady(ctx, g)
}

func (r *runner) startError(g *group, name string, err error) error {
	if !errors.Is(err, pod.ErrStart) {
		return err
	}
	return azure.Errorf(azure.Invalid, azure.CodeContainerStartFailed, "The container '%s' in container group '%s' cannot be started: %s. Check its command line and its image, then create the group again.", name, g.ID.Name(), startReason(err))
}

// startReason is the runtime's text without the words every such error has.
func startReason(err error) string {
	text := err.Error()
	if strings.HasPrefix(text, pod.ErrStart.Error()) {
		if _, reason, ok := strings.Cut(text, ": "); ok {
			return reason
		}
	}
	return text
}

// ensurePod makes the sandbox with its forwarders and the volumes.
func (r *runner) ensurePod(ctx context.Context, g *group, spec *spec) error {
	if err := r.makeVolumes(ctx, g, spec); err != nil {
		return err
	}
	if err := r.ensureSandbox(ctx, g, true); err != nil {
		return err
	}
	return r.vouch(ctx, g, spec)
}

func (r *runner) ensureSandbox(ctx context.Context, g *group, open bool) error {
	want := pod.SandboxSpec{ID: g.Sandbox, Hostname: strings.ToLower(g.ID.Name()), DNS: r.s.o.DNS, Labels: sandboxLabels(g)}
	if open {
		want.Address, want.Ports = g.Spec.public(), g.readyPorts(r.seen.Load())
	}
	if d := g.Spec.DNS; d != nil {
		want.DNS = pod.DNS{Nameservers: d.Servers, Search: strings.Fields(d.Search), Options: strings.Fields(d.Options)}
	}
	st, err := r.s.o.Runtime.Sandboxes.EnsureSandbox(ctx, want)
	r.open = want.Ports
	if st.PodAddress.IsValid() && r.seen.Load().Inside != st.PodAddress.String() {
		r.change(g, func(o *observed) { o.Inside = st.PodAddress.String() })
	}
	return err
}

// clear ends the containers of earlier runs and returns those of this one.
func (r *runner) clear(ctx context.Context, g *group) (map[string]pod.ContainerStatus, error) {
	list, err := r.s.o.Runtime.Containers.Statuses(ctx, g.Sandbox)
	if err != nil {
		return nil, err
	}
	mine := map[string]pod.ContainerStatus{}
	var work errgroup.Group
	for _, st := range list {
		if st.Labels[runLabel] == runOf(g) {
			mine[st.Name] = st
			continue
		}
		work.Go(func() error {
			if err := r.s.o.Runtime.Containers.StopContainer(ctx, g.Sandbox, st.Name, r.s.o.Timing.Grace); err != nil {
				return err
			}
			return r.s.o.Runtime.Containers.RemoveContainer(ctx, g.Sandbox, st.Name)
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	return mine, r.s.removeOldVolumes(g)
}

// start starts one container and records it. The error is [pod.ErrStart] when
// its process cannot be started, which is recorded as an end.
func (r *runner) start(ctx context.Context, g *group, c *containerSpec, attempt int) error {
	w := r.seen.Load().container(c.Name)
	want := pod.ContainerSpec{
		Name: c.Name, Image: w.Image, Command: c.Command, Attempt: attempt, Limits: limits(g, c), Security: c.Security,
		Labels: map[string]string{runLabel: runOf(g)},
	}
	want.Env = r.voucher.environment(g)
	for _, e := range c.Env {
		value := e.Value
		if e.Secret != nil {
			value = e.Secret.plain.Reveal()
		}
		want.Env = append(want.Env, pod.EnvVar{Name: e.Name, Value: value})
	}
	for _, m := range c.Mounts {
		want.Mounts = append(want.Mounts, r.s.mount(g, m))
	}
	if c.ConfigMap != nil {
		want.Mounts = append(want.Mounts, pod.Mount{Source: r.s.configDir(g, c.Name), Target: "/mnt/configmap/" + c.Name, ReadOnly: true})
	}
	st, err := r.s.o.Runtime.Containers.StartContainer(ctx, g.Sandbox, want)
	now := r.s.o.Now()
	switch {
	case errors.Is(err, pod.ErrStart):
		r.notStarted(g, c, attempt, startReason(err))
		return err
	case err != nil:
		return err
	}
	r.change(g, func(o *observed) {
		w := o.container(c.Name)
		w.Events = event.Add(w.Events, now, false, "Created", "Created container")
		w.startedAs(st, now)
	})
	return nil
}

// notStarted records a start that failed as an end.
func (r *runner) notStarted(g *group, c *containerSpec, attempt int, why string) {
	now := r.s.o.Now()
	r.change(g, func(o *observed) {
		w := o.container(c.Name)
		w.startedAs(pod.ContainerStatus{Attempt: attempt}, now)
		w.Events = event.Add(w.Events[:len(w.Events)-1], now, true, "Failed", "Error: cannot start the container: "+why)
		w.ended(pod.ContainerStatus{ExitCode: 128}, now)
		w.Current.Detail = "StartError"
	})
}

// limits are the container's own, or what it requests; init containers may use
// all that the group requests.
func limits(g *group, c *containerSpec) pod.Limits {
	x := c.Requests
	switch {
	case c.Limits != nil:
		x = *c.Limits
	case x == (resources{}):
		x = g.Spec.total()
	}
	return pod.Limits{CPU: x.CPU, MemoryBytes: int64(x.MemoryGB * (1 << 30))}
}

// runInit runs an init container to its end. Policy Never makes its failure the
// group's; else it is tried again after a back-off, within the time of a run.
func (r *runner) runInit(ctx context.Context, g *group, c *containerSpec, before pod.ContainerStatus) error {
	attempt := 0
	if before.Name != "" { // made by a process that died before us
		if before.State == pod.Exited && before.ExitCode == 0 {
			r.change(g, func(o *observed) {
				w := o.container(c.Name)
				w.startedAs(before, r.s.o.Now())
				w.ended(before, r.s.o.Now())
			})
			return nil
		}
		attempt = before.Attempt
	}
	for {
		if err := r.start(ctx, g, c, attempt); err != nil {
			return r.startError(g, c.Name, err)
		}
		st, err := r.awaitEnd(ctx, g, c.Name)
		if err != nil {
			return err
		}
		var again time.Duration
		r.change(g, func(o *observed) {
			w := o.container(c.Name)
			w.ended(st, r.s.o.Now())
			if g.Spec.RestartPolicy != never {
				w.schedule(onFailure, r.s.o.Timing, r.s.o.Now())
				again = w.RestartAt.Sub(r.s.o.Now())
			}
		})
		switch {
		case st.ExitCode == 0:
			return nil
		case g.Spec.RestartPolicy == never || attempt >= initAttempts:
			return azure.Errorf(azure.Invalid, azure.CodeContainerStartFailed, "The init container '%s' in container group '%s' ended with exit code %d, so the group was not started. Its log said: %s", c.Name, g.ID.Name(), st.ExitCode, r.lastWords(ctx, g, c.Name))
		}
		if again > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-r.s.o.Timing.After(again):
			}
		}
		attempt++
	}
}

// initAttempts is how often an init container is restarted before the group
// fails; with the usual back-off that takes about five minutes.
const initAttempts = 5

// awaitEnd waits until a container has ended.
func (r *runner) awaitEnd(ctx context.Context, g *group, name string) (pod.ContainerStatus, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		st, ok, err := r.status(ctx, g, name)
		if err != nil {
			return st, err
		}
		if !ok {
			return pod.ContainerStatus{Name: name, State: pod.Exited, ExitCode: pod.LostExitCode, Lost: true}, nil
		}
		if st.State == pod.Exited {
			return st, nil
		}
		if err := sleep(ctx, pause); err != nil {
			return st, err
		}
	}
}

func (r *runner) status(ctx context.Context, g *group, name string) (pod.ContainerStatus, bool, error) {
	list, err := r.s.o.Runtime.Containers.Statuses(ctx, g.Sandbox)
	for _, st := range list {
		if st.Name == name {
			return st, true, nil
		}
	}
	return pod.ContainerStatus{}, false, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
