package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
	"github.com/lazuli-cloud/lazuli/conformance/sandbox"
)

// A runner makes a container of an image answer on a URL. Its methods are called by one goroutine.
type runner interface {
	// load makes the image of the archive known under name; it is not timed.
	load(ctx context.Context, archive, name string) error
	// run creates and starts the container and returns when the program or call that does so has; it is timed.
	run(ctx context.Context, name string) error
	// page asks for the page once; nil is a 200.
	page(ctx context.Context) error
	// remove removes the container and returns when it is gone.
	remove(ctx context.Context) error
	// forget drops the image, so that many rounds need little room.
	forget(ctx context.Context, name string) error
}

// get asks for url once; anything but 200 is an error.
func get(ctx context.Context, hc *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, res.Status)
	}
	return nil
}

// fresh is a client that opens a connection for every request, as a first visitor does.
func fresh() *http.Client {
	return &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
}

// cliPeer is docker or podman by its command line.
type cliPeer struct {
	program string
	global  []string // before the verb
	options []string // of run
	remover []string // the verb that removes a container, with its options
	port    string
	hc      *http.Client
}

const peerContainer = "lazuli-bench-sample"

func (p *cliPeer) do(ctx context.Context, args ...string) error {
	return measure.Command(ctx, p.program, slices.Concat(p.global, args)...)
}

func (p *cliPeer) load(ctx context.Context, archive, _ string) error {
	return p.do(ctx, "load", "-q", "-i", archive)
}

func (p *cliPeer) run(ctx context.Context, name string) error {
	args := append([]string{"run", "-d", "--name", peerContainer, "-p", "127.0.0.1:" + p.port + ":80"}, p.options...)
	return p.do(ctx, append(args, name)...)
}

func (p *cliPeer) page(ctx context.Context) error {
	return get(ctx, p.hc, "http://127.0.0.1:"+p.port+"/")
}

func (p *cliPeer) remove(ctx context.Context) error {
	return p.do(ctx, append(p.remover, peerContainer)...)
}

func (p *cliPeer) forget(ctx context.Context, name string) error { return p.do(ctx, "rmi", "-f", name) }

// startDocker starts a dockerd of our own, with its data below dir and, as usual, the rest below /run, and waits until it answers.
func startDocker(ctx context.Context, dir string) (*cliPeer, error) {
	const daemon = "/usr/sbin/dockerd"
	if _, err := os.Stat(daemon); err != nil {
		return nil, fmt.Errorf("docker is not installed: %w", err)
	}
	root := filepath.Join(dir, "docker")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(root, "dockerd.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	socket := filepath.Join(root, "docker.sock")
	cmd := exec.Command(daemon, "-H", "unix://"+socket, "--data-root", filepath.Join(root, "data"), "--exec-root", "/run/docker",
		"--pidfile", filepath.Join(root, "pid"), "--cgroup-parent", sandbox.CgroupParent(dir), "--storage-driver", "overlay2")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &cliPeer{program: "/usr/bin/docker", global: []string{"-H", "unix://" + socket, "--config", filepath.Join(root, "config")},
		remover: []string{"rm", "-f"}, port: "18081", hc: fresh()}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := p.do(ctx, "version")
		if err == nil {
			return p, nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			_ = cmd.Process.Signal(syscall.SIGTERM) // the sandbox ends it anyway
			text, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("dockerd does not answer: %w\n%s", err, text[max(0, len(text)-2000):])
		}
	}
}

// newPodman is podman with its data below dir and the rest below /run. Its defaults raise limits beyond what some machines allow even root, so it
// is given those the machine has.
func newPodman(dir string) (*cliPeer, error) {
	const program = "/usr/bin/podman"
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("podman is not installed: %w", err)
	}
	root := filepath.Join(dir, "podman")
	options := []string{"--cgroup-parent", sandbox.CgroupParent(dir), "--ulimit", "nproc=1024:2048"}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return nil, err
	}
	options = append(options, "--ulimit", fmt.Sprintf("nofile=%d:%d", min(1024, files.Max), min(20000, files.Max)))
	return &cliPeer{program: program, port: "18082", hc: fresh(), options: options,
		global: []string{"--root", filepath.Join(root, "root"), "--runroot", "/run/podman", "--tmpdir", "/run/podman-tmp",
			"--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--storage-driver", "overlay"},
		remover: []string{"rm", "-f", "-t", "0"}}, nil
}

// dockerAPI is the same docker without its command line: two calls on a connection that is open.
type dockerAPI struct {
	*cliPeer
	api *http.Client
}

func newDockerAPI(p *cliPeer, dir string) *dockerAPI {
	socket := filepath.Join(dir, "docker", "docker.sock")
	own := *p
	return &dockerAPI{&own, &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}}
}

func (p *dockerAPI) run(ctx context.Context, name string) error {
	body := fmt.Sprintf(`{"Image":%q,"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":%q}]}}}`, name, p.port)
	for _, call := range []struct{ path, body string }{{"create?name=" + peerContainer, body}, {peerContainer + "/start", ""}} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://docker/containers/"+call.path, strings.NewReader(call.body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := p.api.Do(req)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return err
		}
		if res.StatusCode >= 300 {
			return fmt.Errorf("docker API %s: %s: %s", call.path, res.Status, text)
		}
	}
	return nil
}
