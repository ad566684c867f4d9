package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// The load that memory is measured under: 1 GB from 8 clients at once.
const (
	pushers    = 8
	pusherSize = 125_000_000
	memoryGoal = 200 // MB
)

// memory measures what the servers hold while they are pushed to.
func memory(ctx context.Context, s settings, r *measure.Report, race []*server) error {
	layers := make([]layer, pushers)
	for i := range layers {
		layers[i] = newLayer(int64(-1-i), pusherSize)
	}
	held := samples{}
	for _, x := range race {
		highest, err := x.crowd(ctx, layers)
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		held.add(x, highest)
	}
	section := "resident memory while 8 clients push 1 GB"
	held.report(r, race, section, "MB", 0, false)
	r.AtMost(section+" over "+race[0].scheme(), ours, "MB", held[ours], memoryGoal)
	return nil
}

// crowd pushes the layers at once and gives the most memory the server held meanwhile, in megabytes.
func (s *server) crowd(ctx context.Context, layers []layer) (highest float64, err error) {
	var sampling, pushing sync.WaitGroup
	done, errs := make(chan struct{}), make([]error, len(layers))
	sampling.Go(func() {
		for {
			m, merr := measure.Resident(s.pid)
			highest, err = max(highest, m), errors.Join(err, merr)
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	for i, l := range layers {
		pushing.Go(func() {
			c, err := s.dial(ctx)
			if err == nil {
				err = errors.Join(c.push(bigRepository, l), c.Close())
			}
			errs[i] = err
		})
	}
	pushing.Wait()
	close(done)
	sampling.Wait()
	for _, l := range layers {
		errs = append(errs, s.forget(l))
	}
	return highest, errors.Join(append(errs, err)...)
}
