package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// raceTests runs every package's tests with the race detector, except the root's, whose house tests have run.
func raceTests(ctx context.Context, out io.Writer) tally {
	all, err := sourcePackages(ctx)
	if err != nil || len(all) == 0 {
		fmt.Fprintf(out, "no packages: %v\n", err)
		return tally{failed: 1}
	}
	return tests(".", nil, append([]string{"-race", "-timeout=10m"}, all[1:]...)...)(ctx, out) // the root is the first
}

// An event is one line of `go test -json`; the names are test2json's.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// tests is the step of one `go test` in a directory, with further variables. Each top-level test counts, and each package
// that fails without one. Vet has had its own step.
func tests(dir string, env []string, args ...string) action {
	return func(ctx context.Context, out io.Writer) tally {
		cmd := command(ctx, dir, env, "go", append([]string{"test", "-json", "-vet=off"}, args...)...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		pipe, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			fmt.Fprintf(out, "go test: %v\n", err)
			return tally{failed: 1}
		}
		r := &reader{out: out, output: map[string][]string{}, failures: map[string]int{}}
		lines := bufio.NewScanner(pipe)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			r.line(lines.Bytes())
		}
		if err := cmd.Wait(); err != nil && r.tally.failed == 0 { // nothing said why
			fmt.Fprintf(out, "%sgo test %s: %v\n", stderr.String(), strings.Join(args, " "), err)
			r.tally.failed++
		}
		return r.tally
	}
}

// A reader turns test events into counts and prints the output of what failed.
type reader struct {
	out      io.Writer
	tally    tally
	output   map[string][]string // by package and test; kept until the test's end
	failures map[string]int      // failed tests by package
}

// line takes one event. A line that is none is shown as it is.
func (r *reader) line(text []byte) {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		fmt.Fprintf(r.out, "%s\n", text)
		return
	}
	top, _, sub := strings.Cut(e.Test, "/")
	key := e.Package + " " + top
	switch e.Action {
	case "build-output": // what the compiler says
		fmt.Fprint(r.out, e.Output)
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "pass", "fail", "skip":
		switch {
		case sub && e.Action == "skip":
			r.tally.skipped = append(r.tally.skipped, e.Package+" "+e.Test)
		case sub: // counted with the test it is in
		case e.Test != "":
			r.test(e, key)
		default:
			r.pack(e, key)
		}
	}
}

// test counts the end of a top-level test.
func (r *reader) test(e event, key string) {
	switch e.Action {
	case "pass":
		r.tally.passed++
	case "skip":
		r.tally.skipped = append(r.tally.skipped, e.Package+" "+e.Test+": "+reason(r.output[key]))
	case "fail":
		r.tally.failed++
		r.failures[e.Package]++
		fmt.Fprint(r.out, strings.Join(r.output[key], ""))
	}
	delete(r.output, key)
}

// pack takes the end of a package: one line of it, and its output when it failed by itself (it did not build, it panicked,
// it ran out of time).
func (r *reader) pack(e event, key string) {
	if e.Action == "fail" {
		if r.failures[e.Package] == 0 {
			r.tally.failed++
			for name, lines := range r.output {
				if strings.HasPrefix(name, e.Package+" ") {
					fmt.Fprint(r.out, strings.Join(lines, ""))
				}
			}
		}
		fmt.Fprintf(r.out, "FAIL %s (%.1f s)\n", e.Package, e.Elapsed)
	} else if e.Action == "pass" {
		fmt.Fprintf(r.out, "ok   %s (%.1f s)\n", e.Package, e.Elapsed)
	}
	delete(r.output, key)
}

// reason returns what a skipped test said.
func reason(lines []string) string {
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "===") && !strings.HasPrefix(l, "---") {
			return l
		}
	}
	return "no reason given"
}
