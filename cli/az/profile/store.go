package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Store is a configuration directory of az. Safe for several processes at once;
// one Store is used by one goroutine.
type Store struct {
	Dir    string
	Getenv func(string) string
	Now    func() time.Time
	// Fetch reads a URL; for the clouds of ARM_CLOUD_METADATA_URL.
	Fetch func(url string) ([]byte, error)
	// Warn shows a warning to the user.
	Warn func(format string, args ...any)

	clouds []*Cloud // known ones, once they have been read
}

func (s *Store) path(name string) string { return filepath.Join(s.Dir, name) }

// mark is the byte order mark az puts before its JSON.
const mark = "\xef\xbb\xbf"

// readJSON reads a file of the directory; nil when it is not there or empty.
func (s *Store) readJSON(name string) (any, error) {
	data, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte(mark)))
	if len(data) == 0 {
		return nil, nil
	}
	v, err := value.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s is no JSON (%w); move it away and sign in again", s.path(name), err)
	}
	return v, nil
}

// write replaces a file of the directory at once; others never see half of it.
func (s *Store) write(name string, data []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.Dir, "."+name+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), s.path(name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// locked runs do while nobody else, the real az included, writes the file.
func (s *Store) locked(name string, do func() error) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return do()
}

// Config is an option of the user's configuration: AZURE_SECTION_OPTION of the
// environment, else the file.
func (s *Store) Config(section, option string) (string, bool) {
	if v := s.Getenv("AZURE_" + upper(section) + "_" + upper(option)); v != "" {
		return v, true
	}
	f, err := readINI(s.path("config"))
	if err != nil {
		return "", false
	}
	return f.get(section, option)
}

// upper is a name as the environment has it.
func upper(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// Flag is a yes-or-no option of the configuration.
func (s *Store) Flag(section, option string) bool {
	v, _ := s.Config(section, option)
	switch v {
	case "1", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true
	}
	return false
}

// An Option is one line of the configuration file.
type Option struct{ Name, Value string }

// Section lists the options of a section of the configuration file.
func (s *Store) Section(name string) ([]Option, error) {
	f, err := readINI(s.path("config"))
	if err != nil {
		return nil, err
	}
	var found []Option
	for _, sec := range f.sections {
		for _, o := range sec.options {
			if sec.name == name {
				found = append(found, Option{o.name, o.value})
			}
		}
	}
	return found, nil
}

// Sections lists the names of the sections of the configuration file.
func (s *Store) Sections() ([]string, error) {
	f, err := readINI(s.path("config"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, sec := range f.sections {
		names = append(names, sec.name)
	}
	return names, nil
}

// SetConfig changes an option of the configuration file.
func (s *Store) SetConfig(section, option, v string) error {
	f, err := readINI(s.path("config"))
	if err != nil {
		return err
	}
	f.section(section).set(option, v)
	return s.write("config", f.text(), 0o600)
}

// RemoveConfig takes an option out of the configuration file, and says whether it
// was there.
func (s *Store) RemoveConfig(section, option string) (bool, error) {
	f, err := readINI(s.path("config"))
	if err != nil || !f.remove(section, option) {
		return false, err
	}
	return true, s.write("config", f.text(), 0o600)
}
