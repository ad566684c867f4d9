package az

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/lazuli-cloud/lazuli/cli/az/account"
	"github.com/lazuli-cloud/lazuli/cli/az/acr"
	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/container"
	"github.com/lazuli-cloud/lazuli/cli/az/deployment"
	"github.com/lazuli-cloud/lazuli/cli/az/directory"
	"github.com/lazuli-cloud/lazuli/cli/az/identity"
	"github.com/lazuli-cloud/lazuli/cli/az/keyvault"
	"github.com/lazuli-cloud/lazuli/cli/az/managementgroup"
	"github.com/lazuli-cloud/lazuli/cli/az/resource"
	"github.com/lazuli-cloud/lazuli/cli/az/role"
	"github.com/lazuli-cloud/lazuli/cli/az/templatespec"
)

// packages are all groups of commands.
var packages = []func() ([]command.Group, []command.Command){
	account.Commands,
	acr.Commands,
	container.Commands,
	deployment.Commands,
	directory.Commands,
	identity.Commands,
	keyvault.Commands,
	managementgroup.Commands,
	resource.Commands,
	role.Commands,
	templatespec.Commands,
}

// Table is all commands.
func Table() *command.Table {
	t := &command.Table{}
	for _, p := range packages {
		t.Add(p())
	}
	return t
}

// Main runs az with the arguments after its name, in this process's environment,
// and returns the exit code.
func Main(ctx context.Context, args []string, version string) int {
	p := command.Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now, Terminal: term.IsTerminal, Version: version}
	t := Table()
	if code, done := command.Complete(t, p); done {
		return code
	}
	return command.Run(ctx, t, p, args)
}

// Args reports whether a process that was started with args is meant to be az:
// by the name it was called, or by `lazuli az ...`. It returns az's arguments.
func Args(args []string) ([]string, bool) {
	if len(args) == 0 {
		return nil, false
	}
	if name := filepath.Base(args[0]); name == "az" || strings.TrimSuffix(name, ".exe") == "az" {
		return args[1:], true
	}
	if len(args) > 1 && args[1] == "az" {
		return args[2:], true
	}
	return nil, false
}
