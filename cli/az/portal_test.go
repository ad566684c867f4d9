package az

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
)

// portalCommands is what the portal says az does the same for each of its writes, an array of words on each line; web/src/equivalents.test.ts keeps it.
const portalCommands = "../../web/src/equivalents.jsonl"

// Every command that the portal shows is one that az takes: the command is there, each option is one of its own and has values it can have, and nothing that it needs is missing. Nothing is run.
func TestThePortalsCommandsAreAzs(t *testing.T) {
	text, err := os.ReadFile(portalCommands)
	if err != nil {
		t.Fatal(err)
	}
	table, ran := Table(), ""
	for i := range table.Commands {
		path := table.Commands[i].Path
		table.Commands[i].Run = func(*command.Call) (any, error) {
			ran = path
			return nil, nil
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"template.json", "parameters.json"} {
		if err := os.WriteFile(dir+"/"+name, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out, errs bytes.Buffer
	p := command.Process{In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now, Terminal: func(int) bool { return false }, Getenv: func(name string) string {
		if name == "AZURE_CONFIG_DIR" {
			return dir
		}
		return ""
	}}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		var words []string
		if err := json.Unmarshal([]byte(line), &words); err != nil || len(words) < 3 || words[0] != "az" {
			t.Fatalf("%s: %v", line, err)
		}
		ran = ""
		errs.Reset()
		code := command.Run(context.Background(), table, p, words[1:])
		if code != 0 || ran == "" || !strings.HasPrefix(strings.Join(words[1:], " ")+" ", ran+" ") {
			t.Errorf("%s: exit %d, ran %q\n%s", line, code, ran, &errs)
		}
	}
	if len(lines) < 60 {
		t.Errorf("%s has only %d commands", portalCommands, len(lines))
	}
}
