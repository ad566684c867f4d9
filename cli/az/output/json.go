package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// paint wraps parts of a document in colours; the zero value does not.
type paint struct{ key, text, number, word, blank, end string }

// colours are those of Pygments' terminal formatter, which az uses. It colours
// blanks, too.
var colours = paint{key: "\x1b[94m", text: "\x1b[33m", number: "\x1b[34m", word: "\x1b[34m", blank: "\x1b[37m", end: "\x1b[39;49;00m"}

// space wraps blanks, line by line.
func (p paint) space(text string) string {
	if p.end == "" {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		rest, ends := strings.CutSuffix(line, "\n")
		b.WriteString(p.in(p.blank, rest))
		if ends {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func (p paint) in(colour, text string) string {
	if p.end == "" {
		return text
	}
	return colour + text + p.end
}

// JSON gives v with members sorted and an indent of two blanks, a newline at the
// end. Text stands as it is: only what JSON demands is escaped.
func JSON(v any, coloured bool) []byte {
	var b bytes.Buffer
	p := paint{}
	if coloured {
		p = colours
	}
	writeJSON(&b, v, "\n", p)
	b.WriteString(p.space("\n"))
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, v any, indent string, p paint) {
	switch v := v.(type) {
	case nil:
		b.WriteString(p.in(p.word, "null"))
	case bool:
		b.WriteString(p.in(p.word, fmt.Sprint(v)))
	case string:
		b.WriteString(p.in(p.text, quoteJSON(v)))
	case json.Number:
		b.WriteString(p.in(p.number, value.Number(v)))
	case []any:
		writeItems(b, "[]", len(v), indent, p, func(i int, deeper string) { writeJSON(b, v[i], deeper, p) })
	case *value.Object:
		keys := v.Sorted()
		writeItems(b, "{}", len(keys), indent, p, func(i int, deeper string) {
			b.WriteString(p.in(p.key, quoteJSON(keys[i])) + ":" + p.space(" "))
			writeJSON(b, v.Get(keys[i]), deeper, p)
		})
	}
}

func writeItems(b *bytes.Buffer, brackets string, n int, indent string, p paint, item func(i int, deeper string)) {
	b.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.space(indent + "  "))
		item(i, indent+"  ")
	}
	if n > 0 {
		b.WriteString(p.space(indent))
	}
	b.WriteByte(brackets[1])
}

// quoteJSON quotes as Python's json.dumps does with ensure_ascii off.
func quoteJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == utf8.RuneError:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
