//go:build cgo

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	runc "github.com/containerd/go-runc"
	"github.com/opencontainers/runc/libcontainer/specconv"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
	"github.com/lazuli-cloud/lazuli/container/containerd/shim/direct"
	"github.com/lazuli-cloud/lazuli/container/containerd/shim/filter"
)

// run runs the shim, which does what runc does in its own process.
func run(args []string) bool {
	if direct.IsInit(args) {
		if record, err := os.ReadFile(filepath.Join(filepath.Dir(args[0]), shim.FilterFile)); err == nil {
			_ = filter.Follow(record) // one that is not whole: the filter is compiled
		}
		direct.Init()
	}
	if len(args) == 2 && args[1] == shim.FilterRole {
		if err := record(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "error: %v\n", err)
			os.Exit(1)
		}
		return true
	}
	if os.Getenv(shim.SpareVariable) != "" { // house: as below
		go func() { _ = direct.Rehearse() }() // what failed now will fail then, and be told
	}
	path := os.Getenv(shim.RuncVariable) // house: a program of its own, this is its main
	return shim.Main(args, func(next runc.ProcessMonitor) shim.Monitor { return direct.NewMonitor(path, next) })
}

// record writes the record of a profile as the runtime specification has it.
func record(profile io.Reader, w io.Writer) error {
	var spec specs.LinuxSeccomp
	if err := json.NewDecoder(profile).Decode(&spec); err != nil {
		return fmt.Errorf("cannot read the seccomp profile: %w", err)
	}
	config, err := specconv.SetupSeccomp(&spec)
	if err != nil {
		return err
	}
	return filter.Record(w, config)
}
