package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/tools/azcli"
	"github.com/lazuli-cloud/lazuli/tools/debian"
	"github.com/lazuli-cloud/lazuli/tools/portal"
)

// compilers are the packages the race detector and runc's build need; clients are the programs conformance drives.
var (
	compilers = []string{"gcc", "libc6-dev", "libseccomp-dev", "pkg-config"}
	clients   = []string{"curl", "skopeo", "procps", "azure-cli", "podman", "buildah", "docker.io", "gnupg"}
	browser   = []string{"chromium", "busybox-static"} // and the shell for its console
)

// steps lists all checks, or those that take seconds.
func steps(quick bool) []step {
	all := []step{
		{"format", format},
		{"vet", overPackages("vet")},
		{"staticcheck", overPackages("tool", "staticcheck")},
		{"house", tests(".", plain, "-count=1", ".")},
		{"generate", generate},
	}
	if quick {
		return all
	}
	return append(all,
		step{"portal", web},
		step{"compilers", packages(compilers)},
		step{"build", one("go", "run", "./tools/build")},
		step{"race tests", raceTests},
		step{"clients", packages(clients)},
		step{"browser", packages(browser)},
		step{"azure cli", azure},
		step{"conformance vet", oneIn("conformance", "go", "vet", "./...")},
		step{"conformance staticcheck", oneIn("conformance", "go", "tool", "-modfile=../go.mod", "staticcheck", "./...")},
		// One cloud at a time; in it three tests, because az waits for the disk as often as for the processor.
		step{"conformance", tests("conformance", plain, "-count=1", "-p=1", "-parallel=3", "-timeout=15m", "./...")},
	)
}

// plain is how everything is compiled but what the race detector needs: as the build does it, so that each dependency is
// compiled twice and not three times.
var plain = []string{"CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -trimpath"}

// command prepares a command with further variables. When ctx ends, it ends with all the processes it has started.
func command(ctx context.Context, dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = endLimit
	return cmd
}

// endLimit is how long processes that were told to end may take.
const endLimit = 20 * time.Second

// sourcePackages lists the packages of the source tree, without leftovers.
func sourcePackages(ctx context.Context) ([]string, error) {
	text, err := command(ctx, ".", plain, "go", "list", "-e", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return slices.DeleteFunc(strings.Fields(string(text)), leftovers.MatchString), nil
}

// overPackages is the step of a go command over the packages of the source tree.
func overPackages(args ...string) action {
	return func(ctx context.Context, out io.Writer) tally {
		all, err := sourcePackages(ctx)
		if err != nil {
			fmt.Fprintln(out, err)
			return tally{failed: 1}
		}
		return one("go", append(slices.Clone(args), all...)...)(ctx, out)
	}
}

// one is the step of one command: it passes when the command exits 0, and its output is shown when it does not.
func one(name string, args ...string) action { return oneIn(".", name, args...) }

// oneIn is one in a directory.
func oneIn(dir, name string, args ...string) action {
	return func(ctx context.Context, out io.Writer) tally {
		if text, err := command(ctx, dir, plain, name, args...).CombinedOutput(); err != nil {
			fmt.Fprintf(out, "%s%s %s: %v\n", text, name, strings.Join(args[:min(len(args), 3)], " "), err)
			return tally{failed: 1}
		}
		return tally{passed: 1}
	}
}

// leftovers are folders that only somebody's own work has left; generated files are called zz_ too.
var leftovers = regexp.MustCompile(`(^|/)zz_[^/]*(/|$)`)

// format passes when gofmt would change nothing.
func format(ctx context.Context, out io.Writer) tally {
	text, err := exec.CommandContext(ctx, "gofmt", "-l", ".").CombinedOutput()
	wrong := slices.DeleteFunc(strings.Fields(string(text)), func(path string) bool { return leftovers.MatchString(filepath.Dir(path)) })
	if err != nil || len(wrong) > 0 {
		fmt.Fprintf(out, "not formatted (run gofmt -w on them): %s\n", strings.Join(wrong, " "))
		if err != nil {
			fmt.Fprintf(out, "gofmt: %v\n%s", err, text)
		}
		return tally{failed: 1}
	}
	return tally{passed: 1}
}

// generate passes when go generate changes no file.
func generate(ctx context.Context, out io.Writer) tally {
	before, err := digests(".")
	if err != nil {
		fmt.Fprintln(out, err)
		return tally{failed: 1}
	}
	if t := one("go", "generate", "./...")(ctx, out); t.failed > 0 {
		return t
	}
	after, err := digests(".")
	if err != nil {
		fmt.Fprintln(out, err)
		return tally{failed: 1}
	}
	if maps.Equal(before, after) {
		return tally{passed: 1}
	}
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if before[path] != after[path] {
			fmt.Fprintf(out, "go generate changed %s; commit it with what it is made from\n", path)
		}
	}
	return tally{failed: 1}
}

// digests returns the hash of every file of the source tree below dir, by path.
func digests(dir string) (map[string][32]byte, error) {
	sums := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "bin", "node_modules"}, d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		sums[path] = sha256.Sum256(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read the source tree: %w", err)
	}
	return sums, nil
}

// packages is the step that installs what is missing. On other systems than Debian it is skipped: the later steps will
// tell what they lack.
func packages(names []string) action {
	return func(ctx context.Context, out io.Writer) tally {
		err := debian.Install(ctx, out, names...)
		switch {
		case errors.Is(err, debian.ErrNotDebian):
			return tally{skipped: []string{fmt.Sprintf("installing %s: %v", strings.Join(names, " "), err)}}
		case err != nil:
			fmt.Fprintln(out, err)
			return tally{failed: 1}
		}
		return tally{passed: 1}
	}
}

// web is the step of the portal: its types, its unit tests and its bundle. Without Node.js it is skipped, as is what the
// build of the binary says then.
func web(ctx context.Context, out io.Writer) tally {
	if err := portal.Node(ctx); err != nil {
		return tally{skipped: []string{fmt.Sprintf("the portal's own checks: %v", err)}}
	}
	var t tally
	for _, do := range []func() error{
		func() error { return portal.Install(ctx, out) },
		func() error { return portal.Run(ctx, "npx", "tsc", "--noEmit") },
		func() error { return portal.Build(ctx, out) },
		func() error { return portal.Run(ctx, "npx", "vitest", "run") },
	} {
		if err := do(); err != nil {
			fmt.Fprintln(out, err)
			t.failed++
			return t
		}
		t.passed++
	}
	return t
}

// azure is the step that installs the real Azure CLI.
func azure(ctx context.Context, out io.Writer) tally {
	path, err := azcli.Install(ctx, "", out)
	switch {
	case errors.Is(err, azcli.ErrUnsupported):
		return tally{skipped: []string{fmt.Sprintf("the real az: %v", err)}}
	case err != nil:
		fmt.Fprintln(out, err)
		return tally{failed: 1}
	}
	fmt.Fprintln(out, path)
	return tally{passed: 1}
}
