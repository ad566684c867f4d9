package containerd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/runtimetest"
)

// insideVariable marks the test process that is in its own namespaces.
const insideVariable = "LAZULI_TEST_INSIDE"

// TestMain runs the tests in a network and mount namespace of their own, so
// that no bridge, rule, sysctl or mount of theirs touches the machine's.
func TestMain(m *testing.M) {
	if containerd.Main(os.Args) {
		return
	}
	if os.Getuid() != 0 {
		fmt.Println("SKIP: the container runtime needs root")
		return
	}
	if os.Getenv(insideVariable) == "" {
		os.Exit(runInside())
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		fmt.Println("cannot make the mounts private:", err)
		os.Exit(1)
	}
	// As on a machine of today, whatever this one has.
	var run syscall.Statfs_t
	if err := syscall.Statfs("/run", &run); err != nil || run.Type != unix.TMPFS_MAGIC {
		if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
			fmt.Println("cannot mount /run:", err)
			os.Exit(1)
		}
	}
	lo := &netlink.Device{LinkAttrs: netlink.LinkAttrs{Name: "lo"}}
	if err := netlink.LinkSetUp(lo); err != nil {
		fmt.Println("cannot bring up loopback:", err)
		os.Exit(1)
	}
	os.Exit(runBuilt(m))
}

// built is where TestMain put the binaries the tests need.
var built struct{ program, shim string }

func runBuilt(m *testing.M) int {
	if os.Getenv(dirVariable) != "" {
		return m.Run() // has them from its parent
	}
	dir, err := os.MkdirTemp("", "lazuli-test-")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	if built.program, err = runtimetest.Build(dir); err != nil {
		fmt.Println(err)
		return 1
	}
	built.shim = filepath.Join(dir, "shim")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "seccomp netgo osusergo", "-ldflags", "-s -w -extldflags -static",
		"-o", built.shim, "./shim/slim")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Printf("cannot build the shim: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func runInside() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	// Where no slim shim is built in, this binary is it: with the race detector
	// it would take a second to end.
	cmd.Env = append(os.Environ(), insideVariable+"=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		if cmd.ProcessState != nil {
			return max(cmd.ProcessState.ExitCode(), 1)
		}
		fmt.Println("cannot run the tests in namespaces of their own:", err)
		return 1
	}
	return 0
}
