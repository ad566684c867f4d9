// Package portal builds the web portal's bundle from web/ into portal/dist, where
// Node.js is installed; the binary embeds it. Elsewhere the binary is built
// without it and says so on its page.
package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNoNode is returned where there is no Node.js that is new enough.
var ErrNoNode = errors.New("the portal is built with Node.js 20.19 or later and npm")

// The folders, below the root of the source tree.
const (
	source = "web"
	bundle = "portal/dist/index.html"
)

// Node returns nil when Node.js and npm are installed, else [ErrNoNode] with
// what is missing.
func Node(ctx context.Context) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("%w: npm is not installed", ErrNoNode)
	}
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("%w: node is not installed", ErrNoNode)
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	parts := strings.SplitN(version, ".", 3)
	major, _ := strconv.Atoi(parts[0])
	minor := 0
	if len(parts) > 1 {
		minor, _ = strconv.Atoi(parts[1])
	}
	if major < 20 || major == 20 && minor < 19 {
		return fmt.Errorf("%w: node is %s", ErrNoNode, version)
	}
	return nil
}

// Install makes web/node_modules what the lock file says.
func Install(ctx context.Context, log io.Writer) error {
	lock, err := os.Stat(filepath.Join(source, "package-lock.json"))
	if err != nil {
		return err
	}
	done, err := os.Stat(filepath.Join(source, "node_modules", ".package-lock.json"))
	if err == nil && !done.ModTime().Before(lock.ModTime()) {
		return nil
	}
	fmt.Fprintln(log, "npm: installing what web/package-lock.json names")
	if err := Run(ctx, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		return err
	}
	now := time.Now()
	return os.Chtimes(filepath.Join(source, "node_modules", ".package-lock.json"), now, now)
}

// Build builds the bundle unless it is newer than all it is made from.
func Build(ctx context.Context, log io.Writer) error {
	if err := Node(ctx); err != nil {
		return err
	}
	if current() {
		return nil
	}
	if err := Install(ctx, log); err != nil {
		return err
	}
	return Run(ctx, "npm", "run", "--silent", "build")
}

// current reports whether the bundle is there and no source is newer.
func current() bool {
	built, err := os.Stat(bundle)
	if err != nil {
		return false
	}
	newer := errors.New("a source is newer")
	err = filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"node_modules", "e2e", "shots"}, d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if err == nil && info.ModTime().After(built.ModTime()) {
			return newer
		}
		return err
	})
	return err == nil
}

// Run runs a program of the portal in web/; its output is in the error when it
// fails.
func Run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = source
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
