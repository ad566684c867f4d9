package expr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLength is the number of characters an expression may have.
const MaxLength = 24576

// maxNesting bounds how deep calls and brackets nest.
const maxNesting = 256

// Parse reads an expression without the brackets around it. The error is an *Error. That a function exists and takes so
// many arguments is checked by [Check].
func Parse(src string) (Node, error) {
	if len(src) > MaxLength && utf8.RuneCountInString(src) > MaxLength {
		return nil, errorf("The language expression of %d characters is longer than the limit of %d.", utf8.RuneCountInString(src), MaxLength)
	}
	p := &parser{src: src}
	p.next()
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.kind != tokenEnd {
		return nil, p.unexpected(tokenEnd)
	}
	return n, nil
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenIdentifier
	tokenText
	tokenInteger
	tokenOpen
	tokenClose
	tokenBracketOpen
	tokenBracketClose
	tokenDot
	tokenComma
	tokenBad
)

var tokenNames = [...]string{
	"EndOfData", "Identifier", "LiteralString", "Integer", "LeftParenthesis", "RightParenthesis",
	"LeftSquareBracket", "RightSquareBracket", "Dot", "Comma", "Unknown",
}

type parser struct {
	src   string
	pos   int // after the current token
	start int // of the current token
	kind  tokenKind
	text  string // of an identifier, a string or an integer
	depth int
	args  []Node // of the calls that are open, those of the innermost last
}

// punctuation has the tokens of one byte; the rest is tokenEnd.
var punctuation = [256]tokenKind{
	'(': tokenOpen, ')': tokenClose, '[': tokenBracketOpen, ']': tokenBracketClose, '.': tokenDot, ',': tokenComma,
}

func (p *parser) next() {
	for p.pos < len(p.src) && isSpace(p.src[p.pos]) {
		p.pos++
	}
	p.start = p.pos
	if p.pos == len(p.src) {
		p.kind = tokenEnd
		return
	}
	c := p.src[p.pos]
	switch {
	case punctuation[c] != tokenEnd:
		p.kind = punctuation[c]
		p.pos++
	case c == '\'':
		p.quoted()
	case isDigit(c), (c == '-' || c == '+') && p.pos+1 < len(p.src) && isDigit(p.src[p.pos+1]):
		p.pos++
		for p.pos < len(p.src) && isDigit(p.src[p.pos]) {
			p.pos++
		}
		p.kind, p.text = tokenInteger, p.src[p.start:p.pos]
	case isLetter(c):
		for p.pos < len(p.src) && (isLetter(p.src[p.pos]) || isDigit(p.src[p.pos])) {
			p.pos++
		}
		p.kind, p.text = tokenIdentifier, p.src[p.start:p.pos]
	default:
		p.kind = tokenBad
	}
}

func (p *parser) quoted() {
	doubled := false
	for i := p.pos + 1; ; i += 2 {
		end := strings.IndexByte(p.src[i:], '\'')
		if end < 0 {
			p.kind = tokenBad
			return
		}
		i += end
		if i+1 < len(p.src) && p.src[i+1] == '\'' {
			doubled = true
			continue
		}
		p.kind, p.text = tokenText, p.src[p.pos+1:i]
		if doubled {
			p.text = strings.ReplaceAll(p.text, "''", "'")
		}
		p.pos = i + 1
		return
	}
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

func (p *parser) unexpected(want ...tokenKind) error {
	actual := "'" + tokenNames[p.kind] + "'"
	if p.kind == tokenBad {
		if p.src[p.start] == '\'' {
			return errorf("Unable to parse language expression '%s': the string that starts at position '%d' is never closed.", clip(p.src), p.start)
		}
		r, _ := utf8.DecodeRuneInString(p.src[p.start:])
		return errorf("The language expression '%s' is not valid: the string character '%c' at position '%d' is not expected.", clip(p.src), r, p.start)
	}
	names := make([]string, len(want))
	for i, w := range want {
		names[i] = tokenNames[w]
	}
	return errorf("Unable to parse language expression '%s': expected token '%s' and actual %s at position '%d'.",
		clip(p.src), strings.Join(names, "' or '"), actual, p.start)
}

func (p *parser) expression() (Node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errorf("The language expression '%s' nests deeper than %d levels.", clip(p.src), maxNesting)
	}
	n, err := p.accesses()
	p.depth--
	return n, err
}

// accesses reads a value and the properties and indexes after it.
func (p *parser) accesses() (Node, error) {
	n, err := p.primary()
	for accesses := 0; err == nil; accesses++ {
		if accesses > maxNesting {
			return nil, errorf("The language expression '%s' chains more than %d accesses.", clip(p.src), maxNesting)
		}
		switch p.kind {
		case tokenDot:
			p.next()
			if p.kind != tokenIdentifier {
				return nil, p.unexpected(tokenIdentifier)
			}
			n = &Property{Of: n, Name: p.text}
			p.next()
		case tokenBracketOpen:
			n, err = p.index(n)
		default:
			return n, nil
		}
	}
	return nil, err
}

func (p *parser) index(of Node) (Node, error) {
	p.next()
	key, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.kind != tokenBracketClose {
		return nil, p.unexpected(tokenBracketClose)
	}
	p.next()
	return &Index{Of: of, Key: key}, nil
}

func (p *parser) primary() (Node, error) {
	text := p.text
	switch p.kind {
	case tokenText:
		p.next()
		return &Text{Value: text}, nil
	case tokenInteger:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errorf("The language expression '%s' is not valid: the integer '%s' does not fit into 64 bits.", clip(p.src), text)
		}
		p.next()
		return &Integer{Value: v}, nil
	case tokenIdentifier:
		p.next()
		call := &Call{Name: text}
		if p.kind == tokenDot {
			p.next()
			if p.kind != tokenIdentifier {
				return nil, p.unexpected(tokenIdentifier)
			}
			call.Namespace, call.Name = text, p.text
			p.next()
		}
		return call, p.arguments(call)
	}
	return nil, p.unexpected(tokenIdentifier, tokenText, tokenInteger)
}

func (p *parser) arguments(call *Call) error {
	if call.Namespace == "" {
		call.fn = lookup(call.Name)
	}
	if p.kind != tokenOpen {
		return p.unexpected(tokenOpen)
	}
	p.next()
	first := len(p.args)
	for p.kind != tokenClose {
		if len(p.args) > first {
			if p.kind != tokenComma {
				return p.unexpected(tokenComma, tokenClose)
			}
			p.next()
		}
		arg, err := p.expression()
		if err != nil {
			return err
		}
		p.args = append(p.args, arg)
	}
	p.next()
	if len(p.args) > first {
		call.Args = call.room[:0:len(call.room)]
		if n := len(p.args) - first; n > len(call.room) {
			call.Args = make([]Node, 0, n)
		}
		call.Args = append(call.Args, p.args[first:]...)
		p.args = p.args[:first]
	}
	return nil
}

// clip bounds what of a caller's own text is repeated in a message.
func clip(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// Error says what is wrong with an expression, in a full sentence for the author of the template. Cause is the error of
// the host, if it is the host's.
type Error struct {
	Msg   string
	Cause error
}

// Error gives the message.
func (e *Error) Error() string { return e.Msg }

// Unwrap gives the host's error.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an *Error of a host's own; the message is a full sentence.
func Errorf(format string, args ...any) error { return errorf(format, args...) }

func errorf(format string, args ...any) error { return &Error{Msg: fmt.Sprintf(format, args...)} }
