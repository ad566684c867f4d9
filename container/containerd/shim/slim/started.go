//go:build !cgo

package main

import "github.com/lazuli-cloud/lazuli/container/containerd/shim"

// run runs the shim, which leaves everything to a runc that it starts.
func run(args []string) bool { return shim.Main(args, nil) }
