package lenient

import (
	"reflect"
	"strings"
)

// field is one JSON member of a struct type.
type field struct {
	name  string
	index []int
	typ   reflect.Type
	// tagged fields win over untagged ones of the same depth, as in encoding/json.
	tagged bool
}

// fieldsOf lists the members encoding/json knows for a struct: exported fields and those promoted from
// embedded structs, the shallowest of a name winning and equals cancelling each other out.
func fieldsOf(t reflect.Type) []field {
	type level struct {
		typ   reflect.Type
		index []int
	}
	var found []field
	taken := map[string]bool{}
	visited := map[reflect.Type]bool{t: true}
	for next := []level{{typ: t}}; len(next) > 0; {
		var deeper []level
		byName := map[string][]field{}
		var order []string
		for _, at := range next {
			for i := range at.typ.NumField() {
				sf := at.typ.Field(i)
				index := append(append([]int{}, at.index...), i)
				f, inner := classify(sf, index)
				if inner != nil && !visited[inner] {
					visited[inner] = true
					deeper = append(deeper, level{inner, index})
				}
				if f.name != "" && !taken[f.name] {
					if byName[f.name] == nil {
						order = append(order, f.name)
					}
					byName[f.name] = append(byName[f.name], f)
				}
			}
		}
		for _, name := range order {
			taken[name] = true
			if f, ok := dominant(byName[name]); ok {
				found = append(found, f)
			}
		}
		next = deeper
	}
	return found
}

// classify tells a member (a field with a name) from an embedded struct whose members are promoted.
func classify(sf reflect.StructField, index []int) (f field, inner reflect.Type) {
	tag, hasTag := sf.Tag.Lookup("json")
	if tag == "-" {
		return field{}, nil
	}
	name, _, _ := strings.Cut(tag, ",")
	if sf.Anonymous && name == "" {
		t := sf.Type
		if t.Kind() == reflect.Pointer {
			if !sf.IsExported() {
				return field{}, nil // cannot be allocated from outside its package
			}
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct {
			return field{}, t
		}
	}
	if !sf.IsExported() {
		return field{}, nil
	}
	if name == "" {
		name = sf.Name
		hasTag = false
	}
	return field{name: name, index: index, typ: sf.Type, tagged: hasTag}, nil
}

func dominant(fields []field) (field, bool) {
	if len(fields) == 1 {
		return fields[0], true
	}
	var tagged []field
	for _, f := range fields {
		if f.tagged {
			tagged = append(tagged, f)
		}
	}
	if len(tagged) == 1 {
		return tagged[0], true
	}
	return field{}, false
}

// table finds a struct's fields by exact name and by folded name.
type table struct {
	exact  map[string]field
	folded map[string]field
}

func tableOf(t reflect.Type) table {
	fields := fieldsOf(t)
	out := table{exact: make(map[string]field, len(fields)), folded: make(map[string]field, len(fields))}
	for _, f := range fields {
		out.exact[f.name] = f
		if _, taken := out.folded[fold(f.name)]; !taken {
			out.folded[fold(f.name)] = f
		}
	}
	return out
}

func fold(key string) string { return strings.ToLower(key) }

// settle allocates embedded pointers on the way to a field and gives the field.
func settle(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
