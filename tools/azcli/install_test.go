package azcli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrapperStartsTheLibraryBesideIt(t *testing.T) {
	if _, err := os.Stat(python); err != nil {
		t.Skip("Debian's python is not here")
	}
	work := filepath.Join(t.TempDir(), "a dir.partial")
	if err := writeWrapper(work, "root/site"); err != nil {
		t.Fatal(err)
	}
	cli := filepath.Join(work, "root/site/azure/cli")
	if err := os.MkdirAll(cli, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"../__init__.py": "", "__init__.py": "", "__main__.py": "import sys; print(*sys.argv[1:], sep='|'); sys.exit(7)\n"} {
		if err := os.WriteFile(filepath.Join(cli, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	final := filepath.Join(filepath.Dir(work), "another dir")
	if err := os.Rename(work, final); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(work), "az")
	if err := os.Symlink(filepath.Join(final, "bin/az"), link); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(link, "group", "list", "--query", "[?name=='a b']").Output()
	if code := exitCode(err); code != 7 || strings.TrimSpace(string(out)) != "group|list|--query|[?name=='a b']" {
		t.Errorf("exit code %d, printed %q", code, out)
	}
}

func TestFinishedInstallationIsUsedAsItIs(t *testing.T) {
	dir := t.TempDir()
	if err := writeWrapper(dir, "root/site"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "version"), []byte(version+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	az, err := Install(t.Context(), dir, &log)
	if err != nil || az != filepath.Join(dir, "bin/az") || log.Len() > 0 {
		t.Errorf("Install returned %q, %v and said %q", az, err, &log)
	}
	for _, text := range []string{"2.45.0\n", ""} {
		if err := os.WriteFile(filepath.Join(dir, "version"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if (&installer{dir: dir}).complete() {
			t.Errorf("a directory with version %q counts as complete", text)
		}
	}
}

// exitCode returns the exit code in err, 0 for none.
func exitCode(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return 0
}
