package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
)

// Object is a JSON object that remembers the order of its members. The zero
// value is not ready; use [New]. Not safe for concurrent writes.
type Object struct {
	keys   []string
	fields map[string]any
	chosen bool
}

// New makes an object of alternating names and values. It panics when a name is
// missing or no string, which only a mistake of the program does.
func New(members ...any) *Object {
	o := &Object{fields: make(map[string]any, len(members)/2)}
	for i := 0; i < len(members); i += 2 {
		o.Set(members[i].(string), members[i+1])
	}
	return o
}

// Choose marks o as made by a query, which decides the order of columns.
func (o *Object) Choose() *Object {
	o.chosen = true
	return o
}

// Chosen reports whether a query made o.
func (o *Object) Chosen() bool { return o.chosen }

// Len is the number of members.
func (o *Object) Len() int { return len(o.keys) }

// Keys are the names in order. The caller must not change them.
func (o *Object) Keys() []string { return o.keys }

// Sorted are the names in the order of their bytes.
func (o *Object) Sorted() []string {
	keys := append([]string(nil), o.keys...)
	sort.Strings(keys)
	return keys
}

// Has reports whether the member is there, null or not.
func (o *Object) Has(key string) bool {
	_, ok := o.fields[key]
	return ok
}

// Get is the member's value, nil when it is not there.
func (o *Object) Get(key string) any {
	if o == nil {
		return nil
	}
	return o.fields[key]
}

// Set adds a member at the end, or gives the one there a new value.
func (o *Object) Set(key string, v any) *Object {
	if _, ok := o.fields[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.fields[key] = v
	return o
}

// Delete removes a member.
func (o *Object) Delete(key string) {
	if _, ok := o.fields[key]; !ok {
		return
	}
	delete(o.fields, key)
	for i, k := range o.keys {
		if k == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// Copy is o with members of its own; their values are shared.
func (o *Object) Copy() *Object {
	c := &Object{keys: append([]string(nil), o.keys...), fields: make(map[string]any, len(o.fields))}
	for k, v := range o.fields {
		c.fields[k] = v
	}
	return c
}

// MarshalJSON writes the members in their order.
func (o *Object) MarshalJSON() ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := appendJSON(&b, k); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := appendJSON(&b, o.fields[k]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func appendJSON(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // Encode ends with a newline
	return nil
}

// Encode writes v as compact JSON, without escaping HTML.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	err := appendJSON(&b, v)
	return b.Bytes(), err
}

// Decode reads one JSON document.
func Decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := decode(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the end of the document")
	}
	return v, nil
}

func decode(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil // nil, bool, string, json.Number
	}
	if delim == '[' {
		list := []any{}
		for d.More() {
			v, err := decode(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	o := New()
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decode(d)
		if err != nil {
			return nil, err
		}
		o.Set(k.(string), v)
	}
	_, err = d.Token()
	return o, err
}

// Of makes a value of anything that encoding/json can write: structs, maps
// (their keys sorted) and the values themselves.
func Of(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, json.Number, *Object:
		return v, nil
	case int:
		return json.Number(strconv.Itoa(v)), nil
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return list, nil
	}
	data, err := Encode(v)
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

// Float is n as Python prints a float: always with a point or an exponent.
func Float(n float64) json.Number {
	switch {
	case math.IsInf(n, 0) || math.IsNaN(n):
		return json.Number(strconv.FormatFloat(n, 'g', -1, 64))
	case n == math.Trunc(n) && math.Abs(n) < 1e16:
		return json.Number(strconv.FormatFloat(n, 'f', 1, 64))
	}
	if a := math.Abs(n); a >= 1e-4 && a < 1e16 {
		return json.Number(strconv.FormatFloat(n, 'f', -1, 64))
	}
	return json.Number(strconv.FormatFloat(n, 'e', -1, 64))
}

// Int is a whole number.
func Int(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// Path follows names through objects, and decimal indexes through arrays, nil
// where something is missing.
func Path(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case *Object:
			v = x.Get(name)
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// String is the text at path, "" when there is none.
func String(v any, path string) string {
	s, _ := Path(v, path).(string)
	return s
}

// ObjectAt returns the object at path, nil when there is none.
func ObjectAt(v any, path string) *Object {
	o, _ := Path(v, path).(*Object)
	return o
}

// List returns the array at path, nil when there is none.
func List(v any, path string) []any {
	l, _ := Path(v, path).([]any)
	return l
}

// Text is v as Python's str() gives it, the form of tables and tsv.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return v
	case json.Number:
		return Number(v)
	}
	data, err := Encode(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// Number is a JSON number as Python prints it: digits alone are an int, others a
// float.
func Number(n json.Number) string {
	if !strings.ContainsAny(string(n), ".eE") {
		return string(n)
	}
	f, err := n.Float64()
	if err != nil {
		return string(n)
	}
	return string(Float(f))
}
