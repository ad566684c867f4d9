package lenient

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Parse reads one document as a tree of map[string]any, []any, string, bool, nil and json.Number.
// The error is a *SyntaxError.
func Parse(data []byte) (any, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	return root.generic(), nil
}

type parser struct {
	data []byte
	pos  int
	path []step
}

func parse(data []byte) (*node, error) {
	p := &parser{data: data}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		p.pos = 3
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	if p.pos == len(data) {
		return nil, p.errorf(p.pos, "the document is empty: send a JSON value")
	}
	var root node
	if err := p.value(&root); err != nil {
		return nil, err
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	if p.pos < len(data) {
		return nil, p.errorf(p.pos, "%s after the end of the document", p.found())
	}
	return &root, nil
}

func (p *parser) errorf(off int, format string, args ...any) error {
	return newError(p.data, off, p.path, fmt.Sprintf(format, args...), nil)
}

// found names what stands at the current position.
func (p *parser) found() string {
	if p.pos >= len(p.data) {
		return "the document ends"
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	return fmt.Sprintf("found %q", r)
}

// peek gives the next byte, or 0 at the end (a NUL byte is nowhere valid).
func (p *parser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

// space skips white space and comments.
func (p *parser) space() error {
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

func (p *parser) comment() error {
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

func (p *parser) value(n *node) error {
	n.off = p.pos
	err := p.content(n)
	n.end = p.pos
	return err
}

func (p *parser) content(n *node) error {
	switch c := p.peek(); {
	case c == '{':
		return p.nested(n, p.object)
	case c == '[':
		return p.nested(n, p.array)
	case c == '"':
		n.kind = kindString
		var err error
		n.text, err = p.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return p.number(n)
	case c == '\'':
		return p.errorf(p.pos, "found a single quote: strings stand in double quotes")
	}
	switch word := p.word(); word {
	case "true", "false":
		n.kind, n.text = kindBool, word
	case "null":
		n.kind = kindNull
	case "":
		return p.errorf(p.pos, "%s where a value is expected", p.found())
	default:
		return p.errorf(p.pos, "%q where a value is expected: strings stand in double quotes", clip(word))
	}
	p.pos += len(p.word())
	return nil
}

// word gives the run of letters and digits at the current position without consuming it.
func (p *parser) word() string {
	end := p.pos
	for end < len(p.data) && isKeyByte(p.data[end]) {
		end++
	}
	return string(p.data[p.pos:end])
}

func isKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$'
}

func (p *parser) nested(n *node, read func(*node) error) error {
	if len(p.path) >= MaxDepth {
		return p.errorf(p.pos, "nested deeper than %d levels", MaxDepth)
	}
	p.pos++
	return read(n)
}

func (p *parser) array(n *node) error {
	n.kind = kindArray
	for {
		if err := p.space(); err != nil {
			return err
		}
		if p.peek() == ']' {
			p.pos++
			return nil
		}
		var elem node
		p.path = append(p.path, indexStep(len(n.elems)))
		if err := p.value(&elem); err != nil {
			return err
		}
		p.path = p.path[:len(p.path)-1]
		n.elems = append(n.elems, elem)
		if err := p.separator(']'); err != nil {
			return err
		}
	}
}

// separator consumes the comma after an element or leaves the closing bracket to its reader.
func (p *parser) separator(closing byte) error {
	if err := p.space(); err != nil {
		return err
	}
	switch p.peek() {
	case ',':
		p.pos++
		return nil
	case closing:
		return nil
	}
	return p.errorf(p.pos, "%s where ',' or '%c' is expected", p.found(), closing)
}

// manyKeys is from when on the keys of an object are looked up by hash.
const manyKeys = 16

func (p *parser) object(n *node) error {
	n.kind = kindObject
	var seen map[string]int // made when there are too many keys to look at each
	find := func(key string) (int, bool) {
		if seen != nil {
			i, ok := seen[key]
			return i, ok
		}
		for i := range n.members {
			if n.members[i].key == key {
				return i, true
			}
		}
		return 0, false
	}
	for {
		if err := p.space(); err != nil {
			return err
		}
		if p.peek() == '}' {
			p.pos++
			return nil
		}
		m, err := p.member()
		if err != nil {
			return err
		}
		if i, again := find(m.key); again {
			n.members[i] = m
		} else {
			n.members = append(n.members, m)
			if seen != nil {
				seen[m.key] = len(n.members) - 1
			} else if len(n.members) == manyKeys {
				seen = make(map[string]int, 2*manyKeys)
				for i := range n.members {
					seen[n.members[i].key] = i
				}
			}
		}
		if err := p.separator('}'); err != nil {
			return err
		}
	}
}

func (p *parser) member() (m member, err error) {
	if m.key, err = p.key(); err != nil {
		return m, err
	}
	p.path = append(p.path, keyStep(m.key))
	if err := p.space(); err != nil {
		return m, err
	}
	if p.peek() != ':' {
		return m, p.errorf(p.pos, "%s where ':' is expected", p.found())
	}
	p.pos++
	if err := p.space(); err != nil {
		return m, err
	}
	if err := p.value(&m.val); err != nil {
		return m, err
	}
	p.path = p.path[:len(p.path)-1]
	return m, nil
}

func (p *parser) key() (string, error) {
	if p.peek() == '"' {
		return p.str()
	}
	word := p.word()
	if word == "" {
		return "", p.errorf(p.pos, "%s where a key or '}' is expected", p.found())
	}
	p.pos += len(word)
	return word, nil
}

func (p *parser) number(n *node) error {
	size := numberLen(p.data[p.pos:])
	if size == 0 {
		return p.errorf(p.pos, "not a number: %q", clip(string(p.data[p.pos:min(len(p.data), p.pos+16)])))
	}
	n.kind, n.text = kindNumber, string(p.data[p.pos:p.pos+size])
	p.pos += size
	return nil
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
