package command

import (
	"os"
	"slices"
	"strconv"
	"strings"
)

// Complete answers a shell that asks how a line goes on, in the protocol of
// Python's argcomplete, which az's own completion scripts speak: the line in
// COMP_LINE, the answers on file descriptor 8. done is false when nobody asks.
// Where those scripts are not installed, these lines in ~/.bashrc do:
//
//	_az() {
//		local IFS=$'\013'
//		COMPREPLY=($(_ARGCOMPLETE=1 COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" az 8>&1 2>/dev/null))
//	}
//	complete -o default -F _az az
func Complete(t *Table, p Process) (code int, done bool) {
	if p.Getenv("_ARGCOMPLETE") == "" || p.Getenv("COMP_LINE") == "" {
		return 0, false
	}
	line := p.Getenv("COMP_LINE")
	if at, err := strconv.Atoi(p.Getenv("COMP_POINT")); err == nil && at >= 0 && at < len(line) {
		line = line[:at]
	}
	separator := p.Getenv("_ARGCOMPLETE_IFS")
	if separator == "" {
		separator = "\v"
	}
	out := os.NewFile(8, "completions")
	if path := p.Getenv("_ARGCOMPLETE_STDOUT_FILENAME"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return 1, true
		}
		out = f
	}
	defer out.Close()
	if _, err := out.WriteString(strings.Join(completions(t, newSession(p, t), line), separator)); err != nil {
		return 1, true
	}
	return 0, true
}

// completions are the words that may stand at the end of a line.
func completions(t *Table, s *Session, line string) []string {
	words := strings.Fields(line)
	last := ""
	if !strings.HasSuffix(line, " ") && len(words) > 0 {
		last, words = words[len(words)-1], words[:len(words)-1]
	}
	if len(words) == 0 {
		return nil
	}
	path, rest := t.resolve(words[1:])
	cmd := t.find(path)
	if cmd == nil && len(rest) > 0 {
		return nil
	}
	if cmd == nil {
		return begin(t.below(path), last)
	}
	all := s.arguments(cmd)
	if len(rest) > 0 {
		for _, a := range all {
			if slices.Contains(a.Flags, rest[len(rest)-1]) && a.Kind != Flag {
				return begin(a.Choices, last)
			}
		}
	}
	var flags []string
	for _, a := range all {
		if !slices.ContainsFunc(a.Flags, func(f string) bool { return slices.Contains(rest, f) }) {
			flags = append(flags, a.Flags...)
		}
	}
	slices.Sort(flags)
	return begin(flags, last)
}

func begin(words []string, with string) []string {
	var found []string
	for _, w := range words {
		if strings.HasPrefix(strings.ToLower(w), strings.ToLower(with)) {
			found = append(found, w)
		}
	}
	return found
}
