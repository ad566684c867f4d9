package lenient

import (
	"bytes"
	"slices"
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

// Span is the place of a value: the byte offsets of its first byte and after its last.
type Span struct{ Off, End int }

// Pair is one member of an object.
type Pair[N any] struct {
	Key string
	Val N
}

// Maker makes the values of a tree of the caller's own while [Make] reads a document. The slices are only lent: a maker
// that keeps one takes a copy. The keys of an object are distinct, as the last of equal ones wins.
type Maker[N any] interface {
	// Scalar makes null, a bool, a number or a string of its literal or, for a string, its content.
	Scalar(at Span, kind Kind, text string) N
	Array(at Span, elems []N) N
	Object(at Span, members []Pair[N]) N
}

// Make reads one document like [ParseTree] into a tree that maker makes, from the leaves up. The texts it hands out share
// one copy of the document, so each of them keeps all of it alive. The error is a *SyntaxError.
func Make[N any](data []byte, maker Maker[N]) (N, error) {
	return read(&parser[N]{scanner: scanner{data: data, src: string(data)}, maker: maker})
}

// parse reads one document into nodes whose texts are copies.
func parse(data []byte) (*node, error) {
	n, err := read(&parser[node]{scanner: scanner{data: data}, maker: nodes{}})
	return &n, err
}

// nodes makes nodes.
type nodes struct{}

func (nodes) Scalar(at Span, k Kind, text string) node {
	return node{kind: kind(k), off: at.Off, end: at.End, text: text}
}

func (nodes) Array(at Span, elems []node) node {
	return node{kind: kindArray, off: at.Off, end: at.End, elems: slices.Clone(elems)}
}

func (nodes) Object(at Span, members []Pair[node]) node {
	return node{kind: kindObject, off: at.Off, end: at.End, members: slices.Clone(members)}
}

// parser makes a tree of what the scanner finds.
type parser[N any] struct {
	scanner
	maker Maker[N]
	// What is inside the arrays and objects that are open, those of the innermost last.
	elems   []N
	members []Pair[N]
}

func read[N any](p *parser[N]) (none N, err error) {
	if bytes.HasPrefix(p.data, []byte("\xef\xbb\xbf")) {
		p.pos = 3
	}
	if err := p.space(); err != nil {
		return none, err
	}
	if p.pos == len(p.data) {
		return none, p.errorf(p.pos, "the document is empty: send a JSON value")
	}
	root, err := p.value()
	if err != nil {
		return none, err
	}
	if err := p.space(); err != nil {
		return none, err
	}
	if p.pos < len(p.data) {
		return none, p.errorf(p.pos, "%s after the end of the document", p.found())
	}
	return root, nil
}

func (p *parser[N]) value() (n N, err error) {
	off := p.pos
	switch p.peek() {
	case '{':
		return p.object()
	case '[':
		return p.array()
	}
	kind, text, err := p.scalar()
	if err != nil {
		return n, err
	}
	return p.maker.Scalar(Span{off, p.pos}, kind, text), nil
}

// open consumes the bracket of an array or object.
func (p *parser[N]) open() error {
	if len(p.path) >= MaxDepth {
		return p.errorf(p.pos, "nested deeper than %d levels", MaxDepth)
	}
	p.pos++
	return p.space()
}

func (p *parser[N]) array() (n N, err error) {
	off, first := p.pos, len(p.elems)
	if err := p.open(); err != nil {
		return n, err
	}
	for p.peek() != ']' {
		p.path = append(p.path, indexStep(len(p.elems)-first))
		elem, err := p.value()
		if err != nil {
			return n, err
		}
		p.path = p.path[:len(p.path)-1]
		p.elems = append(p.elems, elem)
		if err := p.separator(']'); err != nil {
			return n, err
		}
	}
	p.pos++
	n = p.maker.Array(Span{off, p.pos}, p.elems[first:])
	p.elems = p.elems[:first]
	return n, nil
}

// manyKeys is from when on the keys of an object are looked up by hash.
const manyKeys = 16

func (p *parser[N]) object() (n N, err error) {
	off, first := p.pos, len(p.members)
	if err := p.open(); err != nil {
		return n, err
	}
	var seen map[string]int // made when there are too many keys to look at each
	for p.peek() != '}' {
		m, err := p.member()
		if err != nil {
			return n, err
		}
		mine := p.members[first:]
		if i := find(mine, seen, m.Key); i >= 0 {
			mine[i] = m
		} else {
			p.members = append(p.members, m)
			seen = remember(p.members[first:], seen)
		}
		if err := p.separator('}'); err != nil {
			return n, err
		}
	}
	p.pos++
	n = p.maker.Object(Span{off, p.pos}, p.members[first:])
	p.members = p.members[:first]
	return n, nil
}

// find gives the place of key, or -1. seen is nil or has the places of all.
func find[N any](members []Pair[N], seen map[string]int, key string) int {
	if seen != nil {
		if i, ok := seen[key]; ok {
			return i
		}
		return -1
	}
	for i := range members {
		if members[i].Key == key {
			return i
		}
	}
	return -1
}

// remember notes the last of members in seen, which it makes when there are many.
func remember[N any](members []Pair[N], seen map[string]int) map[string]int {
	last := len(members) - 1
	switch {
	case seen != nil:
		seen[members[last].Key] = last
	case len(members) == manyKeys:
		seen = make(map[string]int, 2*manyKeys)
		for i := range members {
			seen[members[i].Key] = i
		}
	}
	return seen
}

func (p *parser[N]) member() (m Pair[N], err error) {
	if m.Key, err = p.key(); err != nil {
		return m, err
	}
	p.path = append(p.path, keyStep(m.Key))
	if err := p.colon(); err != nil {
		return m, err
	}
	if m.Val, err = p.value(); err != nil {
		return m, err
	}
	p.path = p.path[:len(p.path)-1]
	return m, nil
}
