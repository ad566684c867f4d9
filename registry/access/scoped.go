package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Token is a login that belongs to one registry and may do what its scope map
// says, nothing else. Azure calls it a token; it is a name with two passwords.
type Token struct {
	Name      string
	Enabled   bool
	Passwords [2]TokenPassword
	// Actions are the scope map's now: "repositories/app/content/read". A token
	// whose scope map is gone has none.
	Actions []string
}

// TokenPassword is one of a token's two passwords. Of the password itself only
// the hash is kept: it is shown once, when it is made.
type TokenPassword struct {
	Hash       []byte    `json:"hash,omitempty"` // SHA-256; empty means that there is none
	Generation int64     `json:"generation,omitempty"`
	Created    time.Time `json:"created,omitzero"`
	Expires    time.Time `json:"expires,omitzero"` // zero means never
}

// TokenPasswordNames are their names on the wire.
var TokenPasswordNames = [2]string{"password1", "password2"}

// NewTokenPassword makes a random password and gives it as text, once.
func NewTokenPassword(now, expires time.Time) (TokenPassword, string, error) {
	text, err := randomPassword()
	if err != nil {
		return TokenPassword{}, "", err
	}
	hash := sha256.Sum256(text)
	// The password's own number: a token deleted and made again under its name has another.
	generation, err := rand.Int(rand.Reader, big.NewInt(1<<52))
	if err != nil {
		return TokenPassword{}, "", fmt.Errorf("cannot make a password: %w", err)
	}
	return TokenPassword{Hash: hash[:], Generation: generation.Int64(), Created: now, Expires: expires}, string(text), nil
}

func randomPassword() ([]byte, error) {
	text := make([]byte, passwordLength)
	for i := range text {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(passwordAlphabet))))
		if err != nil {
			return nil, fmt.Errorf("cannot make a password: %w", err)
		}
		text[i] = passwordAlphabet[n.Int64()]
	}
	return text, nil
}

// good reports whether the password is there and has not ended.
func (p TokenPassword) good(now time.Time) bool {
	return len(p.Hash) > 0 && (p.Expires.IsZero() || now.Before(p.Expires))
}

// tokenKey says which password of which token a caller gave.
type tokenKey struct {
	Name       string `json:"name"`
	Password   int    `json:"password"` // index
	Generation int64  `json:"generation"`
}

// login finds the password; ok is false for a wrong or ended one.
func (t Token) login(password string, now time.Time) (k tokenKey, ok bool) {
	hash := sha256.Sum256([]byte(password))
	for i, p := range t.Passwords {
		if p.good(now) && subtle.ConstantTimeCompare(hash[:], p.Hash) == 1 {
			return tokenKey{t.Name, i, p.Generation}, true
		}
	}
	return tokenKey{}, false
}

// holds reports whether the token is enabled and the password still counts.
func (t Token) holds(k tokenKey, now time.Time) bool {
	if !t.Enabled || k.Password < 0 || k.Password >= len(t.Passwords) {
		return false
	}
	p := t.Passwords[k.Password]
	return p.good(now) && p.Generation == k.Generation
}

// verbs are the ends of a scope map's actions.
var verbs = map[string]Action{"content/read": Pull, "content/write": Push, "content/delete": Delete, "metadata/read": MetadataRead, "metadata/write": MetadataWrite}

// ParseMapAction reads an action of a scope map: "repositories/", a repository,
// "/" and one of content/read, content/write, content/delete, metadata/read,
// metadata/write. The repository may be "*" or end in "/*".
func ParseMapAction(s string) (repository string, a Action, ok bool) {
	rest, found := strings.CutPrefix(s, "repositories/")
	if !found {
		return "", "", false
	}
	for verb, action := range verbs {
		if name, found := strings.CutSuffix(rest, "/"+verb); found && name != "" {
			return name, action, true
		}
	}
	return "", "", false
}

// allows asks the scope map. The catalog is for who may read the metadata of
// every repository.
func (t Token) allows(typ, name string, a Action) bool {
	if typ == TypeRegistry {
		name, a = "*", MetadataRead
	}
	for _, s := range t.Actions {
		pattern, action, ok := ParseMapAction(s)
		if ok && action == a && matches(pattern, name) {
			return true
		}
	}
	return false
}

// matches reports whether a scope map's repository means the name.
func matches(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return prefix == "" || strings.HasSuffix(prefix, "/") && strings.HasPrefix(name, prefix)
	}
	return pattern == name
}
