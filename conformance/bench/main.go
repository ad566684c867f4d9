package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/sandbox"
	"github.com/lazuli-cloud/lazuli/tools/debian"
)

// peerPackages bring docker and podman without what they merely recommend.
var peerPackages = []string{"docker.io", "podman", "runc", "iptables", "containernetworking-plugins"}

// settings is what the flags say.
type settings struct {
	bin, sample string // programs; "" means those of the source tree's bin folder
	json        string // "" means bench.json beside bin
	dir         string // of this run; the sandbox is told, users leave it out
	only        string
	rounds      int
	limit       time.Duration
}

func flags() settings {
	var s settings
	flag.StringVar(&s.bin, "bin", os.Getenv("LAZULI_BIN"), "lazuli's binary (default: $LAZULI_BIN, or bin/lazuli of the source tree)")
	flag.StringVar(&s.sample, "sample", "", "static program that serves a page on port 80 (default: bin/aci-helloworld of the source tree)")
	flag.StringVar(&s.json, "json", "", "file for the raw numbers (default: bin/bench.json of the source tree)")
	flag.StringVar(&s.only, "only", "start,containers,az,set,get,token", "what to measure")
	flag.IntVar(&s.rounds, "rounds", 10, "rounds of starting containers")
	flag.DurationVar(&s.limit, "limit", 150*time.Second, "when to give up")
	flag.StringVar(&s.dir, "dir", "", "directory of this run (set by the bench itself)")
	flag.Parse()
	return s
}

// args are the flags that say the same.
func (s settings) args() []string {
	return []string{"-bin", s.bin, "-sample", s.sample, "-json", s.json, "-only", s.only, "-rounds", fmt.Sprint(s.rounds), "-limit", s.limit.String(), "-dir", s.dir}
}

// wants says whether a section is to be measured.
func (s settings) wants(section string) bool {
	return strings.Contains(","+s.only+",", ","+section+",")
}

func main() {
	play := map[string]func() error{"first": sandbox.First, "bench": bench, "bare": bare}[os.Getenv(sandbox.RoleEnv)]
	if play == nil {
		play = outside
	}
	if err := play(); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// outside prepares what the sandbox cannot, runs it, and cleans up after it.
func outside() error {
	s := flags()
	if os.Geteuid() != 0 {
		return errors.New("the benchmark starts containers and needs root; run 'sudo make bench'")
	}
	if err := s.locate(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := debian.Install(ctx, os.Stderr, peerPackages...); err != nil && s.wants("containers") {
		fmt.Fprintf(os.Stderr, "peers: %v\n", err) // the report says which comparison is left out
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit+sandbox.StopLimit, fmt.Errorf("the benchmark did not stop by itself after %s (-limit)", s.limit))
	defer cancel()
	dir, err := os.MkdirTemp("", "lazuli-bench-")
	if err != nil {
		return err
	}
	s.dir = dir
	return errors.Join(sandbox.Run(ctx, s.dir, s.args()...), os.RemoveAll(dir))
}

// locate fills in the programs and makes paths absolute.
func (s *settings) locate() error {
	var bin string
	if s.bin == "" || s.sample == "" || s.json == "" {
		out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "-m", "github.com/lazuli-cloud/lazuli").Output()
		if err != nil {
			return fmt.Errorf("cannot find the source tree: %w; name -bin, -sample and -json", err)
		}
		bin = filepath.Join(strings.TrimSpace(string(out)), "bin")
	}
	for path, name := range map[*string]string{&s.bin: "lazuli", &s.sample: "aci-helloworld", &s.json: "bench.json"} {
		if *path == "" {
			*path = filepath.Join(bin, name)
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		if *path = abs; path == &s.json {
			continue
		}
		if _, err := os.Stat(abs); err != nil {
			return fmt.Errorf("%w; run 'make build' first", err)
		}
	}
	return nil
}
