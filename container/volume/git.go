package volume

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Repository is what to clone. URL is http or https and may have a user name and
// password or token. Revision is a branch, tag or commit; empty means the default
// branch. Directory is where in the volume: "." is the volume itself, empty the
// repository's name.
type Repository struct {
	URL, Revision, Directory string
}

var (
	revisionRule  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}$`)
	directoryRule = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)
)

// Check says what is wrong with a repository, in words that follow "the volume
// 'x' ".
func (r Repository) Check() error {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("has a repository that is not an http or https URL, such as 'https://host/name.git'")
	case r.Revision != "" && !revisionRule.MatchString(r.Revision):
		return fmt.Errorf("has the revision '%s'; give a commit, branch or tag", r.Revision)
	case r.Directory != "" && (!directoryRule.MatchString(r.Directory) || strings.HasPrefix(r.Directory, "..") || strings.Contains(r.Directory, "/..")):
		return fmt.Errorf("has the directory '%s'; it must be a relative path without '..'", r.Directory)
	}
	if _, err := r.directory(); err != nil {
		return err
	}
	return nil
}

// Shown is the URL without its password.
func (r Repository) Shown() string {
	u, err := url.Parse(r.URL)
	if err != nil {
		return ""
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.User(u.User.Username())
		}
	}
	return u.String()
}

// directory is the path in the volume.
func (r Repository) directory() (string, error) {
	if r.Directory != "" {
		return path.Clean(r.Directory), nil
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(path.Base(path.Clean(u.Path)), ".git")
	if !directoryRule.MatchString(name) || strings.HasPrefix(name, ".") {
		return "", errors.New("needs a 'directory', because its repository's URL does not end in a name")
	}
	return name, nil
}

// cloneTime bounds a clone.
const cloneTime = 5 * time.Minute

// Bounds are what a clone may do. All fields are required.
type Bounds struct {
	// Allowed says which addresses repositories may have, such as [Outside].
	Allowed func(netip.Addr) bool
	// Bytes is how much a clone may hold on disk, its history included.
	Bytes int64
}

// Outside allows the addresses that repositories may have when nothing else is
// said: all but this machine's own and its links'.
func Outside(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsLoopback() && !a.IsUnspecified() && !a.IsLinkLocalUnicast() && !a.IsMulticast()
}

// Clone fills the volume dir with the repository, whole or not at all; it does
// nothing when it was done before. The program git does it, without any
// configuration, hook, credential store or submodule, over http and https alone,
// without following redirects, and only within the bounds. Its errors are for the
// user of the volume, without credentials.
func (r Repository) Clone(ctx context.Context, dir string, b Bounds) error {
	if err := r.Check(); err != nil {
		return err
	}
	if _, err := os.Lstat(dir); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return errors.New("this machine has no program 'git', which gitRepo volumes need: install it")
	}
	ctx, cancel := context.WithTimeout(ctx, cloneTime)
	defer cancel()
	pinned, err := r.pin(ctx, b.Allowed)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".clone-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // of a failure; else it has moved
	inside, err := r.directory()
	if err != nil {
		return err
	}
	tree := filepath.Join(work, inside)
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return err
	}
	if err := r.fill(ctx, git, pinned, tree, b.Bytes); err != nil {
		return err
	}
	if err := os.Chmod(work, 0o777); err != nil { // as an empty directory's, containers run as any user
		return err
	}
	return os.Rename(work, dir)
}

// fill clones and checks out into tree, which may grow to so many bytes.
func (r Repository) fill(ctx context.Context, git, pinned, tree string, bytes int64) error {
	ctx, stop := watch(ctx, tree, bytes)
	u, _ := url.Parse(r.URL) // was checked
	c := command{git: git, config: [][2]string{{"http.curloptResolve", pinned}}}
	if u.User != nil {
		password, _ := u.User.Password()
		basic := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
		c.config = append(c.config, [2]string{"http.extraHeader", "Authorization: Basic " + basic})
		u.User = nil
	}
	what := "cannot clone '" + r.Shown() + "'"
	err := c.run(ctx, "clone", "--quiet", "--no-checkout", "--template=", "--", u.String(), tree)
	if err == nil {
		revision := cmp.Or(r.Revision, "HEAD")
		what = "cannot check out '" + revision + "' of '" + r.Shown() + "'"
		err = c.checkout(ctx, tree, revision)
	}
	if big := stop(); big != nil {
		err = big
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// pin resolves the repository's host once, so that git meets the address that
// was checked.
func (r Repository) pin(ctx context.Context, allowed func(netip.Addr) bool) (string, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return "", err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return "", fmt.Errorf("the host '%s' of the repository cannot be found: check its name", u.Hostname())
	}
	for _, a := range list {
		if !allowed(a) {
			return "", fmt.Errorf("the host '%s' of the repository is an address of this machine, which volumes may not use", u.Hostname())
		}
	}
	a := list[0].Unmap()
	if a.Is6() {
		return u.Hostname() + ":" + port + ":[" + a.String() + "]", nil
	}
	return u.Hostname() + ":" + port + ":" + a.String(), nil
}

// command is how git is run. Its configuration goes by the environment, where
// other users of the machine do not see it.
type command struct {
	git    string
	config [][2]string
}

// bare is the configuration of every run.
var bare = [][2]string{
	{"core.hooksPath", "/dev/null"}, {"core.fsmonitor", "false"}, {"core.askPass", ""}, {"credential.helper", ""}, {"submodule.recurse", "false"},
	{"protocol.allow", "never"}, {"protocol.http.allow", "always"}, {"protocol.https.allow", "always"}, {"http.followRedirects", "false"},
	{"http.lowSpeedLimit", "1000"}, {"http.lowSpeedTime", "30"}, {"transfer.fsckObjects", "true"}, {"safe.directory", "*"}, {"advice.detachedHead", "false"},
}

func (c command) run(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, c.git, args...)
	cmd.Env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=/bin/false", "GIT_ATTR_NOSYSTEM=1", "GIT_LFS_SKIP_SMUDGE=1",
	}
	for i, kv := range append(bare[:len(bare):len(bare)], c.config...) {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, kv[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, kv[1]))
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(bare)+len(c.config)))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // its helpers, too
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it took longer than %s", cloneTime)
	}
	text := strings.ToValidUTF8(strings.TrimSpace(out.String()), "\uFFFD")
	if len(text) > 500 {
		text = text[:500]
	}
	return fmt.Errorf("git says: %s", text)
}

// checkout takes a branch as the remote has it, else a tag or commit.
func (c command) checkout(ctx context.Context, tree, revision string) error {
	err := c.run(ctx, "-C", tree, "checkout", "--quiet", "--detach", "refs/remotes/origin/"+revision, "--")
	if err == nil {
		return nil
	}
	return c.run(ctx, "-C", tree, "checkout", "--quiet", "--detach", revision, "--")
}
