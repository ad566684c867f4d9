package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// contender is a runner with its name and its times in milliseconds.
type contender struct {
	name string
	runner
	loaded       []float64 // of the image: load, or push
	first, again []float64
	err          error // it is out of the race
}

// dockerName is the contender whose time the goals are parts of.
const dockerName = "docker run -d -p"

// Goals of a container's start: part of docker's time.
const startGoal = 1.0 / 4

// containers measures from create to the first page, in rounds that go through all contenders.
func containers(ctx context.Context, s settings, r *measure.Report, c *cloud, ready bool, race []*contender) error {
	if ready {
		race = append(race, &contender{name: "lazuli, container group by REST", runner: c})
	}
	for round := range s.rounds {
		archive, name := filepath.Join(s.dir, "image.tar"), fmt.Sprintf("bench.invalid/sample:r%d", round)
		if err := writeImage(archive, s.sample, name, round, 0); err != nil {
			return err
		}
		for i := range race {
			if x := race[(i+round)%len(race)]; x.err == nil {
				x.err = x.round(ctx, archive, name)
			}
		}
	}
	for _, x := range race {
		if x.err != nil {
			r.Failures = append(r.Failures, x.name+": "+x.err.Error())
		}
	}
	reportRace(r, race, ready)
	return nil
}

// reportRace adds the times of all, and those of the last against each of the others.
func reportRace(r *measure.Report, race []*contender, ready bool) {
	for _, kind := range []struct {
		section string
		times   func(*contender) []float64
		goal    bool
	}{
		{"create to page, image just loaded", func(x *contender) []float64 { return x.first }, true},
		{"create to page, image used before", func(x *contender) []float64 { return x.again }, true},
		{"archive on disk to page", (*contender).whole, false},
	} {
		for _, x := range race {
			r.Add(kind.section, x.name, "ms", "", kind.times(x))
		}
		if !ready {
			continue
		}
		ours, others := race[len(race)-1], race[:len(race)-1]
		for _, x := range others {
			ratios := measure.Quotients(kind.times(ours), kind.times(x))
			if kind.goal && x.name == dockerName {
				r.AtMost(kind.section, "lazuli / "+x.name, "", ratios, startGoal)
			} else {
				r.Compare(kind.section, "lazuli / "+x.name, ratios)
			}
		}
	}
}

// whole is loading or pushing the image and then the first page, by round.
func (x *contender) whole() []float64 {
	all := make([]float64, len(x.first))
	for i := range all {
		all[i] = x.loaded[i] + x.first[i]
	}
	return all
}

// peers starts those that are there.
func peers(ctx context.Context, s settings, r *measure.Report) []*contender {
	var race []*contender
	missing := func(what string, err error) {
		text := what + ": " + err.Error()
		if errors.Is(err, os.ErrNotExist) {
			r.LeftOut = append(r.LeftOut, text)
		} else {
			r.Failures = append(r.Failures, text)
		}
	}
	if docker, err := startDocker(ctx, s.dir); err != nil {
		missing("comparison with docker", err)
	} else {
		race = append(race, &contender{name: dockerName, runner: docker}, &contender{name: "docker, create and start by API", runner: newDockerAPI(docker, s.dir)})
	}
	if podman, err := newPodman(s.dir); err != nil {
		missing("comparison with podman", err)
	} else {
		race = append(race, &contender{name: "podman run -d -p", runner: podman})
	}
	return race
}

// settle is how long the machine rests before something is timed: all clean up behind themselves for a while.
const settle = 500 * time.Millisecond

// round loads a new image and times two containers of it, one after the other.
func (x *contender) round(ctx context.Context, archive, name string) error {
	begin := time.Now()
	if err := x.load(ctx, archive, name); err != nil {
		return err
	}
	x.loaded = append(x.loaded, milliseconds(time.Since(begin)))
	for i, times := range []*[]float64{&x.first, &x.again} {
		if i > 0 {
			time.Sleep(settle)
		}
		took, err := x.toPage(ctx, name)
		if err != nil {
			return err
		}
		*times = append(*times, milliseconds(took))
		if err := x.remove(ctx); err != nil {
			return err
		}
	}
	if err := x.forget(ctx, name); err != nil {
		return err
	}
	time.Sleep(settle)
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

const (
	pageEvery = 5 * time.Millisecond // asking takes processor time from what is being started
	pageLimit = 20 * time.Second
)

// toPage times from the call that creates the container to the first page. It asks for the page from the call's return on:
// asking docker earlier makes its bridge look for an address that is not there yet, and repeat that only a second later.
func (x *contender) toPage(ctx context.Context, name string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, pageLimit)
	defer cancel()
	begin := time.Now()
	if err := x.run(ctx, name); err != nil {
		return 0, err
	}
	for {
		err := x.page(ctx)
		if err == nil {
			return time.Since(begin), nil
		}
		select {
		case <-time.After(pageEvery):
		case <-ctx.Done():
			return 0, fmt.Errorf("no page after %s: %w", pageLimit, err)
		}
	}
}
