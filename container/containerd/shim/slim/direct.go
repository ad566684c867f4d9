//go:build cgo

package main

import (
	"os"

	runc "github.com/containerd/go-runc"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
	"github.com/lazuli-cloud/lazuli/container/containerd/shim/direct"
)

// run runs the shim, which does what runc does in its own process.
func run(args []string) bool {
	direct.Init(args)
	path := os.Getenv(shim.RuncVariable) // house: a program of its own, this is its main
	return shim.Main(args, func(next runc.ProcessMonitor) shim.Monitor { return direct.NewMonitor(path, next) })
}
