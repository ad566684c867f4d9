// Package lazuli_test checks the house itself: which package may import which, how large things may grow, what names are
// taken, what must be documented. The rules are those of docs/ARCHITECTURE.md and docs/STYLE.md; each failure says what to
// do about it.
package lazuli_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/lazuli-cloud/lazuli"

// An arrow says what the packages below a folder may import of this module, beside themselves and their own sub-packages.
type arrow struct {
	folder string
	may    []string // folders, each with everything below it
	why    string
}

// hall is what every room stands on.
var hall = []string{"arm", "authz", "azure", "internal"}

// arrows is searched from the top; the first folder that fits decides.
var arrows = []arrow{
	{"azure", nil, "azure is the words everybody shares; a word that needs a service is not a word"},
	{"authz", []string{"azure"}, "authz decides from its arguments alone, so that a decision can be tested without a cloud"},
	{"arm/template", []string{"azure", "internal/lenient"}, "the template language is a pure function of template and parameters"},
	{"arm", []string{"authz", "azure", "internal"}, "the hall does not know its rooms; they hand it tables"},
	{"identity", hall, "rooms meet in cloud only; declare a small interface or func type and let cloud plug it in"},
	{"registry", hall, "rooms meet in cloud only; declare a small interface or func type and let cloud plug it in"},
	{"vault", hall, "rooms meet in cloud only; declare a small interface or func type and let cloud plug it in"},
	{"container", append([]string{"container"}, hall...), "rooms meet in cloud only; declare a small interface or func type and let cloud plug it in"},
	{"dns", hall, "rooms meet in cloud only; declare a small interface or func type and let cloud plug it in"},
	{"portal", hall, "rooms meet in cloud only; declare a small interface or func type and let cloud plug it in"},
	{"internal", []string{"authz", "azure", "internal"}, "internal serves the hall and the rooms, so it can know neither"},
	{"image", nil, "image is a library about files and registries; it knows nothing of the cloud"},
	{"client", []string{"azure"}, "the client speaks the public API only, as any other program would"},
	{"cli/az", []string{"client", "azure"}, "az is a client of any Azure-compatible cloud, so it can know nothing of this one"},
	{"cli", []string{"client", "azure", "image", "cloud/config"}, "commands reach the cloud through its public API; starting one is plugged in by cmd"},
	{"cmd", []string{"cli", "cloud", "container/containerd"}, "a main only joins the command line to the cloud; the runtime is there for the shim, which is this binary too"},
	{"cloud", []string{"."}, "cloud is the one place where everything meets"},
	{"tools", []string{"azure", "cloud"}, "tools work on the source tree; the API list is drawn from the wired cloud"},
	{"examples", nil, "examples are what users write; they use nothing of ours"},
}

// testArrows is what black-box tests may import in addition: the whole cloud and a client of it.
var testArrows = []string{"cloud", "client", "azure", "image", "internal/store", "internal/httpd", "internal/tlsca"}

// exclusive names the outside modules only certain folders may import.
var exclusive = []struct {
	prefix  string
	folders []string
	why     string
}{
	{"go.etcd.io/", []string{"internal/store", "cloud/cloudtest"}, "state goes through typed tables; nobody else speaks to etcd (the test cloud opens the bolt file of containerd's own metadata)"},
	{"k8s.io/", []string{"container/kubernetes"}, "Kubernetes is one runtime of several"},
	{"github.com/containerd/containerd", []string{"container", "registry", "cloud", "cmd"}, "containerd is the runtime's and the registry's engine"},
	{"github.com/vishvananda/netlink", []string{"container"}, "network devices belong to the container room"},
	{"github.com/google/nftables", []string{"container"}, "packet rules belong to the container room"},
	{"github.com/spf13/cobra", []string{"cli", "cmd"}, "the command line ends at cli"},
	{"github.com/google/go-containerregistry", []string{"image", "registry", "cli", "cloud"}, "images are handled by image and registry"},
	{"github.com/tink-crypto/", []string{"vault"}, "sealing belongs to the vault; others plug it in"},
	{"github.com/miekg/dns", []string{"dns", "cli", "cloud"}, "DNS messages belong to the dns room"},
}

// standardOnly are the folders that import nothing from outside, with the outside modules they may.
var standardOnly = map[string][]string{"azure": nil, "authz": nil, "arm/template": nil, "examples": nil, "internal/lenient": nil}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, f := range tree(t).files {
		for _, spec := range f.syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ok := strings.CutPrefix(imported, module+"/"); ok {
				checkArrow(t, f, own)
			} else if strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				checkOutside(t, f, imported)
			}
		}
	}
}

// checkArrow reports f when it may not import the package own of this module.
func checkArrow(t *testing.T, f *file, own string) {
	i := slices.IndexFunc(arrows, func(a arrow) bool { return within(f.folder, a.folder) })
	if i < 0 {
		if f.folder != "." {
			t.Errorf("%s: folder %s has no arrows; add it to the map in docs/ARCHITECTURE.md and to arrows in house_test.go", f.path, f.folder)
		}
		return
	}
	a := arrows[i]
	if within(own, a.folder) || withinAny(own, a.may) || f.test && withinAny(own, testArrows) {
		return
	}
	t.Errorf("%s imports %s, but %s may import only %v: %s", f.path, own, a.folder, a.may, a.why)
}

// checkOutside reports f when the imported outside package belongs to other folders.
func checkOutside(t *testing.T, f *file, imported string) {
	if f.test {
		return
	}
	for _, e := range exclusive {
		if strings.HasPrefix(imported, e.prefix) && !withinAny(f.folder, e.folders) {
			t.Errorf("%s imports %s, which only %v may: %s", f.path, imported, e.folders, e.why)
		}
	}
	for folder, may := range standardOnly {
		if within(f.folder, folder) && !slices.Contains(may, imported) {
			t.Errorf("%s imports %s, but %s uses the standard library only; move what needs it to the caller", f.path, imported, folder)
		}
	}
}

// Budgets, in lines unless said otherwise. A function may be up to twice its budget as long as few are.
const (
	fileBudget     = 500
	testFileBudget = 1000
	funcBudget     = 60
	funcLimit      = 120
	funcOver       = 0.03 // part of all functions that may be over funcBudget
	structBudget   = 15   // fields
	packageBudget  = 4000
	mainBudget     = 40
	tsxBudget      = 200
)

func TestSizesStayWithinBudget(t *testing.T) {
	packages := map[string]int{}
	for _, f := range tree(t).files {
		budget := fileBudget
		switch {
		case f.test:
			budget = testFileBudget
		case f.path == "cmd/lazuli/main.go":
			budget = mainBudget
		}
		if f.lines > budget {
			t.Errorf("%s has %d lines, the budget is %d; split it by noun", f.path, f.lines, budget)
		}
		if !f.test {
			packages[f.folder] += f.lines
		}
	}
	for folder, lines := range packages {
		if lines > packageBudget {
			t.Errorf("package %s has %d lines, the budget is %d; split off a capability of its own", folder, lines, packageBudget)
		}
	}
	for _, f := range tree(t).tsx {
		if f.lines > tsxBudget {
			t.Errorf("%s has %d lines, the budget is %d; split the component", f.path, f.lines, tsxBudget)
		}
	}
}

func TestFunctionsStayWithinBudget(t *testing.T) {
	var all int
	var over []string
	for _, f := range tree(t).files {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || f.test {
				continue
			}
			all++
			lines := f.line(fn.End()) - f.line(fn.Pos()) + 1
			at := fmt.Sprintf("%s:%d: func %s has %d lines", f.path, f.line(fn.Pos()), fn.Name.Name, lines)
			if lines > funcLimit {
				t.Errorf("%s, the limit is %d; give its steps names of their own", at, funcLimit)
			} else if lines > funcBudget {
				over = append(over, at)
			}
		}
	}
	if float64(len(over)) > funcOver*float64(all) {
		t.Errorf("%d of %d functions are longer than %d lines, %.0f%% may be; give their steps names of their own:\n%s",
			len(over), all, funcBudget, funcOver*100, strings.Join(over, "\n"))
	}
}

func TestStructsStayWithinBudget(t *testing.T) {
	for _, f := range tree(t).files {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok || f.test {
				return true
			}
			fields, wire := 0, true
			for _, field := range s.Fields.List {
				fields += max(1, len(field.Names))
				wire = wire && field.Tag != nil && strings.Contains(field.Tag.Value, `json:"`)
			}
			if fields > structBudget && !wire { // the size of a wire schema is decided by Azure
				t.Errorf("%s:%d: a struct has %d fields, the budget is %d; split it by owner", f.path, f.line(s.Pos()), fields, structBudget)
			}
			return true
		})
	}
}

// banned are package names that say nothing about what is inside.
var banned = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "types", "models", "base", "impl", "pkg", "lib", "core"}

func TestNamesSayWhatIsInside(t *testing.T) {
	for _, f := range tree(t).files {
		name := strings.TrimSuffix(f.syntax.Name.Name, "_test")
		if slices.Contains(banned, name) || slices.Contains(banned, path.Base(f.folder)) {
			t.Errorf("%s: package name %q says nothing; name the noun it owns", f.path, name)
		}
		if name != strings.ToLower(name) || strings.Contains(name, "_") {
			t.Errorf("%s: package name %q is not one lower-case word", f.path, name)
		}
		if strings.HasPrefix(path.Base(f.path), "zz_") != f.generated {
			t.Errorf("%s: generated files, and only they, begin with zz_ and say \"Code generated ... DO NOT EDIT.\"", f.path)
		}
	}
}

func TestNoInitNoPanicNoGlobals(t *testing.T) {
	for _, f := range tree(t).files {
		if f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				checkFunc(t, f, d)
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					checkVars(t, f, d)
				}
			}
		}
	}
}

// checkFunc reports init functions, and panics that no comment announces. Passing a caught panic on, or ending an answer
// with http.ErrAbortHandler, is how net/http wants it.
func checkFunc(t *testing.T, f *file, fn *ast.FuncDecl) {
	if fn.Name.Name == "init" && fn.Recv == nil {
		t.Errorf("%s:%d: func init runs in every program that imports this; call a named function from cloud or cmd", f.path, f.line(fn.Pos()))
	}
	announced := strings.HasPrefix(strings.ToLower(fn.Name.Name), "must") || strings.Contains(fn.Doc.Text(), "panic")
	if announced || f.syntax.Name.Name == "main" {
		return
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if expression(call.Fun) != "panic" || len(call.Args) != 1 {
			return true
		}
		_, caught := call.Args[0].(*ast.Ident)
		if !caught && expression(call.Args[0]) != "http.ErrAbortHandler" && !f.excused(call.Pos()) {
			t.Errorf("%s:%d: panic in func %s; return an error, or, where only a mistake of the program leads there, say in the comment when it panics",
				f.path, f.line(call.Pos()), fn.Name.Name)
		}
		return true
	})
}

// checkVars reports package variables that are neither tables, errors, compiled patterns nor embedded files.
func checkVars(t *testing.T, f *file, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		embedded := strings.Contains(directives(d.Doc)+directives(v.Doc), "//go:embed")
		if v.Names[0].Name == "_" || embedded || f.excused(v.Pos()) {
			continue
		}
		if len(v.Values) == 0 {
			t.Errorf("%s:%d: package variable %s is state; make it a field of what owns it", f.path, f.line(v.Pos()), v.Names[0].Name)
		}
		for _, value := range v.Values {
			if !constant(value) {
				t.Errorf("%s:%d: package variable %s is neither a table, an error nor a compiled pattern; make it a const or a field",
					f.path, f.line(v.Pos()), v.Names[0].Name)
			}
		}
	}
}

// constructors are the functions whose results may be package variables.
var constructors = []string{"errors.New", "fmt.Errorf", "regexp.MustCompile", "azure.Errorf", "strings.NewReplacer", "reflect.TypeFor", "reflect.TypeOf", "store.K",
	"authz.Control", "authz.Data"}

// constant reports whether the value of a package variable is a table, an error or a compiled pattern.
func constant(value ast.Expr) bool {
	switch v := value.(type) {
	case *ast.CompositeLit, *ast.FuncLit, *ast.SelectorExpr: // the last: another package's value by a shorter name
		return true
	case *ast.UnaryExpr:
		return v.Op == token.AND && constant(v.X)
	case *ast.CallExpr:
		name := expression(v.Fun)
		last := name[strings.LastIndex(name, ".")+1:]
		if slices.Contains(constructors, name) || strings.HasPrefix(strings.ToLower(last), "must") {
			return true
		}
		_, conversion := v.Fun.(*ast.ArrayType) // []byte("text")
		return conversion || strings.HasSuffix(strings.ToLower(last), "table") || strings.HasPrefix(last, "append")
	}
	return false
}

// wellKnownMethods promise what the standard library says they do.
var wellKnownMethods = []string{"Error", "Unwrap", "Is", "String", "GoString", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText"}

func TestEverythingExportedIsDocumented(t *testing.T) {
	for _, f := range tree(t).files {
		if f.test || f.generated || f.syntax.Name.Name == "main" {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				wellKnown := d.Recv != nil && slices.Contains(wellKnownMethods, d.Name.Name)
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !wellKnown {
					t.Errorf("%s:%d: func %s is exported and has no comment; say what it promises", f.path, f.line(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				checkDocumented(t, f, d, f.path == "azure/codes.go")
			}
		}
	}
}

// checkDocumented reports exported types, constants and variables without a comment. A comment on the whole group is enough
// unless each is set.
func checkDocumented(t *testing.T, f *file, d *ast.GenDecl, each bool) {
	for _, spec := range d.Specs {
		var names []*ast.Ident
		var documented bool
		switch s := spec.(type) {
		case *ast.TypeSpec:
			names, documented = []*ast.Ident{s.Name}, s.Doc != nil || (d.Doc != nil && len(d.Specs) == 1)
		case *ast.ValueSpec:
			names, documented = s.Names, s.Doc != nil || s.Comment != nil || (d.Doc != nil && !each)
		}
		for _, name := range names {
			if name.IsExported() && !documented {
				t.Errorf("%s:%d: %s is exported and has no comment; say what it means", f.path, f.line(name.Pos()), name.Name)
			}
		}
	}
}

func TestEachPackageHasOneComment(t *testing.T) {
	found, sizes := map[string][]string{}, map[string]int{}
	for _, f := range tree(t).files {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		sizes[f.folder]++
		if _, seen := found[f.folder]; !seen {
			found[f.folder] = nil
		}
		if f.syntax.Doc != nil && strings.TrimSpace(f.syntax.Doc.Text()) != "" && !f.generated {
			found[f.folder] = append(found[f.folder], f.path)
		}
	}
	for folder, files := range found {
		home := path.Join(folder, "doc.go")
		if len(files) != 1 || (files[0] != home && sizes[folder] > 1) {
			t.Errorf("package %s has its package comment in %v; it belongs in %s alone: what it owns, what it does not know", folder, files, home)
		}
	}
}

// todo is a note for later; it needs the number of an issue, as in TODO(#12).
var todo = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)

func TestNotesForLaterNameAnIssue(t *testing.T) {
	numbered := regexp.MustCompile(`TODO\(#[0-9]+\)`)
	for _, f := range tree(t).files {
		for _, group := range f.syntax.Comments {
			for _, c := range group.List {
				if todo.MatchString(c.Text) && !numbered.MatchString(c.Text) && f.path != "house_test.go" {
					t.Errorf("%s:%d: a note for later names no issue; do it, or write TODO(#12)", f.path, f.line(c.Pos()))
				}
			}
		}
	}
}

func TestErrorCodesAreConstants(t *testing.T) {
	at := map[string]int{"azure.Errorf": 1, "WithInner": 0} // which argument is a code
	for _, f := range tree(t).files {
		if f.test || f.folder == "azure" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name := expression(n.Fun)
				i, ok := at[name]
				if !ok {
					i, ok = at[name[strings.LastIndex(name, ".")+1:]]
				}
				if ok && i < len(n.Args) && isText(n.Args[i]) {
					t.Errorf("%s:%d: an error code is written inline; make it a documented constant in azure/codes.go", f.path, f.line(n.Pos()))
				}
			case *ast.KeyValueExpr:
				if expression(n.Key) == "Code" && isText(n.Value) && f.imports("azure") {
					t.Errorf("%s:%d: an error code is written inline; make it a documented constant in azure/codes.go", f.path, f.line(n.Pos()))
				}
			}
			return true
		})
	}
}

// reads are the calls that reach the world around the process; below cmd, cli, cloud and tools it is handed in as fields.
var reads = map[string]string{
	"time.Now": "a field Now func() time.Time", "time.Since": "Now().Sub", "time.Until": "Sub(Now())",
	"os.Getenv": "a field of Options", "os.LookupEnv": "a field of Options", "os.Environ": "a field of Options",
	"os.UserHomeDir": "a field of Options", "flag.Parse": "a flag of cli",
}

func TestTheWorldIsHandedIn(t *testing.T) {
	free := []string{"cmd", "cli", "cloud", "tools", "examples", "conformance", "container/runtimetest"}
	for _, f := range tree(t).files {
		if f.test || withinAny(f.folder, free) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := expression(call.Fun)
			if strings.HasSuffix(name, "Deadline") { // of a connection: the kernel knows one clock
				return false
			}
			if instead, ok := reads[name]; ok && !f.excused(call.Pos()) {
				t.Errorf("%s:%d: %s is called; take %s instead, or end the line with \"// house: why it may\"", f.path, f.line(call.Pos()), name, instead)
			}
			return true
		})
	}
}

func TestDependenciesAreExplained(t *testing.T) {
	text, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		explained[m[1]] = true
	}
	direct := directModules(t)
	for _, m := range direct {
		if !explained[m] {
			t.Errorf("go.mod requires %s, docs/dependencies.md does not explain it: add a row (why, who else, what if it dies)", m)
		}
	}
	for m := range explained {
		if !slices.Contains(direct, m) {
			t.Errorf("docs/dependencies.md explains %s, go.mod does not require it: remove the row", m)
		}
	}
}

// proof is a test that docs/compat.md names.
var proof = regexp.MustCompile("`([a-z0-9_/]+_test\\.go):(Test[A-Za-z0-9]+)`")

// TestCompatibilityIsProven holds docs/compat.md to its word: what works names tests that exist, what does not names what the
// caller gets.
func TestCompatibilityIsProven(t *testing.T) {
	text, err := os.ReadFile("docs/compat.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for i, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 2 || cells[1] == " --- " || strings.HasPrefix(cells[1], "---") {
			continue
		}
		if len(cells) != 5 {
			t.Errorf("docs/compat.md:%d: a row has three cells: what, state, proof", i+1)
			continue
		}
		proofs := proof.FindAllStringSubmatch(cells[3], -1)
		switch state := strings.TrimSpace(cells[2]); state {
		case "state":
			continue // the head of a table
		case "works", "partly":
			if len(proofs) == 0 {
				t.Errorf("docs/compat.md:%d: what %s names its test as `file_test.go:TestName`", i+1, state)
			}
		case "not":
			if !strings.Contains(cells[3], "`") {
				t.Errorf("docs/compat.md:%d: what is not there names the error or the code that says so", i+1)
			}
		default:
			t.Errorf("docs/compat.md:%d: state %q is neither works, partly nor not", i+1, state)
		}
		rows++
		for _, p := range proofs {
			source, err := os.ReadFile(p[1])
			if err != nil || !strings.Contains(string(source), "\nfunc "+p[2]+"(") {
				t.Errorf("docs/compat.md:%d: there is no test %s in %s", i+1, p[2], p[1])
			}
		}
	}
	if rows == 0 {
		t.Error("docs/compat.md has no rows")
	}
}

// directModules returns the modules go.mod requires directly, and those its tool lines run.
func directModules(t *testing.T) []string {
	f, err := os.Open("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var direct, indirect, tools []string
	block := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		words, kind := strings.Fields(line), block
		switch {
		case strings.HasSuffix(line, "("):
			block = words[0]
			continue
		case line == ")":
			block = ""
			continue
		case len(words) > 1 && (words[0] == "require" || words[0] == "tool"):
			kind, words = words[0], words[1:]
		}
		switch {
		case len(words) == 0:
		case kind == "require" && strings.HasSuffix(line, "// indirect"):
			indirect = append(indirect, words[0])
		case kind == "require":
			direct = append(direct, words[0])
		case kind == "tool":
			tools = append(tools, words[0])
		}
	}
	for _, m := range indirect {
		if slices.ContainsFunc(tools, func(tool string) bool { return within(tool, m) }) {
			direct = append(direct, m)
		}
	}
	return direct
}

// A file is one source file of the tree.
type file struct {
	path, folder string // slash-separated, from the root
	lines        int
	test         bool // a test, or a suite that tests call
	generated    bool
	syntax       *ast.File // nil when not Go
	positions    *token.FileSet
}

// line returns the line of a position.
func (f *file) line(p token.Pos) int { return f.positions.Position(p).Line }

// excused reports whether the line of p ends with a comment "// house: reason".
func (f *file) excused(p token.Pos) bool {
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			if f.line(c.Pos()) == f.line(p) && strings.HasPrefix(c.Text, "// house: ") {
				return true
			}
		}
	}
	return false
}

// imports reports whether the file imports the package at the folder.
func (f *file) imports(folder string) bool {
	return slices.ContainsFunc(f.syntax.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == strconv.Quote(module+"/"+folder) })
}

// sources is the whole tree.
type sources struct {
	files []*file // Go
	tsx   []*file
	err   error
}

// parsed reads the tree once for all tests.
var parsed = sync.OnceValue(func() sources {
	var s sources
	positions := token.NewFileSet()
	s.err = fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			skip := name == "testdata" || name == "node_modules" || name == "bin" || p == "conformance" ||
				strings.HasPrefix(name, "zz_") || (strings.HasPrefix(name, ".") && p != ".")
			if skip {
				return fs.SkipDir
			}
			return nil
		}
		isTSX := strings.HasSuffix(name, ".tsx")
		if !strings.HasSuffix(name, ".go") && !isTSX {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f := &file{path: p, folder: path.Dir(p), lines: strings.Count(string(text), "\n"), positions: positions}
		if isTSX {
			s.tsx = append(s.tsx, f)
			return nil
		}
		f.test = strings.HasSuffix(name, "_test.go")
		if f.syntax, err = parser.ParseFile(positions, p, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		f.test = f.test || slices.ContainsFunc(f.syntax.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"testing"` })
		f.generated = ast.IsGenerated(f.syntax)
		if f.generated {
			f.lines = 0 // no budget
		}
		s.files = append(s.files, f)
		return nil
	})
	return s
})

// tree returns the parsed source tree.
func tree(t *testing.T) sources {
	t.Helper()
	s := parsed()
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s
}

// within reports whether p is folder or below it. Everything is within ".".
func within(p, folder string) bool {
	return folder == "." || p == folder || strings.HasPrefix(p, folder+"/")
}

// withinAny reports whether p is within one of the folders.
func withinAny(p string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return within(p, folder) })
}

// expression writes x.y.z as text; other expressions are empty.
func expression(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return expression(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return expression(e.X)
	}
	return ""
}

// isText reports whether e is a string literal other than the empty one.
func isText(e ast.Expr) bool {
	l, ok := e.(*ast.BasicLit)
	return ok && l.Kind == token.STRING && l.Value != `""`
}

// directives returns a comment group's lines as written.
func directives(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range g.List {
		b.WriteString(c.Text + "\n")
	}
	return b.String()
}

// exportedReceiver reports whether fn is a function, or a method of an exported type.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	receiver := fn.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	return ast.IsExported(expression(receiver))
}
