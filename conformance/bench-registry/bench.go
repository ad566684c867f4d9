package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
	"github.com/lazuli-cloud/lazuli/conformance/sandbox"
)

// data is where the servers keep their files: in memory.
func (s settings) data() string { return filepath.Join(s.dir, "data") }

// bench measures everything, inside the sandbox, and reports.
func bench() error {
	s := flags()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, fmt.Errorf("the benchmark took longer than %s (-limit)", s.limit))
	defer cancel()
	out, err := exec.CommandContext(ctx, s.bin, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", s.bin, err)
	}
	r := &measure.Report{Machine: measure.Machine(), Version: strings.TrimPrefix(strings.TrimSpace(string(out)), "lazuli version ")}
	begin := time.Now()
	for _, transport := range []string{plain, secure} {
		if s.wants(transport) && ctx.Err() == nil {
			if err := measureOver(ctx, s, r, transport); err != nil {
				r.Failures = append(r.Failures, transport+": "+err.Error())
			}
		}
	}
	if ctx.Err() != nil {
		r.Failures = append(r.Failures, "stopped: "+context.Cause(ctx).Error())
	}
	r.Print(os.Stdout)
	if err := r.Save(s.json); err != nil {
		return err
	}
	fmt.Printf("%s; raw numbers: %s\n", time.Since(begin).Round(time.Second), s.json)
	if len(r.Failures) > 0 {
		return fmt.Errorf("%d measurements failed", len(r.Failures))
	}
	return nil
}

// measureOver starts all servers with one transport, measures, and stops them. Ours is the last of race.
func measureOver(ctx context.Context, s settings, r *measure.Report, transport string) (err error) {
	if err := os.MkdirAll(s.data(), 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", s.data(), "tmpfs", 0, "mode=700"); err != nil {
		return fmt.Errorf("mount memory for the servers' files: %w", err)
	}
	var race []*server
	defer func() {
		for _, x := range race {
			err = errors.Join(err, x.stop(context.WithoutCancel(ctx)))
		}
		err = errors.Join(err, syscall.Unmount(s.data(), syscall.MNT_DETACH))
	}()
	for _, p := range []struct{ name, program, addr string }{
		{"distribution v3", filepath.Join(s.dir, "distribution"), "127.0.0.1:5000"},
		{"Debian's docker-registry", "/usr/bin/docker-registry", "127.0.0.1:5001"},
	} {
		x, err := startPeer(ctx, s, p.name, p.program, p.addr, transport)
		if x != nil && err == nil {
			race = append(race, x)
		}
		switch {
		case errors.Is(err, os.ErrNotExist):
			r.LeftOut = append(r.LeftOut, fmt.Sprintf("%s over %s: %v", p.name, transport, err))
		case err != nil:
			return err
		}
	}
	us, err := startOurs(ctx, s, transport)
	if err != nil {
		return err
	}
	race = append(race, us)
	return sections(ctx, s, r, race)
}

// sections measures what is wanted.
func sections(ctx context.Context, s settings, r *measure.Report, race []*server) error {
	for _, section := range []struct {
		name string
		run  func(context.Context, settings, *measure.Report, []*server) error
	}{{"large", large}, {"small", small}, {"rate", rates}, {"memory", memory}} {
		if !s.wants(section.name) || ctx.Err() != nil {
			continue
		}
		done := s.profile(section.name, race)
		err := section.run(ctx, s, r, race)
		done()
		if err != nil {
			return fmt.Errorf("%s: %w", section.name, err)
		}
	}
	return nil
}

// turn is the servers in the order of a round: another one begins each time.
func turn(race []*server, round int) []*server {
	i := round % len(race)
	return append(append([]*server(nil), race[i:]...), race[:i]...)
}

// startBare starts the bare server that answers body, over TLS when the others are.
func startBare(ctx context.Context, s settings, body []byte, tls bool) (*server, error) {
	dir := filepath.Join(s.data(), "bare")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, bareFile), body, 0o600); err != nil {
		return nil, err
	}
	if tls {
		if _, _, err := certificate(dir); err != nil {
			return nil, err
		}
	}
	s.dir = dir
	cmd, err := sandbox.Again(ctx, "bare", s.args()...)
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &server{name: "a bare server", addr: bareAddr, host: "bare", tls: tls, cmd: cmd, pid: cmd.Process.Pid}
	b.stop = b.end
	if err := b.await(ctx); err != nil {
		return nil, errors.Join(err, b.stop(ctx))
	}
	return b, nil
}
