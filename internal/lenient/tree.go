package lenient

// Kind is what a value of a document is.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Tree is one value of a document together with its place. It is read-only and safe for concurrent use.
type Tree struct{ n *node }

// ParseTree reads one document like [Parse], keeping the order of the keys and the place of each value. The error is a
// *SyntaxError.
func ParseTree(data []byte) (Tree, error) {
	root, err := Make(data, nodes{})
	return Tree{&root}, err
}

// Kind is what the value is.
func (t Tree) Kind() Kind { return Kind(t.n.kind) }

// Offset is the byte offset in the document at which the value starts.
func (t Tree) Offset() int { return t.n.off }

// End is the byte offset in the document after the last byte of the value.
func (t Tree) End() int { return t.n.end }

// Text is the literal of a number, the content of a string, "true" or "false".
func (t Tree) Text() string { return t.n.text }

// Len is the number of elements of an array or members of an object.
func (t Tree) Len() int {
	if t.n.kind == kindObject {
		return len(t.n.members)
	}
	return len(t.n.elems)
}

// Elem is element i of an array.
func (t Tree) Elem(i int) Tree { return Tree{&t.n.elems[i]} }

// Member is key and value of member i of an object, in the order of the document.
func (t Tree) Member(i int) (key string, value Tree) {
	m := &t.n.members[i]
	return m.Key, Tree{&m.Val}
}

// JSON prints the value as standard JSON without white space.
func (t Tree) JSON() []byte { return t.n.appendJSON(nil) }
