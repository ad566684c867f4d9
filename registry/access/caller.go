package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Registry is what access needs to know of a registry.
type Registry struct {
	UID         string           `json:"uid"` // a registry made again under the same name has another
	Name        string           `json:"name"`
	LoginServer string           `json:"-"` // lower case, with port when it is not 443
	ID          azure.ResourceID `json:"id"`
	Admin       Admin            `json:"admin"`
	// Anonymous lets everybody pull, without a credential.
	Anonymous bool `json:"anonymous,omitempty"`
}

// Admin is the registry's admin user: its name is the registry's.
type Admin struct {
	Enabled   bool        `json:"enabled"`
	Passwords [2]Password `json:"passwords"`
}

// Password is one of the two admin passwords. What verifies it is a hash: the
// material is random and long enough to need no stretching.
type Password struct {
	Sealed     []byte `json:"sealed"` // for listCredentials; opened by the sealer
	Hash       []byte `json:"hash"`   // SHA-256
	Generation int64  `json:"generation"`
}

// PasswordNames are the passwords' names on the wire.
var PasswordNames = [2]string{"password", "password2"}

// passwordLength gives about 300 bits.
const passwordLength = 52

const passwordAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// NewPassword makes a random password that needs no quoting in any shell. It
// follows the generation of old.
func NewPassword(old Password, seal func([]byte) ([]byte, error)) (Password, error) {
	text, err := randomPassword()
	if err != nil {
		return Password{}, err
	}
	sealed, err := seal(text)
	if err != nil {
		return Password{}, fmt.Errorf("cannot seal an admin password: %w", err)
	}
	hash := sha256.Sum256(text)
	return Password{Sealed: sealed, Hash: hash[:], Generation: old.Generation + 1}, nil
}

// adminKey says which admin password a caller gave.
type adminKey struct {
	Password   int   `json:"password"` // index
	Generation int64 `json:"generation"`
}

// Caller is who stands behind a request: the admin user, a token of the registry,
// nobody in particular, or a principal.
type Caller struct {
	Principal  authz.Principal // of the admin user only Name, for the audit log
	Credential string          // the secret the principal signed in with; may be empty
	admin      *adminKey
	token      *tokenKey
	anonymous  bool
	registry   string   // uid of the registry it was authenticated for
	grants     []Access // what its token was made for
	limited    bool     // the token holds only grants
}

// login finds the admin password; ok is false for a wrong one.
func (a Admin) login(password string) (adminKey, bool) {
	hash := sha256.Sum256([]byte(password))
	for i, p := range a.Passwords {
		if len(p.Hash) > 0 && subtle.ConstantTimeCompare(hash[:], p.Hash) == 1 {
			return adminKey{i, p.Generation}, true
		}
	}
	return adminKey{}, false
}

// holds reports whether the admin user is on and the password has not changed.
func (a Admin) holds(k adminKey) bool {
	return a.Enabled && k.Password >= 0 && k.Password < len(a.Passwords) && a.Passwords[k.Password].Generation == k.Generation
}

func (c Caller) name() string {
	switch p := c.Principal; {
	case p.Name != "":
		return p.Name
	case p.AppID != "":
		return p.AppID
	default:
		return p.ObjectID
	}
}

// Lifetimes of tokens. Azure: 75 minutes and 3 hours.
const (
	AccessLifetime  = 75 * time.Minute
	RefreshLifetime = 3 * time.Hour
)
