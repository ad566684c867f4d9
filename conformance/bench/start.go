package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

const (
	startRounds   = 5
	startGoalS    = 1.0
	idleGoalMB    = 150.0
	idleAfter     = 10 * time.Second
	startSection  = "start"
	memorySection = "memory"
)

// version is what the binary says of itself.
func version(ctx context.Context, s settings) string {
	out, err := exec.CommandContext(ctx, s.bin, "--version").Output()
	if err != nil {
		return "(unknown version)"
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "lazuli version ")
}

// starts measures `lazuli up --detach` in an empty directory and in one with state, and what the daemon holds when idle.
func starts(ctx context.Context, s settings, r *measure.Report) error {
	var first, second, idle []float64
	for i := range startRounds {
		for _, times := range []*[]float64{&first, &second} {
			c, err := newCloud(ctx, s, fmt.Sprintf("start%d", i))
			if err != nil {
				return err
			}
			*times = append(*times, c.startup.Seconds())
			if i == startRounds-1 && times == &second {
				idle, err = c.idle(ctx)
			}
			if err := errors.Join(err, c.stop(context.WithoutCancel(ctx))); err != nil {
				return err
			}
		}
	}
	r.Add(startSection, "lazuli up --detach, empty directory", "s", "", first)
	r.Add(startSection, "lazuli up --detach, again", "s", "", second)
	r.Add(memorySection, "resident memory of the daemon", "MB", fmt.Sprintf("idle for %s", idleAfter), idle)
	r.AtMost(startSection, "first start to healthy", "s", first, startGoalS)
	r.AtMost(startSection, "second start to healthy", "s", second, startGoalS)
	r.AtMost(memorySection, "idle resident memory", "MB", idle, idleGoalMB)
	return nil
}

// idle waits and reads the daemon's resident memory.
func (c *cloud) idle(ctx context.Context) ([]float64, error) {
	select {
	case <-time.After(idleAfter):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m, err := measure.Resident(c.status.PID)
	return []float64{m}, err
}
