package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// Exit codes beside 0.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnsupported = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main with everything it touches as arguments; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("azinstall", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", "", "where the Azure CLI goes (default: lazuli/az-2.74 in the user's cache directory)")
	quiet := flags.Bool("quiet", false, "print the path only")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "error: unexpected argument %q\nhint: go run ./tools/azinstall [-dir DIR] [-quiet]\n", flags.Arg(0))
		return exitUsage
	}
	target, err := targetDir(*dir)
	if err != nil {
		fmt.Fprintf(stderr, "error: %v\nhint: name a directory with -dir\n", err)
		return exitFailed
	}
	in := &installer{dir: target, log: stderr}
	if *quiet {
		in.log = io.Discard
	}
	switch err := in.install(ctx); {
	case err == nil:
		fmt.Fprintln(stdout, filepath.Join(target, "bin", "az"))
		return 0
	case errors.Is(err, errUnsupported):
		fmt.Fprintf(stderr, "az: skipped: %v\n", err)
		return exitUnsupported
	default:
		fmt.Fprintf(stderr, "error: cannot install the Azure CLI: %v\n", err)
		return exitFailed
	}
}

// targetDir returns dir made absolute, or the default when dir is empty.
func targetDir(dir string) (string, error) {
	if dir != "" {
		return filepath.Abs(dir)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find the user's cache directory: %w", err)
	}
	return filepath.Join(cache, "lazuli", "az-2.74"), nil
}
