package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lazuli-cloud/lazuli/cli/builtin"
	"github.com/lazuli-cloud/lazuli/client"
)

func (a *app) shell() *cobra.Command {
	var az string
	cmd := &cobra.Command{Use: "shell [-- CMD ...]", Short: "Run CMD or a shell in which az, curl, docker, terraform and the SDKs reach the cloud",
		RunE: func(cmd *cobra.Command, args []string) error {
			admin, s, err := a.running(cmd.Context())
			if err != nil {
				return err
			}
			path, err := findAz(az, s.Data)
			if err != nil {
				return err
			}
			env := shellEnvironment(s, path)
			if err := a.signIn(cmd.Context(), admin, s, path, env); err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{userShell()}
			}
			return run(cmd.Context(), env, args)
		}}
	cmd.Flags().StringVar(&az, "az", "builtin", azUsage)
	return cmd
}

// azUsage is the help of --az.
const azUsage = "the az to use: builtin, real (the Azure CLI that make installs, else az on PATH), or the path of one"

func userShell() string {
	if sh := os.Getenv("SHELL"); sh != "" {
		return sh
	}
	return "/bin/sh"
}

// findAz gives the path of the az that --az names; the built-in one is put into
// the data directory. Azure: Debian 12's own 2.45 cannot set secrets, so the
// private 2.74 wins over PATH.
func findAz(flag, data string) (string, error) {
	switch flag {
	case "builtin":
		return builtin.Install(filepath.Join(data, "bin"))
	case "real":
		return realAz()
	}
	info, err := os.Stat(flag)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return "", withHint(fmt.Errorf("%s is not an executable az", flag), "--az takes builtin, real or the path of a program")
	}
	return filepath.Abs(flag)
}

func realAz() (string, error) {
	if home, err := os.UserHomeDir(); err == nil {
		installed := filepath.Join(home, ".cache", "lazuli", "az-2.74", "bin", "az")
		if _, err := os.Stat(installed); err == nil {
			return installed, nil
		}
	}
	if path, err := exec.LookPath("az"); err == nil {
		return path, nil
	}
	return "", withHint(errors.New("the real Azure CLI is not installed"), "'make quickstart AZ=real' installs it on Debian, or give --az PATH, or leave --az out")
}

// shellEnvironment is this process's environment with the cloud's variables
// over it, and az and lazuli first on PATH.
func shellEnvironment(s client.Status, az string) []string {
	path := os.Getenv("PATH")
	if self, err := os.Executable(); err == nil {
		path = filepath.Dir(self) + ":" + path
	}
	path = filepath.Dir(az) + ":" + path
	over := append(variables(s), variable{"PATH", path})
	drop := map[string]bool{"ALL_PROXY": true, "all_proxy": true}
	for _, v := range over {
		drop[v.name] = true
	}
	var env []string
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !drop[name] {
			env = append(env, kv)
		}
	}
	for _, v := range over {
		env = append(env, v.name+"="+v.value)
	}
	return env
}

// signIn signs az in as the first user unless it is; it does so with a password
// that works once, so none is kept anywhere.
func (a *app) signIn(ctx context.Context, admin client.Admin, s client.Status, az string, env []string) error {
	dir := filepath.Join(s.Data, "az")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := seed(az, dir); err != nil {
		return err
	}
	if signedIn(dir, s) {
		return nil
	}
	once, err := admin.SignIn(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, az, "login", "-u", once.User, "-p", once.Password, "--only-show-errors", "-o", "none")
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return withHint(fmt.Errorf("az could not sign in: %s", bytes.TrimSpace(out)), "see the log in "+filepath.Join(s.Data, "log"))
	}
	return nil
}

// seed copies az's index of commands into a fresh configuration directory; az
// builds it for 8-10 s otherwise.
func seed(az, dir string) error {
	real, err := filepath.EvalSymlinks(az)
	if err != nil {
		return err
	}
	from := filepath.Join(filepath.Dir(filepath.Dir(real)), "seed")
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		to := filepath.Join(dir, e.Name())
		if _, err := os.Stat(to); err == nil || !e.Type().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// signedIn reports whether az's profile in dir has the cloud's subscription.
// Whoever signed in as somebody else stays so.
func signedIn(dir string, s client.Status) bool {
	data, err := os.ReadFile(filepath.Join(dir, "azureProfile.json"))
	if err != nil {
		return false
	}
	var profile struct {
		Subscriptions []struct {
			ID       string `json:"id"`
			TenantID string `json:"tenantId"`
		} `json:"subscriptions"`
	}
	if json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &profile) != nil {
		return false
	}
	for _, sub := range profile.Subscriptions {
		if sub.TenantID == s.TenantID {
			return true
		}
	}
	return false
}

// run runs a command with this terminal and returns its exit code as error.
func run(ctx context.Context, env, args []string) error {
	path, err := lookPath(args[0], env)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args[1:]...)
	cmd.Args[0] = args[0]
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// lookPath finds a program on the PATH of env.
func lookPath(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, kv := range env {
		if list, ok := strings.CutPrefix(kv, "PATH="); ok {
			for _, dir := range filepath.SplitList(list) {
				path := filepath.Join(dir, name)
				if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
					return path, nil
				}
			}
		}
	}
	return "", fmt.Errorf("the command %q was not found on PATH", name)
}
