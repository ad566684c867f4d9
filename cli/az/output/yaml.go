package output

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// YAML gives v as PyYAML's safe_dump does in block style with members sorted.
func YAML(v any) []byte {
	y := &yaml{}
	switch v := v.(type) {
	case *value.Object:
		y.object(v, 0, false)
	case []any:
		y.list(v, 0)
	default:
		y.scalar(v, 0)
		y.WriteByte('\n')
		if !strings.HasPrefix(y.String(), "'") && !strings.HasPrefix(y.String(), `"`) {
			y.WriteString("...\n")
		}
	}
	return []byte(y.String())
}

// yaml writes a document and knows in which column it is.
type yaml struct {
	strings.Builder
	column int
}

func (y *yaml) put(s string) {
	y.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		y.column = len([]rune(s[i+1:]))
	} else {
		y.column += len([]rune(s))
	}
}

// object writes members; inline says that the first goes on in a line begun.
func (y *yaml) object(o *value.Object, indent int, inline bool) {
	if o.Len() == 0 {
		y.put("{}\n")
		return
	}
	for i, k := range o.Sorted() {
		if i > 0 || !inline {
			y.put(strings.Repeat(" ", indent))
		}
		y.scalar(k, indent)
		y.put(":")
		y.member(o.Get(k), indent)
	}
}

func (y *yaml) member(v any, indent int) {
	switch v := v.(type) {
	case *value.Object:
		if v.Len() == 0 {
			y.put(" {}\n")
			return
		}
		y.put("\n")
		y.object(v, indent+2, false)
	case []any:
		if len(v) == 0 {
			y.put(" []\n")
			return
		}
		y.put("\n")
		y.list(v, indent) // PyYAML does not indent lists inside objects
	default:
		y.put(" ")
		y.scalar(v, indent+2)
		y.put("\n")
	}
}

func (y *yaml) list(items []any, indent int) {
	if len(items) == 0 {
		y.put("[]\n")
		return
	}
	for i, v := range items {
		if i > 0 || y.column == 0 {
			y.put(strings.Repeat(" ", indent))
		}
		y.put("- ")
		switch v := v.(type) {
		case *value.Object:
			y.object(v, indent+2, true)
		case []any:
			y.list(v, indent+2)
		default:
			y.scalar(v, indent+2)
			y.put("\n")
		}
	}
}

func (y *yaml) scalar(v any, indent int) {
	switch v := v.(type) {
	case nil:
		y.put("null")
	case bool:
		y.put(fmt.Sprint(v))
	case json.Number:
		y.put(value.Number(v))
	case string:
		y.text(v, indent)
	}
}

// width is where PyYAML begins a new line.
const width = 80

func (y *yaml) text(s string, indent int) {
	switch style(s) {
	case '"':
		y.doubleQuoted(s, indent)
	case '\'':
		y.singleQuoted(s, indent)
	default:
		y.words(s, indent)
	}
}

// resolved are texts that would be read as something else than text.
var resolved = regexp.MustCompile(`^(?:~|null|Null|NULL|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|=|<<|` +
	`[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|` +
	`[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+|` +
	`[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)?$`)

// style says how a text has to be written: plain (0), ' or ".
func style(s string) rune {
	special, breaks, beside := false, false, false
	before := rune(0)
	for _, r := range s {
		beside = beside || r == ' ' && isBreak(before) || isBreak(r) && before == ' '
		before = r
		switch {
		case isBreak(r):
			breaks = true
		case r < 0x20 || r == 0x7f || r == 0xfeff || r > 0x7e && r < 0xa0 || r > 0xd7ff && r < 0xe000:
			special = true
		}
	}
	switch {
	case special || beside: // a blank beside a break
		return '"'
	case s == "" || breaks || !plain(s) || resolved.MatchString(s):
		return '\''
	}
	return 0
}

func isBreak(r rune) bool { return r == '\n' || r == '\u0085' || r == '\u2028' || r == '\u2029' }

// plain reports whether s could stand without quotes.
func plain(s string) bool {
	if strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	runes := []rune(s)
	for i, r := range runes {
		blankAfter := i+1 >= len(runes) || unicode.IsSpace(runes[i+1])
		blankBefore := i == 0 || unicode.IsSpace(runes[i-1])
		switch {
		case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", r),
			i == 0 && (r == '?' || r == ':' || r == '-') && blankAfter,
			i > 0 && r == ':' && blankAfter,
			i > 0 && r == '#' && blankBefore:
			return false
		}
	}
	return true
}

// words writes plain text, in a new line after the width.
func (y *yaml) words(s string, indent int) {
	for i, word := range splitWords(s) {
		if i > 0 && word[0] == ' ' {
			if len(word) == 1 && y.column > width {
				y.put("\n" + strings.Repeat(" ", indent))
			} else {
				y.put(word)
			}
			continue
		}
		y.put(word)
	}
}

// splitWords cuts s into runs of blanks and of others.
func splitWords(s string) []string {
	var parts []string
	start := 0
	for i := 1; i <= len(s); i++ {
		if i == len(s) || (s[i] == ' ') != (s[start] == ' ') {
			parts = append(parts, s[start:i])
			start = i
		}
	}
	return parts
}

func (y *yaml) singleQuoted(s string, indent int) {
	y.put("'")
	lines := strings.Split(s, "\n")
	for n, line := range lines {
		if n > 0 {
			if n == 1 || lines[n-1] != "" || n-1 == 0 {
				y.put("\n")
			}
			y.put("\n")
			if line != "" || n == len(lines)-1 {
				y.put(strings.Repeat(" ", indent))
			}
		}
		parts := splitWords(line)
		for i, part := range parts {
			inside := i > 0 && i < len(parts)-1
			if part == " " && inside && y.column > width {
				y.put("\n" + strings.Repeat(" ", indent))
				continue
			}
			y.put(strings.ReplaceAll(part, "'", "''"))
		}
	}
	y.put("'")
}

// escapes are YAML's short forms.
var escapes = map[rune]string{0: "0", 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "e", '"': `"`, '\\': `\`, 0x85: "N", 0xa0: "_", 0x2028: "L", 0x2029: "P"}

func (y *yaml) doubleQuoted(s string, indent int) {
	y.put(`"`)
	runes := []rune(s)
	start := 0 // of what is not written yet
	for end := 0; end <= len(runes); end++ {
		escaped := end < len(runes) && mustEscape(runes[end])
		if (escaped || end == len(runes)) && start < end {
			y.put(string(runes[start:end]))
			start = end
		}
		if escaped {
			y.put(escape(runes[end]))
			start = end + 1
		}
		fold := end > 0 && end < len(runes)-1 && (runes[end] == ' ' || start >= end)
		if !fold || y.column+end-start <= width {
			continue
		}
		if start < end {
			y.put(string(runes[start:end]))
			start = end
		}
		y.put("\\\n" + strings.Repeat(" ", indent))
		if runes[start] == ' ' {
			y.put(`\`)
		}
	}
	y.put(`"`)
}

// mustEscape reports whether text in double quotes cannot hold r itself.
func mustEscape(r rune) bool {
	return strings.ContainsRune("\"\\\u0085\u2028\u2029\ufeff", r) || r < 0x20 || r > 0x7e && r < 0xa0 || r > 0xfffd
}

func escape(r rune) string {
	switch short, ok := escapes[r]; {
	case ok:
		return `\` + short
	case r <= 0xff:
		return fmt.Sprintf(`\x%02X`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04X`, r)
	}
	return fmt.Sprintf(`\U%08X`, r)
}

// paintYAML colours a document as Pygments does: keys, quoted texts and blanks.
func paintYAML(text []byte) []byte {
	var b strings.Builder
	p := colours
	for line := range strings.Lines(string(text)) {
		rest := strings.TrimLeft(line, " ")
		if n := len(line) - len(rest); n > 0 {
			b.WriteString(p.space(line[:n]))
		}
		rest = strings.TrimSuffix(rest, "\n")
		for strings.HasPrefix(rest, "- ") {
			b.WriteString("-" + p.space(" "))
			rest = rest[2:]
		}
		if quoted := quotedText.FindString(rest); quoted != "" {
			b.WriteString(p.quoted(quoted))
			rest = rest[len(quoted):]
		} else if key := yamlKey.FindString(rest); key != "" {
			b.WriteString(p.in(p.key, key[:strings.LastIndexByte(key, ':')]))
			rest = rest[strings.LastIndexByte(key, ':'):]
		}
		if v, ok := strings.CutPrefix(rest, ": "); ok {
			b.WriteString(":" + p.space(" "))
			rest = v
		}
		if quoted := quotedText.FindString(rest); quoted != "" {
			b.WriteString(p.quoted(quoted))
			rest = rest[len(quoted):]
		}
		b.WriteString(rest + p.space("\n"))
	}
	return []byte(b.String())
}

// Parts of a line of YAML: a text in quotes, a key, and what quotes hold.
var (
	quotedText = regexp.MustCompile(`^(?:'(?:[^']|\'\')*'|"(?:[^"\\]|\\.)*")`)
	yamlKey    = regexp.MustCompile(`^[^\s'"\[{](?:[^:]|:[^ ])*?:(?: |$)`)
	escaped    = regexp.MustCompile(`\'\'|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.`)
)

// quoted colours a text in quotes: the quotes, what is between them and what is
// escaped there, each by itself.
func (p paint) quoted(text string) string {
	inner, quote := text[1:len(text)-1], text[:1]
	out, from := p.in(p.text, quote), 0
	for _, at := range escaped.FindAllStringIndex(inner, -1) {
		if from < at[0] {
			out += p.in(p.text, inner[from:at[0]])
		}
		out += p.in(p.text, inner[at[0]:at[1]])
		from = at[1]
	}
	if from < len(inner) {
		out += p.in(p.text, inner[from:])
	}
	return out + p.in(p.text, quote)
}
