package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lazuli-cloud/lazuli/container/containerd"
)

// roleVariable says what part the test binary plays below its first process.
const roleVariable = "LAZULI_TEST_ROLE"

const (
	roleInit  = "init"  // the first process of the namespaces
	roleTests = "tests" // the tests, inside
)

// TestMain makes this test binary the program itself (when it is called
// lazuli or az), the shim of its containers, and, for root, the tests in network,
// mount and process namespaces of their own: whatever a test leaves behind ends
// with them, and the machine's ports and links are out of reach.
func TestMain(m *testing.M) {
	if containerd.Main(os.Args) {
		return
	}
	role := os.Getenv(roleVariable)
	switch {
	case filepath.Base(os.Args[0]) == "lazuli", filepath.Base(os.Args[0]) == "az", role == roleTests, os.Getuid() != 0:
		testscript.Main(m, map[string]func(){"lazuli": main, "az": main})
	case role == roleInit:
		os.Exit(runInit())
	default:
		os.Exit(run(roleInit, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}))
	}
}

// run runs this binary again in another role and gives its exit code.
func run(role string, attr *syscall.SysProcAttr) int {
	cmd := again(role, attr)
	if err := cmd.Run(); err != nil {
		if cmd.ProcessState != nil {
			return max(cmd.ProcessState.ExitCode(), 1)
		}
		fmt.Println("cannot run the tests in namespaces of their own:", err)
		return 1
	}
	return 0
}

func again(role string, attr *syscall.SysProcAttr) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	cmd := exec.Command(self, os.Args[1:]...)
	// The race detector's binaries are slow to end otherwise, shims too.
	cmd.Env = append(os.Environ(), roleVariable+"="+role, "GORACE=atexit_sleep_ms=0")
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdin, os.Stdout, os.Stderr, attr
	return cmd
}

// runInit prepares the namespaces, starts the tests, and buries the processes
// whose parents are gone, as an init does.
func runInit() int {
	for _, mount := range []struct {
		source, target, kind string
		flags                uintptr
	}{{"", "/", "", syscall.MS_REC | syscall.MS_PRIVATE}, {"proc", "/proc", "proc", 0}, {"tmpfs", "/run", "tmpfs", 0}} {
		if err := syscall.Mount(mount.source, mount.target, mount.kind, mount.flags, ""); err != nil {
			fmt.Printf("cannot mount %s: %v\n", mount.target, err)
			return 1
		}
	}
	if err := exec.Command("ip", "link", "set", "lo", "up").Run(); err != nil {
		fmt.Println("cannot bring up loopback:", err)
		return 1
	}
	cmd := again(roleTests, nil)
	if err := cmd.Start(); err != nil {
		fmt.Println("cannot start the tests:", err)
		return 1
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			fmt.Println("cannot wait for the tests:", err)
			return 1
		}
		if pid == cmd.Process.Pid {
			if status.Signaled() {
				return 1
			}
			return status.ExitStatus()
		}
	}
}

// Every script is one story of the command line, told against the real
// program. Those that need a cloud run as root only.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// setUp gives a script $DATA, a directory for a cloud that is stopped at the
// end, $ADDRESSES, flags with free ports, and $TAKEN, an address in use.
func setUp(env *testscript.Env) error {
	data, err := os.MkdirTemp("", "lz")
	if err != nil {
		return err
	}
	env.Defer(func() {
		if out, err := exec.Command("lazuli", "down", "--stop-groups", "--data", data).CombinedOutput(); err != nil && !strings.Contains(string(out), "no cloud is running") {
			env.T().Log("down:", string(out))
		}
		log, _ := os.ReadFile(filepath.Join(data, "log", "lazuli.log"))
		if err := os.RemoveAll(data); err != nil {
			env.T().Log("the data directory stays:", err)
		}
		if strings.Contains(string(log), "DATA RACE") {
			env.T().Fatal(string(log))
		}
	})
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { _ = taken.Close() })
	env.Setenv("DATA", data)
	env.Setenv("TAKEN", taken.Addr().String())
	env.Setenv("TESTS", strconv.Itoa(os.Getpid()))
	for _, name := range []string{"LISTEN", "HTTP", "PROXY", "DNS"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		env.Setenv(name, l.Addr().String())
		if err := l.Close(); err != nil {
			return err
		}
	}
	env.Setenv("GORACE", "atexit_sleep_ms=0")
	return nil
}

// exits runs a command and wants exactly that exit code:
//
//	exits 2 lazuli nonsense
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("cannot run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with exit code %d, want %d\n%s", strings.Join(args[1:], " "), got, want, ts.ReadFile("stderr"))
	}
}
