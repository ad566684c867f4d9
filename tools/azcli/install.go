package azcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/lazuli-cloud/lazuli/tools/debian"
)

// ErrUnsupported is returned when the machine is not one this package can serve; the text around it says why.
var ErrUnsupported = errors.New("the Azure CLI is only installed on Debian 12 and 13")

// DefaultDir is where Install puts the Azure CLI by custom, and where others look for it: lazuli/az-2.74 in the user's
// cache directory.
func DefaultDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find the user's cache directory: %w", err)
	}
	return filepath.Join(cache, "lazuli", "az-2.74"), nil
}

// Install makes the directory complete and returns the path of its bin/az. An empty dir means DefaultDir. Progress goes to
// log. On systems other than Debian 12 and 13 it returns ErrUnsupported, wrapped with the reason.
func Install(ctx context.Context, dir string, log io.Writer) (string, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultDir(); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := (&installer{dir: dir, log: log}).install(ctx); err != nil {
		return "", err
	}
	return filepath.Join(dir, "bin", "az"), nil
}

// python is Debian's own interpreter; another one on PATH would not see Debian's libraries.
const python = "/usr/bin/python3"

// An installer brings one directory into being. It is used once, by one goroutine.
type installer struct {
	dir string    // absolute; the finished directory
	log io.Writer // progress and the output of failing commands
}

// work is the unfinished directory. It stays after a failure, so that the next run continues.
func (in *installer) work() string { return in.dir + ".partial" }

// install makes in.dir complete.
func (in *installer) install(ctx context.Context) error {
	if in.complete() {
		return nil
	}
	build, err := in.recipe()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(in.dir), 0o755); err != nil {
		return err
	}
	unlock, err := lock(in.dir + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if in.complete() { // another run finished while this one waited
		return nil
	}
	if err := os.MkdirAll(in.work(), 0o755); err != nil {
		return err
	}
	if err := build(ctx); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(in.work(), "version"), []byte(version+"\n"), 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(in.dir); err != nil { // an incomplete or older one
		return err
	}
	return os.Rename(in.work(), in.dir)
}

// recipe returns the way for this machine's release.
func (in *installer) recipe() (func(context.Context) error, error) {
	release, err := debian.Release()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	case release == "bookworm":
		return in.fromBookworm, nil
	case release == "trixie":
		return in.fromTrixie, nil
	}
	return nil, fmt.Errorf("%w: this is %q", ErrUnsupported, release)
}

// complete reports whether in.dir is a finished installation of this version.
func (in *installer) complete() bool {
	got, err := os.ReadFile(filepath.Join(in.dir, "version"))
	if err != nil || strings.TrimSpace(string(got)) != version {
		return false
	}
	_, err = os.Stat(filepath.Join(in.dir, "bin", "az"))
	return err == nil
}

// fromBookworm builds the directory on Debian 12: libraries by apt, the CLI from Debian 13's packages.
func (in *installer) fromBookworm(ctx context.Context) error {
	if err := debian.Install(ctx, in.log, libraries...); err != nil {
		return err
	}
	debs, err := in.download(ctx)
	if err != nil {
		return err
	}
	root := filepath.Join(in.work(), "root")
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	in.say("unpacking %d packages", len(debs))
	for _, deb := range debs {
		if err := in.command(ctx, "dpkg-deb", "-x", deb, root); err != nil {
			return err
		}
	}
	site := filepath.Join(root, "usr/lib/python3/dist-packages")
	// Debian 12's own "azure", when installed, is a regular package and would win over a namespace folder.
	if err := os.WriteFile(filepath.Join(site, "azure/__init__.py"), nil, 0o644); err != nil {
		return err
	}
	if err := in.finish(ctx, "root/usr/lib/python3/dist-packages"); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(in.work(), "apt"))
}

// fromTrixie builds the directory on Debian 13, whose own package is the wanted version.
func (in *installer) fromTrixie(ctx context.Context) error {
	if err := debian.Install(ctx, in.log, "azure-cli"); err != nil {
		return err
	}
	return in.finish(ctx, "")
}

// finish writes bin/az, byte-compiles what is used most, checks the version and fills seed/. site is the library path
// relative to the directory, empty for the system's.
func (in *installer) finish(ctx context.Context, site string) error {
	if err := writeWrapper(in.work(), site); err != nil {
		return err
	}
	if site != "" {
		in.say("byte-compiling")
		args := []string{"-m", "compileall", "-q", "-j", "0", "-s", in.work(), "-p", in.dir}
		for _, folder := range compiled {
			args = append(args, filepath.Join(in.work(), site, folder))
		}
		if err := in.command(ctx, python, args...); err != nil {
			return err
		}
	}
	if err := in.check(ctx, site); err != nil {
		return err
	}
	return in.seed(ctx)
}

// check asks the installed libraries for their version.
func (in *installer) check(ctx context.Context, site string) error {
	cmd := exec.CommandContext(ctx, python, "-c", "import azure.cli.core as c; print(c.__version__)")
	if site != "" {
		cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(in.work(), site))
	}
	out, err := cmd.CombinedOutput()
	got := strings.TrimSpace(string(out))
	if err != nil {
		return fmt.Errorf("the unpacked Azure CLI does not start: %w\n%s", err, got)
	}
	if got != version {
		return fmt.Errorf("the mirror's Azure CLI is %s, not %s; change version in tools/azcli/packages.go deliberately", got, version)
	}
	return nil
}

// seed lets az build its index of commands once, in a throw-away configuration, and keeps the result.
func (in *installer) seed(ctx context.Context) error {
	in.say("building the index of commands")
	config, err := os.MkdirTemp(in.work(), "config-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(config)
	cmd := exec.CommandContext(ctx, filepath.Join(in.work(), "bin/az"), "cloud", "list", "--output", "none")
	cmd.Env = append(os.Environ(), "AZURE_CONFIG_DIR="+config, "AZURE_CORE_COLLECT_TELEMETRY=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("az cloud list failed: %w\n%s", err, out)
	}
	index, err := os.ReadFile(filepath.Join(config, "commandIndex.json"))
	if err != nil {
		return fmt.Errorf("az left no index of commands: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(in.work(), "seed"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(in.work(), "seed/commandIndex.json"), index, 0o644)
}

// writeWrapper writes work/bin/az. The script finds its library from its own path, so that the directory can be renamed.
func writeWrapper(work, site string) error {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Starts the unmodified Azure CLI " + version + "; written by tools/azcli.\n")
	if site != "" {
		b.WriteString("self=$(readlink -f \"$0\") && dir=${self%/bin/az} || exit 1\n")
		b.WriteString("export PYTHONPATH=\"$dir/" + site + "${PYTHONPATH:+:$PYTHONPATH}\"\n")
	}
	b.WriteString("export PYTHONWARNINGS=ignore\nexec " + python + " -m azure.cli \"$@\"\n")
	if err := os.MkdirAll(filepath.Join(work, "bin"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(work, "bin/az"), []byte(b.String()), 0o755)
}

// say prints one line of progress.
func (in *installer) say(format string, args ...any) {
	fmt.Fprintf(in.log, "az: "+format+"\n", args...)
}

// command runs a program quietly; its output is in the error when it fails.
func (in *installer) command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s failed: %w\n%s", name, err, tail(string(out), 4000))
	}
	return nil
}

// tail returns the last n bytes of s.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return "..." + s[len(s)-n:]
}

// lock takes an exclusive lock on the file, waiting for it; the returned function releases it.
func lock(path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}
