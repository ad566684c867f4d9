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

// settings is what the flags say.
type settings struct {
	bin   string // lazuli; "" means that of the source tree's bin folder
	plain string // tools/plaincloud; "" means to build it
	json  string // "" means bench-registry.json beside bin
	dir   string // of this run; the sandbox is told, users leave it out
	only  string
	pprof string // address for Go's profiles of ours over HTTP
	quick bool
	limit time.Duration
}

func flags() settings {
	var s settings
	flag.StringVar(&s.bin, "bin", os.Getenv("LAZULI_BIN"), "lazuli's binary (default: $LAZULI_BIN, or bin/lazuli of the source tree)")
	flag.StringVar(&s.plain, "plain", "", "binary of tools/plaincloud (default: it is built)")
	flag.StringVar(&s.json, "json", "", "file for the raw numbers (default: bin/bench-registry.json of the source tree)")
	flag.StringVar(&s.only, "only", "http,https,large,small,rate,memory", "transports and sections to measure")
	flag.BoolVar(&s.quick, "quick", false, "fewer rounds, and no layer of 1 GB")
	flag.StringVar(&s.pprof, "pprof", "", "directory for profiles of ours over HTTP, one a section; none by default")
	flag.DurationVar(&s.limit, "limit", 8*time.Minute, "when to give up")
	flag.StringVar(&s.dir, "dir", "", "directory of this run (set by the bench itself)")
	flag.Parse()
	return s
}

// args are the flags that say the same.
func (s settings) args() []string {
	return []string{"-bin", s.bin, "-plain", s.plain, "-json", s.json, "-only", s.only, "-pprof", s.pprof,
		fmt.Sprintf("-quick=%t", s.quick), "-limit", s.limit.String(), "-dir", s.dir}
}

// wants says whether a section is to be measured.
func (s settings) wants(section string) bool {
	return strings.Contains(","+s.only+",", ","+section+",")
}

// rounds is how often something is measured.
func (s settings) rounds(n int) int {
	if s.quick {
		return min(n, 3)
	}
	return n
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
		return errors.New("the benchmark starts a cloud in namespaces and needs root; run 'sudo make bench-registry'")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "lazuli-bench-")
	if err != nil {
		return err
	}
	s.dir = dir
	if err = s.prepare(ctx); err == nil {
		ctx, cancel := context.WithTimeoutCause(ctx, s.limit+sandbox.StopLimit, fmt.Errorf("the benchmark did not stop by itself after %s (-limit)", s.limit))
		defer cancel()
		err = sandbox.Run(ctx, s.dir, s.args()...)
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// prepare fills in the paths and makes the programs. A peer that cannot be made is only reported: the table will say that it
// is left out.
func (s *settings) prepare(ctx context.Context) error {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "-m", "github.com/lazuli-cloud/lazuli").Output()
	if err != nil {
		return fmt.Errorf("cannot find the source tree: %w; run this in the folder conformance", err)
	}
	tree := strings.TrimSpace(string(out))
	for path, name := range map[*string]string{&s.bin: "lazuli", &s.json: "bench-registry.json"} {
		if *path == "" {
			*path = filepath.Join(tree, "bin", name)
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if _, err := os.Stat(s.bin); err != nil {
		return fmt.Errorf("%w; run 'make build' first", err)
	}
	if s.wants(plain) && s.plain == "" {
		s.plain = filepath.Join(s.dir, "plaincloud")
		if err := build(ctx, tree, "./tools/plaincloud", s.plain); err != nil {
			return err
		}
	}
	if err := build(ctx, filepath.Join(tree, "conformance", "bench-registry", "distribution"), ".", filepath.Join(s.dir, "distribution")); err != nil {
		fmt.Fprintf(os.Stderr, "peers: %v\n", err)
	}
	if err := debian.Install(ctx, os.Stderr, "docker-registry"); err != nil {
		fmt.Fprintf(os.Stderr, "peers: %v\n", err)
	}
	return nil
}

// build builds a program, static.
func build(ctx context.Context, dir, what, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", to, what)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build %s: %w\n%s", filepath.Base(to), err, out)
	}
	return nil
}
