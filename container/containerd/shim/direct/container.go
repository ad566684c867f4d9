//go:build cgo

package direct

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	_ "github.com/opencontainers/cgroups/devices" // without it no device rule can be set
	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/configs"
	_ "github.com/opencontainers/runc/libcontainer/nsenter" // the C part of [Init]: runs before the Go runtime does
	"github.com/opencontainers/runc/libcontainer/specconv"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// initLog is the level the container's first process complains at: logrus' "info".
const initLog = "4"

// created is a container that waits for its start.
type created struct {
	container *libcontainer.Container
	root      string
}

// IsInit says whether this process was started to become a container's first.
// Ask it first thing in main, and call [Init] if so.
func IsInit(args []string) bool { return len(args) > 1 && args[1] == "init" }

// Init becomes a container's first process, and does not return.
func Init() {
	debug.SetGCPercent(-1) // it lives for some milliseconds, and a small memory limit is its container's
	libcontainer.Init()
}

// create is `runc create`.
func (m *Monitor) create(c command, cmd *exec.Cmd) error {
	spec, err := readSpec(c.bundle)
	if err != nil {
		return err
	}
	process, err := newProcess(spec.Process, cmd)
	if err != nil {
		return err
	}
	m.spawning.Lock()
	defer m.spawning.Unlock()
	config, err := configure(c, spec)
	if err != nil {
		return err
	}
	container, err := libcontainer.Create(c.root, c.id, config)
	if err != nil {
		return err
	}
	// libcontainer hands it on. The first process uses no more than one of Go's
	// processors, and each thread more is one to stop and to change the user of.
	os.Setenv("GOMAXPROCS", "1")
	if err := container.Start(process); err != nil {
		return errors.Join(err, ignoreGone(container.Destroy()))
	}
	if err := writePID(c.pidFile, process); err != nil {
		_ = process.Signal(unix.SIGKILL) // the reaper buries it
		return errors.Join(err, ignoreGone(container.Destroy()))
	}
	m.mu.Lock()
	m.created[c.id] = &created{container: container, root: c.root}
	m.mu.Unlock()
	return nil
}

// configure makes libcontainer's configuration. It wants the bundle to be the
// working directory, which is the whole process's: the caller holds spawning. The
// shim's own may be a bundle that is gone.
func configure(c command, spec *specs.Spec) (*configs.Config, error) {
	if err := os.Chdir(c.bundle); err != nil {
		return nil, err
	}
	config, err := specconv.CreateLibcontainerConfig(&specconv.CreateOpts{
		CgroupName: c.id, NoPivotRoot: c.flags["--no-pivot"], NoNewKeyring: c.flags["--no-new-keyring"], Spec: spec,
	})
	return config, errors.Join(err, os.Chdir("/"))
}

// ignoreGone is err, unless it says that there is nothing left to remove.
func ignoreGone(err error) error {
	if errors.Is(err, libcontainer.ErrNotExist) {
		return nil
	}
	return err
}

// readSpec reads a bundle's config.json.
func readSpec(bundle string) (*specs.Spec, error) {
	text, err := os.ReadFile(filepath.Join(bundle, "config.json"))
	if err != nil {
		return nil, err
	}
	var spec specs.Spec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, fmt.Errorf("cannot read config.json: %w", err)
	}
	switch p := spec.Process; {
	case spec.Root == nil || spec.Linux == nil:
		return nil, errors.New("root and linux property must not be empty")
	case p == nil:
		return nil, errors.New("process property must not be empty")
	case !filepath.IsAbs(p.Cwd):
		return nil, fmt.Errorf("cwd %q must be an absolute path", p.Cwd)
	case len(p.Args) == 0:
		return nil, errors.New("args must not be empty")
	}
	return &spec, nil
}

// newProcess is the container's first process, with the streams of cmd.
func newProcess(p *specs.Process, cmd *exec.Cmd) (*libcontainer.Process, error) {
	process := &libcontainer.Process{
		Init: true, Args: p.Args, Env: p.Env, Cwd: p.Cwd, UID: int(p.User.UID), GID: int(p.User.GID),
		Stdin: cmd.Stdin, Stdout: cmd.Stdout, Stderr: cmd.Stderr, LogLevel: initLog,
		Label: p.SelinuxLabel, AppArmorProfile: p.ApparmorProfile, NoNewPrivileges: &p.NoNewPrivileges,
		Scheduler: p.Scheduler, IOPriority: p.IOPriority,
	}
	for _, gid := range p.User.AdditionalGids {
		process.AdditionalGroups = append(process.AdditionalGroups, int(gid))
	}
	if c := p.Capabilities; c != nil {
		process.Capabilities = &configs.Capabilities{
			Bounding: c.Bounding, Effective: c.Effective, Inheritable: c.Inheritable, Permitted: c.Permitted, Ambient: c.Ambient,
		}
	}
	for _, limit := range p.Rlimits {
		number, ok := rlimits[limit.Type]
		if !ok {
			return nil, fmt.Errorf("unknown rlimit %q", limit.Type)
		}
		process.Rlimits = append(process.Rlimits, configs.Rlimit{Type: number, Hard: limit.Hard, Soft: limit.Soft})
	}
	affinity, err := configs.ConvertCPUAffinity(p.ExecCPUAffinity)
	process.CPUAffinity = affinity
	return process, err
}

// rlimits are the numbers of the names in the runtime specification.
var rlimits = map[string]int{
	"RLIMIT_CPU": unix.RLIMIT_CPU, "RLIMIT_FSIZE": unix.RLIMIT_FSIZE, "RLIMIT_DATA": unix.RLIMIT_DATA,
	"RLIMIT_STACK": unix.RLIMIT_STACK, "RLIMIT_CORE": unix.RLIMIT_CORE, "RLIMIT_RSS": unix.RLIMIT_RSS,
	"RLIMIT_NPROC": unix.RLIMIT_NPROC, "RLIMIT_NOFILE": unix.RLIMIT_NOFILE, "RLIMIT_MEMLOCK": unix.RLIMIT_MEMLOCK,
	"RLIMIT_AS": unix.RLIMIT_AS, "RLIMIT_LOCKS": unix.RLIMIT_LOCKS, "RLIMIT_SIGPENDING": unix.RLIMIT_SIGPENDING,
	"RLIMIT_MSGQUEUE": unix.RLIMIT_MSGQUEUE, "RLIMIT_NICE": unix.RLIMIT_NICE, "RLIMIT_RTPRIO": unix.RLIMIT_RTPRIO,
	"RLIMIT_RTTIME": unix.RLIMIT_RTTIME,
}

// writePID writes the pid file whole: it is renamed into place.
func writePID(path string, process *libcontainer.Process) error {
	pid, err := process.Pid()
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if err := os.WriteFile(tmp, []byte(strconv.Itoa(pid)), 0o666); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// start is `runc start`.
func (m *Monitor) start(c command) error {
	m.mu.Lock()
	made := m.created[c.id]
	delete(m.created, c.id)
	m.mu.Unlock()
	var container *libcontainer.Container
	if made != nil && made.root == c.root {
		container = made.container
	} else {
		var err error
		if container, err = libcontainer.Load(c.root, c.id); err != nil {
			return err
		}
	}
	status, err := container.Status()
	switch {
	case err != nil:
		return err
	case status == libcontainer.Stopped:
		return errors.New("cannot start a container that has stopped")
	case status != libcontainer.Created:
		return fmt.Errorf("cannot start a container in the %s state", status)
	}
	return container.Exec()
}

// kill is `runc kill`.
func kill(c command) error {
	container, err := libcontainer.Load(c.root, c.id)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(c.signal)
	if err != nil {
		return fmt.Errorf("unknown signal %q", c.signal)
	}
	err = container.Signal(unix.Signal(number))
	if errors.Is(err, libcontainer.ErrNotRunning) && c.flags["--all"] {
		return nil
	}
	return err
}

// Killing is waited for as long as runc does, and looked at more often.
const (
	killLimit = 10 * time.Second
	killPause = 5 * time.Millisecond
)

// remove is `runc delete`.
func remove(c command) error {
	container, err := libcontainer.Load(c.root, c.id)
	if errors.Is(err, libcontainer.ErrNotExist) {
		// The folder of a start that was cut off has no state in it.
		gone := os.RemoveAll(filepath.Join(c.root, c.id))
		if c.flags["--force"] {
			return gone
		}
	}
	if err != nil {
		return err
	}
	status, err := container.Status()
	switch {
	case err != nil:
		return err
	case status == libcontainer.Stopped && !c.flags["--force"]:
		return container.Destroy()
	case status != libcontainer.Created && !c.flags["--force"]:
		return fmt.Errorf("cannot delete container %s that is not stopped: %s", c.id, status)
	}
	_ = container.Signal(unix.SIGKILL) // it may have ended; seen below
	for waited := time.Duration(0); waited < killLimit; waited += killPause {
		if container.Signal(unix.Signal(0)) != nil {
			return container.Destroy()
		}
		time.Sleep(killPause)
	}
	return errors.New("container init still running")
}
