package differential

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cli/az"
)

// docs/compat.md says how much is compared.
func TestCountInTheDocs(t *testing.T) {
	lines := 0
	for _, rows := range append([][]string{locksRows}, allStories()...) {
		for _, row := range rows {
			if !strings.HasPrefix(row, "+ ") && !strings.HasPrefix(row, "? ") {
				lines++
			}
		}
	}
	text, err := os.ReadFile("../../../docs/compat.md")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d command lines of %d commands", lines, len(az.Table().Commands))
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("docs/compat.md does not say %q", want)
	}
	if want := fmt.Sprintf("%d command lines at a terminal", len(scenes)); !strings.Contains(string(text), want) {
		t.Errorf("docs/compat.md does not say %q", want)
	}
}

func allStories() (all [][]string) {
	for _, rows := range stories {
		all = append(all, rows)
	}
	return all
}
