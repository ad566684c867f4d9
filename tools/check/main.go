package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit ends a run in which something hangs, in time for its last line to be read.
const limit = 75 * time.Minute

func main() {
	quick := flag.Bool("quick", false, "only what takes seconds")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, limit)
	total := run(ctx, os.Stdout, steps(*quick))
	cancel()
	stop()
	if total.failed > 0 || total.passed == 0 {
		os.Exit(1)
	}
}

// An action does a check: it writes what a reader needs to fix a failure to out and returns its counts.
type action func(ctx context.Context, out io.Writer) tally

// A step is one check with its name.
type step struct {
	name string
	do   action
}

// A tally counts checks: a step without tests of its own is one.
type tally struct {
	passed, failed int
	skipped        []string
}

// add adds u to t.
func (t *tally) add(u tally) {
	t.passed += u.passed
	t.failed += u.failed
	t.skipped = append(t.skipped, u.skipped...)
}

// run does the steps in order, prints a line with the time of each and the total last.
func run(ctx context.Context, out io.Writer, steps []step) tally {
	var total tally
	var times []string
	begin := time.Now()
	for _, s := range steps {
		fmt.Fprintf(out, "== %s\n", s.name)
		start := time.Now()
		t := s.do(ctx, out)
		if ctx.Err() != nil {
			fmt.Fprintf(out, "interrupted: %v\n", context.Cause(ctx))
			t.failed++
		}
		word := "ok"
		if t.failed > 0 {
			word = "FAILED"
		}
		line := fmt.Sprintf("== %s: %s, %d passed, %d failed (%.1f s)", s.name, word, t.passed, t.failed, time.Since(start).Seconds())
		fmt.Fprintln(out, line)
		times = append(times, line)
		total.add(t)
		if ctx.Err() != nil {
			break
		}
	}
	fmt.Fprintln(out)
	for _, line := range times {
		fmt.Fprintln(out, line)
	}
	for _, name := range total.skipped {
		fmt.Fprintf(out, "skipped: %s\n", name)
	}
	fmt.Fprintf(out, "%.0f s in all\n%d passed, %d failed\n", time.Since(begin).Seconds(), total.passed, total.failed)
	return total
}
