package volume

import (
	"crypto/subtle"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Share is a directory-backed file share.
type Share struct {
	Account, Name string
	Key           azure.Secret
}

var (
	accountRule = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
	shareRule   = regexp.MustCompile(`^[a-z0-9]([a-z0-9]|-[a-z0-9]){2,62}$`)
)

// Check says what is wrong with the names of a share, in words that follow "the
// volume 'x' ".
func (s Share) Check() error {
	switch {
	case !accountRule.MatchString(s.Account):
		return fmt.Errorf("names the storage account '%s'; a name has 3 to 24 lower-case letters and digits", s.Account)
	case !shareRule.MatchString(s.Name) || len(s.Name) > 63:
		return fmt.Errorf("names the share '%s'; a name has 3 to 63 lower-case letters, digits and single hyphens", s.Name)
	case s.Key.IsZero():
		return fmt.Errorf("has no 'storageAccountKey'; give the key of the account '%s'", s.Account)
	}
	return nil
}

// keyFile holds an account's key; no share can have the name.
const keyFile = ".key"

// maxKey bounds a key file.
const maxKey = 4096

// Open checks the key and returns the directory of the share below dir. Its
// errors are for the user of the volume.
func (s Share) Open(dir string) (string, error) {
	if err := s.Check(); err != nil {
		return "", err
	}
	account := filepath.Join(dir, s.Account)
	root, err := os.OpenRoot(account)
	if err != nil {
		return "", fmt.Errorf("the storage account '%s' does not exist in this cloud: make the directory %s with the file %s in it", s.Account, account, keyFile)
	}
	defer root.Close() //nolint:errcheck // a directory handle
	f, err := root.Open(keyFile)
	if err != nil {
		return "", fmt.Errorf("the storage account '%s' has no key: write one in base64 to %s", s.Account, filepath.Join(account, keyFile))
	}
	defer f.Close() //nolint:errcheck // reading only
	want, err := io.ReadAll(io.LimitReader(f, maxKey))
	if err != nil {
		return "", fmt.Errorf("cannot read the key of the storage account '%s': %w", s.Account, err)
	}
	key := strings.TrimSpace(string(want))
	if key == "" || subtle.ConstantTimeCompare([]byte(key), []byte(strings.TrimSpace(s.Key.Reveal()))) != 1 {
		return "", fmt.Errorf("the key is not that of the storage account '%s'", s.Account)
	}
	if st, err := root.Lstat(s.Name); err != nil || !st.IsDir() {
		return "", fmt.Errorf("the storage account '%s' has no share '%s': make the directory %s", s.Account, s.Name, filepath.Join(account, s.Name))
	}
	return filepath.Join(account, s.Name), nil
}
