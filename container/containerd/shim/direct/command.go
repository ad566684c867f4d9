//go:build cgo

package direct

import (
	"os/exec"
	"path/filepath"
	"slices"
)

// command is a runc command line as containerd's shim writes it.
type command struct {
	verb    string
	id      string
	root    string // where runc keeps its state
	log     string // where runc complains, as JSON lines
	bundle  string
	pidFile string
	signal  string
	flags   map[string]bool
}

// valued are the options that take a value, by verb; "" are runc's own.
var valued = map[string][]string{
	"":       {"--root", "--log", "--log-format"},
	"create": {"--bundle", "--pid-file"},
}

// switches are the options without a value, by verb.
var switches = map[string][]string{
	"create": {"--no-pivot", "--no-new-keyring"},
	"kill":   {"--all"},
	"delete": {"--force"},
}

// parse reads a command line; ok is false for every one that is not known to
// the last word, and for those of a runc that is not at path.
func parse(path string, cmd *exec.Cmd) (c command, ok bool) {
	if cmd.Path != path || len(cmd.Args) < 2 || len(cmd.ExtraFiles) > 0 {
		return command{}, false
	}
	c.flags = map[string]bool{}
	var words []string
	for args := cmd.Args[1:]; len(args) > 0; args = args[1:] {
		switch arg := args[0]; {
		case len(arg) > 0 && arg[0] != '-':
			if c.verb == "" {
				c.verb = arg
			} else {
				words = append(words, arg)
			}
		case slices.Contains(valued[c.verb], arg) && len(args) > 1:
			c.set(arg, args[1])
			args = args[1:]
		case slices.Contains(switches[c.verb], arg):
			c.flags[arg] = true
		default:
			return command{}, false
		}
	}
	return c, c.fill(words)
}

func (c *command) set(option, value string) {
	switch option {
	case "--root":
		c.root = value
	case "--log":
		c.log = value
	case "--bundle":
		c.bundle = value
	case "--pid-file":
		c.pidFile = value
	}
}

// fill takes the words behind the verb; false when they are not what it takes.
func (c *command) fill(words []string) bool {
	switch c.verb {
	case "create":
		if !filepath.IsAbs(c.bundle) || c.pidFile == "" {
			return false
		}
	case "kill":
		if len(words) != 2 {
			return false
		}
		c.signal, words = words[1], words[:1]
	case "start", "delete":
	default:
		return false
	}
	if len(words) != 1 || !filepath.IsAbs(c.root) {
		return false
	}
	c.id = words[0]
	return true
}
