package template

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// The types of parameters and outputs in the spelling of stored deployments, under their names in lower case.
var typeNames = map[string]string{
	"string": "String", "securestring": "SecureString", "int": "Int", "bool": "Bool",
	"object": "Object", "secureobject": "SecureObject", "array": "Array",
}

// maxSchema bounds how deep types nest, also through $ref.
const maxSchema = 64

// schema is a type with its constraints. Types may refer to themselves through definitions, which are followed when a value
// is checked.
type schema struct {
	typ           string  // in the spelling of typeNames; "" with target only
	target        *schema // the definition it refers to
	nullable      bool
	allowed       []any
	bounds        map[string]int64 // minValue, maxValue, minLength, maxLength
	items         *schema
	sealedItems   bool // "items": false
	prefixItems   []*schema
	names         []string // of properties, in their order
	properties    map[string]*schema
	additional    *schema
	sealed        bool // "additionalProperties": false
	discriminator *discriminator
}

// discriminator picks one of several object types by the string under a property.
type discriminator struct {
	property string
	mapping  map[string]*schema
}

// secure reports a type whose values are never shown.
func (s *schema) secure() bool { return s.typ == "SecureString" || s.typ == "SecureObject" }

func (t *Template) readSchema(n *node, depth int) (*schema, error) {
	s := &schema{}
	return s, t.fillSchema(s, n, depth)
}

// fillSchema reads the type n into s.
func (t *Template) fillSchema(s *schema, n *node, depth int) error {
	if depth > maxSchema {
		return t.fail(n, "", "The type nests deeper than %d levels.", maxSchema)
	}
	s.bounds = map[string]int64{}
	if n.kind != lenient.Object {
		return t.fail(n, "", "A type is of the JSON type '%s', expected is 'Object'.", n.kindName())
	}
	if ref := n.get("$ref"); ref != nil {
		var err error
		if s.target, err = t.referred(ref, depth); err != nil {
			return err
		}
	}
	if typ := n.get("type"); typ != nil {
		name, _ := typ.literal()
		if s.typ = typeNames[strings.ToLower(name)]; s.typ == "" {
			return t.fail(typ, "", "The type '%v' is not supported. Use string, securestring, int, bool, object, secureObject or array.", typ.raw())
		}
	} else if s.target == nil {
		return t.fail(n, "", "The property 'type' is required.")
	}
	if v := n.get("nullable"); v != nil {
		s.nullable = v.value == true
	}
	if list := n.get("allowedValues"); list != nil {
		if list.kind != lenient.Array || len(list.elems()) == 0 {
			return t.fail(list, "", "The property 'allowedValues' must be an array with at least one value.")
		}
		s.allowed = unescaped(list.raw()).([]any)
	}
	for _, key := range []string{"minValue", "maxValue", "minLength", "maxLength"} {
		if v := n.get(key); v != nil {
			i, ok := v.value.(int64)
			if !ok {
				return t.fail(v, "", "The property '%s' must be an integer.", key)
			}
			s.bounds[key] = i
		}
	}
	return t.readParts(s, n, depth)
}

// referred is the definition that a $ref names, as in #/definitions/a or #/definitions/a/properties/b.
func (t *Template) referred(ref *node, depth int) (*schema, error) {
	path, _ := ref.literal()
	pointer, found := strings.CutPrefix(path, "#/definitions/")
	at := t.root.get("definitions")
	for _, step := range strings.Split(pointer, "/") {
		if at != nil {
			at = at.step(step)
		}
	}
	if !found || at == nil {
		return nil, t.fail(ref, "", "The type reference '%v' is not valid: there is no such definition in the template.", ref.raw())
	}
	if s := t.types[at]; s != nil {
		return s, nil
	}
	s := &schema{}
	t.types[at] = s // before it is read, as it may refer to itself
	return s, t.fillSchema(s, at, depth+1)
}

// step follows one step of a JSON pointer, which may be escaped for JSON and for URIs.
func (n *node) step(step string) *node {
	if plain, err := url.PathUnescape(step); err == nil {
		step = plain
	}
	step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
	if list := n.elems(); list != nil {
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(list) {
			return &list[i]
		}
		return nil
	}
	return n.get(step)
}

// readDefinitions reads all types of the section definitions, so that what is wrong is said even of those nobody uses.
func (t *Template) readDefinitions() error {
	n := t.root.get("definitions")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "definitions", "The template definitions are of type '%s', expected is 'Object'.", n.kindName())
	}
	for i := range n.members() {
		m := &n.members()[i]
		if t.types[&m.val] != nil {
			continue
		}
		s := &schema{}
		t.types[&m.val] = s
		if err := t.fillSchema(s, &m.val, 0); err != nil {
			return err
		}
	}
	for at, s := range t.types {
		for steps := 0; s != nil; s = s.target {
			if steps++; steps > len(t.types) {
				return t.fail(at, "definitions", "The type refers to itself and to nothing else.")
			}
		}
	}
	return nil
}

// readParts reads what a type says of its elements and properties.
func (t *Template) readParts(s *schema, n *node, depth int) (err error) {
	if v := n.get("items"); v.isFalse() {
		s.sealedItems = true
	} else if v != nil && v.kind != lenient.Bool {
		if s.items, err = t.readSchema(v, depth+1); err != nil {
			return err
		}
	}
	if v := n.get("prefixItems"); v != nil {
		for i := range v.elems() {
			part, err := t.readSchema(&v.elems()[i], depth+1)
			if err != nil {
				return err
			}
			s.prefixItems = append(s.prefixItems, part)
		}
	}
	if v := n.get("properties"); v != nil {
		s.properties = map[string]*schema{}
		for i := range v.members() {
			part, err := t.readSchema(&v.members()[i].val, depth+1)
			if err != nil {
				return err
			}
			s.names = append(s.names, v.members()[i].key)
			s.properties[strings.ToLower(v.members()[i].key)] = part
		}
	}
	if v := n.get("additionalProperties"); v.isFalse() {
		s.sealed = true
	} else if v != nil && v.kind == lenient.Object {
		if s.additional, err = t.readSchema(v, depth+1); err != nil {
			return err
		}
	}
	if v := n.get("discriminator"); v != nil {
		property, _ := v.get("propertyName").literal()
		mapping := v.get("mapping")
		if property == "" || mapping == nil {
			return t.fail(v, "", "A discriminator needs the properties 'propertyName' and 'mapping'.")
		}
		s.discriminator = &discriminator{property, map[string]*schema{}}
		for i := range mapping.members() {
			if s.discriminator.mapping[mapping.members()[i].key], err = t.readSchema(&mapping.members()[i].val, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// unescaped gives what the literals of a raw value mean.
func unescaped(v any) any {
	switch v := v.(type) {
	case string:
		return expr.Unescape(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = unescaped(v[i])
		}
		return out
	case *expr.Object:
		out := &expr.Object{}
		for i := range v.Len() {
			k, e := v.At(i)
			out.Set(k, unescaped(e))
		}
		return out
	}
	return v
}

// isSecure reports a type that is secure, or has a secure type anywhere inside, through references. Such values are hidden
// as a whole.
func (s *schema) isSecure() bool { return s.findSecure(map[*schema]bool{}) }

func (s *schema) findSecure(seen map[*schema]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	parts := append([]*schema{s.target, s.items, s.additional}, s.prefixItems...)
	for _, p := range s.properties {
		parts = append(parts, p)
	}
	if s.discriminator != nil {
		for _, p := range s.discriminator.mapping {
			parts = append(parts, p)
		}
	}
	return s.secure() || slices.ContainsFunc(parts, func(p *schema) bool { return p.findSecure(seen) })
}

// typeName is the type through references, for stored parameters.
func (s *schema) typeName() string {
	for s.typ == "" {
		s = s.target
	}
	return s.typ
}

// optional reports a value that may be absent or null, through references.
func (s *schema) optional() bool {
	for at := s; at != nil; at = at.target {
		if at.nullable || at.typ != "" && at.target == nil {
			return at.nullable
		}
	}
	return false
}
