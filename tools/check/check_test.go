package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGoTestsAreCountedAndFailuresShown(t *testing.T) {
	dir := module(t, map[string]string{
		"good/x_test.go":   "package good\nimport \"testing\"\nfunc TestA(t *testing.T) { t.Run(\"sub\", func(*testing.T) {}) }\nfunc TestB(t *testing.T) {}\n",
		"skip/x_test.go":   "package skip\nimport \"testing\"\nfunc TestS(t *testing.T) { t.Skip(\"no such machine\") }\n",
		"bad/x_test.go":    "package bad\nimport \"testing\"\nfunc TestC(t *testing.T) { t.Error(\"broken wing\") }\nfunc TestD(t *testing.T) {}\n",
		"broken/x_test.go": "package broken\nfunc nonsense() { undefinedName() }\n",
		"dead/x_test.go":   "package dead\nimport (\"os\"; \"testing\")\nfunc TestMain(m *testing.M) { println(\"last words\"); os.Exit(3) }\n",
	})
	var out bytes.Buffer
	got := tests(dir, nil, "./...")(t.Context(), &out)
	if got.passed != 3 || got.failed != 3 {
		t.Errorf("%d passed, %d failed; want 3 and 3", got.passed, got.failed)
	}
	if len(got.skipped) != 1 || !strings.Contains(got.skipped[0], "TestS") || !strings.Contains(got.skipped[0], "no such machine") {
		t.Errorf("skipped: %q", got.skipped)
	}
	for _, want := range []string{"broken wing", "undefinedName", "last words", "ok   house.test/good"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
}

func TestChangedFilesAreNoticed(t *testing.T) {
	dir := module(t, map[string]string{"a/a.go": "package a\n"})
	before, err := digests(dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a/a.go"), "package a // changed\n")
	after, err := digests(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a/a.go")
	if before[path] == after[path] || before[filepath.Join(dir, "go.mod")] != after[filepath.Join(dir, "go.mod")] {
		t.Error("exactly a/a.go should differ")
	}
}

func TestOneFailureDoesNotHideTheNext(t *testing.T) {
	var out bytes.Buffer
	say := func(passed, failed int) action {
		return func(context.Context, io.Writer) tally { return tally{passed: passed, failed: failed} }
	}
	total := run(t.Context(), &out, []step{
		{"first", one("go", "no-such-command")}, {"second", say(7, 0)}, {"third", say(1, 2)},
	})
	if total.passed != 8 || total.failed != 3 {
		t.Errorf("total %+v", total)
	}
	if !strings.HasSuffix(out.String(), "\n8 passed, 3 failed\n") || !strings.Contains(out.String(), "no-such-command") {
		t.Errorf("output:\n%s", &out)
	}
}

// module writes a Go module to a temporary directory.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module house.test\n\ngo 1.26\n")
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
