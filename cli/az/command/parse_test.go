package command

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// rows is a table with every kind of argument.
const rows = `# thing | Things.
# thing part | Parts.
thing make | Make a thing.
	--name -n required | The name.
	--size int default=3 | The size.
	--kind choices=Big,Small | The kind.
	--open switch | Whether it is open.
	--dry flag | Do nothing.
	--tags any | Tags.
	--port list | Ports.
	--part append list | Parts.
	--place config=place | Where.
	--named | Shares a beginning with --name.
	! Make one. | az thing make -n x
thing drop | Drop a thing.
	--name -n required id=name | The name.
	? Are you sure?
thing part list | List parts.
`

func run(t *testing.T, env map[string]string, line ...string) (int, string, string) {
	t.Helper()
	made := func(c *Call) (any, error) {
		on, given := c.Switch("open")
		return fmt.Sprint(c.Text("name"), "|", c.Int("size"), "|", c.Text("kind"), "|", on, given, "|", c.Flag("dry"), "|", c.List("tags"), c.Has("tags"), "|", c.List("port"), "|", c.Uses("part"), "|", c.Text("place")), nil
	}
	table := &Table{}
	table.Add(Rows(rows, map[string]Do{
		"thing make":      {Run: made},
		"thing drop":      {Run: func(c *Call) (any, error) { return nil, Missing("no thing %s", c.Text("name")) }},
		"thing part list": {Run: func(*Call) (any, error) { return []any{}, nil }},
	}))
	var out, errs bytes.Buffer
	dir := t.TempDir()
	getenv := func(name string) string {
		if name == "AZURE_CONFIG_DIR" {
			return dir
		}
		return env[name]
	}
	code := Run(context.Background(), table, Process{In: strings.NewReader(""), Out: &out, Err: &errs, Getenv: getenv, Now: time.Now, Terminal: func(int) bool { return false }}, line)
	return code, out.String(), errs.String()
}

// The expectations are what az 2.74's parser does.
func TestArguments(t *testing.T) {
	for _, row := range []struct{ line, want string }{
		{"-n x", "x|3||false false|false|[] false|[]|[]|"},
		{"-nx", "x|3||false false|false|[] false|[]|[]|"},
		{"--name=x --size 5", "x|5||false false|false|[] false|[]|[]|"},
		{"--size=-5 -n x", "x|-5||false false|false|[] false|[]|[]|"},
		{"--size -5 -n x", "x|-5||false false|false|[] false|[]|[]|"},
		{"-n x -n y", "y|3||false false|false|[] false|[]|[]|"},
		{"-n x --kind big", "x|3|Big|false false|false|[] false|[]|[]|"},
		{"-n x --open", "x|3||true true|false|[] false|[]|[]|"},
		{"-n x --open No", "x|3||false true|false|[] false|[]|[]|"},
		{"-n x --dr", "x|3||false false|true|[] false|[]|[]|"},
		{"-n x --tags", "x|3||false false|false|[] true|[]|[]|"},
		{"-n x --tags a b=c --port 1 2", "x|3||false false|false|[a b=c] true|[1 2]|[]|"},
		{"-n x --part a b --part c", "x|3||false false|false|[] false|[]|[[a b] [c]]|"},
		{"-n x --place here", "x|3||false false|false|[] false|[]|[]|here"},
	} {
		code, out, errs := run(t, nil, append([]string{"thing", "make", "-o", "tsv"}, strings.Fields(row.line)...)...)
		if code != 0 || out != row.want+"\n" {
			t.Errorf("%s: exit %d %s\n got %s\nwant %s", row.line, code, errs, out, row.want)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, row := range []struct {
		line string
		code int
		want string
	}{
		{"thing make", 2, "the following arguments are required: --name/-n"},
		{"thing make -n", 2, "argument --name/-n: expected one argument"},
		{"thing make -n x --port", 2, "argument --port: expected at least one argument"},
		{"thing make -n x --size big", 2, "argument --size: invalid int value: 'big'"},
		{"thing make -n x --kind odd", 2, "'odd' is not a valid value for '--kind'. Allowed values: Big, Small."},
		{"thing make -n x --dry=1", 2, "ignored explicit argument '1'"},
		{"thing make --na x", 2, "ambiguous option: --na could match --name, --named"},
		{"thing make -n x y --odd", 2, "unrecognized arguments: y --odd"},
		{"thing make -n x --query [", 2, "invalid jmespath_type value: '['"},
		{"thing make -n x -o odd", 2, "'odd' is not a valid value for '--output'"},
		{"thing drop -n x -y", 3, "ERROR: no thing x"},
		{"thing drop -n x", 1, "Unable to prompt for confirmation as no tty available. Use --yes."},
		{"thing odd", 2, "'odd' is misspelled or not recognized by the system."},
	} {
		code, out, errs := run(t, nil, strings.Fields(row.line)...)
		if code != row.code || out != "" || !strings.Contains(errs, row.want) {
			t.Errorf("%s: exit %d, want %d\n%s%s\nwant %s", row.line, code, row.code, out, errs, row.want)
		}
	}
}

func TestEnvironmentAndQuery(t *testing.T) {
	_, out, errs := run(t, map[string]string{"AZURE_DEFAULTS_PLACE": "there", "AZURE_CORE_OUTPUT": "tsv"}, "thing", "make", "-n", "x", "--query", "ends_with(@, 'there')")
	if out != "true\n" {
		t.Errorf("got %q %s", out, errs)
	}
}

func TestHelp(t *testing.T) {
	for _, row := range []struct{ line, want string }{
		{"thing make --help", "az thing make -n x"},
		{"thing -h", "Subgroups:\n    part : Parts."},
		{"thing make -h", "--name -n [Required]"},
	} {
		code, out, errs := run(t, nil, strings.Fields(row.line)...)
		if code != 0 || !strings.Contains(out, row.want) {
			t.Errorf("%s: exit %d\n%s%s\nwant %s", row.line, code, out, errs, row.want)
		}
	}
}
