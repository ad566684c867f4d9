// Package reference has words about secret references: the names under which a
// container group's properties speak of secrets in a key vault. It reads no
// secrets and knows no vaults.
package reference

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/container/wire"
)

// Reference is a name for a secret. Identity is the resource id of the managed
// identity that reads it, URI the secret's address, with or without version.
type Reference struct {
	Name, Identity, URI string
}

// maxReferences bounds the references of one group.
const maxReferences = 100

var (
	nameRule   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)
	secretRule = regexp.MustCompile(`^[A-Za-z0-9-]{1,127}$`)
)

// Read checks a group's references. wrong makes an error of what is wrong at a
// property; its text follows "The container group 'x' is invalid: ".
func Read(list []wire.SecretReference, wrong func(at, format string, args ...any) error) ([]Reference, error) {
	if len(list) > maxReferences {
		return nil, wrong("properties.secretReferences", "it has %d secret references; at most %d are allowed.", len(list), maxReferences)
	}
	var out []Reference
	for i, x := range list {
		at := "properties.secretReferences[" + strconv.Itoa(i) + "]"
		if !nameRule.MatchString(x.Name) {
			return nil, wrong(at+".name", "the name '%s' of a secret reference must be 1 to 63 letters, digits, '.', '-' and '_', with a letter or digit at both ends.", x.Name)
		}
		if Find(out, x.Name) {
			return nil, wrong(at+".name", "there are two secret references with the name '%s'.", x.Name)
		}
		if x.Identity == "" {
			return nil, wrong(at+".identity", "the secret reference '%s' has no identity; give the id of a user-assigned identity of the group that may read the secret.", x.Name)
		}
		if _, err := Parse(x.SecretReferenceURI); err != nil {
			return nil, wrong(at+".secretReferenceUri", "the secret reference '%s' has the address '%s', which %v.", x.Name, x.SecretReferenceURI, err)
		}
		out = append(out, Reference{Name: x.Name, Identity: x.Identity, URI: x.SecretReferenceURI})
	}
	return out, nil
}

// Find reports whether there is a reference of a name. Names are equal in any case.
func Find(list []Reference, name string) bool {
	return slices.ContainsFunc(list, func(r Reference) bool { return strings.EqualFold(r.Name, name) })
}

// Secret is where a secret is.
type Secret struct {
	Host          string // the vault's name, lower case, without port
	Name, Version string // Version is empty for the newest
}

// Parse takes an address of the form https://HOST/secrets/NAME[/VERSION] apart. Its
// error follows "the address ... ".
func Parse(uri string) (Secret, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Secret{}, errors.New("is not the https address of a secret in a key vault, such as 'https://myvault.vault.azure.net/secrets/name'")
	}
	words := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	if len(words) < 2 || len(words) > 3 || words[0] != "secrets" || !secretRule.MatchString(words[1]) {
		return Secret{}, errors.New("does not end in '/secrets/NAME' or '/secrets/NAME/VERSION'")
	}
	s := Secret{Host: strings.ToLower(u.Hostname()), Name: words[1]}
	if len(words) == 3 {
		if !secretRule.MatchString(words[2]) {
			return Secret{}, errors.New("ends in something else than the version of a secret")
		}
		s.Version = words[2]
	}
	return s, nil
}
