package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// The transports, as -only and the tables call them.
const (
	plain  = "http"
	secure = "https"
)

// server is a registry that runs.
type server struct {
	name  string
	addr  string // where it listens
	host  string // what it is called by its clients
	tls   bool
	auth  string // the Authorization header for all repositories used here; may be empty
	blobs string // folder with a folder for each blob, "" for ours: it lives on
	cmd   *exec.Cmd
	pid   int
	stop  func(context.Context) error
}

// scheme is that of its URLs.
func (s *server) scheme() string {
	if s.tls {
		return secure
	}
	return plain
}

// forget makes room: a layer is not needed any more. Of ours, all go with the directory.
func (s *server) forget(l layer) error {
	if s.blobs == "" {
		return nil
	}
	hex := strings.TrimPrefix(l.digest, "sha256:")
	return os.RemoveAll(filepath.Join(s.blobs, hex[:2], hex))
}

// cpu is the processor time the server has had, in seconds.
func (s *server) cpu() (float64, error) {
	t, err := measure.ProcessorTime(s.pid)
	return t.Seconds(), err
}

// peerConfig is what Debian's package configures, but for the addresses and the log.
const peerConfig = `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  cache: {blobdescriptor: inmemory}
  filesystem: {rootdirectory: %s}
  delete: {enabled: true}
http:
  addr: %s
  secret: bench
%s`

// startPeer starts a registry of the distribution project and waits until it answers.
func startPeer(ctx context.Context, s settings, name, program, addr, transport string) (*server, error) {
	if _, err := os.Stat(program); err != nil {
		return nil, err
	}
	root := filepath.Join(s.data(), filepath.Base(program)+"-"+transport)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	var keys string
	if transport == secure {
		cert, key, err := certificate(root)
		if err != nil {
			return nil, err
		}
		keys = fmt.Sprintf("  tls: {certificate: %s, key: %s}\n", cert, key)
	}
	file := filepath.Join(root, "config.yml")
	if err := os.WriteFile(file, fmt.Appendf(nil, peerConfig, root, addr, keys), 0o600); err != nil {
		return nil, err
	}
	p := &server{name: name, addr: addr, host: addr, tls: transport == secure, blobs: filepath.Join(root, "docker/registry/v2/blobs/sha256")}
	p.cmd = exec.Command(program, "serve", file)
	p.cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.pid, p.stop = p.cmd.Process.Pid, p.end
	return p, p.await(ctx)
}

// end ends the process and waits for it; the sandbox may have buried it before us.
func (s *server) end(context.Context) error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	return nil
}

// await waits until the server answers.
func (s *server) await(ctx context.Context) error {
	for deadline := time.Now().Add(startLimit); ; {
		c, err := s.dial(ctx)
		if err == nil {
			defer c.Close()
			_, err = c.simple("GET", "/v2/", 200, nil)
			return err
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("%s does not answer: %w", s.name, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
