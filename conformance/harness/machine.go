package harness

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// leaveLimit is how long the kernel may take to tear down what was released.
const leaveLimit = 5 * time.Second

// leftBehind lists what the machine has now and had not before, after giving the kernel time to tear it down.
func leftBehind(dir string, before map[string]bool) []string {
	for deadline := time.Now().Add(leaveLimit); ; time.Sleep(50 * time.Millisecond) {
		var left []string
		for thing := range machine(dir) {
			if !before[thing] {
				left = append(left, thing)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			slices.Sort(left)
			return left
		}
	}
}

// machine lists what a cloud with files below dir can leave behind. Where the machine is ours alone (CI in the environment),
// that includes what carries no sign of dir; elsewhere another cloud may come and go meanwhile.
func machine(dir string) map[string]bool {
	lists := [][]string{processes(dir), mounts(dir), bridges()}
	if os.Getenv("CI") != "" {
		lists = append(lists, namespaces(), interfaces(), cgroups())
	}
	found := map[string]bool{}
	for _, list := range lists {
		for _, thing := range list {
			found[thing] = true
		}
	}
	return found
}

// bridge is the name of this process's bridge.
func bridge() string { return fmt.Sprintf("lazuli%d", own()) }

// own is a number that keeps apart the clouds of tests that run at the same time.
func own() int { return 100 + os.Getpid()%100 }

// bridges lists this process's bridge and what is plugged into it.
func bridges() []string {
	var found []string
	for _, pattern := range []string{"/sys/class/net/" + bridge(), "/sys/class/net/" + bridge() + "/brif/*"} {
		devices, _ := filepath.Glob(pattern) // the pattern is well formed
		for _, device := range devices {
			found = append(found, "network device "+filepath.Base(device))
		}
	}
	return found
}

// processes lists those that name dir in their command line, and containers.
func processes(dir string) []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	for _, proc := range all {
		command, err := os.ReadFile(filepath.Join(proc, "cmdline"))
		if err != nil || filepath.Base(proc) == strconv.Itoa(os.Getpid()) {
			continue
		}
		group, _ := os.ReadFile(filepath.Join(proc, "cgroup")) // gone with its process
		text := strings.TrimSpace(strings.ReplaceAll(string(command), "\x00", " "))
		ours := os.Getenv("CI") != "" && strings.Contains(string(group), "/lazuli-")
		if strings.Contains(text, dir) || ours {
			found = append(found, fmt.Sprintf("process %s: %s", filepath.Base(proc), text))
		}
	}
	return found
}

// mounts lists mount points below dir and those of network namespaces.
func mounts(dir string) []string {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return []string{"mounts cannot be read: " + err.Error()}
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 4 && (strings.HasPrefix(f[4], dir) || strings.Contains(f[4], "netns")) {
			found = append(found, "mount "+f[4])
		}
	}
	return found
}

// namespaces lists named network namespaces.
func namespaces() []string {
	var found []string
	entries, _ := os.ReadDir("/run/netns") // absent on machines that never had one
	for _, e := range entries {
		found = append(found, "network namespace "+e.Name())
	}
	return found
}

// interfaces lists network devices and their addresses.
func interfaces() []string {
	all, err := net.Interfaces()
	if err != nil {
		return []string{"network devices cannot be read: " + err.Error()}
	}
	var found []string
	for _, i := range all {
		found = append(found, "network device "+i.Name)
		addrs, _ := i.Addrs() // a device may vanish meanwhile
		for _, a := range addrs {
			found = append(found, fmt.Sprintf("address %s on %s", a, i.Name))
		}
	}
	return found
}

// cgroups lists our cgroups, in one hierarchy or several.
func cgroups() []string {
	var found []string
	for _, pattern := range []string{"/sys/fs/cgroup/lazuli-*", "/sys/fs/cgroup/*/lazuli-*"} {
		dirs, _ := filepath.Glob(pattern) // the pattern is well formed
		for _, dir := range dirs {
			found = append(found, "cgroup "+dir)
		}
	}
	return found
}
