package lenient

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var escapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// str reads a string in double quotes. Bytes that are not UTF-8 and halves of surrogate pairs become
// U+FFFD, as in encoding/json.
func (p *scanner) str() (string, error) {
	start := p.pos
	p.pos++
	for i := p.pos; i < len(p.data); i++ { // most strings are plain: take them whole
		c := p.data[i]
		if c == '"' {
			s := p.slice(p.pos, i)
			p.pos = i + 1
			return s, nil
		}
		if c < 0x20 || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	var b []byte
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return string(b), nil
		case c == '\\':
			var err error
			if b, err = p.escape(b); err != nil {
				return "", err
			}
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r':
			return "", p.errorf(p.pos, "control character %#02x in a string: write it as \\u%04x", c, c)
		case c < utf8.RuneSelf:
			b = append(b, c)
			p.pos++
		default:
			r, size := utf8.DecodeRune(p.data[p.pos:])
			b = utf8.AppendRune(b, r)
			p.pos += size
		}
	}
	return "", p.errorf(start, "the string that starts here is never closed")
}

// escape reads the sequence that starts with the backslash at the current position.
func (p *scanner) escape(b []byte) ([]byte, error) {
	if p.pos+1 >= len(p.data) {
		return nil, p.errorf(p.pos, "the document ends in an escape sequence")
	}
	c := p.data[p.pos+1]
	if c == 'u' {
		r, ok := p.hex()
		if !ok {
			return nil, p.errorf(p.pos, `\u is followed by four hexadecimal digits`)
		}
		return utf8.AppendRune(b, r), nil
	}
	to, ok := escapes[c]
	if !ok {
		return nil, p.errorf(p.pos, `unknown escape sequence: write a backslash as \\`)
	}
	p.pos += 2
	return append(b, to), nil
}

// hex reads \uXXXX, and the second half of a surrogate pair with it.
func (p *scanner) hex() (rune, bool) {
	first, ok := p.unit()
	if !ok {
		return 0, false
	}
	p.pos += 6
	if !utf16.IsSurrogate(first) {
		return first, true
	}
	if second, ok := p.unit(); ok {
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			p.pos += 6
			return r, true
		}
	}
	return utf8.RuneError, true
}

// unit looks at one \uXXXX without consuming it.
func (p *scanner) unit() (rune, bool) {
	if p.pos+6 > len(p.data) || p.data[p.pos] != '\\' || p.data[p.pos+1] != 'u' {
		return 0, false
	}
	digits := p.data[p.pos+2 : p.pos+6]
	for _, c := range digits {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return 0, false
		}
	}
	v, err := strconv.ParseUint(string(digits), 16, 16)
	return rune(v), err == nil
}
