package containerd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// sandboxRecord and containerRecord are what is kept on disk. Folders and
// files are named by the sandbox's checked ID and by hashes of names.
type sandboxRecord struct {
	Spec      pod.SandboxSpec
	CreatedAt time.Time
}

type containerRecord struct {
	pod.ContainerStatus
	// CID is containerd's ID. It differs for each attempt, so that late
	// cleaning up after one cannot touch the next.
	CID string
	// StopSignal is the image's.
	StopSignal string
}

const (
	sandboxFile     = "sandbox.json"
	containerSuffix = ".container.json"
	logSuffix       = ".log"
)

func (l layout) sandbox(id string) string { return filepath.Join(l.sandboxes(), id) }

func (l layout) container(sandbox, name string) string {
	return filepath.Join(l.sandbox(sandbox), hash(name)+containerSuffix)
}

func (l layout) log(sandbox, name string) string {
	return filepath.Join(l.sandbox(sandbox), hash(name)+logSuffix)
}

// writeRecord replaces a record's file as a whole.
func writeRecord(path string, record any) error {
	data, err := json.Marshal(record)
	if err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("cannot write a record: %w", err)
	}
	return os.Rename(tmp, path)
}

func readRecord[T any](path string) (record T, err error) {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &record)
	}
	return record, err
}

// readContainers reads the container records of a sandbox's folder. One that
// was half written when the machine died is left out, and its remains are
// swept like any other's.
func readContainers(dir string) ([]containerRecord, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []containerRecord
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), containerSuffix) {
			continue
		}
		if c, err := readRecord[containerRecord](filepath.Join(dir, e.Name())); err == nil && c.CID != "" {
			all = append(all, c)
		}
	}
	return all, nil
}

// exit is how a container ended.
type exit struct {
	Status    int
	Timestamp time.Time
	oom       bool
	lost      bool // nobody saw it
}

// exitLimit is how long a shim is waited for to write down an end.
const exitLimit = time.Second

// readExits reads what the shims left in the bundles of ended containers. One that
// ended this moment may not have been written down yet.
func readExits(bundles, cgroup string) map[string]exit {
	folders, _ := filepath.Glob(filepath.Join(bundles, "*")) // the pattern is well formed
	for waited := time.Duration(0); waited < exitLimit && slices.ContainsFunc(folders, endsNow); waited += exitLimit / 100 {
		time.Sleep(exitLimit / 100)
	}
	exits := map[string]exit{}
	files, _ := filepath.Glob(filepath.Join(bundles, "*", "exit.json"))
	for _, file := range files {
		if e, err := readRecord[exit](file); err == nil {
			cid := filepath.Base(filepath.Dir(file))
			e.oom = oomKilled(filepath.Join(cgroup, cid))
			exits[cid] = e
		}
	}
	return exits
}

// endsNow reports that a bundle's process is gone and its shim, which is not, has
// not written down how it ended.
func endsNow(bundle string) bool {
	if _, err := os.Stat(filepath.Join(bundle, "exit.json")); err == nil {
		return false
	}
	text, err := os.ReadFile(filepath.Join(bundle, "init.pid"))
	if err != nil {
		return false
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil || unix.Kill(pid, 0) == nil {
		return false
	}
	at, err := readRecord[struct{ Address string }](filepath.Join(bundle, "bootstrap.json"))
	if err != nil {
		return false
	}
	conn, err := net.DialTimeout("unix", strings.TrimPrefix(at.Address, "unix://"), dialLimit)
	if err != nil {
		return false // after a power loss there is no shim
	}
	conn.Close()
	return true
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
