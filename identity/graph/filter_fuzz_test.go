package graph

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/identity"
)

// FuzzFilter: reading ends, an error names the place, and a filter that was
// read decides every object the same way twice.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"displayName eq 'x''y'", "identifierUris/any(s:s eq 'x')", "not (startswith(displayName,'a') or appId in ('x','y'))", "((((", "'", "any/any(x:x"} {
		f.Add(s)
	}
	app := appEntry{Application: identity.Application{ID: "1", AppID: "x", DisplayName: "x'y", IdentifierURIs: []string{"x"}}}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseFilter(text, app)
		if err != nil {
			if !strings.Contains(err.Error(), "position") {
				t.Errorf("the error %v names no place", err)
			}
			return
		}
		if first, second := got(app), got(app); first != second {
			t.Error("undecided")
		}
	})
}
