package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/lazuli-cloud/lazuli/tools/azcli"
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
	log := stderr
	if *quiet {
		log = io.Discard
	}
	az, err := azcli.Install(ctx, *dir, log)
	switch {
	case err == nil:
		fmt.Fprintln(stdout, az)
		return 0
	case errors.Is(err, azcli.ErrUnsupported):
		fmt.Fprintf(stderr, "az: skipped: %v\n", err)
		return exitUnsupported
	default:
		fmt.Fprintf(stderr, "error: cannot install the Azure CLI: %v\n", err)
		return exitFailed
	}
}
