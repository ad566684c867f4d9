package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/tools/azcli"
)

// Limits on waiting. They are generous: a failing test waits, a passing one does not.
const (
	startLimit   = 60 * time.Second
	stopLimit    = 60 * time.Second
	commandLimit = 5 * time.Minute
)

// Cloud is one running cloud. Its methods are safe for concurrent use, except those that start and stop it.
type Cloud struct {
	// Bin is the binary, Dir the data directory, Az the real Azure CLI ("" where it cannot be installed).
	Bin, Dir, Az string
	temp         string
	traces       traces
	config       map[string]any
	azure        string // the configuration directory of az, signed in as the first user
	up           *exec.Cmd
	ended        chan error // how `lazuli up` ended, for as often as it is asked
	output       *lines

	mu       sync.Mutex
	sessions map[string]string // copies of azure by the names of tests
}

// Main is TestMain for packages that share one cloud: it starts it, hands it to use, runs the tests, stops it and looks for
// what it left behind. It does not return.
func Main(m *testing.M, use func(*Cloud)) {
	c, err := New()
	if err == nil {
		if err = c.Start(); err == nil {
			use(c)
			code := m.Run()
			if err = c.Close(); err == nil {
				os.Exit(code)
			}
		}
		c.Close()
	}
	fmt.Fprintf(os.Stderr, "FAIL: %v\n", err)
	os.Exit(1)
}

// New prepares a cloud without starting it: the binary, the Azure CLI, an empty data directory. Close removes it.
func New() (*Cloud, error) {
	bin, err := binary()
	if err != nil {
		return nil, err
	}
	az, err := azcli.Install(context.Background(), "", os.Stderr)
	if err != nil && !errors.Is(err, azcli.ErrUnsupported) {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "lazuli-conformance-")
	if err != nil {
		return nil, err
	}
	number := 100 + (os.Getpid()+int(count.Add(1)))%100
	c := &Cloud{
		Bin: bin, Dir: filepath.Join(temp, "data"), Az: az, temp: temp, output: &lines{}, sessions: map[string]string{},
		traces: traces{dir: temp, bridge: fmt.Sprintf("lazuli%d", number), number: number},
	}
	c.config = map[string]any{
		"bridge": c.traces.bridge, "podSubnet": fmt.Sprintf("10.%d.0.0/16", number), "pool": fmt.Sprintf("127.%d.0.0/16", number),
	}
	return c, c.freeAddresses()
}

// count numbers the clouds of this process.
var count atomic.Int32

// binary returns the path LAZULI_BIN names, or builds bin/lazuli and returns that.
var binary = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("LAZULI_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "-m", "github.com/lazuli-cloud/lazuli").Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the source tree: %w", err)
	}
	root := strings.TrimSpace(string(out))
	cmd := exec.Command("go", "run", "./tools/build")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the binary: %w\n%s", err, out)
	}
	return filepath.Join(root, "bin", "lazuli"), nil
})

// freeAddresses keeps this cloud apart from others on the machine. HTTPS and HTTP stay at 443 and 80 where those are free,
// so that names need no port.
func (c *Cloud) freeAddresses() error {
	address := func(wanted string) (string, error) {
		l, err := net.Listen("tcp", wanted)
		if err != nil {
			l, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			return "", err
		}
		defer l.Close()
		return l.Addr().String(), nil
	}
	for key, wanted := range map[string]string{"listen": "127.0.0.1:443", "http": "127.0.0.1:80", "proxy": "127.0.0.1:8480", "dns": "127.0.0.1:8453"} {
		addr, err := address(wanted)
		if err != nil {
			return err
		}
		c.config[key] = addr
	}
	return c.Configure("logLevel", "info")
}

// Configured is the value of a key of the configuration file that is a string, "" for the default.
func (c *Cloud) Configured(key string) string {
	value, _ := c.config[key].(string)
	return value
}

// Configure sets one key of the configuration file for the next start, "" to its default. The value is written as JSON.
func (c *Cloud) Configure(key string, value any) error {
	c.config[key] = value
	if value == "" {
		delete(c.config, key)
	}
	text, err := json.MarshalIndent(c.config, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Dir, "config.json"), text, 0o600)
}

// Start runs `lazuli up` and returns when the cloud is healthy. It may be called again after Kill.
func (c *Cloud) Start() error {
	c.output = &lines{}
	c.up = exec.Command(c.Bin, "up", "--data", c.Dir)
	c.up.Stdout, c.up.Stderr = c.output, c.output
	if err := c.up.Start(); err != nil {
		return err
	}
	c.ended = make(chan error, 1)
	go func(up *exec.Cmd, ended chan error) { ended <- up.Wait() }(c.up, c.ended)
	for deadline := time.Now().Add(startLimit); ; {
		if _, err := c.Status(); err == nil {
			return c.signIn()
		} else if time.Now().After(deadline) {
			return fmt.Errorf("the cloud is not healthy after %s: %w\n%s", startLimit, err, c.output)
		}
		select {
		case err := <-c.ended:
			c.ended <- err
			c.up = nil
			return fmt.Errorf("lazuli up ended: %v\n%s", err, c.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// signIn opens `lazuli shell`, which signs az in, and lets az get its tokens: the sessions of the tests are copies of this one,
// and a refresh token that several programs redeem at a time is taken for a stolen one.
func (c *Cloud) signIn() error {
	script := "echo $AZURE_CONFIG_DIR"
	if c.Az != "" {
		script += `; d=${AZURE_AUTHORITY_HOST#https://login.}; d=${d%%/*}
for s in graph vault; do az account get-access-token --scope https://$s.$d/.default >/dev/null || exit 1; done`
	}
	out, err := c.shell(context.Background(), script).CombinedOutput()
	if err != nil {
		return fmt.Errorf("lazuli shell: %w: %s", err, out)
	}
	c.azure = strings.TrimSpace(string(out))
	return nil
}

// Status returns what `lazuli status --json` prints. An unhealthy cloud is an error.
func (c *Cloud) Status() (map[string]any, error) {
	out, err := exec.Command(c.Bin, "status", "--json", "--data", c.Dir).Output()
	if err != nil {
		return nil, fmt.Errorf("lazuli status: %w: %s", err, out)
	}
	var status map[string]any
	if err := json.Unmarshal(out, &status); err != nil {
		return nil, fmt.Errorf("lazuli status --json printed no JSON: %w: %s", err, out)
	}
	return status, nil
}

// PID is the process of `lazuli up`.
func (c *Cloud) PID() int { return c.up.Process.Pid }

// Log is what `lazuli up` has printed so far.
func (c *Cloud) Log() string { return c.output.String() }

// Kill ends `lazuli up` as a power cut would, and leaves the groups alone.
func (c *Cloud) Kill() error {
	if err := c.up.Process.Kill(); err != nil {
		return err
	}
	<-c.ended
	c.up = nil
	return nil
}

// Stop runs `lazuli down --stop-groups` and waits for the end of `lazuli up`.
func (c *Cloud) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, c.Bin, "down", "--stop-groups", "--data", c.Dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("lazuli down --stop-groups: %w\n%s\nlazuli up printed:\n%s", err, out, c.output)
	}
	select {
	case err := <-c.ended:
		c.up = nil
		if err != nil {
			return fmt.Errorf("lazuli up ended with %w\n%s", err, c.output)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("lazuli up still runs %s after lazuli down\n%s", stopLimit, c.output)
	}
}

// Traces lists what the machine has of this cloud now: its processes and those of its groups, mounts, namespaces, devices,
// addresses, packet rules, cgroups, folders outside the data directory. Each begins with the word for what it is.
func (c *Cloud) Traces() []string { return c.traces.all() }

// Close stops the cloud if it runs, looks for what it left behind and removes the data directory. With KEEP=1 in the
// environment the directory stays.
func (c *Cloud) Close() error {
	var failures []error
	if c.up != nil {
		if err := c.Stop(); err != nil {
			failures = append(failures, err)
		}
	}
	if c.up != nil {
		failures = append(failures, c.Kill())
	}
	if left := c.traces.left(); len(left) > 0 {
		failures = append(failures, fmt.Errorf("the cloud left behind:\n\t%s", strings.Join(left, "\n\t")))
	}
	if os.Getenv("KEEP") == "" {
		failures = append(failures, os.RemoveAll(c.temp))
	}
	return errors.Join(failures...)
}

// Temp returns a directory that lives as long as the cloud.
func (c *Cloud) Temp() string { return c.temp }

// lines collects output; it is safe for concurrent use.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
