// Command distribution is the registry of the distribution project with its
// filesystem driver alone, for the benchmark beside it. It has a module of its
// own: nothing of it is part of what is measured against it.
package main

import (
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd" // what an own registry is usually guarded with
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	if registry.RootCmd.Execute() != nil { // it has said why
		os.Exit(1)
	}
}
