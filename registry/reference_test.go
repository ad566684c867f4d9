package registry

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/registry/oci"
)

// FuzzSplitReference: what is taken apart has a valid name, and put together it
// is taken apart the same.
func FuzzSplitReference(f *testing.F) {
	zeros := "sha256:" + strings.Repeat("0", 64)
	for _, s := range []string{"app", "app:v1", "a/b:v1", "app@" + zeros, "app:v1@" + zeros, "app@sha256:0", "app:", ":v1", "@", "host:5000/app:v1", "../app:v1", "app:v1:v2", "app:.."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		repo, reference, ok := splitReference(s)
		if !ok {
			return
		}
		if !oci.ValidName(repo) || reference == "" || !strings.HasPrefix(s, repo) {
			t.Fatalf("%q gives %q, %q", s, repo, reference)
		}
		separator := ":"
		if strings.Contains(reference, ":") {
			separator = "@"
		}
		if again, reference2, ok := splitReference(repo + separator + reference); !ok || again != repo || reference2 != reference {
			t.Fatalf("%q gives %q, %q, then %q, %q, %v", s, repo, reference, again, reference2, ok)
		}
	})
}
