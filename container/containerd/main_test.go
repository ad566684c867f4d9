package containerd_test

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/containerd"
)

// insideVariable marks the test process that is in its own namespaces.
const insideVariable = "LAZULI_TEST_INSIDE"

// TestMain runs the tests in a network and mount namespace of their own, so
// that no bridge, rule, sysctl or mount of theirs touches the machine's. The
// test binary is also the shim.
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
	if err := exec.Command("ip", "link", "set", "lo", "up").Run(); err != nil {
		fmt.Println("cannot bring up loopback:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func runInside() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	// The shim is this binary, too, and the race detector's is slow to end.
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
