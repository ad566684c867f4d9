package access_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/registry/access"
)

func TestParseScopes(t *testing.T) {
	for _, c := range []struct {
		scopes string
		want   string
	}{
		{"repository:app:pull", "repository:app:pull"},
		{"repository:a/b:push,pull", "repository:a/b:push,pull"},
		{"repository:app:pull repository:b:delete", "repository:app:pull repository:b:delete"},
		{"registry:catalog:*", "registry:catalog:*"},
		{"repository:app:metadataWrite,metadataRead", "repository:app:metadata_write,metadata_read"},
		{"repository:app:*", "repository:app:pull,push,delete,metadata_read,metadata_write"},
		{"repository:host:5000/app:pull", "repository:host:5000/app:pull"},
		{"repository:app:pull,pull,fly", "repository:app:pull"},
		{"repository:app:fly", ""},
		{"registry:catalog:pull", ""},
		{"registry:other:*", ""},
		{"artifact-repository:repo:pull", ""},
		{"", ""},
		{":::", ""},
		{"repository:app", ""},
	} {
		if got := show(access.ParseScopes([]string{c.scopes})); got != c.want {
			t.Errorf("%q: %q, want %q", c.scopes, got, c.want)
		}
	}
}

func show(all []access.Access) string {
	var words []string
	for _, a := range all {
		words = append(words, a.String())
	}
	return strings.Join(words, " ")
}

// FuzzScopes: print and parse are inverse, no scope is without an action, and
// nothing is granted that was not named.
func FuzzScopes(f *testing.F) {
	f.Add("repository:a/b:pull,push registry:catalog:*")
	f.Add("repository:x:y:metadata_read,*,delete")
	f.Fuzz(func(t *testing.T, s string) {
		all := access.ParseScopes([]string{s})
		for _, a := range all {
			if len(a.Actions) == 0 || a.Name == "" {
				t.Fatalf("%q gives %+v", s, a)
			}
			if !strings.Contains(s, a.Type+":"+a.Name+":") {
				t.Fatalf("%q does not name %+v", s, a)
			}
		}
		if again := access.ParseScopes([]string{show(all)}); !reflect.DeepEqual(again, all) {
			t.Fatalf("%q gives %v, then %v", s, all, again)
		}
	})
}
