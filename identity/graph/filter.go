package graph

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/azure"
)

// filter is a parsed $filter: whether an object passes.
type filter func(object) bool

// object gives the value of a property: string, bool, []string, or nil when it
// is null. ok is false for properties the type does not have. Names are lower
// case.
type object interface {
	field(name string) (value any, ok bool)
}

// maxDepth bounds the nesting of a filter.
const maxDepth = 50

// parseFilter reads the OData expressions that clients send:
//
//	property eq 'x' | ne | in ('x','y') | startswith(property,'x') | endswith(property,'x')
//	list/any(x:x eq 'y') | not, and, or, parentheses
//
// Strings compare without regard to case, as in Azure; a quote inside one is
// written twice. schema is
// any object of the type, to refuse properties it has not. What does not parse
// is Invalid with CodeDirectoryUnsupportedQuery and names the place.
func parseFilter(text string, schema object) (filter, error) {
	p := &filterParser{text: text, schema: schema}
	p.next()
	f, err := p.or(0)
	if err == nil && p.tok != "" {
		err = p.fail("'and', 'or' or the end")
	}
	return f, err
}

type filterParser struct {
	text   string
	pos    int    // after tok
	start  int    // of tok
	tok    string // word, punctuation, or a literal with its opening quote; "" at the end
	schema object
	lambda string // the variable of the any() around, lower case
}

// next reads a token.
func (p *filterParser) next() {
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
	p.start = p.pos
	rest := p.text[p.pos:]
	switch {
	case rest == "":
		p.tok = ""
	case rest[0] == '\'':
		p.tok = p.quoted(rest)
	case strings.ContainsRune("(),:/", rune(rest[0])):
		p.tok, p.pos = rest[:1], p.pos+1
	default:
		n := strings.IndexFunc(rest, func(r rune) bool { return r == ' ' || strings.ContainsRune("(),:/'", r) })
		if n < 0 {
			n = len(rest)
		}
		p.tok, p.pos = rest[:n], p.pos+n
	}
}

// quoted reads a string literal; the token is a quote and the content.
func (p *filterParser) quoted(rest string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 1; i < len(rest); i++ {
		if rest[i] != '\'' {
			b.WriteByte(rest[i])
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		p.pos += i + 1
		return b.String()
	}
	p.pos = len(p.text)
	return "\x00" // never closed: no rule takes it
}

func (p *filterParser) fail(want string) error {
	found := "the end"
	if p.tok == "\x00" {
		found = "a string that is never closed"
	} else if p.tok != "" {
		found = fmt.Sprintf("%q", p.tok)
	}
	return azure.Errorf(azure.Invalid, azure.CodeDirectoryUnsupportedQuery,
		"Invalid filter clause: %s at position %d of '%s' where %s is expected. Example: displayName eq 'name'.", found, p.start, p.text, want).At("$filter")
}

func (p *filterParser) word(w string) bool { return strings.EqualFold(p.tok, w) }

func (p *filterParser) expect(tok string) error {
	if !p.word(tok) {
		return p.fail("'" + tok + "'")
	}
	p.next()
	return nil
}

func (p *filterParser) or(depth int) (filter, error) {
	return p.chain(depth, "or", p.and, func(a, b filter) filter { return func(o object) bool { return a(o) || b(o) } })
}

func (p *filterParser) and(depth int) (filter, error) {
	return p.chain(depth, "and", p.unary, func(a, b filter) filter { return func(o object) bool { return a(o) && b(o) } })
}

func (p *filterParser) chain(depth int, op string, operand func(int) (filter, error), join func(a, b filter) filter) (filter, error) {
	f, err := operand(depth)
	for err == nil && p.word(op) {
		p.next()
		var right filter
		if right, err = operand(depth); err == nil {
			f = join(f, right)
		}
	}
	return f, err
}

func (p *filterParser) unary(depth int) (filter, error) {
	if depth > maxDepth {
		return nil, p.fail("less nesting")
	}
	switch {
	case p.word("not"):
		p.next()
		f, err := p.unary(depth + 1)
		return func(o object) bool { return !f(o) }, err
	case p.tok == "(":
		p.next()
		f, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		return f, p.expect(")")
	}
	return p.predicate()
}

// predicate reads a function call, an any() or a comparison.
func (p *filterParser) predicate() (filter, error) {
	name := p.tok
	if !isName(name) {
		return nil, p.fail("a property or function")
	}
	if name = strings.ToLower(name); name == "startswith" || name == "endswith" {
		return p.function(name)
	}
	values, err := p.operand()
	if err != nil {
		return nil, err
	}
	if p.tok == "/" {
		return p.any(values)
	}
	return p.comparison(values)
}

func isName(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && (unicode.IsLetter(r) || r == '_')
}

// getter reads the operand of a predicate from an object.
type getter func(object) any

// lambdaValue is the object that an element of a list is inside any().
type lambdaValue string

func (v lambdaValue) field(string) (any, bool) { return string(v), true }

// operand reads a property name, or the variable of the any() around.
func (p *filterParser) operand() (getter, error) {
	name := strings.ToLower(p.tok)
	if p.lambda != "" {
		if name != p.lambda {
			return nil, p.fail("the variable '" + p.lambda + "'")
		}
	} else if _, ok := p.schema.field(name); !ok || !isName(name) {
		return nil, p.fail("a property that can be filtered on")
	}
	p.next()
	return func(o object) any { v, _ := o.field(name); return v }, nil
}

// literal reads a value: string or bool or nil for null. A bare GUID is a string.
func (p *filterParser) literal() (any, error) {
	tok := p.tok
	switch {
	case strings.HasPrefix(tok, "'"):
		p.next()
		return tok[1:], nil
	case p.word("true"), p.word("false"):
		p.next()
		return strings.EqualFold(tok, "true"), nil
	case p.word("null"):
		p.next()
		return nil, nil
	case len(tok) == 36 && strings.Count(tok, "-") == 4:
		p.next()
		return tok, nil
	}
	return nil, p.fail("a value in single quotes, true, false or null")
}

// same compares a property with a literal.
func same(a, b any) bool {
	if x, ok := a.(string); ok {
		y, ok := b.(string)
		return ok && strings.EqualFold(x, y)
	}
	if _, list := a.([]string); list {
		return false
	}
	return a == b
}

func (p *filterParser) comparison(get getter) (filter, error) {
	op := strings.ToLower(p.tok)
	switch op {
	case "eq", "ne":
		p.next()
		want, err := p.literal()
		return func(o object) bool { return same(get(o), want) == (op == "eq") }, err
	case "in":
		p.next()
		wants, err := p.literals()
		return func(o object) bool {
			for _, w := range wants {
				if same(get(o), w) {
					return true
				}
			}
			return false
		}, err
	}
	return nil, p.fail("one of the operators eq, ne and in")
}

func (p *filterParser) literals() ([]any, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var list []any
	for {
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if p.tok != "," {
			return list, p.expect(")")
		}
		p.next()
	}
}

// function reads startswith(property,'x') or endswith(property,'x').
func (p *filterParser) function(name string) (filter, error) {
	p.next()
	if err := p.expect("("); err != nil {
		return nil, err
	}
	get, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	v, err := p.literal()
	if err != nil {
		return nil, err
	}
	want, ok := v.(string)
	if !ok {
		return nil, p.fail("a string before it")
	}
	want = strings.ToLower(want)
	match := strings.HasPrefix
	if name == "endswith" {
		match = strings.HasSuffix
	}
	return func(o object) bool {
		s, ok := get(o).(string)
		return ok && match(strings.ToLower(s), want)
	}, p.expect(")")
}

// any reads list/any(x:predicate on x), with and, or and not inside.
func (p *filterParser) any(list getter) (filter, error) {
	p.next()
	if p.lambda != "" {
		return nil, p.fail("no list inside any()")
	}
	if err := p.expect("any"); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if !isName(p.tok) {
		return nil, p.fail("a variable")
	}
	p.lambda = strings.ToLower(p.tok)
	p.next()
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	f, err := p.or(1)
	p.lambda = ""
	if err != nil {
		return nil, err
	}
	return func(o object) bool {
		values, _ := list(o).([]string)
		for _, v := range values {
			if f(lambdaValue(v)) {
				return true
			}
		}
		return false
	}, p.expect(")")
}
