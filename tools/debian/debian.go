package debian

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// ErrNotDebian is returned on machines without Debian's package tools; the text around it says what the machine is.
var ErrNotDebian = errors.New("this machine is not Debian")

// Release returns the code name of the machine's Debian, such as "bookworm". Other systems, also those derived from
// Debian, are ErrNotDebian.
func Release() (string, error) {
	f, err := os.Open("/etc/os-release")
	if err != nil {
		return "", fmt.Errorf("%w: /etc/os-release cannot be read", ErrNotDebian)
	}
	defer f.Close()
	values := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok {
			values[name] = strings.Trim(value, `"'`)
		}
	}
	if values["ID"] != "debian" {
		return "", fmt.Errorf("%w: it is %s", ErrNotDebian, values["PRETTY_NAME"])
	}
	for _, name := range []string{"apt-get", "dpkg-deb", "dpkg-query"} {
		if _, err := exec.LookPath(name); err != nil {
			return "", fmt.Errorf("%w: %s is missing", ErrNotDebian, name)
		}
	}
	return values["VERSION_CODENAME"], nil
}

// Install installs those of the named packages that are missing and says so on log. It needs root only when some are; then
// the error names the command for root to run.
func Install(ctx context.Context, log io.Writer, names ...string) error {
	if _, err := Release(); err != nil {
		return fmt.Errorf("cannot install %s: %w", strings.Join(names, " "), err)
	}
	missing := Missing(ctx, names...)
	if len(missing) == 0 {
		return nil
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("%d packages are missing and only root installs packages; run as root: apt-get install --no-install-recommends %s",
			len(missing), strings.Join(missing, " "))
	}
	fmt.Fprintf(log, "apt: installing %s\n", summary(missing))
	if err := apt(ctx, "update"); err != nil {
		return err
	}
	return apt(ctx, append([]string{"install", "-y", "--no-install-recommends"}, missing...)...)
}

// Missing returns those of names that dpkg does not report as installed.
func Missing(ctx context.Context, names ...string) []string {
	// dpkg-query fails when it knows nothing of one name; what it printed about the others still counts.
	query := append([]string{"-W", "-f", "${Package} ${db:Status-Status}\n"}, names...)
	out, _ := exec.CommandContext(ctx, "dpkg-query", query...).Output()
	installed := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if name, status, _ := strings.Cut(strings.TrimSpace(line), " "); status == "installed" {
			installed[name] = true
		}
	}
	var missing []string
	for _, name := range names {
		if !installed[name] {
			missing = append(missing, name)
		}
	}
	return missing
}

// apt runs apt-get quietly and unattended, waiting for another one to finish; its output is in the error when it fails.
func apt(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=600"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s failed: %w\n%s", args[0], err, out)
	}
	return nil
}

// summary lists a few names, or their number.
func summary(names []string) string {
	if len(names) > 5 {
		return fmt.Sprintf("%d packages", len(names))
	}
	return strings.Join(names, " ")
}
