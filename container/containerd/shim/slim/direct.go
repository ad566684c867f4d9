//go:build cgo

package main

import (
	"os"

	"github.com/containerd/containerd/v2/pkg/sys/reaper"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
	"github.com/lazuli-cloud/lazuli/container/containerd/shim/direct"
)

// monitor does what runc does in this process.
func monitor(args []string) shim.Monitor {
	direct.Init(args)
	return direct.NewMonitor(os.Getenv(shim.RuncVariable), reaper.Default)
}
