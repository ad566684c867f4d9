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
	ask  func(row map[string]any) result // of the driver of the real az
	vars map[string]string
}

// result is how a row ended. Formats are its result in each format, as the
// program would have printed it.
type result struct {
	Code    int               `json:"code"`
	Out     string            `json:"out"`
	Err     string            `json:"err"`
	Formats map[string]string `json:"formats"`
}

// formats are compared for each result; those of rows with = by running the
// built-in az once for each, the others by printing what it printed as JSON anew.
var formats = []string{"json", "tsv", "table", "yaml"}

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
		if line, ok := strings.CutPrefix(row, "~ "); ok {
			watch(t, line, theirs, ours, r)
			continue
		}
		if line, ok := strings.CutPrefix(row, "? "); ok {
			help(t, line, theirs, ours)
			continue
		}
		line, each := strings.CutPrefix(row, "= ")
		name, rest, keep := strings.Cut(line, " := ")
		if keep {
			line = rest
		}
		want, have := theirs.do(t, line), ours.do(t, line)
		if keep { // its use in other rows tells whether it is right
			for _, p := range []struct {
				s *side
				r *result
			}{{theirs, &want}, {ours, &have}} {
				p.s.vars[name] = strings.TrimSpace(p.r.Out)
				p.r.Out, p.r.Formats = fmt.Sprintln(p.s.vars[name] != ""), nil
			}
		}
		r.add(line, want.Code)
		compare(t, line, masked(want, theirs), masked(have, ours))
		if len(want.Formats) == 0 || want.Code != have.Code {
			continue // nothing was printed
		}
		if each {
			have.Formats = map[string]string{}
			for _, format := range formats {
				have.Formats[format] = ours.do(t, line+" -o "+format).printed()
			}
		} else if !strings.Contains(line, " -o ") {
			have.Formats = r.print(line, have.Out)
		}
		for format, text := range have.Formats {
			compare(t, line+" -o "+format, masked(result{Out: want.Formats[format]}, theirs), masked(result{Out: text}, ours))
			r.saw(line, format, want.Formats)
		}
	}
}

// cursor moves the cursor of a screen that is redrawn.
var cursor = regexp.MustCompile(`\x1b\[\d*[A-Z]`)

// watch runs a row that shows what goes on, again and again: each line that the
// real az shows is to be among ours.
func watch(t *testing.T, line string, theirs, ours *side, r *record) {
	t.Helper()
	want, have := masked(theirs.do(t, line), theirs), masked(ours.do(t, line), ours)
	shown := strings.Split(cursor.ReplaceAllString(have.Out, ""), "\n")
	for text := range strings.SplitSeq(cursor.ReplaceAllString(want.Out, ""), "\n") {
		if !slices.Contains(shown, text) {
			t.Errorf("az %s does not show %q:\n%s", line, text, have.Out)
		}
	}
	if want.Code != have.Code {
		t.Errorf("az %s ends with %d, the real az with %d: %s", line, have.Code, want.Code, have.Err)
	}
	r.add(line, want.Code)
}

// label is what a line of help begins with: a heading, a word or arguments.
var label = regexp.MustCompile(`(?m)^(?:[A-Z][\w ]*:?|    \S.*?)(?: +: .*)?$`)

// help compares the layout of --help: its headings, commands, arguments and
// examples, in their order; what is said of them is shortened in ours.
func help(t *testing.T, line string, theirs, ours *side) {
	t.Helper()
	outline := func(s *side) string {
		var lines []string
		for _, l := range label.FindAllString(s.do(t, line+" --help").Out, -1) {
			l, _, _ = strings.Cut(l, " : ")
			lines = append(lines, strings.TrimRight(l, " "))
		}
		return strings.Join(lines, "\n")
	}
	if want, have := outline(theirs), outline(ours); want != have || want == "" {
		t.Errorf("az %s --help\n--- the real az\n%s\n--- ours\n%s\n--- first difference: %s", line, want, have, difference(want, have))
	}
}

// do runs a row, and says so when it takes long.
func (s *side) do(t *testing.T, line string) result {
	t.Helper()
	begin := time.Now()
	got := s.run(s.words(t, line))
	if took := time.Since(begin); testing.Verbose() && took > 2*time.Second {
		t.Logf("%s: %s took %.1f s", line, s.mark, took.Seconds())
	}
	return got
}

// printed is what a result that is to be printed came to: a text, or why there is
// none.
func (r result) printed() string {
	if r.Code != 0 {
		return r.Err
	}
	return r.Out
}

// compare wants two masked results to be alike.
func compare(t *testing.T, shown string, want, have result) {
	t.Helper()
	if want.Code != have.Code || want.Out != have.Out {
		t.Errorf("az %s\n--- the real az: exit %d\n%s%s\n--- ours: exit %d\n%s%s\n--- first difference: %s",
			shown, want.Code, want.Out, tail(want.Err), have.Code, have.Out, tail(have.Err), difference(want.Out, have.Out))
		return
	}
	if strings.Contains(shown, " --debug") {
		return // each tells of its own inside
	}
	if w, h := said(want.Err), said(have.Err); w != h && !tolerated(w, h) {
		t.Errorf("az %s: exit %d\n--- the real az says\n%s--- ours\n%s--- first difference: %s", shown, want.Code, tail(w), tail(h), difference(w, h))
	}
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
	env = append(env, "SAMPLE="+cloud.Sample(t), "TMPDIR="+t.TempDir(), "AZ="+strings.Join(builtin(), " "))
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
	// Extensions would be looked for on the internet.
	s.env = append(s.env, "AZURE_EXTENSION_USE_DYNAMIC_INSTALL=no")
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
		return s.ask(map[string]any{"args": args, "apart": slices.Contains(args, "attach")})
	}
	s.ask = func(row map[string]any) result {
		line, err := json.Marshal(row)
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
			t.Fatalf("az %s: the driver ended: %v", row["args"], err)
		}
		return r
	}
	return s
}

// builtin is the built-in az: the whole binary's, or the small one LAZULI_AZ names.
func builtin() []string {
	if bin := os.Getenv("LAZULI_AZ"); bin != "" {
		return []string{bin}
	}
	return []string{cloud.Bin, "az"}
}

// ours is the built-in az, a process a row.
func ours(t *testing.T) *side {
	t.Helper()
	s := environment(t, "qb7")
	program := builtin()
	s.run = func(args []string) result {
		cmd := exec.Command(program[0], append(slices.Clone(program[1:]), args...)...)
		var out, err bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = s.env, &out, &err
		_ = cmd.Run() // the exit code is compared
		return result{Code: cmd.ProcessState.ExitCode(), Out: out.String(), Err: err.String()}
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
	{regexp.MustCompile(`\bPT(\d+M)?[\d.]+S\b`), "<duration>"},
	{regexp.MustCompile(`\b\d{16,20}\b`), "<hash>"},
	{regexp.MustCompile(`\b1[78]\d{8}\b`), "<seconds>"},
	{regexp.MustCompile(`\bhint(": "|: ).*`), "hint$1<hint>"},
	{regexp.MustCompile(`"etag": ".*"`), `"etag": <etag>`},
	{regexp.MustCompile(`\betag: .*`), `etag: <etag>`},
	{regexp.MustCompile(`(?m)(^|\t)"[0-9a-f]+"\t`), "$1<etag>\t"},
	{regexp.MustCompile(`(<time>\s+)[\w~.-]{3}(\s+<guid>)`), "$1<hint>$2"},
	{regexp.MustCompile(`\b127\.\d+\.\d+\.\d+\b`), "<address>"},
	{regexp.MustCompile(`\b10\.\d+\.\d+\.\d+\b`), "<address>"},
}

// Rows of tables whose masked cells have lost their width.
var (
	blanks = regexp.MustCompile(` {2,}`)
	rules  = regexp.MustCompile(`-{2,}`)
)

func masked(r result, s *side) result {
	r.Out, r.Err = mask(r.Out, s), mask(r.Err, s)
	return r
}

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
