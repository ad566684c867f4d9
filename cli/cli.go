package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/cli/az"
	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud/config"
)

// Hooks are what the command line cannot do itself.
type Hooks struct {
	// Up runs a cloud until ctx ends or it is told to stop. It calls ready once,
	// when the cloud is healthy.
	Up func(ctx context.Context, c config.Config, ready func(client.Status)) error
	// Version is printed by --version.
	Version string
}

// app is what the commands share.
type app struct {
	hooks    Hooks
	data     string
	out, err io.Writer
}

// hintError is an error with a next step.
type hintError struct {
	error
	hint string
}

func (e hintError) Unwrap() error { return e.error }

// withHint adds the next step to err.
func withHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hintError{err, hint}
}

// usageError is wrong usage: exit code 2.
type usageError struct{ error }

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, args []string, h Hooks) int {
	a := &app{hooks: h, out: os.Stdout, err: os.Stderr}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) { // a command run by shell has said its say
		return exit.ExitCode()
	}
	var code exitError
	if errors.As(err, &code) {
		return int(code)
	}
	_, _ = fmt.Fprintf(a.err, "error: %s\n", describe(err))
	var hint hintError
	if errors.As(err, &hint) {
		_, _ = fmt.Fprintf(a.err, "hint: %s\n", hint.hint)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// describe words err: the cloud's own errors as code and message.
func describe(err error) string {
	var e *azure.Error
	if errors.As(err, &e) {
		return "(" + e.Code + ") " + e.Message
	}
	return err.Error()
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "lazuli",
		Short:         "A self-hosted, Azure-compatible container cloud in one binary",
		Version:       a.hooks.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q; see 'lazuli --help'", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().StringVar(&a.data, "data", "", "data directory (default ~/.lazuli, or $LAZULI_DATA)")
	root.AddCommand(a.up(), a.status(), a.down(), a.shell(), a.env(), a.push(), a.quickstart(), a.config(), a.az())
	return root
}

// az is here to be listed: main runs az itself, before anything else.
func (a *app) az() *cobra.Command {
	return &cobra.Command{Use: "az ...", Short: "Run a command of the Azure CLI, built in; see 'lazuli az --help'", DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if code := az.Main(cmd.Context(), args, a.hooks.Version); code != 0 {
				return exitError(code)
			}
			return nil
		}}
}

// exitError ends the program with a code and no more words.
type exitError int

// Error names the code.
func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// exactArgs is cobra.ExactArgs as wrong usage.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("'%s' takes %d arguments, %d were given; see '%s --help'", cmd.CommandPath(), n, len(args), cmd.CommandPath())}
		}
		return nil
	}
}

// settings loads the configuration of the data directory under flags.
func (a *app) settings(flags config.Config) (config.Config, error) {
	flags.Data = a.data
	if flags.Data == "" {
		flags.Data = os.Getenv("LAZULI_DATA")
	}
	return config.Load(flags)
}

// admin is the door to the running cloud of the data directory.
func (a *app) admin() (client.Admin, error) {
	c, err := a.settings(config.Config{})
	if err != nil {
		return client.Admin{}, err
	}
	return client.Admin{Socket: c.AdminSocket()}, nil
}

// running asks the cloud for its status; not running is an error with a hint.
func (a *app) running(ctx context.Context) (client.Admin, client.Status, error) {
	admin, err := a.admin()
	if err != nil {
		return admin, client.Status{}, err
	}
	s, err := admin.Status(ctx)
	if errors.Is(err, client.ErrNotRunning) {
		err = withHint(err, "start it with 'lazuli up --detach', or name its directory with --data")
	}
	return admin, s, err
}
