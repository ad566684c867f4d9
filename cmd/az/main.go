// Command az is the built-in az alone: small, so that it starts at once. The
// whole of Lazuli carries it and answers the same commands as `lazuli az`.
package main

import (
	"context"
	"os"

	"github.com/lazuli-cloud/lazuli/cli/az"
)

// version is set when it is built.
const version = "0.1.0"

func main() {
	args, ok := az.Args(os.Args)
	if !ok {
		args = os.Args[1:]
	}
	os.Exit(az.Main(context.Background(), args, version))
}
