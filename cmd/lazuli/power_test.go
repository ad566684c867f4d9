package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables"
)

// powerLoss leaves of the machine what a disk keeps: the cloud and every process of
// its groups are gone at once, and with them mounts, namespaces, links, packet
// rules, cgroups and what was in memory.
func (p *process) powerLoss() {
	p.t.Helper()
	p.kill()
	kept := []string{"1", strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid())}
	others := func() (list []int) {
		all, _ := filepath.Glob("/proc/[0-9]*")
		for _, path := range all {
			stat, err := os.ReadFile(filepath.Join(path, "stat"))
			if pid := filepath.Base(path); err == nil && !slices.Contains(kept, pid) && !strings.Contains(string(stat), ") Z ") {
				number, _ := strconv.Atoi(pid)
				list = append(list, number)
			}
		}
		return list
	}
	for deadline := time.Now().Add(10 * time.Second); len(others()) > 0; time.Sleep(5 * time.Millisecond) {
		for _, pid := range others() {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("processes that do not end: %v", others())
		}
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		p.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(mounts)), "\n")
	slices.Reverse(lines)
	for _, line := range lines {
		if at := strings.Fields(line)[1]; strings.HasPrefix(at, p.dir) || strings.HasPrefix(at, "/run/") {
			if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
				p.t.Fatalf("%s: %v", at, err)
			}
		}
	}
	links, err := net.Interfaces()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, link := range links {
		if link.Name != "lo" {
			_ = exec.Command("ip", "link", "del", link.Name).Run() // both ends of a pair go at once
		}
	}
	rules, err := nftables.New()
	if err == nil {
		rules.FlushRuleset()
		err = rules.Flush()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.forgetMemory()
}

// forgetMemory removes what lies below /run and the cgroups of containers.
func (p *process) forgetMemory() {
	p.t.Helper()
	if err := os.RemoveAll("/run/lazuli"); err != nil {
		p.t.Fatal(err)
	}
	var groups []string
	for _, pattern := range []string{"/sys/fs/cgroup/lazuli-*", "/sys/fs/cgroup/*/lazuli-*"} {
		found, _ := filepath.Glob(pattern)
		for _, root := range found {
			_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
				if err == nil && d.IsDir() {
					groups = append(groups, path)
				}
				return nil
			})
		}
	}
	slices.Reverse(groups)
	for _, dir := range groups {
		_ = os.Remove(dir) // those of other tests' clouds on this machine have processes, and stay
	}
}

// strayPIDs makes every process id that the runtime noted down on the disk that of a
// bystander, as happens after a boot, and returns how many there were.
func (p *process) strayPIDs(bystander int) (n int) {
	p.t.Helper()
	err := filepath.WalkDir(filepath.Join(p.dir, "runtime", "run"), func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".pid") {
			return err
		}
		n++
		return os.WriteFile(path, []byte(strconv.Itoa(bystander)), 0o644)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// After a power loss groups come back as their policies say: those that were to run
// run, from new processes with all they had; those that had ended stay ended; and
// what became of those that must not run again is said.
func TestPowerLoss(t *testing.T) {
	for _, where := range []string{"memory", "disk"} {
		t.Run("runtime state in "+where, func(t *testing.T) { testPowerLoss(t, where == "disk") })
	}
}

func testPowerLoss(t *testing.T, onDisk bool) {
	p := newProcess(t)
	if onDisk { // where it stays once there is something
		if err := os.MkdirAll(filepath.Join(p.dir, "runtime/run/io.containerd.runtime.v2.task/lazuli/old"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	image, credentials := p.pushed()
	put := func(name, command, inContainer, inGroup string) {
		t.Helper()
		p.do("PUT", "management", p.containerGroupPath(name), `{"location":"eastus","properties":{`+inGroup+`,"osType":"Linux","imageRegistryCredentials":`+credentials+
			`,"containers":[{"name":"app","properties":{"image":"`+image+`","command":["/program",`+command+`]`+inContainer+`,"resources":{"requests":{"cpu":0.5,"memoryInGB":0.5}}}}]}}`)
	}
	put("web", `"serve","80","hello"`, `,"ports":[{"port":80}],"volumeMounts":[{"name":"keys","mountPath":"/keys"},{"name":"disk","mountPath":"/disk"}]`,
		`"ipAddress":{"type":"Public","ports":[{"port":80}],"dnsNameLabel":"power-web"},"volumes":[{"name":"keys","secret":{"key":"a2V5LXMzY3JldA=="}},{"name":"disk","emptyDir":{}}]`)
	put("unless", `"stay","unless"`, "", `"restartPolicy":"OnFailure"`)
	put("once", `"stay","once"`, "", `"restartPolicy":"Never"`)
	put("done", `"exit","0"`, "", `"restartPolicy":"OnFailure"`)
	put("failed", `"exit","7"`, "", `"restartPolicy":"Never"`)
	put("stopped", `"stay","stopped"`, "", `"restartPolicy":"Always"`)
	for name, state := range map[string]string{"web": "Running", "unless": "Running", "once": "Running", "done": "Succeeded", "failed": "Failed", "stopped": "Running"} {
		p.eventually(name, state, func(g containerGroup) bool { return succeeded(g) && g.Properties.InstanceView.State == state })
	}
	p.do("POST", "management", p.containerGroupPath("stopped")+"/stop", "")
	before := p.containerGroup("web").Properties.IPAddress.IP

	p.powerLoss()
	bystander := exec.Command("sleep", "60")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	defer bystander.Process.Kill()
	if n := p.strayPIDs(bystander.Process.Pid); n == 0 && onDisk {
		t.Error("the runtime notes down no process ids: this is no test of them")
	}
	p.start()

	again := func(g containerGroup) bool {
		view := g.Properties.Containers[0].Properties.InstanceView
		return view.RestartCount == 1 && view.CurrentState.State == "Running" && g.Properties.InstanceView.State == "Running"
	}
	p.eventually("web", "running again", again)
	p.eventually("unless", "running again", again)
	fetch(t, p, "web", "hello")
	if now := p.containerGroup("web").Properties.IPAddress.IP; now != before {
		t.Errorf("the address of web was %s and is %s", before, now)
	}
	root := "/proc/" + programs()["serve 80 hello"][0] + "/root"
	if key, err := os.ReadFile(root + "/keys/key"); err != nil || string(key) != "key-s3cret" {
		t.Errorf("the secret volume has %q, %v", key, err)
	}
	if err := os.WriteFile(root+"/disk/file", []byte("x"), 0o600); err != nil {
		t.Errorf("the volume: %v", err)
	}
	if g := p.eventually("once", "ended", func(g containerGroup) bool { return g.Properties.InstanceView.State == "Failed" }); exitCode(g) == 0 {
		t.Errorf("once: %+v", g)
	}
	if view := p.do("GET", "management", p.containerGroupPath("once"), ""); !strings.Contains(view, "The machine was restarted under the container; its exit code is not known") {
		t.Errorf("once does not say what became of it: %s", view)
	}
	for name, want := range map[string]string{"done": "Succeeded 0 0", "failed": "Failed 7 0", "stopped": "Stopped 3 0"} {
		g := p.containerGroup(name)
		if got := fmt.Sprint(g.Properties.InstanceView.State, " ", exitCode(g), " ", g.Properties.Containers[0].Properties.InstanceView.RestartCount); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if now := programs(); len(now) != 2 {
		t.Errorf("running: %v", now)
	}
	p.do("POST", "management", p.containerGroupPath("stopped")+"/start", "")
	p.eventually("stopped", "started", func(g containerGroup) bool { return g.Properties.InstanceView.State == "Running" })
	if err := syscall.Kill(bystander.Process.Pid, 0); err != nil {
		t.Errorf("a process that has nothing to do with the cloud was ended: %v", err)
	}
}
