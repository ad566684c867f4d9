package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// Images of two sizes: what is started has been unpacked before, so the size is not to matter.
const (
	smallImage, bigImage = 10, 200 // MB
	sizeRounds           = 3
	sizeGoal             = 1.25 // big / small, image used before
)

// sizes measures from create to the first page with a small and a big image, beside docker where it is there.
func sizes(ctx context.Context, s settings, r *measure.Report, c *cloud, others []*contender) error {
	again := map[int][]float64{}
	for _, mb := range []int{smallImage, bigImage} {
		race := []*contender{{name: "lazuli, container group by REST", runner: c}}
		for _, x := range others {
			if x.name == dockerName && x.err == nil {
				race = append(race, &contender{name: x.name, runner: x.runner})
			}
		}
		for round := range min(sizeRounds, s.rounds) {
			archive, name := filepath.Join(s.dir, "sized.tar"), fmt.Sprintf("bench.invalid/sized:%dmb-r%d", mb, round)
			if err := writeImage(archive, s.sample, name, round, mb<<20); err != nil {
				return err
			}
			for _, x := range race {
				if err := x.round(ctx, archive, name); err != nil {
					return fmt.Errorf("%s: %w", x.name, err)
				}
			}
		}
		section := fmt.Sprintf("create to page, image of %d MB", mb)
		for _, x := range race {
			r.Add(section, x.name+", archive on disk to page", "ms", "", x.whole())
			r.Add(section, x.name+", just loaded", "ms", "", x.first)
			r.Add(section, x.name+", used before", "ms", "", x.again)
		}
		for _, x := range race[1:] {
			r.Compare(section, "lazuli / "+x.name+", used before", measure.Quotients(race[0].again, x.again))
			r.Compare(section, "lazuli / "+x.name+", archive on disk to page", measure.Quotients(race[0].whole(), x.whole()))
		}
		again[mb] = race[0].again
	}
	r.AtMost("image size", fmt.Sprintf("lazuli, %d MB / %d MB, used before", bigImage, smallImage), "",
		measure.Quotients(again[bigImage], again[smallImage]), sizeGoal)
	return nil
}
