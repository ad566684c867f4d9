package template

import (
	"bytes"
	"hash/maphash"
	"slices"
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
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return s
		}
		at += i + 1
		s.lines = append(s.lines, at)
	}
}

// position gives line and column of a byte offset, both from 1, columns in characters.
func (s *source) position(off int) (line, column int) {
	line = sort.SearchInts(s.lines, off+1)
	return line, utf8.RuneCount(s.data[s.lines[line-1]:off]) + 1
}

// node is one value of a template. It is small, as large templates have hundreds of thousands.
type node struct {
	text  string // of a literal string, unescaped
	value any    // what else it is: a *code, a list, an object, a number or a bool
	place int32
	kind  lenient.Kind
}

// off is the byte offset of the value.
func (n *node) off() int { return int(n.place) }

type (
	list   []node
	object []member
)

// member is one key of an object.
type member struct {
	key  string
	code *code // when the key is an expression
	val  node
}

// code is a string that is an expression, or looks like one.
type code struct {
	text  string // with brackets
	node  expr.Node
	bad   error // why it is none
	plain bool  // it has only functions that may stand anywhere but where some are named
}

func newCode(text string) *code {
	c := &code{text: text}
	if c.node, c.bad = expr.Parse(text[1 : len(text)-1]); c.bad != nil {
		return c
	}
	c.plain = true
	expr.Walk(c.node, func(n expr.Node) {
		if call, ok := n.(*expr.Call); ok && c.plain {
			c.plain = call.Class() <= expr.Context && expr.Check(call) == nil
		}
	})
	return c
}

func (n *node) elems() list {
	l, _ := n.value.(list)
	return l
}

func (n *node) members() object {
	o, _ := n.value.(object)
	return o
}

func (n *node) code() *code {
	c, _ := n.value.(*code)
	return c
}

// builder makes the nodes of a template while it is read. Most templates say the same in many places: equal expressions
// share one code, if not too many others stand between them.
type builder struct {
	seed   maphash.Seed
	recent [1024]*code // by hash of the text
}

func (b *builder) code(text string) *code {
	at := &b.recent[maphash.String(b.seed, text)%uint64(len(b.recent))]
	if *at == nil || (*at).text != text {
		*at = newCode(text)
	}
	return *at
}

// Scalar is of lenient.Maker.
func (b *builder) Scalar(at lenient.Span, kind lenient.Kind, text string) node {
	n := node{place: int32(at.Off), kind: kind}
	switch {
	case kind != lenient.String:
		n.value = expr.Scalar(kind, text)
	case expr.IsExpression(text):
		n.value = b.code(text)
	default:
		n.text = expr.Unescape(text)
	}
	return n
}

// Array is of lenient.Maker.
func (b *builder) Array(at lenient.Span, elems []node) node {
	return node{place: int32(at.Off), kind: lenient.Array, value: list(slices.Clone(elems))}
}

// Object is of lenient.Maker.
func (b *builder) Object(at lenient.Span, pairs []lenient.Pair[node]) node {
	members := make(object, len(pairs))
	for i := range pairs {
		m := &members[i]
		m.key, m.val = pairs[i].Key, pairs[i].Val
		if expr.IsExpression(m.key) {
			m.code = b.code(m.key)
		}
	}
	return node{place: int32(at.Off), kind: lenient.Object, value: members}
}

// get finds a member in any case; nil when there is none or it is null.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	members := n.members()
	for i := range members {
		if m := &members[i]; len(m.key) == len(key) && strings.EqualFold(m.key, key) && m.val.kind != lenient.Null {
			return &m.val
		}
	}
	return nil
}

// literal gives the string n is; ok is false for expressions and everything else.
func (n *node) literal() (s string, ok bool) {
	if n == nil || n.kind != lenient.String || n.value != nil {
		return "", false
	}
	return n.text, true
}

// raw is the value as it stands in the template, nothing evaluated, escapes kept.
func (n *node) raw() any {
	switch n.kind {
	case lenient.String:
		if c := n.code(); c != nil {
			return c.text
		}
		s, _ := n.literal()
		return expr.Escape(s)
	case lenient.Array:
		list := make([]any, len(n.elems()))
		for i := range n.elems() {
			list[i] = n.elems()[i].raw()
		}
		return list
	case lenient.Object:
		o := &expr.Object{}
		for i := range n.members() {
			o.Set(n.members()[i].key, n.members()[i].val.raw())
		}
		return o
	}
	return n.value
}

// isFalse reports the literal false, as in "additionalProperties": false.
func (n *node) isFalse() bool { return n != nil && n.value == false }

// visit calls do for every expression in n, keys included, with the place of the value.
func (n *node) visit(do func(off int, c *code) error) error {
	if n == nil {
		return nil
	}
	if c := n.code(); c != nil {
		return do(n.off(), c)
	}
	for i := range n.elems() {
		if err := n.elems()[i].visit(do); err != nil {
			return err
		}
	}
	for i := range n.members() {
		m := &n.members()[i]
		if m.code != nil {
			if err := do(m.val.off(), m.code); err != nil {
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
