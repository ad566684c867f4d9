package differential

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lazuli-cloud/lazuli/cli/az"
	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// stories are told beside each other; each has names of its own.
var stories = map[string][]string{
	"groups":            groupsRows,
	"account":           accountRows,
	"registries":        registriesRows,
	"repositories":      repositoriesRows,
	"vaults":            vaultsRows,
	"secrets":           secretsRows,
	"serviceprincipals": servicePrincipalsRows,
	"containers":        containersRows,
	"resources":         resourcesRows,
	"scopes":            scopesRows,
	"deployments":       deploymentsRows,
	"certificates":      certificatesRows,
	"directorygroups":   directoryGroupsRows,
	"hooks":             hooksRows,
	"specs":             specsRows,
	"tree":              treeRows,
}

// silent are the commands that print no result when they succeed.
var silent = []string{
	"account clear", "account lock delete", "account set", "acr delete", "acr import", "acr manifest delete",
	"acr repository untag", "acr scope-map delete", "acr token delete", "ad app credential delete",
	"ad app delete", "ad app owner add", "ad app owner remove", "ad app update", "ad sp credential delete", "ad sp delete",
	"ad sp update", "ad user delete", "ad user update", "cloud register", "cloud set", "cloud unregister", "cloud update",
	"container attach", "container exec", "container export", "container logs", "container restart", "container start",
	"container stop", "deployment group cancel", "deployment group delete", "deployment group export", "deployment mg cancel",
	"deployment mg delete", "deployment mg export", "deployment sub cancel", "deployment sub delete", "deployment sub export",
	"deployment tenant cancel", "deployment tenant delete", "deployment tenant export", "group delete", "group lock delete",
	"identity delete", "keyvault delete", "keyvault purge", "keyvault secret backup", "keyvault secret download",
	"keyvault secret purge", "lock delete", "logout", "resource delete", "resource invoke-action", "role assignment delete",
	"role definition delete", "tag delete", "tag remove-value",
	"acr webhook delete", "ad group delete", "ad group member add", "ad group member remove", "ad group owner add", "ad group owner remove",
	"config set", "config unset", "provider register", "resource lock delete", "ts delete",
	"account management-group delete", "account management-group subscription remove",
	// Their lists are empty.
	"acr cache list", "acr credential-set list", "acr private-endpoint-connection list", "acr replication list",
}

// refused are commands, and groups of them, of what this cloud does not have: it
// says so to both programs, which are alike in what they make of it.
var refused = []string{
	"account management-group hierarchy-settings", "acr agentpool", "acr cache create", "acr cache delete", "acr cache show", "acr cache update",
	"acr config soft-delete update", "acr connected-registry", "acr credential-set delete", "acr credential-set show", "acr network-rule add",
	"acr private-endpoint-connection delete", "acr private-endpoint-connection show", "acr private-link-resource", "acr replication create",
	"acr replication delete", "acr replication show", "acr replication update", "acr task", "acr taskrun", "identity federated-credential",
	"identity list-operations", "identity list-resources", "provider operation", "provider permission", "provider unregister", "resource link",
	"resource move",
}

// empty are lists of what this cloud refuses to make.
var empty = []string{"acr cache list", "acr credential-set list", "acr private-endpoint-connection list", "acr replication list", "ad group list"}

// record counts what was compared, by command.
type record struct {
	mu      sync.Mutex
	stories int
	all     int
	rows    map[string]int
	errors  map[string]bool
	done    map[string]bool
	formats map[string]map[string]bool // in which each command printed something

	commands map[string]command.Command
}

func newRecord() *record {
	r := &record{rows: map[string]int{}, errors: map[string]bool{}, done: map[string]bool{}, formats: map[string]map[string]bool{}, commands: map[string]command.Command{}}
	for _, c := range az.Table().Commands {
		r.commands[c.Path] = c
	}
	return r
}

func (r *record) add(line string, code int) {
	path := r.pathOf(line)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all++
	r.rows[path]++
	r.errors[path] = r.errors[path] || code != 0
	r.done[path] = r.done[path] || code == 0
}

// saw notes that a result was compared in a format, unless there is nothing in it.
func (r *record) saw(line, format string, all map[string]string) {
	if text := strings.TrimSpace(all["json"]); text == "[]" || strings.HasPrefix(all[format], "ERROR: ") {
		return
	}
	path := r.pathOf(line)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.formats[path] == nil {
		r.formats[path] = map[string]bool{}
	}
	r.formats[path][format] = true
}

// print prints the JSON that a command line printed in the other formats. JSON is
// sorted: where a query chose the order of columns, it says nothing about tables.
func (r *record) print(line, text string) map[string]string {
	v, err := value.Decode([]byte(text))
	if err != nil {
		return nil // not JSON: the result is printed as it is
	}
	shown := output.Result{Value: v, Queried: strings.Contains(line, " --query "), Table: r.commands[r.pathOf(line)].Table}
	if shown.Queried && strings.Contains(text, "{") {
		return nil
	}
	printed := map[string]string{}
	for _, format := range formats {
		out, err := output.Print(shown, format, false)
		if err != nil {
			out = []byte("ERROR: " + err.Error() + "\n")
		}
		printed[format] = string(out)
	}
	return printed
}

// What the built-in az prints and how it ends is what the real one prints and how
// that ends, for each command in at least two rows, one of them an error.
func TestLikeTheRealOne(t *testing.T) {
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	r := newRecord()
	t.Run("locks", func(t *testing.T) { tell(t, locksRows, r) })
	t.Run("stories", func(t *testing.T) {
		for name, rows := range stories {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tell(t, rows, r)
				r.mu.Lock()
				defer r.mu.Unlock()
				r.stories++
			})
		}
	})
	if r.stories < len(stories) && !t.Failed() {
		return // one story alone
	}
	t.Logf("%d command lines of %d commands were compared", r.all, len(r.commands))
	for _, path := range slices.Sorted(maps.Keys(r.commands)) {
		r.check(t, path)
	}
}

// check wants a command in enough rows: one that fails and one that does not, and
// its result in each format.
func (r *record) check(t *testing.T, path string) {
	t.Helper()
	never := slices.ContainsFunc(refused, func(p string) bool { return path == p || strings.HasPrefix(path, p+" ") })
	if r.rows[path] < 2 || !r.errors[path] {
		t.Errorf("az %s has %d rows, an error among them: %t; it needs two and an error", path, r.rows[path], r.errors[path])
	}
	if r.done[path] == never && path != "container exec" { // which succeeds at a terminal
		t.Errorf("az %s succeeds in a row: %t; it is among the refused: %t", path, r.done[path], never)
	}
	if slices.Contains(empty, path) || strings.HasSuffix(path, " wait") { // which prints what a condition asks for
		return
	}
	quiet := never || slices.Contains(silent, path)
	for _, format := range []string{"json", "tsv", "table"} {
		if r.formats[path][format] == quiet {
			t.Errorf("az %s: a result as %s was compared: %t; it is among those without one: %t", path, format, r.formats[path][format], quiet)
		}
	}
}

// pathOf is the command of a row.
func (r *record) pathOf(line string) string {
	best := ""
	for p := range r.commands {
		if len(p) > len(best) && (line == p || strings.HasPrefix(line, p+" ")) {
			best = p
		}
	}
	return best
}
