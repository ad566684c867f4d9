package containerd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/errdefs"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// container is one that exists, running or ended. Its record is guarded by its
// sandbox's mu; the other fields never change.
type container struct {
	record containerRecord
	task   client.Task   // nil for one that ended before this process began
	done   chan struct{} // closed when its end has been recorded
}

// reapTimeout bounds the cleaning up after a container that ended.
const reapTimeout = 30 * time.Second

// kill ends the container at once, without waiting.
func (c *container) kill(ctx context.Context) {
	select {
	case <-c.done:
	default:
		if c.task != nil {
			_ = c.task.Kill(ctx, unix.SIGKILL, client.WithKillAll) // its end is seen by whoever waits
		}
	}
}

// StartContainer implements [pod.Containers].
func (r *Runtime) StartContainer(ctx context.Context, id string, spec pod.ContainerSpec) (pod.ContainerStatus, error) {
	if err := pod.ValidName(spec.Name); err != nil {
		return pod.ContainerStatus{}, err
	}
	s, err := r.lookup(id)
	if err != nil {
		return pod.ContainerStatus{}, err
	}
	s.op.Lock()
	defer s.op.Unlock()
	s.mu.Lock()
	removed, old := s.removed, s.containers[spec.Name]
	s.mu.Unlock()
	if removed {
		return pod.ContainerStatus{}, fmt.Errorf("%w: %q", pod.ErrNoSandbox, id)
	}
	if old != nil {
		if st := s.statusOf(old); st.State == pod.Running && st.Attempt == spec.Attempt {
			return st, nil
		}
		old.kill(r.in(ctx))
		if err := await(ctx, old.done); err != nil {
			return pod.ContainerStatus{}, err
		}
	}
	c, err := r.start(r.in(ctx), s, spec)
	for try := 0; shimGone(err) && try < shimTries && ctx.Err() == nil; try++ {
		time.Sleep(shimPause << try)
		r.killStrays(s, spec)
		c, err = r.start(r.in(ctx), s, spec)
	}
	if err != nil {
		return pod.ContainerStatus{}, err
	}
	st := s.statusOf(c)
	r.events.send(pod.Event{Type: pod.EventStarted, Sandbox: id, Container: spec.Name, Attempt: spec.Attempt, Time: st.StartedAt})
	return st, nil
}

// The shim of a group ends with its last container. One that is started in that
// moment may still be given to it, and is started again.
const (
	shimTries = 5
	shimPause = 10 * time.Millisecond
)

func shimGone(err error) bool {
	if err == nil || errors.Is(err, pod.ErrStart) {
		return false
	}
	for _, sign := range []string{"ttrpc: closed", "shim is shutting down", "connection refused", "connection reset", "broken pipe", "server shutdown"} {
		if strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return false
}

// killStrays kills what a shim that ended left in the container's cgroup.
func (r *Runtime) killStrays(s *sandbox, spec pod.ContainerSpec) {
	s.mu.Lock()
	group := filepath.Join(r.cgroup(), cidOf(s.record.Spec.ID, spec))
	s.mu.Unlock()
	for _, pattern := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
		files, _ := filepath.Glob(filepath.Join(pattern, group, "cgroup.procs")) // the pattern is well formed
		for _, file := range files {
			list, _ := os.ReadFile(file) // gone: nothing to kill
			for _, word := range strings.Fields(string(list)) {
				if pid, err := strconv.Atoi(word); err == nil && pid > 1 {
					_ = unix.Kill(pid, unix.SIGKILL) // it may just have ended
				}
			}
		}
	}
}

// cidOf is containerd's name of a container.
func cidOf(sandbox string, spec pod.ContainerSpec) string {
	return fmt.Sprintf("%s.%s.%d", sandbox, hash(spec.Name), spec.Attempt)
}

// start makes containerd's container and task, and runs it. Whatever fails is
// taken back whole.
func (r *Runtime) start(ctx context.Context, s *sandbox, spec pod.ContainerSpec) (_ *container, err error) {
	go warmCgroups()
	s.mu.Lock()
	sandbox := s.record.Spec
	place := placement{dir: r.layout.sandbox(sandbox.ID), hostname: sandbox.Hostname, netns: s.endpoint.Namespace}
	s.mu.Unlock()
	image, err := r.client().GetImage(ctx, spec.Image)
	if errdefs.IsNotFound(err) {
		return nil, fmt.Errorf("%w: %q", pod.ErrNoImage, spec.Image)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot look up image %q: %w", spec.Image, err)
	}
	if err := r.unpack(ctx, image.Metadata()); err != nil {
		return nil, err
	}
	cid := cidOf(sandbox.ID, spec)
	place.cgroup = filepath.Join(r.cgroup(), cid)
	s.tasks.Lock()
	defer s.tasks.Unlock()
	r.discard(ctx, cid) // the remains of a crash between here and the record
	endpoint, settle, err := r.daemon.spares.endpoint(sandbox.ID)
	if err != nil {
		return nil, err
	}
	defer settle()
	opts, taskOpts := r.containerOpts(image, cid, sandbox.ID, spec, place), []client.NewTaskOpts{client.WithRuntimePath(r.layout.shim())}
	if endpoint != "" {
		opts = append(opts, client.WithSandbox(shimsRecord))
		taskOpts = append(taskOpts, client.WithTaskAPIEndpoint(endpoint, shimVersion))
	}
	defer func() {
		if err != nil {
			r.discard(context.WithoutCancel(ctx), cid)
		}
	}()
	made, err := r.client().NewContainer(leases.WithLease(ctx, startLease), cid, opts...)
	if err != nil { // a snapshot may be there already, which the lease would keep for good
		return nil, fmt.Errorf("%w: %w", pod.ErrInvalid, err)
	}
	log := r.layout.log(sandbox.ID, spec.Name)
	if spec.Attempt == 0 {
		if err := r.logs.reset(log); err != nil {
			return nil, err
		}
	}
	task, err := made.NewTask(ctx, logTo(log), taskOpts...)
	if err != nil {
		return nil, startError(spec, err)
	}
	exited, err := task.Wait(r.ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot watch container %q: %w", spec.Name, err)
	}
	if err := task.Start(ctx); err != nil {
		return nil, startError(spec, err)
	}
	c := &container{task: task, done: make(chan struct{}), record: containerRecord{
		CID: cid, StopSignal: stopSignal(made, ctx),
		ContainerStatus: pod.ContainerStatus{
			Name: spec.Name, State: pod.Running, Attempt: spec.Attempt, PID: int(task.Pid()), StartedAt: r.opts.Now().UTC(),
			Image: spec.Image, ImageDigest: image.Target().Digest.String(), Labels: maps.Clone(spec.Labels),
		},
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := writeRecord(r.layout.container(sandbox.ID, spec.Name), c.record); err != nil {
		return nil, err
	}
	s.containers[spec.Name] = c
	r.work.start(func() { r.watch(sandbox.ID, s, c, exited) })
	return c, nil
}

// startError turns the low-level runtime's complaint into what its user did.
func startError(spec pod.ContainerSpec, err error) error {
	text := err.Error()
	for _, from := range []string{"runc create failed: ", "runc start failed: ", "create failed: ", "start failed: "} {
		if _, after, ok := strings.Cut(text, from); ok && strings.Contains(text, "OCI runtime") {
			after = strings.TrimPrefix(after, "unable to start container process: ")
			return fmt.Errorf("%w of container %q: %s", pod.ErrStart, spec.Name, strings.TrimSuffix(after, ": unknown"))
		}
	}
	return fmt.Errorf("cannot start container %q: %w", spec.Name, err)
}

func stopSignal(c client.Container, ctx context.Context) string {
	if labels, err := c.Labels(ctx); err == nil {
		return labels[client.StopSignalLabel]
	}
	return ""
}

// watch waits for the container's end and records it.
func (r *Runtime) watch(id string, s *sandbox, c *container, exited <-chan client.ExitStatus) {
	status := <-exited
	if r.ctx.Err() != nil {
		return // closing: the container runs on
	}
	code, at, err := status.Result()
	if err != nil {
		// The shim is gone; containerd kills what it had.
		code, at = 128+uint32(unix.SIGKILL), r.opts.Now()
	}
	r.finish(id, s, c, exit{Status: int(code), Timestamp: at, oom: oomKilled(filepath.Join(r.cgroup(), c.record.CID))})
}

// finish cleans up after a container that ended and then makes its end known.
func (r *Runtime) finish(id string, s *sandbox, c *container, e exit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), reapTimeout)
	defer cancel()
	s.tasks.Lock()
	r.discard(ctx, c.record.CID)
	s.tasks.Unlock()
	s.mu.Lock()
	st := &c.record.ContainerStatus
	st.State, st.PID, st.ExitCode, st.OOMKilled, st.FinishedAt, st.Lost = pod.Exited, 0, e.Status, e.oom, e.Timestamp.UTC(), e.lost
	if err := writeRecord(r.layout.container(id, st.Name), c.record); err != nil && r.opts.Log != nil {
		r.opts.Log.Error("cannot record a container's end", "sandbox", id, "container", st.Name, "error", err)
	}
	event := pod.Event{
		Type: pod.EventExited, Sandbox: id, Container: st.Name, Attempt: st.Attempt,
		Time: st.FinishedAt, ExitCode: st.ExitCode, OOMKilled: st.OOMKilled,
	}
	s.mu.Unlock()
	close(c.done)
	if event.OOMKilled {
		oom := event
		oom.Type = pod.EventOOM
		r.events.send(oom)
	}
	r.events.send(event)
}

// startLease keeps a snapshot from the collector until its container is recorded.
// It is there for good: one for each start is two more writes to the disk. (All of
// a start in one transaction would be fewer still, but the collector takes a
// snapshot for garbage that is not committed yet.)
const startLease = "starts"

// discard removes containerd's container, task and snapshot of a cid, in
// whatever state they are. What is not there is no matter.
func (r *Runtime) discard(ctx context.Context, cid string) {
	ctx = leases.WithLease(ctx, startLease) // which forgets the snapshot, too
	made, err := r.client().LoadContainer(ctx, cid)
	if err == nil {
		if task, err := made.Task(ctx, nil); err == nil {
			_, _ = task.Delete(ctx, client.WithProcessKill)
		}
		_ = made.Delete(ctx)
	}
	_ = r.client().SnapshotService(r.opts.Snapshotter).Remove(ctx, cid)
}

func await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sandbox) statusOf(c *container) pod.ContainerStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := c.record.ContainerStatus
	st.Labels = maps.Clone(st.Labels)
	return st
}

// find looks up a container; the error names it.
func (r *Runtime) find(id, name string) (*sandbox, *container, error) {
	s, err := r.lookup(id)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if c, ok := s.containers[name]; ok {
			return s, c, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: %q in sandbox %q", pod.ErrNoContainer, name, id)
}

// StopContainer implements [pod.Containers].
func (r *Runtime) StopContainer(ctx context.Context, id, name string, grace time.Duration) error {
	_, c, err := r.find(id, name)
	if err != nil || c.task == nil {
		return nil //nolint:nilerr // an unknown or ended container is stopped
	}
	signal := unix.SignalNum(c.record.StopSignal)
	if signal == 0 {
		signal = unix.SIGTERM
	}
	if err := c.task.Kill(r.in(ctx), signal); err != nil && !errdefs.IsNotFound(err) {
		c.kill(r.in(ctx))
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	c.kill(r.in(ctx))
	return await(ctx, c.done)
}

// RemoveContainer implements [pod.Containers].
func (r *Runtime) RemoveContainer(ctx context.Context, id, name string) error {
	s, err := r.lookup(id)
	if err != nil {
		return nil //nolint:nilerr // unknown is removed
	}
	s.op.Lock()
	defer s.op.Unlock()
	_, c, err := r.find(id, name)
	if err != nil {
		return nil //nolint:nilerr // unknown is removed
	}
	return r.remove(ctx, s, c)
}

// remove kills and forgets a container; the caller holds the sandbox's op.
func (r *Runtime) remove(ctx context.Context, s *sandbox, c *container) error {
	c.kill(r.in(ctx))
	if err := await(ctx, c.done); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, name := s.record.Spec.ID, c.record.Name
	err := errors.Join(removeFile(r.layout.container(id, name)), r.logs.remove(r.layout.log(id, name)))
	if err != nil {
		return fmt.Errorf("cannot remove container %q: %w", name, err)
	}
	delete(s.containers, name)
	return nil
}

// Statuses implements [pod.Containers].
func (r *Runtime) Statuses(ctx context.Context, id string) ([]pod.ContainerStatus, error) {
	s, err := r.lookup(id)
	if err != nil {
		return nil, nil //nolint:nilerr // an unknown sandbox has no containers
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]pod.ContainerStatus, 0, len(s.containers))
	for _, c := range s.containers {
		st := c.record.ContainerStatus
		st.Labels = maps.Clone(st.Labels)
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b pod.ContainerStatus) int { return strings.Compare(a.Name, b.Name) })
	return list, ctx.Err()
}
