package authz_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/authz"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "Microsoft.KeyVault/vaults/write", true},
		{"*", "", true},
		{"*/read", "Microsoft.KeyVault/vaults/read", true},
		{"*/read", "Microsoft.KeyVault/vaults/read/action", false},
		{"microsoft.keyvault/*", "Microsoft.KeyVault/vaults/write", true},
		{"Microsoft.KeyVault/vaults/*/read", "microsoft.keyvault/vaults/secrets/READ", true},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read", false},
		{"Microsoft.KeyVault/vaults", "Microsoft.KeyVault/vaults2", false},
		{"a*b*c", "axbxbxc", true},
		{"a*b*c", "axbxbx", false},
		{"", "", true},
		{"", "a", false},
		{"a**", "a", true},
	} {
		if got := authz.Match(c.pattern, c.name); got != c.want {
			t.Errorf("Match(%q, %q) is %v", c.pattern, c.name, got)
		}
	}
}

// FuzzMatch: it is what a regular expression of the same meaning says.
func FuzzMatch(f *testing.F) {
	f.Add("a*b*c", "AxBxbxC")
	f.Add("*/read", "x/y/read")
	f.Add("**a*", "ba")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		for _, s := range []string{pattern, name} {
			if strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e }) || len(s) > 64 {
				return
			}
		}
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		want := regexp.MustCompile(`(?is)^` + strings.Join(parts, ".*") + `$`).MatchString(name)
		if got := authz.Match(pattern, name); got != want {
			t.Fatalf("Match(%q, %q) is %v, want %v", pattern, name, got, want)
		}
	})
}
