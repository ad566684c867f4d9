package template

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// source is a document's text and where its lines start.
type source struct {
	data  []byte
	lines []int
}

func newSource(data []byte) *source {
	s := &source{data: data, lines: []int{0}}
	for i, c := range data {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// position gives line and column of a byte offset, both from 1, columns in characters.
func (s *source) position(off int) (line, column int) {
	line = sort.SearchInts(s.lines, off+1)
	return line, utf8.RuneCount(s.data[s.lines[line-1]:off]) + 1
}

// node is one value of a template.
type node struct {
	off     int
	kind    lenient.Kind
	value   any       // of a scalar: the literal, unescaped; of an expression: its text with brackets
	code    expr.Node // of an expression
	bad     error     // of a string that looks like an expression and is none
	elems   []node
	members []member
}

// member is one key of an object.
type member struct {
	key  string
	code expr.Node // when the key is an expression
	bad  error
	val  node
}

func build(t lenient.Tree) node {
	n := node{off: t.Offset(), kind: t.Kind()}
	switch n.kind {
	case lenient.String:
		s := t.Text()
		if expr.IsExpression(s) {
			n.value = s
			n.code, n.bad = expr.Parse(s[1 : len(s)-1])
		} else {
			n.value = expr.Unescape(s)
		}
	case lenient.Array:
		n.elems = make([]node, t.Len())
		for i := range n.elems {
			n.elems[i] = build(t.Elem(i))
		}
	case lenient.Object:
		n.members = make([]member, t.Len())
		for i := range n.members {
			key, value := t.Member(i)
			m := &n.members[i]
			m.val = build(value)
			if m.key = key; expr.IsExpression(key) {
				m.code, m.bad = expr.Parse(key[1 : len(key)-1])
			}
		}
	default:
		n.value = expr.FromTree(t)
	}
	return n
}

// get finds a member in any case; nil when there is none or it is null.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if m := &n.members[i]; len(m.key) == len(key) && strings.EqualFold(m.key, key) && m.val.kind != lenient.Null {
			return &m.val
		}
	}
	return nil
}

// literal gives the string n is; ok is false for expressions and everything else.
func (n *node) literal() (s string, ok bool) {
	if n == nil || n.kind != lenient.String || n.code != nil || n.bad != nil {
		return "", false
	}
	s, ok = n.value.(string)
	return s, ok
}

// raw is the value as it stands in the template, nothing evaluated, escapes kept.
func (n *node) raw() any {
	switch n.kind {
	case lenient.String:
		if _, ok := n.literal(); ok {
			return expr.Escape(n.value.(string))
		}
		return n.value
	case lenient.Array:
		list := make([]any, len(n.elems))
		for i := range n.elems {
			list[i] = n.elems[i].raw()
		}
		return list
	case lenient.Object:
		o := &expr.Object{}
		for i := range n.members {
			o.Set(n.members[i].key, n.members[i].val.raw())
		}
		return o
	}
	return n.value
}

// isFalse reports the literal false, as in "additionalProperties": false.
func (n *node) isFalse() bool { return n != nil && n.value == false }

// visit calls do for every expression in n, keys included, with the place of the value.
func (n *node) visit(do func(off int, code expr.Node, bad error) error) error {
	if n == nil {
		return nil
	}
	if n.code != nil || n.bad != nil {
		return do(n.off, n.code, n.bad)
	}
	for i := range n.elems {
		if err := n.elems[i].visit(do); err != nil {
			return err
		}
	}
	for i := range n.members {
		m := &n.members[i]
		if m.code != nil || m.bad != nil {
			if err := do(m.val.off, m.code, m.bad); err != nil {
				return err
			}
		}
		if err := m.val.visit(do); err != nil {
			return err
		}
	}
	return nil
}

// kindName is what Azure calls the JSON type of n.
func (n *node) kindName() string {
	switch n.kind {
	case lenient.Bool:
		return "Boolean"
	case lenient.Number:
		return expr.TypeName(n.value)
	case lenient.String:
		return "String"
	case lenient.Array:
		return "Array"
	case lenient.Object:
		return "Object"
	}
	return "Null"
}
