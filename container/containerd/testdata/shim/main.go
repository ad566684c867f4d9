// The shim alone, for tests: their own binary has the race detector in it and
// takes far longer to start.
package main

import (
	"os"

	"github.com/lazuli-cloud/lazuli/container/containerd"
)

func main() {
	if !containerd.Main(os.Args) {
		os.Exit(2)
	}
}
