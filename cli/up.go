package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud/config"
)

// readyFD is the descriptor on which a detached cloud tells its parent that it
// is healthy; readyEnv says that it is there.
const (
	readyFD  = 3
	readyEnv = "LAZULI_READY_FD"
)

func (a *app) up() *cobra.Command {
	var flags config.Config
	var detach bool
	cmd := &cobra.Command{Use: "up", Short: "Run the cloud; prints the portal's URL when healthy", Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings(flags)
			if err != nil {
				return err
			}
			if c, err = c.Complete(mayBindLowPorts()); err != nil {
				return usageError{err}
			}
			if s, err := (client.Admin{Socket: c.AdminSocket()}).Status(cmd.Context()); err == nil {
				return withHint(fmt.Errorf("a cloud runs in %s already (pid %d)", c.Data, s.PID), "see 'lazuli status', or stop it with 'lazuli down'")
			}
			if detach {
				return a.detach(cmd.Context(), c)
			}
			return a.foreground(cmd.Context(), c)
		}}
	f := cmd.Flags()
	f.StringVar(&flags.Domain, "domain", "", "domain of every host name (default lazuli.localhost)")
	f.StringVar(&flags.Listen, "listen", "", "HTTPS address (default 127.0.0.1:443, or :8443 where that is not allowed)")
	f.StringVar(&flags.HTTP, "http", "", "plain HTTP address of container groups, or 'off' (default 127.0.0.1:80 or :8080)")
	f.StringVar(&flags.Proxy, "proxy", "", "proxy address, or 'off' (default 127.0.0.1:8480)")
	f.StringVar(&flags.DNS, "dns", "", "name server address, or 'off' (default 127.0.0.1:8453)")
	f.StringVar(&flags.Pool, "pool", "", "prefix of container groups' public addresses (default 127.77.0.0/16)")
	f.StringVar(&flags.PodSubnet, "pod-subnet", "", "prefix of the groups' own network (default 10.77.0.0/16)")
	f.StringVar(&flags.Bridge, "bridge", "", "name of the groups' bridge (default lazuli0)")
	f.StringVar(&flags.RuntimePath, "runtime", "", "a runc or crun to use instead of the built-in one")
	f.StringVar(&flags.LogLevel, "log-level", "", "debug, info, warn or error (default info)")
	f.StringSliceVar(&flags.Etcd, "etcd", nil, "endpoints of an etcd cluster (default: etcd runs inside)")
	f.BoolVar(&detach, "detach", false, "return when the cloud is healthy and leave it running")
	return cmd
}

// mayBindLowPorts reports whether this process may listen below 1024.
func mayBindLowPorts() bool {
	data, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	if err == nil {
		var start int
		if _, err := fmt.Sscan(string(data), &start); err == nil && start <= 80 {
			return true
		}
	}
	return os.Geteuid() == 0
}

// foreground runs the cloud in this process until a signal or 'lazuli down'.
func (a *app) foreground(ctx context.Context, c config.Config) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a log nobody reads any more is no reason to die
	parent := readyPipe()
	return a.hooks.Up(ctx, c, func(s client.Status) {
		if parent == nil {
			a.greet(s)
			return
		}
		// The parent prints; a parent that is gone needs nothing.
		_ = json.NewEncoder(parent).Encode(s)
		_ = parent.Close()
	})
}

// readyPipe is the pipe to the parent of a detached cloud, or nil.
func readyPipe() *os.File {
	if os.Getenv(readyEnv) == "" {
		return nil
	}
	_ = os.Unsetenv(readyEnv)
	f := os.NewFile(readyFD, "ready")
	syscall.CloseOnExec(readyFD)
	return f
}

// greet prints where the cloud is, and once the first user's password.
func (a *app) greet(s client.Status) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(a.out, format, args...) }
	p("Lazuli is healthy after %.2f s.\n", s.StartupSeconds)
	p("  portal          %s\n", s.Endpoints["portal"])
	p("  control plane   %s\n", s.Endpoints["resourceManager"])
	p("  data            %s\n", s.Data)
	if s.Password != "" {
		p("\nThe first user, shown this once:\n  user            %s\n  password        %s\n", s.User, s.Password)
	}
	p("\nNext: 'lazuli shell' opens a shell in which az, curl, docker and terraform reach it.\n")
}

// detach starts the cloud as a process of its own and waits until it is
// healthy or has ended.
func (a *app) detach(ctx context.Context, c config.Config) error {
	logPath := filepath.Join(c.Data, "log", "lazuli.log")
	if err := os.MkdirAll(filepath.Dir(logPath), 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, upArgs(c)...)
	child.Stdout, child.Stderr, child.ExtraFiles = log, log, []*os.File{w}
	child.Env = append(os.Environ(), readyEnv+"=3")
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	child.Dir = "/"
	begin, _ := log.Seek(0, io.SeekEnd)
	if err := child.Start(); err != nil {
		return err
	}
	_ = w.Close()
	return a.await(ctx, child, r, logPath, begin)
}

// upArgs are the arguments that give a child exactly configuration c.
func upArgs(c config.Config) []string {
	args := []string{"up", "--data", c.Data, "--domain", c.Domain, "--listen", c.Listen, "--http", c.HTTP, "--proxy", c.Proxy, "--dns", c.DNS,
		"--pool", c.Pool, "--pod-subnet", c.PodSubnet, "--bridge", c.Bridge, "--log-level", c.LogLevel}
	if c.RuntimePath != "" {
		args = append(args, "--runtime", c.RuntimePath)
	}
	if len(c.Etcd) > 0 {
		args = append(args, "--etcd", strings.Join(c.Etcd, ","))
	}
	return args
}

// startLimit bounds how long a cloud may take to become healthy.
const startLimit = 60 * time.Second

// await reads the child's word that it is healthy, or tells why it ended.
func (a *app) await(ctx context.Context, child *exec.Cmd, ready io.Reader, logPath string, begin int64) error {
	said := make(chan error, 1)
	var s client.Status
	go func() { said <- json.NewDecoder(ready).Decode(&s) }()
	select {
	case err := <-said:
		if err == nil {
			a.greet(s)
			return child.Process.Release()
		}
		_ = child.Wait() // it ended without a word: the log has one
		return fmt.Errorf("the cloud did not start: %s", lastError(logPath, begin))
	case <-time.After(startLimit):
	case <-ctx.Done():
	}
	_ = child.Process.Signal(syscall.SIGTERM)
	_ = child.Wait()
	return withHint(errors.New("the cloud was not healthy in time and was stopped"), "read "+logPath)
}

// lastError is what the log says from begin on: its error line, or its end.
func lastError(path string, begin int64) string {
	data, err := os.ReadFile(path)
	if err != nil || begin > int64(len(data)) {
		return "see " + path
	}
	lines := strings.Split(strings.TrimSpace(string(data[begin:])), "\n")
	for i, line := range lines {
		if text, ok := strings.CutPrefix(line, "error: "); ok {
			return strings.Join(append([]string{text}, lines[i+1:]...), "\n")
		}
	}
	return lines[len(lines)-1] + " (see " + path + ")"
}
