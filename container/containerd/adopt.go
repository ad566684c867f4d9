package containerd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/v2/client"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// adopt takes over what an earlier process left: sandboxes with their
// addresses, containers that run, the ends of those that ended. Remains that
// belong to no record are removed.
func (r *Runtime) adopt(exits map[string]exit) error {
	folders, err := os.ReadDir(r.layout.sandboxes())
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, f := range folders {
		dir := r.layout.sandbox(f.Name())
		record, err := readRecord[sandboxRecord](filepath.Join(dir, sandboxFile))
		if err != nil || record.Spec.ID != f.Name() {
			// Half made when the process died: nothing of it was answered for.
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			continue
		}
		if err := r.adoptSandbox(record, exits, known); err != nil {
			return fmt.Errorf("cannot take over sandbox %q: %w", f.Name(), err)
		}
	}
	if err := r.sweep(known); err != nil {
		return err
	}
	for _, e := range r.net.Endpoints() {
		if _, ok := r.sandboxes[e.ID]; !ok {
			if err := r.net.Detach(e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Runtime) adoptSandbox(record sandboxRecord, exits map[string]exit, known map[string]bool) error {
	id := record.Spec.ID
	endpoint, err := r.net.Attach(id)
	if err != nil {
		return err
	}
	s := &sandbox{record: record, endpoint: endpoint, containers: map[string]*container{}}
	r.sandboxes[id] = s
	dir := r.layout.sandbox(id)
	if err := r.logs.watch(dir); err != nil {
		return err
	}
	containers, err := readContainers(dir)
	if err != nil {
		return err
	}
	for _, record := range containers {
		c := &container{record: record, done: make(chan struct{})}
		s.containers[record.Name] = c
		if record.State == pod.Exited {
			close(c.done)
			continue
		}
		if e, ended := exits[record.CID]; ended {
			r.finish(id, s, c, e)
			continue
		}
		task, exited := r.running(record.CID)
		if task == nil {
			r.finish(id, s, c, exit{Status: pod.LostExitCode, Timestamp: r.opts.Now(), lost: true})
			continue
		}
		known[record.CID] = true
		c.task = task
		r.work.start(func() { r.watch(id, s, c, exited) })
	}
	return nil
}

// running finds a task that still runs, and its end to come.
func (r *Runtime) running(cid string) (client.Task, <-chan client.ExitStatus) {
	made, err := r.client().LoadContainer(r.ctx, cid)
	if err != nil {
		return nil, nil
	}
	task, err := made.Task(r.ctx, nil)
	if err != nil {
		return nil, nil
	}
	if st, err := task.Status(r.ctx); err != nil || st.Status == client.Stopped || st.Status == client.Created {
		return nil, nil
	}
	exited, err := task.Wait(r.ctx)
	if err != nil {
		return nil, nil
	}
	return task, exited
}

// sweep removes containers that no record knows: those of a start that never
// came to its end.
func (r *Runtime) sweep(known map[string]bool) error {
	ctx, cancel := context.WithTimeout(r.ctx, reapTimeout)
	defer cancel()
	all, err := r.client().Containers(ctx)
	if err != nil {
		return fmt.Errorf("cannot list containerd's containers: %w", err)
	}
	for _, c := range all {
		if !known[c.ID()] {
			r.discard(ctx, c.ID())
		}
	}
	return nil
}
