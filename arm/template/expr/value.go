package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// Unknown is a value only a running deployment can know. Source is the expression it came from, for previews.
type Unknown struct{ Source string }

// Object is a JSON object that keeps the order of its keys. Keys keep their case and are found in any case. The zero
// value is empty and ready to use; it is not changed after it was handed out.
type Object struct {
	keys   []string
	values []any
	exact  map[string]int // made when there are many keys
	folded map[string]int
}

// manyKeys is from when on an object looks keys up by hash.
const manyKeys = 12

// NewObject makes an object of keys and values by turns.
func NewObject(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		o.Set(key, pairs[i+1])
	}
	return o
}

// Len is the number of keys.
func (o *Object) Len() int { return len(o.keys) }

// At is key and value number i.
func (o *Object) At(i int) (string, any) { return o.keys[i], o.values[i] }

// Set adds the key spelled exactly so or replaces its value.
func (o *Object) Set(key string, value any) {
	if i := o.find(key); i >= 0 {
		o.values[i] = value
		return
	}
	o.keys = append(o.keys, key)
	o.values = append(o.values, value)
	switch {
	case o.exact != nil:
		o.index(len(o.keys) - 1)
	case len(o.keys) >= manyKeys:
		o.exact, o.folded = map[string]int{}, map[string]int{}
		for i := range o.keys {
			o.index(i)
		}
	}
}

func (o *Object) index(i int) {
	o.exact[o.keys[i]] = i
	if low := strings.ToLower(o.keys[i]); !has(o.folded, low) {
		o.folded[low] = i
	}
}

func has(m map[string]int, key string) bool { _, ok := m[key]; return ok }

// SetFold is [Object.Set] that takes a key of other case as the same and keeps its first spelling.
func (o *Object) SetFold(key string, value any) {
	if i := o.findFold(key); i >= 0 {
		o.values[i] = value
		return
	}
	o.Set(key, value)
}

func (o *Object) find(key string) int {
	if o.exact != nil {
		if i, ok := o.exact[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range o.keys {
		if k == key {
			return i
		}
	}
	return -1
}

func (o *Object) findFold(key string) int {
	if i := o.find(key); i >= 0 {
		return i
	}
	if o.folded != nil {
		if i, ok := o.folded[strings.ToLower(key)]; ok {
			return i
		}
		return -1
	}
	for i, k := range o.keys {
		if strings.EqualFold(k, key) {
			return i
		}
	}
	return -1
}

// Get finds a key in any case; the exact spelling wins.
func (o *Object) Get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	if i := o.findFold(key); i >= 0 {
		return o.values[i], true
	}
	return nil, false
}

// Text gives the string under key, or "".
func (o *Object) Text(key string) string {
	v, _ := o.Get(key)
	s, _ := v.(string)
	return s
}

// clone is a shallow copy.
func (o *Object) clone() *Object {
	out := &Object{}
	for i, k := range o.keys {
		out.Set(k, o.values[i])
	}
	return out
}

// MarshalJSON prints the object in the order of its keys.
func (o *Object) MarshalJSON() ([]byte, error) { return AppendJSON(nil, o), nil }

// FromJSON reads a value. Strings stay as they are: nothing is evaluated. The error is a *lenient.SyntaxError.
func FromJSON(data []byte) (any, error) { return lenient.Make(data, values{}) }

// values makes the values of a document.
type values struct{}

func (values) Scalar(_ lenient.Span, kind lenient.Kind, text string) any { return Scalar(kind, text) }

func (values) Array(_ lenient.Span, elems []any) any { return append([]any{}, elems...) }

func (values) Object(_ lenient.Span, members []lenient.Pair[any]) any {
	o := &Object{}
	for _, m := range members {
		o.Set(m.Key, m.Val)
	}
	return o
}

// FromTree is [FromJSON] for a part of a parsed document.
func FromTree(t lenient.Tree) any {
	switch t.Kind() {
	case lenient.Array:
		list := make([]any, t.Len())
		for i := range list {
			list[i] = FromTree(t.Elem(i))
		}
		return list
	case lenient.Object:
		o := &Object{}
		for i := range t.Len() {
			key, value := t.Member(i)
			o.Set(key, FromTree(value))
		}
		return o
	}
	return Scalar(t.Kind(), t.Text())
}

// Scalar makes the value of a null, a bool, a number or a string of its text.
func Scalar(kind lenient.Kind, text string) any {
	switch kind {
	case lenient.Bool:
		return text == "true"
	case lenient.Number:
		return number(text)
	case lenient.String:
		return text
	}
	return nil
}

// number reads a JSON number: an int64 where it is one and fits, else a float64.
func number(literal string) any {
	if i, err := strconv.ParseInt(literal, 10, 64); err == nil {
		return i
	}
	f, _ := strconv.ParseFloat(literal, 64) // the parser checked the form; out of range is infinity, cut below
	if math.IsInf(f, 0) {
		f = math.Copysign(math.MaxFloat64, f)
	}
	return f
}

// AppendJSON prints v as compact JSON. An [Unknown] prints as the string of its source in brackets.
func AppendJSON(b []byte, v any) []byte { return appendValue(b, v, '"') }

func appendValue(b []byte, v any, quote byte) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return append(b, floatText(v)...)
	case string:
		return appendQuoted(b, v, quote)
	case Unknown:
		return appendQuoted(b, "["+v.Source+"]", quote)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, e, quote)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		for i, k := range v.keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, k, quote), ':')
			b = appendValue(b, v.values[i], quote)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

func appendQuoted(b []byte, s string, quote byte) []byte {
	const hex = "0123456789abcdef"
	b = append(b, quote)
	for i := range len(s) {
		switch c := s[i]; {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, quote)
}

// floatText prints a float so that it stays a float: 1.0 and not 1.
func floatText(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if abs := math.Abs(f); abs == 0 || abs >= 1e-5 && abs < 1e15 {
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// TypeName is what Azure calls the type of v.
func TypeName(v any) string {
	switch v.(type) {
	case nil:
		return "Null"
	case bool:
		return "Boolean"
	case int64:
		return "Integer"
	case float64:
		return "Float"
	case string:
		return "String"
	case []any:
		return "Array"
	case *Object:
		return "Object"
	}
	return "Unknown"
}

// Equal compares deeply: strings and keys with case, an integer equals the float of its value, the order of keys is
// irrelevant.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case int64:
		if f, ok := b.(float64); ok {
			return float64(a) == f
		}
	case float64:
		if i, ok := b.(int64); ok {
			return a == float64(i)
		}
	case []any:
		list, ok := b.([]any)
		if !ok || len(list) != len(a) {
			return false
		}
		for i := range a {
			if !Equal(a[i], list[i]) {
				return false
			}
		}
		return true
	case *Object:
		o, ok := b.(*Object)
		if !ok || o.Len() != a.Len() {
			return false
		}
		for i, k := range a.keys {
			j := o.find(k)
			if j < 0 || !Equal(a.values[i], o.values[j]) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case []any, *Object:
		return false
	}
	return a == b
}

// IsKnown reports that nothing within v is unknown.
func IsKnown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return false
	case []any:
		for _, e := range v {
			if !IsKnown(e) {
				return false
			}
		}
	case *Object:
		for _, e := range v.values {
			if !IsKnown(e) {
				return false
			}
		}
	}
	return true
}
