package command

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

func readAll(r io.Reader) ([]byte, error) { return io.ReadAll(r) }

// groupHelp is what `az GROUP --help` prints.
func (t *Table) groupHelp(path string) string {
	var b strings.Builder
	b.WriteString("\nGroup\n    az")
	if path != "" {
		b.WriteString(" " + path + " : " + t.help(path))
	}
	b.WriteString("\n")
	var groups, commands [][2]string
	for _, word := range t.below(path) {
		at := strings.TrimSpace(path + " " + word)
		if c := t.find(at); c != nil {
			commands = append(commands, [2]string{word, c.Help})
		}
		if t.isGroup(at) {
			groups = append(groups, [2]string{word, t.help(at)})
		}
	}
	listing(&b, "Subgroups", groups)
	listing(&b, "Commands", commands)
	b.WriteString("\n")
	return b.String()
}

func listing(b *strings.Builder, title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r[0]))
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, r := range rows {
		b.WriteString(wrap(fmt.Sprintf("    %-*s : ", width, r[0]), r[1]))
	}
}

// commandHelp is what `az COMMAND --help` prints.
func (t *Table) commandHelp(cmd *Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nCommand\n%s", wrap("    az "+cmd.Path+" : ", cmd.Help))
	if cmd.Long != "" {
		b.WriteString(wrap("        ", cmd.Long))
	}
	all := slices.Clone(cmd.Args)
	if cmd.Confirm != "" {
		all = append(all, yesArg)
	}
	if takesIDs(cmd) {
		all = append(all, idsArg)
		for i := range all {
			if all[i].ID != "" && all[i].Group == "" {
				all[i].Group, all[i].Required = "Resource Id", false
			}
		}
	}
	all = append(all, globals...)
	var headings []string
	for _, a := range all {
		if !slices.Contains(headings, a.Group) && a.Group != "" && a.Group != "Global" {
			headings = append(headings, a.Group)
		}
	}
	slices.Sort(headings)
	for _, h := range append(append([]string{""}, headings...), "Global") {
		arguments(&b, h, all)
	}
	if len(cmd.Examples) > 0 {
		b.WriteString("\nExamples\n")
		for _, e := range cmd.Examples {
			fmt.Fprintf(&b, "    %s\n        %s\n\n", e.What, strings.ReplaceAll(e.Line, "\n", "\n        "))
		}
	}
	b.WriteString("\n")
	return b.String()
}

// arguments lists those below a heading, the required ones first.
func arguments(b *strings.Builder, heading string, all []Arg) {
	var rows []Arg
	width := 0
	const required = "[Required]"
	label := func(a Arg) string { // in the width of the widest
		text := strings.Join(slices.Sorted(slices.Values(a.Flags)), " ")
		if len(a.Flags) == 0 {
			text = "<" + strings.ToUpper(a.Name) + ">"
		}
		if a.Required {
			text += strings.Repeat(" ", max(1, width-len(text)-len(required))) + required
		}
		return text
	}
	for _, a := range all {
		if a.Group == heading {
			rows, width = append(rows, a), max(width, len(label(a)))
		}
	}
	if len(rows) == 0 {
		return
	}
	slices.SortStableFunc(rows, func(x, y Arg) int {
		if x.Required != y.Required {
			if x.Required {
				return -1
			}
			return 1
		}
		return cmp.Compare(label(x), label(y))
	})
	fmt.Fprintf(b, "\n%s\n", strings.TrimSpace(heading+" Arguments"))
	for _, a := range rows {
		text := a.Help
		if choices := a.Choices; len(choices) > 0 && a.Group != "Global" {
			sorted := slices.Sorted(slices.Values(choices))
			text += "  Allowed values: " + strings.Join(sorted, ", ") + "."
		}
		if a.Default != "" {
			text += "  Default: " + a.Default + "."
		}
		b.WriteString(wrap(fmt.Sprintf("    %-*s : ", width, label(a)), text))
	}
}

// wrap writes text after a lead, in lines of 100 characters that begin below it.
func wrap(lead, text string) string {
	const width = 100
	var b strings.Builder
	b.WriteString(lead)
	column := len(lead)
	for i, word := range strings.Fields(text) {
		if i > 0 && column+1+len(word) > width {
			b.WriteString("\n" + strings.Repeat(" ", len(lead)))
			column = len(lead)
		} else if i > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

// closest is the word most like a misspelled one, "" when none is like it.
func closest(word string, words []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, w := range words {
		if d := distance(word, w); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance counts the letters to change, add and remove between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
