package differential

import (
	"strings"
	"sync"
	"testing"
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
}

// record counts what was compared, by command.
type record struct {
	mu      sync.Mutex
	stories int
	all     int
	rows    map[string]int
	errors  map[string]bool

	commands []string
}

func (r *record) add(line string, code int) {
	path := r.pathOf(line)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all++
	r.rows[path]++
	r.errors[path] = r.errors[path] || code != 0
}

// What the built-in az prints and how it ends is what the real one prints and how
// that ends, for each command in at least two rows, one of them an error.
func TestLikeTheRealOne(t *testing.T) {
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	r := &record{rows: map[string]int{}, errors: map[string]bool{}, commands: commands(ours(t), "")}
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
	if r.stories < len(stories) {
		return // one story alone, or one that failed
	}
	t.Logf("%d command lines of %d commands were compared", r.all, len(r.commands))
	for _, path := range r.commands {
		if r.rows[path] < 2 || !r.errors[path] {
			t.Errorf("az %s has %d rows, an error among them: %t; it needs two and an error", path, r.rows[path], r.errors[path])
		}
	}
}

// commands lists what the built-in az can do, as its help does.
func commands(s *side, group string) []string {
	var found []string
	heading := ""
	for line := range strings.Lines(s.run(append(strings.Fields(group), "--help")).Out) {
		if !strings.HasPrefix(line, " ") {
			heading = strings.TrimSpace(line)
			continue
		}
		word, _, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "     ") || !strings.Contains(line, " : ") {
			continue
		}
		path := strings.TrimSpace(group + " " + word)
		switch heading {
		case "Subgroups:":
			found = append(found, commands(s, path)...)
		case "Commands:":
			found = append(found, path)
		}
	}
	return found
}

// pathOf is the command of a row.
func (r *record) pathOf(line string) string {
	best := ""
	for _, p := range r.commands {
		if len(p) > len(best) && (line == p || strings.HasPrefix(line, p+" ")) {
			best = p
		}
	}
	return best
}
