package output

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func read(t *testing.T, text string) any {
	t.Helper()
	v, err := value.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The expectations are what az 2.74's own printers give for the same values.
func TestPrint(t *testing.T) {
	for _, row := range []struct{ format, in, want string }{
		{"json", `null`, "null\n"},
		{"json", `{"b":1,"a":[],"c":{},"d":[{"x":null}]}`, "{\n  \"a\": [],\n  \"b\": 1,\n  \"c\": {},\n  \"d\": [\n    {\n      \"x\": null\n    }\n  ]\n}\n"},
		{"json", `"<é\u0007\"\\>"`, "\"<é\\u0007\\\"\\\\>\"\n"},
		{"yaml", `"plain"`, "plain\n...\n"},
		{"yaml", `null`, "null\n...\n"},
		{"yaml", `[]`, "[]\n"},
		{"yaml", `{"a":{},"b":[1,"x",{"k":"v","w":[2]}],"n":null,"t":true}`, "a: {}\nb:\n- 1\n- x\n- k: v\n  w:\n  - 2\nn: null\nt: true\n"},
		{"yaml", `["yes","null","1","1.0","~","0x1f","2024-01-01"]`, "- 'yes'\n- 'null'\n- '1'\n- '1.0'\n- '~'\n- '0x1f'\n- '2024-01-01'\n"},
		{"yaml", `["a: b","- x","#c"," lead","tail ","it's","","=","1:30","<<"]`, "- 'a: b'\n- '- x'\n- '#c'\n- ' lead'\n- 'tail '\n- it's\n- ''\n- '='\n- '1:30'\n- '<<'\n"},
		{"yaml", `["multi\nline","tab\tx","é","a #b","a:b","?","-","{a}","key: \"q\""]`, "- 'multi\n\n  line'\n- \"tab\\tx\"\n- é\n- 'a #b'\n- a:b\n- '?'\n- '-'\n- '{a}'\n- 'key: \"q\"'\n"},
		{"tsv", `[{"a":1,"b":null,"c":true},{"a":"x\ty","b":[1,2],"c":{}}]`, "1\tNone\tTrue\nx\ty\t2\t\n"},
		{"tsv", `["a","b"]`, "a\nb\n"},
		{"tsv", `null`, "None\n"},
		{"tsv", `[[1,null],[2,{}]]`, "1\tNone\n2\t\n"},
		{"yaml", `{"k":" a\n b"}`, `k: " a\n b"` + "\n"},
		{"yaml", `{"k":"a\n\nb"}`, "k: 'a\n\n\n  b'\n"},
		{"yaml", `{"k":"- word word word word word word word word word word word word word word word word word"}`,
			"k: '- word word word word word word word word word word word word word word word word\n  word'\n"},
		{"yaml", `{"k":"wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd wo\u0007rd x"}`,
			`k: "wo\ard wo\ard wo\ard wo\ard wo\ard wo\ard wo\ard wo\ard wo\ard wo\ard wo\ard wo\a\` + "\n" + `  rd x"` + "\n"},
		{"none", `{"a":1}`, ""},
	} {
		got, err := Print(Result{Value: read(t, row.in)}, row.format, false)
		if err != nil || string(got) != row.want {
			t.Errorf("%s as %s: %v\n got %q\nwant %q", row.in, row.format, err, got, row.want)
		}
	}
}

func TestTable(t *testing.T) {
	v := read(t, `[{"name":"demo","location":"eastus","id":"/x","tags":{"a":"b"}},{"name":"other","location":null}]`)
	own, err := Print(Result{Value: v, Table: Columns("Name", "name", "Where", "location")}, "table", false)
	if want := "Name    Where\n------  -------\ndemo    eastus\nother\n"; err != nil || string(own) != want {
		t.Errorf("with columns: %v\n got %q\nwant %q", err, own, want)
	}
	plain, err := Print(Result{Value: read(t, `{"name":"demo","location":"eastus","id":"/x","tags":{}}`)}, "table", false)
	if want := "Location    Name\n----------  ------\neastus      demo\n"; err != nil || string(plain) != want {
		t.Errorf("of members: %v\n got %q\nwant %q", err, plain, want)
	}
}

// Strings of every shape are read back by PyYAML as they were.
func FuzzYAML(f *testing.F) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import yaml").Run() != nil {
		f.Skip("needs python3 with yaml")
	}
	for _, s := range []string{"", "a", "- a", "a: b", "\n", " a\n b", "'", "\"", "\\", "\x7f", "é", "no", "1e3", "0o7", "2001-01-01", "%", "@", "\u2028", "\U0001f600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		cmd := exec.Command(python, "-c", "import sys,yaml;sys.stdout.buffer.write(yaml.safe_load(sys.stdin.buffer.read())['k'].encode())")
		cmd.Stdin = bytes.NewReader(YAML(value.New("k", s)))
		got, err := cmd.CombinedOutput()
		if err != nil || string(got) != s {
			t.Errorf("%q printed as %q is read as %q: %v", s, YAML(value.New("k", s)), got, err)
		}
	})
}
