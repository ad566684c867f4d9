package lenient

import (
	"encoding/json"
	"strconv"
)

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

func (k kind) String() string {
	return [...]string{"null", "a bool", "a number", "a string", "an array", "an object"}[k]
}

// node is one value of a parsed document.
type node struct {
	kind    kind
	off     int    // byte offset in the document
	end     int    // byte offset after it
	text    string // literal of a number, content of a string, "true" or "false"
	elems   []node // of an array
	members []member
}

// member is one key of an object. Keys of an object are distinct: the parser lets the last one win.
type member = Pair[node]

// generic gives the tree of plain Go values, numbers as json.Number.
func (n *node) generic() any {
	switch n.kind {
	case kindBool:
		return n.text == "true"
	case kindNumber:
		return json.Number(n.text)
	case kindString:
		return n.text
	case kindArray:
		list := make([]any, len(n.elems))
		for i := range n.elems {
			list[i] = n.elems[i].generic()
		}
		return list
	case kindObject:
		object := make(map[string]any, len(n.members))
		for i := range n.members {
			object[n.members[i].Key] = n.members[i].Val.generic()
		}
		return object
	}
	return nil
}

// appendJSON prints standard JSON, members in their order.
func (n *node) appendJSON(b []byte) []byte {
	switch n.kind {
	case kindBool, kindNumber:
		return append(b, n.text...)
	case kindString:
		return appendString(b, n.text)
	case kindArray:
		b = append(b, '[')
		for i := range n.elems {
			if i > 0 {
				b = append(b, ',')
			}
			b = n.elems[i].appendJSON(b)
		}
		return append(b, ']')
	case kindObject:
		b = append(b, '{')
		for i := range n.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, n.members[i].Key)
			b = append(b, ':')
			b = n.members[i].Val.appendJSON(b)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// appendString quotes s, which the parser has made valid UTF-8.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0 // of what is not written yet
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, `\u00`...)
			if c < 0x10 {
				b = append(b, '0')
			}
			b = strconv.AppendUint(b, uint64(c), 16)
		}
	}
	return append(append(b, s[from:]...), '"')
}

// member gives the value of the key spelled exactly so, or nil.
func (n *node) member(key string) *node {
	for i := range n.members {
		if n.members[i].Key == key {
			return &n.members[i].Val
		}
	}
	return nil
}
