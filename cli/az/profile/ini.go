package profile

import (
	"os"
	"slices"
	"strings"
)

// ini is a file of sections and options, in the order of the file. Names of
// options are lower case, as Python's configparser has them.
type ini struct{ sections []section }

type section struct {
	name    string
	options []option
}

type option struct{ name, value string }

// readINI reads a file; one that is not there is empty.
func readINI(path string) (*ini, error) {
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	f := &ini{}
	for line := range strings.Lines(string(data)) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case trimmed[0] == '[' && strings.HasSuffix(trimmed, "]"):
			f.section(trimmed[1 : len(trimmed)-1])
		case len(f.sections) > 0:
			name, v, _ := strings.Cut(trimmed, "=")
			s := &f.sections[len(f.sections)-1]
			s.set(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(v))
		}
	}
	return f, nil
}

func (f *ini) section(name string) *section {
	i := slices.IndexFunc(f.sections, func(s section) bool { return s.name == name })
	if i < 0 {
		f.sections = append(f.sections, section{name: name})
		i = len(f.sections) - 1
	}
	return &f.sections[i]
}

func (s *section) set(name, v string) {
	i := slices.IndexFunc(s.options, func(o option) bool { return o.name == name })
	if i < 0 {
		s.options = append(s.options, option{name, v})
		return
	}
	s.options[i].value = v
}

func (f *ini) get(name, opt string) (string, bool) {
	for _, s := range f.sections {
		if s.name != name {
			continue
		}
		for _, o := range s.options {
			if o.name == opt {
				return o.value, true
			}
		}
	}
	return "", false
}

func (f *ini) remove(name, opt string) bool {
	s := f.section(name)
	before := len(s.options)
	s.options = slices.DeleteFunc(s.options, func(o option) bool { return o.name == opt })
	return len(s.options) < before
}

func (f *ini) removeSection(name string) {
	f.sections = slices.DeleteFunc(f.sections, func(s section) bool { return s.name == name })
}

func (f *ini) text() []byte {
	var b strings.Builder
	for _, s := range f.sections {
		b.WriteString("[" + s.name + "]\n")
		for _, o := range s.options {
			b.WriteString(o.name + " = " + o.value + "\n")
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}
