package main

import (
	"fmt"
	"os"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
)

func main() {
	if !run(os.Args) {
		fmt.Fprintf(os.Stderr, "error: this is the container shim, to be started by lazuli as %s\n", shim.Name)
		os.Exit(2)
	}
}
