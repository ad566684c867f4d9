package expr

import (
	"strconv"
	"strings"
)

// Node is an expression: a *Text, *Integer, *Call, *Property or *Index.
type Node interface{ appendTo(b []byte) []byte }

// Text is a string in single quotes.
type Text struct{ Value string }

// Integer is a whole number of 64 bits.
type Integer struct{ Value int64 }

// Call is a call of a function, or of a user function when Namespace is set.
type Call struct {
	Namespace string
	Name      string // as written
	Args      []Node
	fn        *function
	room      [2]Node // for Args, as most calls have no more
}

// Property is Of.Name.
type Property struct {
	Of   Node
	Name string
}

// Index is Of[Key].
type Index struct{ Of, Key Node }

// IsExpression reports that a string of a template is an expression: it starts with one bracket and ends with one.
func IsExpression(s string) bool {
	return len(s) >= 2 && s[0] == '[' && s[len(s)-1] == ']' && s[1] != '['
}

// Unescape gives the literal a string that is no expression means: "[[x]" is "[x]".
func Unescape(s string) string {
	if len(s) >= 3 && strings.HasPrefix(s, "[[") && s[len(s)-1] == ']' {
		return s[1:]
	}
	return s
}

// Escape is the inverse of [Unescape]: the string of a template that means the literal s.
func Escape(s string) string {
	if len(s) >= 2 && s[0] == '[' && s[len(s)-1] == ']' {
		return "[" + s
	}
	return s
}

// Print gives n in its normal form, without the brackets around it: no spaces but one after each comma.
func Print(n Node) string { return string(n.appendTo(nil)) }

func (n *Text) appendTo(b []byte) []byte {
	b = append(b, '\'')
	b = append(b, strings.ReplaceAll(n.Value, "'", "''")...)
	return append(b, '\'')
}

func (n *Integer) appendTo(b []byte) []byte { return strconv.AppendInt(b, n.Value, 10) }

func (n *Call) appendTo(b []byte) []byte {
	if n.Namespace != "" {
		b = append(append(b, n.Namespace...), '.')
	}
	b = append(append(b, n.Name...), '(')
	for i, arg := range n.Args {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = arg.appendTo(b)
	}
	return append(b, ')')
}

func (n *Property) appendTo(b []byte) []byte {
	return append(append(n.Of.appendTo(b), '.'), n.Name...)
}

func (n *Index) appendTo(b []byte) []byte {
	return append(n.Key.appendTo(append(n.Of.appendTo(b), '[')), ']')
}

// Walk calls visit for n and everything inside, from the outside in.
func Walk(n Node, visit func(Node)) {
	visit(n)
	switch n := n.(type) {
	case *Call:
		for _, arg := range n.Args {
			Walk(arg, visit)
		}
	case *Property:
		Walk(n.Of, visit)
	case *Index:
		Walk(n.Of, visit)
		Walk(n.Key, visit)
	}
}
