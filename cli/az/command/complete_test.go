package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	table := &Table{}
	table.Add(Rows(rows, map[string]Do{"thing make": {}, "thing drop": {}, "thing part list": {}}))
	dir := t.TempDir()
	for _, row := range []struct{ line, want string }{
		{"az ", "thing"},
		{"az th", "thing"},
		{"az thing ", "drop make part"},
		{"az thing m", "make"},
		{"az thing part l", "list"},
		{"az thing make --s", "--size --subscription"},
		{"az thing make --size 3 --s", "--subscription"},
		{"az thing make --kind ", "Big Small"},
		{"az thing make --kind b", "Big"},
		{"az thing make -o ta", "table"},
		{"az odd ", ""},
	} {
		out := filepath.Join(dir, "out")
		env := map[string]string{"_ARGCOMPLETE": "1", "COMP_LINE": row.line, "_ARGCOMPLETE_STDOUT_FILENAME": out, "_ARGCOMPLETE_IFS": " ", "AZURE_CONFIG_DIR": dir}
		code, done := Complete(table, Process{In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, Getenv: func(name string) string { return env[name] }, Now: time.Now})
		got, err := os.ReadFile(out)
		if code != 0 || !done || err != nil || string(got) != row.want {
			t.Errorf("%q: %d %t %v %q, want %q", row.line, code, done, err, got, row.want)
		}
	}
	if _, done := Complete(table, Process{Getenv: func(string) string { return "" }}); done {
		t.Error("it answers though nobody asked")
	}
}
