package command

import (
	"slices"
	"strings"
)

// A Group is a name above commands, such as "acr credential", and what it is for.
type Group struct{ Path, Help string }

// A Command is one row of the table: what it is called, what it takes, what it
// does and how its result looks in a table.
type Command struct {
	Path     string // the words after az, such as "group create"
	Help     string // one sentence
	Long     string // more, shown by --help; may be empty
	Examples []Example
	Args     []Arg
	// Run does the work and returns what is printed: nil for nothing, a value of
	// package value, or anything encoding/json can write.
	Run func(*Call) (any, error)
	// Table reshapes the result for -o table; nil shows the members that are
	// neither objects nor lists, sorted.
	Table func(any) any
	// Confirm is a question to ask first; --yes/-y is added and skips it.
	Confirm string
	// Warnings are said on stderr before the work, such as that the command is a
	// preview.
	Warnings []string

	rows string // of a text table, until they are needed
}

// An Example is a use of a command, for --help.
type Example struct{ What, Line string }

// Kind says how many values an argument takes and of what type.
type Kind uint8

// The kinds. Text is the zero value.
const (
	Text   Kind = iota // one value
	Int                // one whole number
	Float              // one number
	Flag               // none: being there is the value
	Switch             // true or false; true when the value is left out (az's three-state flag)
	List               // one or more values
	Any                // any number of values, also none
	Maybe              // one value or none
)

// An Arg is an argument of a command.
type Arg struct {
	Name     string   // by which Run asks for it; unique in the command
	Flags    []string // such as --name and -n, the first one shown in messages; a positional argument has none
	Kind     Kind
	Required bool
	Append   bool // values of several uses add up
	Choices  []string
	Default  string
	Config   string // name in `az configure --defaults` (and AZURE_DEFAULTS_NAME); empty: none
	// ID is the part of a resource id the argument names: resource_group, name,
	// child_name_1 and so on. A command with a name part takes --ids instead.
	ID    string
	Group string // heading in --help; empty: the general one
	Help  string
}

// shown is how messages name the argument.
func (a Arg) shown() string {
	if len(a.Flags) == 0 {
		return a.Name
	}
	return strings.Join(a.Flags, "/")
}

// Table is all groups and commands. Each package of commands adds its own.
type Table struct {
	Groups   []Group
	Commands []Command
}

// Add puts the groups and commands of a package into the table.
func (t *Table) Add(groups []Group, commands []Command) {
	t.Groups = append(t.Groups, groups...)
	t.Commands = append(t.Commands, commands...)
}

// find returns the command of a path.
func (t *Table) find(path string) *Command {
	for i := range t.Commands {
		if t.Commands[i].Path == path {
			t.Commands[i].load()
			return &t.Commands[i]
		}
	}
	return nil
}

// isGroup reports whether there are commands below path.
func (t *Table) isGroup(path string) bool {
	return slices.ContainsFunc(t.Commands, func(c Command) bool { return path == "" || strings.HasPrefix(c.Path, path+" ") })
}

// below lists the words that may follow path.
func (t *Table) below(path string) []string {
	prefix, words := path+" ", []string{}
	if path == "" {
		prefix = ""
	}
	for _, c := range t.Commands {
		rest, ok := strings.CutPrefix(c.Path, prefix)
		if word, _, _ := strings.Cut(rest, " "); ok && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

// help is what a group is for.
func (t *Table) help(path string) string {
	for _, g := range t.Groups {
		if g.Path == path {
			return g.Help
		}
	}
	return ""
}
