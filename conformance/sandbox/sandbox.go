package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// RoleEnv makes a program play another part: "first" is the sandbox's first process ([First]), "bench" the benchmark itself;
// others are the program's own.
const RoleEnv = "LAZULI_BENCH_ROLE"

// Again prepares this program in another role.
func Again(ctx context.Context, role string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), RoleEnv+"="+role)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, os.Stdout, os.Stderr
	return cmd, nil
}

// Run runs this program as "bench" with args in namespaces of its own, and removes the cgroups it leaves that are named after
// the base of dir. Everything in there ends with this process, however it ends.
func Run(ctx context.Context, dir string, args ...string) error {
	runtime.LockOSThread() // the signal at our death comes when this thread ends
	defer runtime.UnlockOSThread()
	cmd, err := Again(ctx, "first", args...)
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
		Pdeathsig:  syscall.SIGKILL,
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = StopLimit
	before := cgroups()
	err = cmd.Run() // ends when every process of the sandbox has
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return errors.Join(err, removeCgroups(before, dir))
}

// StopLimit is how long the bench may take to stop its clouds when it is told to end; then the kernel ends them, and only
// an empty cgroup stays.
const StopLimit = 20 * time.Second

// First is the sandbox's process 1: it makes the place, starts the bench, passes on that it is to end, and buries the dead
// until the bench has ended.
func First() error {
	if err := furnish(); err != nil {
		return fmt.Errorf("cannot make the sandbox: %w", err)
	}
	cmd, err := Again(context.Background(), "bench", os.Args[1:]...)
	if err != nil {
		return err
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		for range told {
			_ = cmd.Process.Signal(syscall.SIGTERM) // one that has ended needs none
		}
	}()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot wait for the bench: %w", err)
		}
		if pid == cmd.Process.Pid && (status.Exited() || status.Signaled()) {
			if status.Signaled() {
				return fmt.Errorf("the bench was ended by a signal: %s", status.Signal())
			}
			os.Exit(status.ExitStatus())
		}
	}
}

// furnish gives the namespaces what programs expect: /proc of this process namespace, empty places for state, and the
// loopback device. The mounts are seen in here only.
func furnish() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	for _, dir := range []string{"/run", "/var/lib", "/dev/shm"} {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// cgroups lists every cgroup of the machine, in one hierarchy or several.
func cgroups() map[string]bool {
	found := map[string]bool{}
	// A cgroup may vanish while it is listed; what cannot be read is not ours.
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			found[path] = true
		}
		return nil
	})
	return found
}

// CgroupParent is where the peers' containers go, so that we know them.
func CgroupParent(dir string) string { return "/" + filepath.Base(dir) }

// removeCgroups removes the peers' cgroups, deepest first. The kernel may still be tearing their processes down. What else is
// new and empty is of this run if it has the name of a peer; those of clouds that run beside us are left alone.
func removeCgroups(before map[string]bool, dir string) error {
	ours := func(path string) bool {
		return strings.Contains(path+"/", CgroupParent(dir)+"/") ||
			!before[path] && (strings.Contains(path, "/libpod") || strings.HasSuffix(path, "/conmon") || strings.Contains(path, "/docker"))
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var left []string
		for path := range cgroups() {
			if ours(path) && os.Remove(path) != nil {
				left = append(left, path)
			}
		}
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cannot remove the cgroups %s", strings.Join(left, ", "))
		}
	}
}
