package az

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
)

// Every command can say what it does; none stands twice in the table.
func TestEveryCommandHasHelp(t *testing.T) {
	seen := map[string]bool{}
	dir := t.TempDir()
	for _, c := range Table().Commands {
		if seen[c.Path] {
			t.Errorf("az %s stands twice in the table", c.Path)
		}
		seen[c.Path] = true
		var out, errs bytes.Buffer
		p := command.Process{In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now, Terminal: func(int) bool { return false }, Getenv: func(name string) string {
			if name == "AZURE_CONFIG_DIR" {
				return dir
			}
			return ""
		}}
		if code := command.Run(context.Background(), Table(), p, append(strings.Fields(c.Path), "--help")); code != 0 || c.Help == "" || !strings.Contains(out.String(), "az "+c.Path) {
			t.Errorf("az %s --help: exit %d\n%s%s", c.Path, code, out.String(), errs.String())
		}
		if c.Run == nil {
			t.Errorf("az %s does nothing", c.Path)
		}
	}
	for _, g := range Table().Groups {
		if g.Help == "" {
			t.Errorf("az %s has no help", g.Path)
		}
	}
}

// Every type a model names is there.
func TestModels(t *testing.T) {
	files, err := filepath.Glob("*/models.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := shape.Read(string(text)).Check(); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestArgs(t *testing.T) {
	for _, row := range []struct {
		line, want string
		is         bool
	}{
		{"az group list", "group list", true},
		{"/usr/bin/az group list", "group list", true},
		{"lazuli az group list", "group list", true},
		{"lazuli up", "", false},
		{"lazuli", "", false},
	} {
		got, is := Args(strings.Fields(row.line))
		if is != row.is || strings.Join(got, " ") != row.want {
			t.Errorf("%s: %v %v", row.line, got, is)
		}
	}
}
