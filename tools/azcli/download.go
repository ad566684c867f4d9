package azcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// keyring holds Debian's archive keys, those of Debian 13 included.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// download fetches the unpacked packages of Debian 13 into the work directory and returns their paths.
func (in *installer) download(ctx context.Context) ([]string, error) {
	config, err := in.aptConfig(ctx)
	if err != nil {
		return nil, err
	}
	in.say("reading Debian 13's package list")
	if err := in.command(ctx, "apt-get", "-c", config, "update"); err != nil {
		return nil, err
	}
	in.say("downloading %d packages (18 MB)", len(unpacked))
	debs := filepath.Join(in.work(), "apt", "debs")
	if err := os.MkdirAll(debs, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-c", config, "download"}, unpacked...)...)
	cmd.Dir = debs // apt-get download writes to the current directory and keeps files whose hash is right
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("apt-get download failed: %w\n%s", err, tail(string(out), 4000))
	}
	var paths []string
	for _, name := range unpacked {
		found, err := filepath.Glob(filepath.Join(debs, name+"_*.deb"))
		if err != nil || len(found) != 1 {
			return nil, fmt.Errorf("expected one file of package %s in %s, found %d; remove that directory and try again", name, debs, len(found))
		}
		paths = append(paths, found[0])
	}
	return paths, nil
}

// aptConfig writes an apt configuration that knows Debian 13 only and keeps every file below the work directory. It
// returns its path. Read after the system's (option -c), it keeps the machine's proxy and mirror settings.
func (in *installer) aptConfig(ctx context.Context) (string, error) {
	mirror, err := debianMirror(ctx)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(in.work(), "apt")
	for _, sub := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return "", err
		}
	}
	source := fmt.Sprintf("deb [signed-by=%s] %s trixie main\n", keyring, mirror)
	config := strings.NewReplacer("DIR", dir).Replace(`Dir::Etc::sourcelist "DIR/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "DIR";
Dir::State::lists "DIR/lists";
Dir::State::status "DIR/status";
Dir::Cache "DIR/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`)
	for name, text := range map[string]string{"sources.list": source, "status": "", "apt.conf": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "apt.conf"), nil
}

// debianMirror returns the address of the Debian archive the machine is configured with.
func debianMirror(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "apt-get", "indextargets", "--no-release-info",
		"--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)").Output()
	if err != nil {
		return "", fmt.Errorf("cannot list the package sources: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 3 && f[1] == "bookworm" && f[2] == "main" {
			return f[0], nil
		}
	}
	return "", errors.New("apt has no source for bookworm main; add Debian's mirror to /etc/apt/sources.list.d and run apt-get update")
}
