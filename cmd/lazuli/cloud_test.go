package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/client"
)

// process is `lazuli up` in a process of its own, which tests may kill.
type process struct {
	t      *testing.T
	dir    string
	flags  []string
	cmd    *exec.Cmd
	log    *output
	ended  chan struct{}
	status client.Status
	http   *http.Client
	tokens sync.Map // by resource
}

// output collects what a process prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// newProcess prepares a cloud with addresses, bridge and subnets of its own; it
// is ended with its groups when the test ends, and must then have left nothing.
func newProcess(t *testing.T) *process {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("the container runtime needs root")
	}
	dir, err := os.MkdirTemp("", "lz")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, dir: dir, flags: []string{"--bridge", "lzcrash0", "--pod-subnet", "10.201.0.0/16", "--pool", "127.201.0.0/16", "--log-level", "warn"}}
	for _, flag := range []string{"--listen", "--http", "--proxy", "--dns"} {
		p.flags = append(p.flags, flag, freeAddress(t))
	}
	t.Cleanup(p.clean)
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// launch runs `lazuli up`.
func (p *process) launch() {
	p.t.Helper()
	p.cmd = exec.Command("lazuli", append([]string{"up", "--data", p.dir}, p.flags...)...)
	p.log, p.ended = &output{}, make(chan struct{})
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // its state tells
		close(ended)
	}(p.cmd, p.ended)
}

// start runs `lazuli up` until it is healthy.
func (p *process) start() {
	p.t.Helper()
	p.launch()
	for deadline := time.Now().Add(30 * time.Second); ; {
		var err error
		if p.status, err = p.admin().Status(p.t.Context()); err == nil && p.status.PID == p.cmd.Process.Pid {
			break
		}
		select {
		case <-p.ended:
			p.t.Fatalf("lazuli up ended: %v\n%s", p.cmd.ProcessState, p.log)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			_ = p.cmd.Process.Signal(syscall.SIGQUIT) // it prints where it hangs
			<-p.ended
			p.t.Fatalf("the cloud is not healthy: %v\n%s", err, p.log)
		}
	}
	var err error
	if p.http, err = client.NewHTTP(p.status); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) admin() client.Admin {
	return client.Admin{Socket: filepath.Join(p.dir, "run", "admin.sock")}
}

// kill is kill -9, and waits for the end.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
	p.http.CloseIdleConnections()
	p.noRaces()
}

func (p *process) noRaces() {
	p.t.Helper()
	if strings.Contains(p.log.String(), "DATA RACE") {
		p.t.Errorf("%s", p.log)
	}
}

// clean stops the cloud and its groups and looks for what is left of them.
func (p *process) clean() {
	if p.cmd == nil {
		return
	}
	out, err := exec.Command("lazuli", "down", "--stop-groups", "--data", p.dir).CombinedOutput()
	if err != nil {
		p.t.Errorf("down: %v: %s\n%s", err, out, p.log)
		_ = p.cmd.Process.Kill()
	}
	<-p.ended
	p.noRaces()
	if err == nil && p.cmd.ProcessState.ExitCode() != 0 {
		p.t.Errorf("lazuli up ended with %v\n%s", p.cmd.ProcessState, p.log)
	}
	if left := p.left(); left != "" {
		p.t.Errorf("left behind: %s", left)
	}
	if err := os.RemoveAll(p.dir); err != nil {
		p.t.Error(err)
	}
}

// left lists processes and mounts that belong to the data directory. The bridge
// may stay; links of groups may not.
func (p *process) left() string {
	var left []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		left = left[:0]
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range lines {
			data, _ := os.ReadFile(path)
			if text := strings.ReplaceAll(string(data), "\x00", " "); strings.Contains(text, p.dir) || strings.HasPrefix(text, "/program ") {
				left = append(left, text)
			}
		}
		mounts, _ := os.ReadFile("/proc/mounts")
		for line := range strings.Lines(string(mounts)) {
			if strings.Contains(line, p.dir) {
				left = append(left, line)
			}
		}
		links, _ := net.Interfaces()
		for _, link := range links {
			if link.Name != "lo" && link.Name != "lzcrash0" {
				left = append(left, "link "+link.Name)
			}
		}
		if len(left) == 0 {
			return ""
		}
	}
	return strings.Join(left, "\n")
}

// token is a token of the first user, kept for the life of the cloud.
func (p *process) token(ctx context.Context, resource string) (string, error) {
	if raw, ok := p.tokens.Load(resource); ok {
		return raw.(string), nil
	}
	raw, err := p.admin().Token(ctx, resource)
	if err == nil {
		p.tokens.Store(resource, raw)
	}
	return raw, err
}

// try sends a request to a host below the domain and gives the status and body.
func (p *process) try(ctx context.Context, method, host, path, body string) (int, string, error) {
	port := strings.TrimPrefix(p.status.Endpoints["graph"], "https://graph."+p.status.Domain)
	resource, version := "https://"+host+"."+p.status.Domain+port, "2024-11-01"
	url := resource + path
	if name, isVault := strings.CutSuffix(host, ".vault"); isVault {
		resource, version = strings.Replace(resource, name+".", "", 1), "7.4"
	}
	token, err := p.token(ctx, resource)
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequestWithContext(ctx, method, url+"?api-version="+version, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	res, err := p.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), err
}

// do is try that must succeed with a status below 300.
func (p *process) do(method, host, path, body string) string {
	p.t.Helper()
	status, answer, err := p.try(p.t.Context(), method, host, path, body)
	if err != nil || status >= 300 {
		p.t.Fatalf("%s %s%s: %d %v %s\n%s", method, host, path, status, err, answer, p.log)
	}
	return answer
}

// group is the path of a resource group.
func (p *process) group(name string) string {
	return "/subscriptions/" + p.status.SubscriptionID + "/resourceGroups/" + name
}

// suiteProgram builds the runtime suite's program, once.
var suiteProgram = sync.OnceValues(func() (string, error) {
	program := filepath.Join(programDir, "program")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "github.com/lazuli-cloud/lazuli/container/runtimetest/testdata/program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, out)
	}
	return program, nil
})

// programDir is on the tmpfs of the tests' own mount namespace.
const programDir = "/run/suite"

// pushed makes a registry with an image of the runtime suite's program, and
// gives the image's name and the credentials of a group that pulls it.
func (p *process) pushed() (image, credentials string) {
	p.t.Helper()
	program, err := suiteProgram()
	if err != nil {
		p.t.Fatal(err)
	}
	registry := p.group("rg") + "/providers/Microsoft.ContainerRegistry/registries/crashregistry"
	var made struct {
		Properties struct{ LoginServer string }
	}
	var admin struct {
		Username  string
		Passwords []struct{ Value string }
	}
	unmarshal(p.t, p.do("PUT", "management", registry, `{"location":"eastus","sku":{"name":"Basic"},"properties":{"adminUserEnabled":true}}`), &made)
	unmarshal(p.t, p.do("POST", "management", registry+"/listCredentials", ""), &admin)
	server := made.Properties.LoginServer
	image = server + "/program:v1"
	if out, err := exec.Command("lazuli", "push", program, image, "--data", p.dir).CombinedOutput(); err != nil {
		p.t.Fatalf("push: %v: %s\n%s", err, out, p.log)
	}
	return image, fmt.Sprintf(`[{"server":%q,"username":%q,"password":%q}]`, server, admin.Username, admin.Passwords[0].Value)
}

func unmarshal(t *testing.T, data string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(data), v); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
}
