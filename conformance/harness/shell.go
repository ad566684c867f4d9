package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Result is how a command ended.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// shell is bash with the script inside `lazuli shell`.
func (c *Cloud) shell(ctx context.Context, script string) *exec.Cmd {
	args := []string{"shell", "--data", c.Dir}
	if c.Az != "" {
		args = append(args, "--az", c.Az)
	}
	return exec.CommandContext(ctx, c.Bin, append(args, "--", "bash", "-c", script)...)
}

// session is the configuration directory of az for one test: a copy of the one that is signed in, because two processes of
// az that write one directory at a time disturb each other.
func (c *Cloud) session(t testing.TB) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if dir, ok := c.sessions[t.Name()]; ok || c.Az == "" {
		return dir
	}
	dir := filepath.Join(c.temp, "azure", strings.ReplaceAll(t.Name(), "/", "-"))
	if err := os.CopyFS(dir, os.DirFS(c.azure)); err != nil {
		t.Fatal(err)
	}
	c.sessions[t.Name()] = dir
	return dir
}

// Forget drops the test's session of az: its next command is signed in as the first user again.
func (c *Cloud) Forget(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if dir := c.sessions[t.Name()]; dir != "" {
		delete(c.sessions, t.Name())
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
}

// Command prepares bash with the script inside `lazuli shell`, for tests that talk to it while it runs. Each test is signed in
// by itself: what one does to az's configuration, others do not see.
func (c *Cloud) Command(ctx context.Context, t testing.TB, script string) *exec.Cmd {
	t.Helper()
	if dir := c.session(t); dir != "" {
		script = "export AZURE_CONFIG_DIR=" + dir + "\n" + script
	}
	return c.shell(ctx, script)
}

// Run runs the script and returns how it ended, whatever that is.
func (c *Cloud) Run(t testing.TB, script string) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	cmd := c.Command(ctx, t, script)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("cannot run lazuli shell: %v", err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s\nran for %s\n%s%s", script, commandLimit, &stdout, &stderr)
	}
	return Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// Sh runs the script, which must succeed, and returns its output without the last newline.
func (c *Cloud) Sh(t testing.TB, script string) string {
	t.Helper()
	r := c.Run(t, script)
	if r.Code != 0 {
		t.Fatalf("%s\nexit code %d\n%s%s", script, r.Code, r.Stdout, r.Stderr)
	}
	return strings.TrimRight(r.Stdout, "\n")
}

// JSON runs the script, which must succeed, and decodes its output.
func (c *Cloud) JSON(t testing.TB, script string, into any) {
	t.Helper()
	out := c.Sh(t, script)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("%s\nprinted no such JSON: %v\n%s", script, err, out)
	}
}

// Fails runs the script, which must fail and say each of the wanted texts.
func (c *Cloud) Fails(t testing.TB, script string, want ...string) {
	t.Helper()
	r := c.Run(t, script)
	if r.Code == 0 {
		t.Errorf("%s\nsucceeded, it should be refused\n%s", script, r.Stdout)
		return
	}
	for _, w := range want {
		if !strings.Contains(r.Stderr+r.Stdout, w) {
			t.Errorf("%s\nfailed without saying %q\n%s%s", script, w, r.Stdout, r.Stderr)
		}
	}
}

// Client returns an HTTP client that reaches the cloud as the shell's programs do: by its proxy, trusting its bundle.
func (c *Cloud) Client(t testing.TB) *http.Client {
	t.Helper()
	settings := strings.Fields(c.Sh(t, `echo $HTTPS_PROXY $SSL_CERT_FILE`))
	if len(settings) != 2 {
		t.Fatalf("lazuli shell sets no HTTPS_PROXY or no SSL_CERT_FILE: %q", settings)
	}
	proxy, err := url.Parse(settings[0])
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := os.ReadFile(settings[1])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		t.Fatalf("%s holds no certificate", settings[1])
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: time.Minute, Transport: transport}
}

// Sample returns a directory with the article's sample application, built static.
func (c *Cloud) Sample(t testing.TB) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	dir := filepath.Join(c.temp, "sample")
	if _, err := os.Stat(filepath.Join(dir, "aci-helloworld")); err == nil {
		return dir
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", dir+"/", "github.com/lazuli-cloud/lazuli/examples/aci-helloworld")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build the sample: %v\n%s", err, out)
	}
	return dir
}
