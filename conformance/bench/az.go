package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
	"github.com/lazuli-cloud/lazuli/tools/azcli"
)

const (
	azSection = "az"
	azRounds  = 7
	azWarm    = 20 // runs of the built-in az for one of the real one
	azGoalMS  = 30.0
)

// azs measures a warm `az keyvault secret show`, the whole process, beside the
// same with the real az.
func azs(ctx context.Context, s settings, r *measure.Report, c *cloud) error {
	ours, err := c.az(ctx, "builtin")
	if err != nil {
		return err
	}
	var theirs *azProgram
	if dir, err := azcli.DefaultDir(); err != nil {
		return err
	} else if real := filepath.Join(dir, "bin", "az"); exists(real) {
		if theirs, err = c.az(ctx, real); err != nil {
			return err
		}
	} else {
		r.LeftOut = append(r.LeftOut, "the real az: it is not installed (make quickstart AZ=real installs it)")
	}
	var own, real []float64
	for range azRounds {
		var all []float64
		for range azWarm {
			ms, err := ours.show(ctx)
			if err != nil {
				return err
			}
			all = append(all, ms)
		}
		own = append(own, measure.Median(all))
		if theirs != nil {
			ms, err := theirs.show(ctx)
			if err != nil {
				return err
			}
			real = append(real, ms)
		}
	}
	const name = "az keyvault secret show, whole process"
	r.Add(azSection, name, "ms", fmt.Sprintf("median of %d", azWarm), own)
	r.Add(azSection, "the same with the real az", "ms", "", real)
	r.AtMost(azSection, name, "ms", own, azGoalMS)
	if theirs != nil {
		r.Compare(azSection, "built-in az / real az", measure.Quotients(own, real))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// azProgram is an az that is signed in as the bench's service principal, which
// may read the secret.
type azProgram struct {
	path string
	env  []string
}

// az signs in what `lazuli shell --az which` gives for az.
func (c *cloud) az(ctx context.Context, which string) (*azProgram, error) {
	dir, err := os.MkdirTemp(filepath.Dir(c.data), "azure-")
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, c.bin, "shell", "--data", c.data, "--az", which, "--", "bash", "-c", `command -v az; env -0`).Output()
	if err != nil {
		return nil, fmt.Errorf("lazuli shell: %w", err)
	}
	path, rest, _ := bytes.Cut(out, []byte("\n"))
	a := &azProgram{path: string(path)}
	for kv := range strings.SplitSeq(string(rest), "\x00") {
		if from, ok := strings.CutPrefix(kv, "AZURE_CONFIG_DIR="); ok {
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				return nil, err
			}
			kv = "AZURE_CONFIG_DIR=" + dir
		}
		if kv != "" {
			a.env = append(a.env, kv)
		}
	}
	if _, err := a.run(ctx, "login", "--service-principal", "-u", c.sp.appID, "-p", c.sp.secret, "--tenant", c.status.TenantID, "--allow-no-subscriptions"); err != nil {
		return nil, err
	}
	// The secret, and the token and the imports of the first time.
	_, err = a.run(ctx, "keyvault", "secret", "set", "--vault-name", benchVault, "-n", azSecret, "--value", "a secret")
	if err == nil {
		_, err = a.show(ctx)
	}
	return a, err
}

const azSecret = "az-secret"

// show reads the secret and gives the time that took.
func (a *azProgram) show(ctx context.Context) (float64, error) {
	begin := time.Now()
	out, err := a.run(ctx, "keyvault", "secret", "show", "--vault-name", benchVault, "-n", azSecret, "--query", "value", "-o", "tsv")
	if err == nil && string(out) != "a secret\n" {
		err = fmt.Errorf("%s prints %q", a.path, out)
	}
	return float64(time.Since(begin)) / float64(time.Millisecond), err
}

func (a *azProgram) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, a.path, args...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = a.env, &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %.500s", a.path, args[0], err, errs.Bytes())
	}
	return out.Bytes(), nil
}
