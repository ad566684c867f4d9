// Command lazuli is a self-hosted, Azure-compatible container cloud.
package main

import (
	"context"
	"os"

	"github.com/lazuli-cloud/lazuli/cli"
	"github.com/lazuli-cloud/lazuli/cli/az"
	"github.com/lazuli-cloud/lazuli/cloud"
	"github.com/lazuli-cloud/lazuli/container/containerd"
)

func main() {
	if containerd.Main(os.Args) { // this process is a container's shim
		return
	}
	if args, ok := az.Args(os.Args); ok { // `lazuli az ...`, or called by the name az
		os.Exit(az.Main(context.Background(), args, cloud.Version))
	}
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Hooks{Up: cloud.Run, Version: cloud.Version}))
}
