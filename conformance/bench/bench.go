package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// bench measures everything, inside the sandbox, and reports.
func bench() error {
	s := flags()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, fmt.Errorf("the benchmark took longer than %s (-limit)", s.limit))
	defer cancel()
	r := &measure.Report{Machine: measure.Machine(), Version: version(ctx, s)}
	sections(ctx, s, r)
	if ctx.Err() != nil {
		r.Failures = append(r.Failures, "stopped: "+context.Cause(ctx).Error())
	}
	r.Print(os.Stdout)
	if err := r.Save(s.json); err != nil {
		return err
	}
	fmt.Printf("raw numbers: %s\n", s.json)
	if len(r.Failures) > 0 {
		return fmt.Errorf("%d measurements failed", len(r.Failures))
	}
	return nil
}

// sections runs the sections; what fails in one does not keep the others from being measured.
func sections(ctx context.Context, s settings, r *measure.Report) {
	if s.wants("start") {
		if err := starts(ctx, s, r); err != nil {
			r.Failures = append(r.Failures, "start: "+err.Error())
		}
	}
	load := s.wants("set") || s.wants("get") || s.wants("token")
	if ctx.Err() != nil || !s.wants("containers") && !s.wants("groups") && !s.wants("sizes") && !s.wants("az") && !load {
		return
	}
	c, err := newCloud(ctx, s, "cloud")
	if err == nil {
		defer func() {
			if err := c.stop(context.WithoutCancel(ctx)); err != nil {
				r.Failures = append(r.Failures, err.Error())
			}
		}()
		err = c.furnish(ctx)
	}
	if err != nil {
		r.Failures = append(r.Failures, err.Error())
	}
	ready := err == nil
	var race []*contender
	if s.wants("containers") || s.wants("sizes") {
		race = peers(ctx, s, r)
	}
	if s.wants("containers") {
		if err := containers(ctx, s, r, c, ready, race); err != nil {
			r.Failures = append(r.Failures, "containers: "+err.Error())
		}
	}
	if s.wants("groups") && ready {
		if err := groups(ctx, s, r, c); err != nil {
			r.Failures = append(r.Failures, "groups: "+err.Error())
		}
	}
	if s.wants("sizes") && ready {
		if err := sizes(ctx, s, r, c, race); err != nil {
			r.Failures = append(r.Failures, "sizes: "+err.Error())
		}
	}
	if s.wants("az") && ready {
		if err := azs(ctx, s, r, c); err != nil {
			r.Failures = append(r.Failures, "az: "+err.Error())
		}
	}
	if load && ready {
		if err := loads(ctx, s, r, c); err != nil {
			r.Failures = append(r.Failures, "load: "+err.Error())
		}
	}
}
