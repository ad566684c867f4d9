package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/tools/azcli"
	"github.com/lazuli-cloud/lazuli/tools/debian"
	"github.com/lazuli-cloud/lazuli/tools/portal"
)

// runc's build needs a C compiler with a static C library, pkg-config and a static libseccomp.
var runcPackages = []string{"gcc", "libc6-dev", "libseccomp-dev", "pkg-config"}

// A target is one program to build: go build's arguments, with or without C.
type target struct {
	name, cgo string
	args      []string
}

// targets are built in this order: lazuli carries those before it.
var targets = []target{
	{"runc", "1", []string{"-trimpath", "-tags", "seccomp netgo osusergo", "-ldflags", "-s -w -extldflags -static",
		"-o", "container/containerd/runc/bin/runc", "github.com/opencontainers/runc"}},
	{"shim", "1", []string{"-trimpath", "-tags", "seccomp netgo osusergo", "-ldflags", "-s -w -extldflags -static",
		"-o", "container/containerd/runc/bin/shim", "./container/containerd/shim/slim"}},
	{"az", "0", []string{"-trimpath", "-ldflags", "-s -w", "-o", "cli/builtin/bin/az", "./cmd/az"}},
	{"lazuli", "0", []string{"-trimpath", "-ldflags", "-s -w", "-o", "bin/lazuli", "./cmd/lazuli"}},
	{"aci-helloworld", "0", []string{"-trimpath", "-ldflags", "-s -w", "-o", "bin/aci-helloworld", "./examples/aci-helloworld"}},
}

func main() {
	az := flag.Bool("az", false, "install the real Azure CLI too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := build(ctx, *az)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// build builds all targets in the current directory, the root of the source tree.
func build(ctx context.Context, az bool) error {
	if err := libraries(ctx); err != nil {
		return err
	}
	if err := page(ctx); err != nil {
		return err
	}
	for _, t := range targets {
		start := time.Now()
		cmd := exec.CommandContext(ctx, "go", append([]string{"build"}, t.args...)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+t.cgo)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("cannot build %s: %w", t.name, err)
		}
		fmt.Fprintf(os.Stderr, "build: %s (%.1f s)\n", t.name, time.Since(start).Seconds())
	}
	if !az {
		return nil
	}
	_, err := azcli.Install(ctx, "", os.Stderr)
	if errors.Is(err, azcli.ErrUnsupported) {
		fmt.Fprintf(os.Stderr, "az: skipped: %v\n", err)
		return nil
	}
	return err
}

// page builds the web portal, where that can be done; a cloud runs without it and says so.
func page(ctx context.Context) error {
	start := time.Now()
	err := portal.Build(ctx, os.Stderr)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "portal: skipped, the binary is built without it: %v\n", err)
		return nil
	}
	fmt.Fprintf(os.Stderr, "build: portal (%.1f s)\n", time.Since(start).Seconds())
	return nil
}

// libraries makes sure runc can be built. On other systems than Debian they must be there already; the compiler will tell.
func libraries(ctx context.Context) error {
	err := debian.Install(ctx, os.Stderr, runcPackages...)
	if errors.Is(err, debian.ErrNotDebian) {
		return nil
	}
	return err
}
