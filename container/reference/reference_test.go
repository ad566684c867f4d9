package reference_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/reference"
)

func TestParse(t *testing.T) {
	for uri, want := range map[string]reference.Secret{
		"https://kv.vault.azure.net/secrets/db":                  {Host: "kv.vault.azure.net", Name: "db"},
		"https://KV.vault.lazuli.localhost:8443/secrets/db/":     {Host: "kv.vault.lazuli.localhost", Name: "db"},
		"https://kv.vault.azure.net/secrets/db/0123456789abcdef": {Host: "kv.vault.azure.net", Name: "db", Version: "0123456789abcdef"},
	} {
		if got, err := reference.Parse(uri); err != nil || got != want {
			t.Errorf("%s: %+v %v", uri, got, err)
		}
	}
	for _, uri := range []string{
		"", "db", "http://kv.vault.azure.net/secrets/db", "https://kv.vault.azure.net/keys/db", "https://kv.vault.azure.net/secrets/", "https://kv.vault.azure.net/secrets/a/b/c",
		"https://kv.vault.azure.net/secrets/../keys/db", "https://kv.vault.azure.net/secrets/a%2fb", "https://me:pw@kv.vault.azure.net/secrets/db",
		"https://kv.vault.azure.net/secrets/db?api-version=1", "https://kv.vault.azure.net/secrets/db#x", "https:///secrets/db",
	} {
		if got, err := reference.Parse(uri); err == nil {
			t.Errorf("%q is taken for %+v", uri, got)
		}
	}
}

// What is parsed can be written again and means the same; nothing of it can break
// out of its place in an address.
func FuzzParse(f *testing.F) {
	f.Add("https://kv.vault.azure.net/secrets/db/0123")
	f.Add("https://kv.vault.azure.net:8443//secrets/%64b")
	f.Fuzz(func(t *testing.T, uri string) {
		s, err := reference.Parse(uri)
		if err != nil {
			return
		}
		if strings.ContainsAny(s.Name+s.Version, "/?#%.") || s.Host == "" || s.Host != strings.ToLower(s.Host) {
			t.Errorf("%q: %+v", uri, s)
		}
		host := s.Host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if strings.ContainsAny(host, "%\"<>") {
			return // a zone or an escaped name, which no vault has
		}
		if again, err := reference.Parse("https://" + host + "/secrets/" + s.Name + "/" + s.Version); err != nil || again != s {
			t.Errorf("%q: %+v, written again %+v %v", uri, s, again, err)
		}
	})
}
