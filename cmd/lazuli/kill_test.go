package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// groupOf is the body of a group with one container of the suite's program.
func groupOf(image, credentials, command, more string) string {
	return `{"location":"eastus","properties":{` + more + `"osType":"Linux","imageRegistryCredentials":` + credentials + `,"containers":[{"name":"app","properties":{"image":"` + image +
		`","command":["/program",` + command + `],"ports":[{"port":80}],"resources":{"requests":{"cpu":0.2,"memoryInGB":0.2}}}}]}}`
}

// When a container or its shim is killed while the cloud runs, the group's policy
// says what follows, and what it serves is there again.
func TestKilledContainersAndShims(t *testing.T) {
	p := newProcess(t)
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	image, credentials := p.pushed()
	const public = `"ipAddress":{"type":"Public","ports":[{"port":80}]},`
	for _, victim := range []string{"container", "shim"} {
		names := map[string]string{"always": "Always", "unless": "OnFailure", "never": "Never"}
		for name, policy := range names {
			p.do("PUT", "management", p.containerGroupPath(name), groupOf(image, credentials, `"serve","80","`+name+`"`, public+`"restartPolicy":"`+policy+`",`))
		}
		for name := range names {
			p.eventually(name, "up", func(g containerGroup) bool { return succeeded(g) && g.Properties.InstanceView.State == "Running" })
		}
		for name := range names {
			pid := programs()["serve 80 "+name][0]
			if victim == "shim" {
				var ppid int
				if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err != nil {
					t.Fatal(err)
				} else if _, err := fmt.Sscanf(string(stat[bytes.LastIndexByte(stat, ')')+4:]), "%d", &ppid); err != nil || ppid < 2 {
					t.Fatalf("%v %d: %s", err, ppid, stat)
				}
				if err := syscall.Kill(ppid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				continue
			}
			end(t, pid, syscall.SIGKILL)
		}
		for _, name := range []string{"always", "unless"} {
			g := p.eventually(name, "running again after its "+victim+" was killed", func(g containerGroup) bool {
				view := g.Properties.Containers[0].Properties.InstanceView
				return view.RestartCount == 1 && view.CurrentState.State == "Running"
			})
			if g.Properties.ProvisioningState != "Succeeded" {
				t.Errorf("%s: %+v", name, g)
			}
			fetch(t, p, name, name)
		}
		p.eventually("never", "ended when its "+victim+" was killed", func(g containerGroup) bool {
			return exitCode(g) == 137 && g.Properties.InstanceView.State == "Failed"
		})
		if now := programs(); len(now) != 2 {
			t.Errorf("after each %s was killed there run %v", victim, slices.Collect(maps.Keys(now)))
		}
		for name := range names {
			p.do("DELETE", "management", p.containerGroupPath(name), "")
		}
	}
}

// run runs a command in a group by a web socket, as az container exec does, and
// gives what it printed.
func (p *process) run(name, command string) string {
	p.t.Helper()
	var made struct{ WebSocketURI, Password string }
	unmarshal(p.t, p.do("POST", "management", p.containerGroupPath(name)+"/containers/app/exec", `{"command":`+quoted(command)+`,"terminalSize":{"rows":24,"cols":80}}`), &made)
	conn, _, err := websocket.Dial(p.t.Context(), made.WebSocketURI, &websocket.DialOptions{HTTPClient: p.http})
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.CloseNow()
	if err := conn.Write(p.t.Context(), websocket.MessageText, []byte(made.Password)); err != nil {
		p.t.Fatal(err)
	}
	var out strings.Builder
	for {
		_, data, err := conn.Read(p.t.Context())
		if err != nil {
			return out.String()
		}
		out.Write(data)
	}
}

func quoted(text string) string {
	data, _ := json.Marshal(text)
	return string(data)
}

// holds counts what the cloud and its machine have that groups could leave behind.
func (p *process) holds() map[string]int {
	p.t.Helper()
	n := map[string]int{}
	count := func(what string, patterns ...string) {
		for _, pattern := range patterns {
			list, err := filepath.Glob(pattern)
			if err != nil {
				p.t.Fatal(err)
			}
			n[what] += len(list)
		}
	}
	proc := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
	count("descriptors", proc+"/fd/*")
	count("processes", "/proc/[0-9]*")
	count("namespaces", p.dir+"/runtime/network/*")
	count("volumes", p.dir+"/groups/*", "/run/lazuli/????????????????/*")
	count("sandboxes", p.dir+"/runtime/sandboxes/*")
	count("bundles", p.dir+"/runtime/run/io.containerd.runtime.v2.task/*/*", "/run/lazuli/*/run/io.containerd.runtime.v2.task/*/*")
	count("snapshots", p.dir+"/runtime/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/*")
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		p.t.Fatal(err)
	}
	n["mounts"] = bytes.Count(mounts, []byte("\n"))
	links, err := net.Interfaces()
	if err != nil {
		p.t.Fatal(err)
	}
	n["links"] = len(links)
	n["goroutines"] = p.goroutines()
	if n["goroutines"] == 0 || n["snapshots"] == 0 {
		p.t.Fatalf("what is counted is not there: %v", n)
	}
	return n
}

// goroutines asks the cloud's metrics.
func (p *process) goroutines() int {
	p.t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(p.dir, "run", "admin.sock"))
	}}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get("http://admin/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var value float64
		if _, err := fmt.Sscanf(line, "go_goroutines %g", &value); err == nil {
			return int(value)
		}
	}
	p.t.Fatalf("the metrics have no goroutines: %s", text)
	return 0
}

// Groups that come, are looked into and go, leave nothing: no process, namespace,
// mount, link, file or descriptor on the machine, no goroutine in the cloud.
func TestSoakOfTheWholeCloud(t *testing.T) {
	p := newProcess(t)
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	image, credentials := p.pushed()
	round := func(n int) {
		var work sync.WaitGroup
		for i := range 4 {
			work.Go(func() {
				name := fmt.Sprintf("soak-%d-%d", n, i)
				body := groupOf(image, credentials, `"serve","80","`+name+`"`, `"ipAddress":{"type":"Public","ports":[{"port":80}],"dnsNameLabel":"`+name+`"},"volumes":[{"name":"v","secret":{"f":"eA=="}},{"name":"e","emptyDir":{}}],`)
				p.do("PUT", "management", p.containerGroupPath(name), strings.Replace(body, `"ports":[{"port":80}],"resources"`, `"volumeMounts":[{"name":"v","mountPath":"/v"},{"name":"e","mountPath":"/e"}],"livenessProbe":{"httpGet":{"port":80},"periodSeconds":1},"ports":[{"port":80}],"resources"`, 1))
				p.eventually(name, "up", succeeded)
				if out := p.run(name, "/program print 3"); !strings.Contains(out, "line 3") {
					t.Errorf("%s: exec printed %q", name, out)
				}
				if i%2 == 0 {
					p.do("POST", "management", p.containerGroupPath(name)+"/restart", "")
				}
				p.do("DELETE", "management", p.containerGroupPath(name), "")
			})
		}
		work.Wait()
	}
	round(0) // what is made once
	p.http.CloseIdleConnections()
	time.Sleep(time.Second) // what ends late
	before := p.holds()
	const rounds = 2
	for n := range rounds {
		round(n + 1)
	}
	limit := maps.Clone(before)
	limit["goroutines"] += 4*rounds - 1 // pools breathe; a leak is one for each group
	limit["descriptors"] += 4*rounds - 1
	p.http.CloseIdleConnections()
	after := p.holds()
	over := func() bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(after)), func(what string) bool { return after[what] > limit[what] })
	}
	for deadline := time.Now().Add(15 * time.Second); over() && time.Now().Before(deadline); after = p.holds() {
		time.Sleep(100 * time.Millisecond)
	}
	for what, n := range after {
		if n > limit[what] {
			t.Errorf("after %d groups there are %d %s, %d before", 4*rounds, n, what, before[what])
		}
	}
}
