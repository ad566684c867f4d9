package main

import (
	"context"
	"fmt"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// Goals: how many times as fast as the distribution project's registry.
const (
	largeGoal = 1.2
	smallGoal = 2.5
	against   = "distribution v3"
)

// samples are what was measured of each server, by name, round by round.
type samples map[string][]float64

func (m samples) add(s *server, v float64) { m[s.name] = append(m[s.name], v) }

// report adds a row for each server and compares ours with the others. better says whether more is better.
func (m samples) report(r *measure.Report, race []*server, section, unit string, goal float64, more bool) {
	section += " over " + race[0].scheme()
	for _, s := range race {
		r.Add(section, s.name, unit, "", m[s.name])
	}
	us := race[len(race)-1]
	for _, s := range race[:len(race)-1] {
		ratios := measure.Quotients(m[us.name], m[s.name])
		name := us.name + " / " + s.name
		if !more {
			ratios, name = measure.Quotients(m[s.name], m[us.name]), s.name+" / "+us.name
		}
		if s.name == against && goal > 0 {
			r.AtLeast(section, name, "", ratios, goal)
		} else {
			r.Compare(section, name, ratios)
		}
	}
}

// large measures layers of 200 MB and 1 GB.
func large(ctx context.Context, s settings, r *measure.Report, race []*server) error {
	sizes := []struct {
		name   string
		size   int64
		rounds int
	}{{"200 MB", 200e6, s.rounds(5)}, {"1 GB", 1e9, 3}}
	if s.quick {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		push, pull, pushCPU, pullCPU := samples{}, samples{}, samples{}, samples{}
		for round := range size.rounds {
			l := newLayer(size.size+int64(round), size.size)
			for _, x := range turn(race, round) {
				if err := x.transfer(ctx, l, push, pull, pushCPU, pullCPU, round == 0); err != nil {
					return fmt.Errorf("%s, %s: %w", x.name, size.name, err)
				}
			}
		}
		push.report(r, race, "push "+size.name, "MB/s", largeGoal, true)
		pull.report(r, race, "pull "+size.name, "MB/s", largeGoal, true)
		pushCPU.report(r, race, "server's CPU to push "+size.name, "s/GB", 0, false)
		pullCPU.report(r, race, "server's CPU to pull "+size.name, "s/GB", 0, false)
	}
	return nil
}

// transfer pushes the layer and pulls it, a short one three times.
func (s *server) transfer(ctx context.Context, l layer, push, pull, pushCPU, pullCPU samples, check bool) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	megabytes := float64(l.size) / 1e6
	took, cpu, err := s.timed(func() error { return c.push(bigRepository, l) })
	if err != nil {
		return err
	}
	push.add(s, megabytes/took)
	pushCPU.add(s, cpu/megabytes*1000)
	if check {
		if err := c.pull(bigRepository, l, true); err != nil {
			return err
		}
	}
	pulls := 1
	if l.size < 1e9 {
		pulls = 3
	}
	took, cpu, err = s.timed(func() error {
		for range pulls {
			if err := c.pull(bigRepository, l, false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	pull.add(s, float64(pulls)*megabytes/took)
	pullCPU.add(s, cpu/megabytes*1000/float64(pulls))
	return s.forget(l)
}

// timed is how long f takes, and how much processor time the server has meanwhile, in seconds.
func (s *server) timed(f func() error) (took, cpu float64, err error) {
	before, err := s.cpu()
	if err != nil {
		return 0, 0, err
	}
	if took, err = seconds(f); err != nil {
		return 0, 0, err
	}
	after, err := s.cpu()
	return took, after - before, err
}
