package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// bench measures everything, inside the sandbox, and reports.
func bench() error {
	s := flags()
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	r := &Report{Machine: machine(), Version: version(ctx, s)}
	if err := measure(ctx, s, r); err != nil {
		r.Failures = append(r.Failures, err.Error())
	}
	r.print(os.Stdout)
	if err := r.save(s.json); err != nil {
		return err
	}
	fmt.Printf("raw numbers: %s\n", s.json)
	if len(r.Failures) > 0 {
		return fmt.Errorf("%d measurements failed", len(r.Failures))
	}
	return nil
}

// measure runs the sections; what fails in one does not keep the others from being measured.
func measure(ctx context.Context, s settings, r *Report) error {
	if s.wants("start") {
		if err := starts(ctx, s, r); err != nil {
			r.Failures = append(r.Failures, "start: "+err.Error())
		}
	}
	load := s.wants("set") || s.wants("get") || s.wants("token")
	if !s.wants("containers") && !load {
		return nil
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
	if s.wants("containers") {
		if err := containers(ctx, s, r, c, ready); err != nil {
			r.Failures = append(r.Failures, "containers: "+err.Error())
		}
	}
	if load && ready {
		if err := loads(ctx, s, r, c); err != nil {
			r.Failures = append(r.Failures, "load: "+err.Error())
		}
	}
	return nil
}

// contender is a runner with its name and its times in milliseconds.
type contender struct {
	name string
	runner
	first, again []float64
	err          error // it is out of the race
}

// Goals of a container's start: part of docker's time.
const startGoal = 1.0 / 4

// containers measures from create to the first page, in rounds that go through all contenders.
func containers(ctx context.Context, s settings, r *Report, c *cloud, ready bool) error {
	const lazuli = "lazuli, container group by REST"
	race := peers(ctx, s, r)
	if ready {
		race = append(race, &contender{name: lazuli, runner: c})
	}
	for round := range s.rounds {
		archive, name := filepath.Join(s.dir, "image.tar"), fmt.Sprintf("bench.invalid/sample:r%d", round)
		if err := writeImage(archive, s.sample, name, round); err != nil {
			return err
		}
		for i := range race {
			if x := race[(i+round)%len(race)]; x.err == nil {
				x.err = x.round(ctx, archive, name)
			}
		}
	}
	medians := map[string][2]float64{lazuli: {math.NaN(), math.NaN()}}
	for _, x := range race {
		if x.err != nil {
			r.Failures = append(r.Failures, x.name+": "+x.err.Error())
		}
		medians[x.name] = [2]float64{
			r.add("create to first page", x.name, "ms", "image just loaded", x.first),
			r.add("create to first page", x.name, "ms", "image used before", x.again),
		}
	}
	const section = "create to first page"
	ours := medians[lazuli]
	for _, x := range race {
		theirs, ok := medians[x.name]
		if !ok || x.runner == runner(c) {
			continue
		}
		for i, kind := range []string{"image just loaded", "image used before"} {
			name := fmt.Sprintf("lazuli / %s, %s", x.name, kind)
			if strings.HasPrefix(x.name, "docker run") {
				r.atMost(section, name, "", ours[i]/theirs[i], startGoal)
			} else {
				r.compare(section, name, ours[i], theirs[i])
			}
		}
	}
	return nil
}

// peers starts those that are there.
func peers(ctx context.Context, s settings, r *Report) []*contender {
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
		race = append(race, &contender{name: "docker run -d -p", runner: docker}, &contender{name: "docker, create and start by API", runner: newDockerAPI(docker, s.dir)})
	}
	if podman, err := newPodman(s.dir); err != nil {
		missing("comparison with podman", err)
	} else {
		race = append(race, &contender{name: "podman run -d -p", runner: podman})
	}
	return race
}

// settle is how long the machine rests before something is timed.
const settle = 150 * time.Millisecond

// round loads a new image and times two containers of it, one after the other.
func (x *contender) round(ctx context.Context, archive, name string) error {
	if err := x.load(ctx, archive, name); err != nil {
		return err
	}
	for i, times := range []*[]float64{&x.first, &x.again} {
		if i > 0 {
			time.Sleep(settle)
		}
		took, err := x.toPage(ctx, name)
		if err != nil {
			return err
		}
		*times = append(*times, float64(took)/float64(time.Millisecond))
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

const (
	pageEvery = 2 * time.Millisecond
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

// machine describes where this runs.
func machine() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease") // absent on no Linux
	return fmt.Sprintf("%d cores, Linux %s, %s", runtime.NumCPU(), strings.TrimSpace(string(text)), runtime.Version())
}
