package harness

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/nftables"
)

// leaveLimit is how long the kernel may take to tear down what was released.
const leaveLimit = 5 * time.Second

// traces is what tells the things of one cloud from everything else on the machine, other clouds included.
type traces struct {
	dir    string // holds all its files: in command lines and in mount points
	bridge string // also the name of its packet table
	number int    // the second number of its groups' addresses, hence in the names of their devices
}

// runtime is the directory of the cloud's container runtime. Names outside it are made from its hash.
func (t traces) runtime() string { return filepath.Join(t.dir, "data", "runtime") }

// left lists what the machine still has of the cloud, after giving the kernel time to tear it down.
func (t traces) left() []string {
	for deadline := time.Now().Add(leaveLimit); ; time.Sleep(50 * time.Millisecond) {
		found := t.all()
		if len(found) == 0 || time.Now().After(deadline) {
			return found
		}
	}
}

// all lists what the machine has of the cloud now, each with the word for what it is first.
func (t traces) all() []string {
	found := slices.Concat(t.processes(), t.mounts(), t.devices(), t.tables(), t.folders())
	slices.Sort(found)
	return found
}

// cgroup is the name of the cgroup that all containers of the cloud are in.
func (t traces) cgroup() string {
	sum := sha256.Sum256([]byte(t.runtime()))
	return "lazuli-" + hex.EncodeToString(sum[:6])
}

// processes lists those that name the directory in their command line, and those in the cgroup: containers.
func (t traces) processes() []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	for _, proc := range all {
		command, err := os.ReadFile(filepath.Join(proc, "cmdline"))
		if err != nil || filepath.Base(proc) == strconv.Itoa(os.Getpid()) {
			continue
		}
		group, _ := os.ReadFile(filepath.Join(proc, "cgroup")) // gone with its process
		text := strings.TrimSpace(strings.ReplaceAll(string(command), "\x00", " "))
		if strings.Contains(text, t.dir) || strings.Contains(string(group), "/"+t.cgroup()) {
			found = append(found, fmt.Sprintf("process %s: %s", filepath.Base(proc), text))
		}
	}
	return found
}

// mounts lists mount points below the directory; network namespaces are pinned there, too.
func (t traces) mounts() []string {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return []string{"mounts cannot be read: " + err.Error()}
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case len(f) < 5 || !strings.HasPrefix(f[4], t.dir+"/"):
		case strings.HasSuffix(f[4], ".netns"):
			found = append(found, "namespace "+f[4])
		default:
			found = append(found, "mount "+f[4])
		}
	}
	return found
}

// devices lists the bridge, the groups' ends on this side, and addresses of the groups' networks on any device.
func (t traces) devices() []string {
	all, err := net.Interfaces()
	if err != nil {
		return []string{"devices cannot be read: " + err.Error()}
	}
	var found []string
	for _, i := range all {
		if i.Name == t.bridge || strings.HasPrefix(i.Name, fmt.Sprintf("lz0a%02x", t.number)) {
			found = append(found, "device "+i.Name)
		}
		addrs, _ := i.Addrs() // a device may vanish meanwhile
		for _, a := range addrs {
			if strings.HasPrefix(a.String(), fmt.Sprintf("10.%d.", t.number)) || strings.HasPrefix(a.String(), fmt.Sprintf("127.%d.", t.number)) {
				found = append(found, fmt.Sprintf("address %s of %s", a, i.Name))
			}
		}
	}
	return found
}

// tables lists the cloud's table of packet rules.
func (t traces) tables() []string {
	conn, err := nftables.New()
	if err != nil {
		return []string{"packet rules cannot be read: " + err.Error()}
	}
	all, err := conn.ListTables()
	if err != nil {
		return []string{"packet rules cannot be read: " + err.Error()}
	}
	var found []string
	for _, table := range all {
		if table.Name == t.bridge {
			found = append(found, "table "+table.Name)
		}
	}
	return found
}

// folders lists what is outside the directory: cgroups in one hierarchy or several, sockets and secrets below /run.
func (t traces) folders() []string {
	var found []string
	for _, pattern := range []string{"/sys/fs/cgroup/" + t.cgroup(), "/sys/fs/cgroup/*/" + t.cgroup()} {
		dirs, _ := filepath.Glob(pattern) // the pattern is well formed
		for _, dir := range dirs {
			found = append(found, "cgroup "+dir)
		}
	}
	sockets, secrets := sha256.Sum256([]byte(t.runtime())), sha256.Sum256([]byte(filepath.Join(t.dir, "data")))
	for _, name := range []string{hex.EncodeToString(sockets[:6]), hex.EncodeToString(secrets[:8])} {
		dir := filepath.Join("/run/lazuli", name)
		if _, err := os.Stat(dir); err == nil {
			found = append(found, "folder "+dir)
		}
	}
	return found
}
