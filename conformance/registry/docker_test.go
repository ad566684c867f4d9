package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Debian's docker, by full path: another program of its name may be on PATH.
const (
	dockerd = "/usr/sbin/dockerd"
	docker  = "/usr/bin/docker"
)

// engine is a docker daemon in network and mount namespaces of its own.
type engine struct {
	t    *testing.T
	cmd  *exec.Cmd
	sock string
	env  []string
	log  bytes.Buffer
	done chan struct{} // closed when the daemon ended
}

// startDocker starts a daemon that knows of the cloud what the variables of `lazuli env` say: proxy and certificates. The
// proxy's loopback address leads out of the namespace to the proxy.
func startDocker(t *testing.T) *engine {
	t.Helper()
	for _, program := range []string{dockerd, docker} {
		if _, err := os.Stat(program); err != nil {
			t.Skipf("there is no %s: apt-get install docker.io", program)
		}
	}
	settings := strings.Fields(cloud.Sh(t, `echo $HTTPS_PROXY $SSL_CERT_FILE`))
	if len(settings) != 2 {
		t.Fatalf("lazuli shell sets no HTTPS_PROXY or no SSL_CERT_FILE: %q", settings)
	}
	proxy, err := url.Parse(settings[0])
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "lazuli-docker-") // t.TempDir's names are too long for the daemon's sockets
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{t: t, sock: "unix://" + dir + "/sock", done: make(chan struct{}), env: append(os.Environ(), "HTTPS_PROXY="+settings[0], "HTTP_PROXY="+settings[0],
		"SSL_CERT_FILE="+settings[1], "NO_PROXY=127.0.0.1", "DOCKER_CONFIG="+dir+"/client")}
	parent := "/" + filepath.Base(dir)
	e.cmd = exec.Command("/bin/bash", "-c", fmt.Sprintf(`set -e
mount --make-rprivate /
ip link set lo up
exec %[1]s --host %[2]s --data-root %[3]s/data --exec-root %[3]s/exec --pidfile %[3]s/pid --storage-driver vfs --cgroup-parent %[4]s`, dockerd, e.sock, dir, parent))
	e.cmd.Env = e.env
	e.cmd.Stdout, e.cmd.Stderr = &e.log, &e.log
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = e.cmd.Wait() // the tests say what did not work
		close(e.done)
	}()
	t.Cleanup(func() {
		e.stop()
		cgroups, _ := filepath.Glob("/sys/fs/cgroup/*" + parent)
		for _, group := range append(cgroups, "/sys/fs/cgroup"+parent) {
			_ = os.Remove(group)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	e.lead(proxy.Host)
	for range 600 {
		if e.run("info", "--format", "{{.ServerVersion}}") == nil {
			return e
		}
		select {
		case <-e.done:
			t.Fatalf("the docker daemon ended:\n%s", &e.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatal("the docker daemon does not answer")
	return nil
}

func (e *engine) stop() {
	_ = e.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-e.done:
	case <-time.After(20 * time.Second):
		_ = e.cmd.Process.Kill()
		<-e.done
	}
	if e.t.Failed() {
		e.t.Logf("the docker daemon said:\n%s", &e.log)
	}
}

// lead listens at the address inside of the daemon's namespace and leads to the same outside.
func (e *engine) lead(addr string) {
	e.t.Helper()
	type result struct {
		net.Listener
		error
	}
	opened := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", e.cmd.Process.Pid))
		if err == nil {
			defer ns.Close()
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		}
		var l net.Listener
		for range 200 {
			if err != nil {
				break
			}
			if l, err = net.Listen("tcp", addr); err == nil || !errors.Is(err, unix.EADDRNOTAVAIL) {
				break
			}
			err = nil
			time.Sleep(10 * time.Millisecond) // until lo is up
		}
		opened <- result{l, err}
	}()
	got := <-opened
	if got.error != nil || got.Listener == nil {
		e.t.Fatalf("cannot listen in the daemon's namespace: %v", got.error)
	}
	e.t.Cleanup(func() { got.Close() })
	go func() {
		for {
			in, err := got.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				defer out.Close()
				go func() { _, _ = io.Copy(out, in); _ = out.(*net.TCPConn).CloseWrite() }()
				_, _ = io.Copy(in, out)
			}()
		}
	}()
}

// run runs the docker command line; the error has what it said.
func (e *engine) run(args ...string) error {
	_, err := e.output("", args...)
	return err
}

func (e *engine) output(stdin string, args ...string) (string, error) {
	cmd := exec.Command(docker, append([]string{"--host", e.sock}, args...)...)
	cmd.Env, cmd.Stdin = e.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("docker %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// A docker daemon logs in, pulls, pushes and runs, as each kind of client and with the rights of each.
func TestDockerEngine(t *testing.T) {
	server, clients := needWorld(t)
	e := startDocker(t)
	image := server + "/sample:v1"
	says := func(err error) string { return fmt.Sprint(err) }
	for i, c := range clients {
		_, err := e.output(c.password, "login", "--username", c.user, "--password-stdin", server)
		expect(t, c.who+" logs in", err == nil, c.pull, says(err))
		if err != nil {
			continue
		}
		err = e.run("pull", "--quiet", image)
		expect(t, c.who+" pulls", err == nil, c.pull, says(err))
		copied := fmt.Sprintf("%s/docker/by:%d", server, i)
		if err := e.run("tag", image, copied); err != nil {
			t.Fatal(err)
		}
		err = e.run("push", copied)
		expect(t, c.who+" pushes", err == nil, c.push, says(err))
		if err := errors.Join(e.run("logout", server), e.run("image", "rm", image, copied)); err != nil {
			t.Error(err)
		}
	}
	if err := e.run("pull", image); err == nil || !refusal.MatchString(err.Error()) {
		t.Errorf("pull after logout: %v", err)
	}
	admin := clients[0]
	if _, err := e.output(admin.password, "login", "--username", admin.user, "--password-stdin", server); err != nil {
		t.Fatal(err)
	}
	// What docker pushed is what runs here and there, also by its digest.
	pushed := fmt.Sprintf("%s/docker/by:0", server)
	digest := cloud.Sh(t, fmt.Sprintf("skopeo inspect --creds '%s:%s' --format '{{.Digest}}' docker://%s", admin.user, admin.password, pushed))
	id, err := e.output("", "run", "--detach", server+"/docker/by@"+digest)
	if err != nil {
		t.Fatal(err)
	}
	id = id[strings.LastIndex(id, "\n")+1:] // the pull's progress comes before it
	ip, err := e.output("", "inspect", "--format", "{{.NetworkSettings.IPAddress}}", id)
	if err != nil {
		t.Fatal(err)
	}
	page, err := exec.Command("nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", e.cmd.Process.Pid), "curl", "--silent", "--show-error", "--fail", "--noproxy", "*",
		"--retry", "20", "--retry-delay", "1", "--retry-connrefused", "--max-time", "30", "http://"+ip+"/").CombinedOutput()
	if err != nil || !bytes.Contains(page, []byte("<html")) {
		t.Errorf("the page of the container: %v: %s", err, page)
	}
	if err := e.run("rm", "--force", id); err != nil {
		t.Error(err)
	}
}
