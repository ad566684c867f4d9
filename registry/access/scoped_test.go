package access_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/registry/access"
)

// FuzzMapAction: an action is put together again from its parts, and what is
// put together is read as the same.
func FuzzMapAction(f *testing.F) {
	for _, s := range []string{"repositories/app/content/read", "repositories/a/b/metadata/write", "repositories/*/content/delete", "repositories/x/content/read/content/write", "repositories//content/read", "gateway/a/config/read", ""} {
		f.Add(s)
	}
	words := map[access.Action]string{access.Pull: "content/read", access.Push: "content/write", access.Delete: "content/delete", access.MetadataRead: "metadata/read", access.MetadataWrite: "metadata/write"}
	f.Fuzz(func(t *testing.T, s string) {
		name, action, ok := access.ParseMapAction(s)
		if !ok {
			if name != "" || action != "" {
				t.Fatalf("%q is refused and gives %q, %q", s, name, action)
			}
			return
		}
		if name == "" || strings.TrimSuffix(strings.TrimPrefix(s, "repositories/"), "/"+words[action]) != name {
			t.Fatalf("%q gives %q, %q", s, name, action)
		}
		if again, action2, ok := access.ParseMapAction("repositories/" + name + "/" + words[action]); !ok || again != name || action2 != action {
			t.Fatalf("%q gives %q, then %q", s, name, again)
		}
	})
}
