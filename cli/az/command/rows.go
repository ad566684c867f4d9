package command

import (
	"slices"
	"strings"
)

// Do is what a command of a text table does.
type Do struct {
	Run   func(*Call) (any, error)
	Table func(any) any
}

// Rows reads groups and commands from a text, so that their arguments and help
// stay out of the way:
//
//	# acr | Manage private registries.
//	acr show | Get the details of a registry.
//		--name -n required config=acr id=name name=registry_name | The name of the registry.
//		--sku choices=Basic,Standard default=Basic | The SKU.
//		! Show a registry. | az acr show -n myregistry
//
// A line with # is a group; one without a tab a command; with a tab an argument,
// an example (!), a question to confirm (?) or a warning (~). After the flags of an argument come
// its kind (int, float, flag, switch, list, any, maybe), required, append,
// choices=, default=, config=, id=, group= and name=, where that is not the first
// long flag with _ for -; ~ stands for a blank. Arguments are read when their
// command is used. Rows takes the commands that do names, and panics when the text
// lacks one.
func Rows(text string, do map[string]Do) ([]Group, []Command) {
	var groups []Group
	var commands []Command
	for len(text) > 0 {
		end := 0 // of this line and those with a tab after it
		for {
			next := strings.IndexByte(text[end:], '\n')
			if next < 0 {
				end = len(text)
				break
			}
			if end += next + 1; end >= len(text) || text[end] != '\t' {
				break
			}
		}
		block := text[:end]
		text = text[end:]
		head, args, _ := strings.Cut(block, "\n")
		path, help, _ := strings.Cut(head, " | ")
		if name, ok := strings.CutPrefix(path, "# "); ok {
			groups = append(groups, Group{name, help})
		} else if d, ok := do[path]; ok {
			commands = append(commands, Command{Path: path, Help: help, rows: args, Run: d.Run, Table: d.Table})
		}
	}
	if len(commands) != len(do) {
		for path := range do {
			if !slices.ContainsFunc(commands, func(c Command) bool { return c.Path == path }) {
				panic("the table has no command " + path)
			}
		}
	}
	return groups, commands
}

// load reads the arguments of a command that came from a text.
func (c *Command) load() {
	for line := range strings.Lines(c.rows) {
		spec, help, _ := strings.Cut(strings.Trim(line, "\t\n"), " | ")
		if what, ok := strings.CutPrefix(spec, "! "); ok {
			c.Examples = append(c.Examples, Example{what, help})
		} else if warning, ok := strings.CutPrefix(spec, "~ "); ok {
			c.Warnings = append(c.Warnings, warning)
		} else if question, ok := strings.CutPrefix(spec, "? "); ok {
			c.Confirm = question
		} else if spec != "" {
			c.Args = append(c.Args, readArg(spec, help))
		}
	}
	c.rows = ""
}

// kinds are the words for kinds of arguments.
var kinds = map[string]Kind{"int": Int, "float": Float, "flag": Flag, "switch": Switch, "list": List, "any": Any, "maybe": Maybe}

func readArg(spec, help string) Arg {
	a := Arg{Help: help}
	for _, word := range strings.Fields(spec) {
		name, v, _ := strings.Cut(strings.ReplaceAll(word, "~", " "), "=")
		switch {
		case strings.HasPrefix(word, "-"):
			a.Flags = append(a.Flags, word)
			if long, ok := strings.CutPrefix(word, "--"); ok && a.Name == "" {
				a.Name = strings.ReplaceAll(long, "-", "_")
			}
		case name == "required":
			a.Required = true
		case name == "append":
			a.Append = true
		case name == "choices":
			a.Choices = strings.Split(v, ",")
		case name == "default":
			a.Default = v
		case name == "config":
			a.Config = v
		case name == "id":
			a.ID = v
		case name == "group":
			a.Group = strings.ReplaceAll(v, "_", " ")
		case name == "name":
			a.Name = v
		default:
			a.Kind = kinds[word]
		}
	}
	return a
}
