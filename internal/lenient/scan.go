package lenient

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// scanner reads the parts of a document one after the other.
type scanner struct {
	data []byte
	src  string // data again, for texts to share; "" when each is to be a copy
	pos  int
	path []step // of what is being read
}

func (p *scanner) errorf(off int, format string, args ...any) error {
	return newError(p.data, off, p.path, fmt.Sprintf(format, args...), nil)
}

// found names what stands at the current position.
func (p *scanner) found() string {
	if p.pos >= len(p.data) {
		return "the document ends"
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	return fmt.Sprintf("found %q", r)
}

// peek gives the next byte, or 0 at the end (a NUL byte is nowhere valid).
func (p *scanner) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

// space skips white space and comments.
func (p *scanner) space() error {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		case '/':
			if err := p.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (p *scanner) comment() error {
	rest := p.data[p.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		p.pos += end
	case bytes.HasPrefix(rest, []byte("/*")):
		end := bytes.Index(rest[2:], []byte("*/"))
		if end < 0 {
			return p.errorf(p.pos, "the comment that starts here is never closed")
		}
		p.pos += end + 4
	default:
		return p.errorf(p.pos, `found '/': a comment starts with // or /*`)
	}
	return nil
}

// slice is the text from one offset to another.
func (p *scanner) slice(from, to int) string {
	if p.src != "" {
		return p.src[from:to]
	}
	return string(p.data[from:to])
}

// wordEnd is where the run of letters and digits at the current position ends.
func (p *scanner) wordEnd() int {
	end := p.pos
	for end < len(p.data) && isKeyByte(p.data[end]) {
		end++
	}
	return end
}

func isKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$'
}

// separator consumes the comma after an element, with the space behind it, or leaves the closing bracket to its reader.
func (p *scanner) separator(closing byte) error {
	if err := p.space(); err != nil {
		return err
	}
	switch p.peek() {
	case ',':
		p.pos++
		return p.space()
	case closing:
		return nil
	}
	return p.errorf(p.pos, "%s where ',' or '%c' is expected", p.found(), closing)
}

func (p *scanner) key() (string, error) {
	if p.peek() == '"' {
		return p.str()
	}
	from, to := p.pos, p.wordEnd()
	if from == to {
		return "", p.errorf(p.pos, "%s where a key or '}' is expected", p.found())
	}
	p.pos = to
	return p.slice(from, to), nil
}

// colon consumes what stands between a key and its value.
func (p *scanner) colon() error {
	if err := p.space(); err != nil {
		return err
	}
	if p.peek() != ':' {
		return p.errorf(p.pos, "%s where ':' is expected", p.found())
	}
	p.pos++
	return p.space()
}

// scalar reads anything but an array or object.
func (p *scanner) scalar() (kind Kind, text string, err error) {
	switch c := p.peek(); {
	case c == '"':
		text, err = p.str()
		return String, text, err
	case c == '-' || '0' <= c && c <= '9':
		size := numberLen(p.data[p.pos:])
		if size == 0 {
			return Number, "", p.errorf(p.pos, "not a number: %q", clip(string(p.data[p.pos:min(len(p.data), p.pos+16)])))
		}
		p.pos += size
		return Number, p.slice(p.pos-size, p.pos), nil
	case c == '\'':
		return Null, "", p.errorf(p.pos, "found a single quote: strings stand in double quotes")
	}
	word := p.data[p.pos:p.wordEnd()]
	p.pos += len(word)
	switch string(word) {
	case "true":
		return Bool, "true", nil
	case "false":
		return Bool, "false", nil
	case "null":
		return Null, "", nil
	case "":
		return Null, "", p.errorf(p.pos, "%s where a value is expected", p.found())
	}
	return Null, "", p.errorf(p.pos-len(word), "%q where a value is expected: strings stand in double quotes", clip(string(word)))
}

// numberLen gives the length of the JSON number b starts with, 0 if it starts with none.
func numberLen(b []byte) int {
	digits := func(i int) int {
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		return i
	}
	start := 0
	if len(b) > 0 && b[0] == '-' {
		start = 1
	}
	i := digits(start)
	if i == start || b[start] == '0' && i > start+1 {
		return 0
	}
	if i < len(b) && b[i] == '.' {
		end := digits(i + 1)
		if end == i+1 {
			return 0
		}
		i = end
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		from := i + 1
		if from < len(b) && (b[from] == '+' || b[from] == '-') {
			from++
		}
		end := digits(from)
		if end == from {
			return 0
		}
		i = end
	}
	return i
}
