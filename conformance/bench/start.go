package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
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
func starts(ctx context.Context, s settings, r *Report) error {
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
	r.add(startSection, "lazuli up --detach, empty directory", "s", "", first)
	r.add(startSection, "lazuli up --detach, again", "s", "", second)
	r.add(memorySection, "resident memory of the daemon", "MB", fmt.Sprintf("idle for %s", idleAfter), idle)
	r.atMost(startSection, "first start to healthy", "s", first, startGoalS)
	r.atMost(startSection, "second start to healthy", "s", second, startGoalS)
	r.atMost(memorySection, "idle resident memory", "MB", idle, idleGoalMB)
	return nil
}

// idle waits and reads the daemon's resident memory.
func (c *cloud) idle(ctx context.Context) ([]float64, error) {
	select {
	case <-time.After(idleAfter):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m, err := resident(c.status.PID)
	return []float64{m}, err
}

// resident is the resident memory of a process in megabytes of 10^6 bytes.
func resident(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kib float64
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			_, err := fmt.Sscanf(strings.TrimSpace(rest), "%f kB", &kib)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status names no VmRSS", pid)
}

// processorTime is the time all threads of a process have run.
func processorTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	return time.Duration(user+system) * time.Second / 100, nil // clock ticks: 100 a second on every Linux that Go runs on
}
