package differential

import (
	"bufio"
	"bytes"
	_ "embed" // driver.py
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

//go:embed driver.py
var driver string

// cloud is the one cloud of all stories; each keeps to names of its own.
var cloud *harness.Cloud

func TestMain(m *testing.M) {
	harness.Main(m, func(c *harness.Cloud) { cloud = c })
}

// side is one of the two programs with a configuration directory of its own.
type side struct {
	mark string // what {} stands for
	env  []string
	run  func(args []string) result
	vars map[string]string
}

type result struct {
	Code int    `json:"code"`
	Out  string `json:"out"`
	Err  string `json:"err"`
}

// tell runs a story on both sides and compares row by row.
func tell(t *testing.T, rows []string, r *record) {
	t.Helper()
	theirs, ours := theirs(t), ours(t)
	for _, row := range rows {
		if script, ok := strings.CutPrefix(row, "+ "); ok {
			prepare(t, theirs, script)
			prepare(t, ours, script)
			continue
		}
		formats := []string{""}
		line, all := strings.CutPrefix(row, "= ")
		if all {
			formats = []string{"json", "tsv", "table", "yaml"}
		}
		name, rest, keep := strings.Cut(line, " := ")
		if keep {
			line = rest
		}
		for _, format := range formats {
			r.add(line, compare(t, line, format, theirs, ours, name, keep))
		}
	}
}

// compare runs a row on both sides and returns how the real one ended.
func compare(t *testing.T, line, format string, theirs, ours *side, name string, keep bool) int {
	t.Helper()
	shown := line
	if format != "" {
		shown += " -o " + format
	}
	begin := time.Now()
	var got [2]result
	for i, s := range []*side{theirs, ours} {
		args := s.words(t, line)
		if format != "" {
			args = append(args, "-o", format)
		}
		got[i] = s.run(args)
		if keep { // its use in other rows tells whether it is right
			s.vars[name] = strings.TrimSpace(got[i].Out)
			got[i].Out = fmt.Sprintln(s.vars[name] != "")
		}
		if took := time.Since(begin); testing.Verbose() && took > 2*time.Second {
			t.Logf("%s: %s took %.1f s", shown, s.mark, took.Seconds())
		}
		begin = time.Now()
	}
	want, have := mask(got[0].Out, theirs), mask(got[1].Out, ours)
	if got[0].Code != got[1].Code || want != have {
		t.Errorf("az %s\n--- the real az: exit %d\n%s%s\n--- ours: exit %d\n%s%s\n--- first difference: %s",
			shown, got[0].Code, want, tail(got[0].Err), got[1].Code, have, tail(got[1].Err), difference(want, have))
	}
	return got[0].Code
}

// difference is the first line in which two texts differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		l, r := "(none)", "(none)"
		if i < len(x) {
			l = x[i]
		}
		if i < len(y) {
			r = y[i]
		}
		if l != r {
			return fmt.Sprintf("line %d: %q, ours %q", i+1, l, r)
		}
	}
	return "the exit code"
}

func tail(s string) string {
	if len(s) > 1500 {
		return "..." + s[len(s)-1500:]
	}
	return s
}

// words splits a line as a shell does, and fills in names and variables.
func (s *side) words(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	for i := range words {
		words[i] = s.fill(words[i])
	}
	return words
}

func (s *side) fill(text string) string {
	text = strings.ReplaceAll(text, "{}", s.mark)
	names := make([]string, 0, len(s.vars))
	for name := range s.vars {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for _, name := range names {
		text = strings.ReplaceAll(text, "$"+name, s.vars[name])
	}
	return text
}

func prepare(t *testing.T, s *side, script string) {
	t.Helper()
	cmd := exec.Command("bash", "-ec", s.fill(script))
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// environment is that of lazuli shell, with a copy of its configuration.
func environment(t *testing.T, mark string) *side {
	t.Helper()
	dir := filepath.Join(t.TempDir(), mark)
	var env []string
	for kv := range strings.SplitSeq(cloud.Sh(t, "env -0"), "\x00") {
		name, v, _ := strings.Cut(kv, "=")
		switch name {
		case "", "_ARGCOMPLETE":
			continue
		case "AZURE_CONFIG_DIR":
			if err := os.CopyFS(dir, os.DirFS(v)); err != nil {
				t.Fatal(err)
			}
			kv = name + "=" + dir
		}
		env = append(env, kv)
	}
	env = append(env, "SAMPLE="+cloud.Sample(t), "TMPDIR="+t.TempDir())
	return &side{mark: mark, env: env, vars: map[string]string{"TMP": t.TempDir()}}
}

// theirs is the real az, in one process for all rows of a story.
func theirs(t *testing.T) *side {
	t.Helper()
	s := environment(t, "qa7")
	script, err := os.ReadFile(cloud.Az)
	if err != nil {
		t.Fatal(err)
	}
	launcher := filepath.Join(t.TempDir(), "bin", "az")
	dir := filepath.Dir(filepath.Dir(cloud.Az))
	text := strings.Replace(string(script), `dir=${self%/bin/az}`, "dir="+dir, 1)
	text = strings.Replace(text, `-m azure.cli "$@"`, `-c "$DRIVER"`, 1)
	if err := os.MkdirAll(filepath.Dir(launcher), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(launcher, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(launcher)
	cmd.Env = append(slices.Clone(s.env), "DRIVER="+driver)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	answers := bufio.NewReader(out)
	s.run = func(args []string) result {
		line, err := json.Marshal(args)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(in, string(line)+"\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := answers.ReadBytes('\n')
		var r result
		if err == nil {
			err = json.Unmarshal(answer, &r)
		}
		if err != nil {
			t.Fatalf("az %s: the driver ended: %v", args, err)
		}
		return r
	}
	return s
}

// ours is the built-in az, a process a row: the whole binary's, or the small one
// LAZULI_AZ names.
func ours(t *testing.T) *side {
	t.Helper()
	s := environment(t, "qb7")
	program := []string{cloud.Bin, "az"}
	if bin := os.Getenv("LAZULI_AZ"); bin != "" {
		program = []string{bin}
	}
	s.run = func(args []string) result {
		cmd := exec.Command(program[0], append(slices.Clone(program[1:]), args...)...)
		var out, err bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = s.env, &out, &err
		_ = cmd.Run() // the exit code is compared
		return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
	}
	return s
}

// masks are what differs from run to run.
var masks = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`q[ab]7`), "qz7"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<guid>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`), "<time>"},
	{regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`), "<token>"},
	{regexp.MustCompile(`sha256:[0-9a-f]{64}`), "sha256:<digest>"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "<hex>"},
	{regexp.MustCompile(`\b1[78]\d{8}\b`), "<seconds>"},
	{regexp.MustCompile(`\bhint(": "|: ).*`), "hint$1<hint>"},
	{regexp.MustCompile(`"etag": ".*"`), `"etag": <etag>`},
	{regexp.MustCompile(`\betag: .*`), `etag: <etag>`},
	{regexp.MustCompile(`(?m)(^|\t)"[0-9a-f]+"\t`), "$1<etag>\t"},
	{regexp.MustCompile(`\b127\.\d+\.\d+\.\d+\b`), "<address>"},
	{regexp.MustCompile(`\b10\.\d+\.\d+\.\d+\b`), "<address>"},
}

// Rows of tables whose masked cells have lost their width.
var (
	blanks = regexp.MustCompile(` {2,}`)
	rules  = regexp.MustCompile(`-{2,}`)
)

func mask(text string, s *side) string {
	before := text
	text = strings.ReplaceAll(text, s.vars["TMP"], "<tmp>")
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.text)
	}
	if lines := strings.Split(text, "\n"); text != before && len(lines) > 1 && strings.HasPrefix(lines[1], "---") {
		text = rules.ReplaceAllString(blanks.ReplaceAllString(text, "  "), "---")
	}
	return text
}
