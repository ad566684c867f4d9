package store_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

func TestKeys(t *testing.T) {
	for _, parts := range [][]string{
		nil, {""}, {"", ""}, {"a"}, {"a", ""}, {"a", "b"}, {"a/b"}, {"a\x00b"}, {"a\x00", "b"}, {"a", "\x00b"}, {"\x01"}, {"\x00\x01\x02", "\xff"},
	} {
		if got := store.K(parts...).Parts(); !slices.Equal(got, parts) {
			t.Errorf("K(%q).Parts() = %q", parts, got)
		}
	}
	if store.K("a").HasPrefix(store.K("a", "b")) || store.K("ab").HasPrefix(store.K("a")) || !store.K("a", "b").HasPrefix(store.K("a")) {
		t.Error("only whole parts are a prefix")
	}
	if got := store.K("a/b", "c d", "\x00").String(); got != "a%2Fb/c%20d/%00" {
		t.Errorf("String = %s", got)
	}
}

// FuzzKey: keys are read back, ordered and nested as their parts are.
func FuzzKey(f *testing.F) {
	f.Add("a|b", "a|c")
	f.Add("a\x00|b", "a|\x00b")
	f.Add("\x01", "\x00|")
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := strings.Split(x, "|"), strings.Split(y, "|")
		ka, kb := store.K(a...), store.K(b...)
		if !slices.Equal(ka.Parts(), a) {
			t.Errorf("K(%q).Parts() = %q", a, ka.Parts())
		}
		if got, want := cmp.Compare(ka, kb), slices.Compare(a, b); got != want {
			t.Errorf("K(%q) against K(%q): %d, parts %d", a, b, got, want)
		}
		if got, want := ka.HasPrefix(kb), len(b) <= len(a) && slices.Equal(a[:min(len(a), len(b))], b); got != want {
			t.Errorf("K(%q) under K(%q): %v", a, b, got)
		}
	})
}
