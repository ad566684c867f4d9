package lenient

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// Decode reads one document into the value that into points to, by its json tags.
//
// Types with an UnmarshalJSON of their own are given standard JSON and decide for themselves; types with
// an UnmarshalText are given strings. Values of type any hold what [Parse] gives, numbers as json.Number.
// As with encoding/json, null clears pointers, maps, slices and interfaces and leaves other values alone,
// maps and structs that already hold something are added to, slices are replaced.
//
// The tree of unclaimed keys has one entry per unclaimed key, holding its value, and one per claimed key
// beneath which something was unclaimed: a map again, under the spelling of the json tag. Elements of
// arrays stand in such a map under "[0]", "[1]" and so on. It is nil if every key was claimed, and it
// survives being stored as JSON. See [Merge].
//
// An error is a *SyntaxError, unless into is not a non-nil pointer. After an error into may be half written.
func Decode(data []byte, into any) (unknown map[string]any, err error) {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fmt.Errorf("lenient: decode into %T: want a non-nil pointer", into)
	}
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	d := &decoder{data: data, tables: map[reflect.Type]table{}}
	return d.value(root, v.Elem())
}

type decoder struct {
	data   []byte
	path   []step
	tables map[reflect.Type]table
}

func (d *decoder) errorf(n *node, format string, args ...any) error {
	return newError(d.data, n.off, d.path, fmt.Sprintf(format, args...), nil)
}

// mismatch says that n cannot become what is wanted.
func (d *decoder) mismatch(n *node, want string) error {
	switch n.kind {
	case kindString:
		return d.errorf(n, "found the string %q where %s is expected", clip(n.text), want)
	case kindNumber, kindBool:
		return d.errorf(n, "found %s where %s is expected", clip(n.text), want)
	}
	return d.errorf(n, "found %s where %s is expected", n.kind, want)
}

// value decodes n into v and gives the unclaimed keys beneath it.
func (d *decoder) value(n *node, v reflect.Value) (map[string]any, error) {
	if n.kind == kindNull {
		return nil, d.null(n, v)
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.value(n, v.Elem())
	}
	if done, err := d.own(n, v); done {
		return nil, err
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.object(n, v)
	case reflect.Map:
		return d.mapping(n, v)
	case reflect.Slice, reflect.Array:
		return d.list(n, v)
	case reflect.Interface:
		if v.NumMethod() > 0 {
			return nil, d.errorf(n, "cannot decode into the interface %s", v.Type())
		}
		v.Set(reflect.ValueOf(n.generic()))
		return nil, nil
	}
	return nil, d.scalar(n, v)
}

var (
	unmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	numberType          = reflect.TypeFor[json.Number]()
)

func (d *decoder) null(n *node, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface:
		v.SetZero()
		return nil
	}
	if v.CanAddr() && v.Addr().Type().Implements(unmarshalerType) {
		_, err := d.own(n, v)
		return err
	}
	if v.Kind() == reflect.Slice {
		v.SetZero()
	}
	return nil
}

// own lets a type with UnmarshalJSON or UnmarshalText read n; done says whether it has one.
func (d *decoder) own(n *node, v reflect.Value) (done bool, err error) {
	if !v.CanAddr() {
		return false, nil
	}
	target := v.Addr()
	switch {
	case target.Type().Implements(unmarshalerType):
		err = target.Interface().(json.Unmarshaler).UnmarshalJSON(n.appendJSON(nil))
	case target.Type().Implements(textUnmarshalerType):
		if n.kind != kindString {
			return true, d.mismatch(n, "a string")
		}
		err = target.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.text))
	default:
		return false, nil
	}
	return true, d.wrap(n, err)
}

// wrap places the error of a type's own decoder. An inner *SyntaxError knows its place within n only.
func (d *decoder) wrap(n *node, err error) error {
	if err == nil {
		return nil
	}
	msg := err.Error()
	var inner *SyntaxError
	if errors.As(err, &inner) {
		msg = inner.Msg
		if inner.Path != "" {
			msg = inner.Path + ": " + inner.Msg
		}
	}
	return newError(d.data, n.off, d.path, msg, err)
}

func (d *decoder) object(n *node, v reflect.Value) (map[string]any, error) {
	if n.kind != kindObject {
		return nil, d.mismatch(n, "an object")
	}
	fields, ok := d.tables[v.Type()]
	if !ok {
		fields = tableOf(v.Type())
		d.tables[v.Type()] = fields
	}
	var unknown map[string]any
	for i := range n.members {
		m := &n.members[i]
		f, claimed := fields.exact[m.Key]
		if !claimed {
			if f, claimed = fields.folded[fold(m.Key)]; claimed && n.member(f.name) != nil {
				continue // the exact spelling is there too and wins
			}
		}
		if !claimed {
			note(&unknown, m.Key, m.Val.generic())
			continue
		}
		d.path = append(d.path, keyStep(f.name))
		below, err := d.value(&m.Val, settle(v, f.index))
		if err != nil {
			return nil, err
		}
		d.path = d.path[:len(d.path)-1]
		if below != nil {
			note(&unknown, f.name, below)
		}
	}
	return unknown, nil
}

func note(unknown *map[string]any, key string, value any) {
	if *unknown == nil {
		*unknown = map[string]any{}
	}
	(*unknown)[key] = value
}

func (d *decoder) mapping(n *node, v reflect.Value) (map[string]any, error) {
	if n.kind != kindObject {
		return nil, d.mismatch(n, "an object")
	}
	if v.IsNil() {
		v.Set(reflect.MakeMapWithSize(v.Type(), len(n.members)))
	}
	var unknown map[string]any
	for i := range n.members {
		m := &n.members[i]
		d.path = append(d.path, keyStep(m.Key))
		key := reflect.New(v.Type().Key()).Elem()
		if err := d.key(m, key); err != nil {
			return nil, err
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		below, err := d.value(&m.Val, elem)
		if err != nil {
			return nil, err
		}
		d.path = d.path[:len(d.path)-1]
		v.SetMapIndex(key, elem)
		if below != nil {
			note(&unknown, m.Key, below)
		}
	}
	return unknown, nil
}

// key decodes an object's key: a string type, a type with UnmarshalText, or an integer.
func (d *decoder) key(m *member, v reflect.Value) error {
	as := &node{kind: kindString, off: m.Val.off, text: m.Key}
	if v.Addr().Type().Implements(textUnmarshalerType) && v.Kind() != reflect.String {
		_, err := d.own(as, v)
		return err
	}
	switch v.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return d.scalar(as, v)
	}
	return d.errorf(as, "cannot decode keys of type %s", v.Type())
}

func (d *decoder) list(n *node, v reflect.Value) (map[string]any, error) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && n.kind == kindString {
		raw, err := base64.StdEncoding.DecodeString(n.text)
		if err != nil {
			return nil, d.errorf(n, "found a string that is not base64: %v", err)
		}
		v.SetBytes(raw)
		return nil, nil
	}
	if n.kind != kindArray {
		return nil, d.mismatch(n, "an array")
	}
	into := v
	if v.Kind() == reflect.Slice {
		into = reflect.MakeSlice(v.Type(), len(n.elems), len(n.elems))
	} else if v.SetZero(); len(n.elems) > v.Len() {
		return nil, d.errorf(n, "found %d elements where at most %d are expected", len(n.elems), v.Len())
	}
	var unknown map[string]any
	for i := range n.elems {
		d.path = append(d.path, indexStep(i))
		below, err := d.value(&n.elems[i], into.Index(i))
		if err != nil {
			return nil, err
		}
		d.path = d.path[:len(d.path)-1]
		if below != nil {
			note(&unknown, "["+strconv.Itoa(i)+"]", below)
		}
	}
	if v.Kind() == reflect.Slice {
		v.Set(into)
	}
	return unknown, nil
}
