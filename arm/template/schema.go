package template

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

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

// schema is a type with its constraints. Types that refer to definitions are followed when a value is checked, as they may
// refer to themselves.
type schema struct {
	node          *node
	typ           string // in the spelling of typeNames; "" with ref only
	ref           string // name of a definition
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
	if depth > maxSchema {
		return nil, t.fail(n, "", "The type nests deeper than %d levels.", maxSchema)
	}
	s := &schema{node: n, bounds: map[string]int64{}}
	if n.kind != lenient.Object {
		return nil, t.fail(n, "", "A type is of the JSON type '%s', expected is 'Object'.", n.kindName())
	}
	if ref, ok := n.get("$ref").literal(); ok {
		name, found := strings.CutPrefix(ref, "#/definitions/")
		if !found || t.definitions.get(name) == nil {
			return nil, t.fail(n, "", "The type reference '%s' is not valid: there is no such definition in the template.", ref)
		}
		s.ref = name
	}
	if typ := n.get("type"); typ != nil {
		name, _ := typ.literal()
		if s.typ = typeNames[strings.ToLower(name)]; s.typ == "" {
			return nil, t.fail(typ, "", "The type '%v' is not supported. Use string, securestring, int, bool, object, secureObject or array.", typ.raw())
		}
	} else if s.ref == "" {
		return nil, t.fail(n, "", "The property 'type' is required.")
	}
	if v := n.get("nullable"); v != nil {
		s.nullable = v.value == true
	}
	if list := n.get("allowedValues"); list != nil {
		if list.kind != lenient.Array || len(list.elems()) == 0 {
			return nil, t.fail(list, "", "The property 'allowedValues' must be an array with at least one value.")
		}
		s.allowed = unescaped(list.raw()).([]any)
	}
	for _, key := range []string{"minValue", "maxValue", "minLength", "maxLength"} {
		if v := n.get(key); v != nil {
			i, ok := v.value.(int64)
			if !ok {
				return nil, t.fail(v, "", "The property '%s' must be an integer.", key)
			}
			s.bounds[key] = i
		}
	}
	return s, t.readParts(s, n, depth)
}

// readParts reads what a type says of its elements and properties.
func (t *Template) readParts(s *schema, n *node, depth int) (err error) {
	if v := n.get("items"); v.isFalse() {
		s.sealedItems = true
	} else if v != nil {
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

// problem is why a value does not fit a type. quoted holds what may not be shown of secure values.
type problem struct {
	path   string
	msg    string
	quoted bool
}

func problemf(quoted bool, format string, args ...any) *problem {
	return &problem{msg: fmt.Sprintf(format, args...), quoted: quoted}
}

// in says under which property or element the problem is.
func (p *problem) in(step string) *problem {
	if p != nil {
		p.path = step + p.path
	}
	return p
}

func (p *problem) text(secure bool) string {
	msg := p.msg
	if secure && p.quoted {
		msg = "The value does not meet the constraints of its type; as it is secure it is not shown."
	}
	if p.path != "" {
		return "At '" + strings.TrimPrefix(p.path, ".") + "': " + msg
	}
	return msg
}

// resolve follows a reference; constraints beside it count too and are checked by the caller.
func (t *Template) resolve(s *schema) (*schema, *problem) {
	n := t.definitions.get(s.ref)
	if n == nil {
		return nil, problemf(false, "The definition '%s' does not exist.", s.ref)
	}
	target, err := t.readSchema(n, 0)
	if err != nil {
		return nil, problemf(false, "The definition '%s' is not valid: %v", s.ref, err)
	}
	return target, nil
}

// isSecure reports a type that is secure, or has a secure type anywhere inside, through references. Such values are hidden
// as a whole.
func (t *Template) isSecure(s *schema) bool { return t.findSecure(s, map[string]bool{}) }

func (t *Template) findSecure(s *schema, seen map[string]bool) bool {
	if s == nil {
		return false
	}
	if s.ref != "" && !seen[s.ref] {
		seen[s.ref] = true
		next, problem := t.resolve(s)
		if problem != nil || t.findSecure(next, seen) { // what does not resolve is refused later; until then show nothing
			return true
		}
	}
	parts := append([]*schema{s.items, s.additional}, s.prefixItems...)
	for _, p := range s.properties {
		parts = append(parts, p)
	}
	if s.discriminator != nil {
		for _, p := range s.discriminator.mapping {
			parts = append(parts, p)
		}
	}
	return s.secure() || slices.ContainsFunc(parts, func(p *schema) bool { return t.findSecure(p, seen) })
}

// typeName is the type through references, for stored parameters.
func (t *Template) typeName(s *schema) string {
	for range maxSchema {
		if s.typ != "" {
			return s.typ
		}
		next, problem := t.resolve(s)
		if problem != nil {
			return "Object"
		}
		s = next
	}
	return "Object"
}

// accept checks v against s and gives it as its type wants it. Unknown values fit everything.
func (t *Template) accept(s *schema, v any, depth int) (any, *problem) {
	if _, ok := v.(expr.Unknown); ok {
		return v, nil
	}
	if depth > maxSchema {
		return nil, problemf(false, "The types refer to each other more than %d levels deep.", maxSchema)
	}
	if v == nil {
		for at := s; ; depth++ {
			if at.nullable {
				return nil, nil
			}
			next, problem := t.resolve(at)
			if at.ref == "" || problem != nil || depth > maxSchema {
				break
			}
			at = next
		}
		return nil, typeProblem(t.typeName(s), v)
	}
	if s.ref != "" {
		target, problem := t.resolve(s)
		if problem != nil {
			return nil, problem
		}
		if v, problem = t.accept(target, v, depth+1); problem != nil {
			return nil, problem
		}
	}
	if s.typ != "" {
		if problem := checkType(s.typ, v); problem != nil {
			return nil, problem
		}
	}
	if problem := s.constrain(v); problem != nil {
		return nil, problem
	}
	switch v := v.(type) {
	case []any:
		return v, t.acceptItems(s, v, depth)
	case *expr.Object:
		return v, t.acceptProperties(s, v, depth)
	}
	return v, nil
}

// expected are the JSON types that fit a type, as Azure names them.
var expected = map[string]string{
	"String": "String, Uri", "SecureString": "String, Uri", "Int": "Integer", "Bool": "Boolean",
	"Object": "Object", "SecureObject": "Object", "Array": "Array",
}

func typeProblem(typ string, v any) *problem {
	return problemf(false, "Template parameter JToken type is not valid. Expected '%s'. Actual '%s'. Please see https://aka.ms/resource-manager-parameter-files for usage details.", expected[typ], expr.TypeName(v))
}

func checkType(typ string, v any) *problem {
	ok := false
	switch v.(type) {
	case string:
		ok = typ == "String" || typ == "SecureString"
	case int64:
		ok = typ == "Int"
	case bool:
		ok = typ == "Bool"
	case []any:
		ok = typ == "Array"
	case *expr.Object:
		ok = typ == "Object" || typ == "SecureObject"
	}
	if !ok {
		return typeProblem(typ, v)
	}
	return nil
}

// constrain checks allowedValues and the bounds.
func (s *schema) constrain(v any) *problem {
	if s.allowed != nil && !s.allows(v) {
		return problemf(true, "The provided value '%s' is not valid. The parameter value is not part of the allowed value(s): '%s'.", expr.Stringify(v), joined(s.allowed))
	}
	size, what := int64(0), "length"
	least, most := s.bounds["minLength"], int64(math.MaxInt64)
	if b, ok := s.bounds["maxLength"]; ok {
		most = b
	}
	switch v := v.(type) {
	case string:
		size = int64(utf8.RuneCountInString(v))
	case []any:
		size = int64(len(v))
	case int64:
		size, what, least, most = v, "value", math.MinInt64, math.MaxInt64
		if b, ok := s.bounds["minValue"]; ok {
			least = b
		}
		if b, ok := s.bounds["maxValue"]; ok {
			most = b
		}
	default:
		return nil
	}
	switch {
	case size < least:
		return problemf(true, "The %s '%d' of the provided value is less than the minimum of '%d'.", what, size, least)
	case size > most:
		return problemf(true, "The %s '%d' of the provided value is greater than the maximum of '%d'.", what, size, most)
	}
	return nil
}

// allows reports that v is allowed: an array if each of its elements is, or it is itself.
func (s *schema) allows(v any) bool {
	in := func(v any) bool {
		for _, a := range s.allowed {
			if expr.Equal(a, v) {
				return true
			}
		}
		return false
	}
	if list, ok := v.([]any); ok && !in(v) {
		for _, e := range list {
			if !in(e) {
				return false
			}
		}
		return true
	}
	return in(v)
}

func joined(list []any) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = expr.Stringify(v)
	}
	return strings.Join(parts, ",")
}

func (t *Template) acceptItems(s *schema, list []any, depth int) *problem {
	for i, v := range list {
		step := fmt.Sprintf("[%d]", i)
		item := s.items
		if i < len(s.prefixItems) {
			item = s.prefixItems[i]
		} else if s.sealedItems {
			return problemf(false, "The array has %d elements, at most %d are expected.", len(list), len(s.prefixItems))
		}
		if item != nil {
			if _, problem := t.accept(item, v, depth+1); problem != nil {
				return problem.in(step)
			}
		}
	}
	if len(list) < len(s.prefixItems) {
		return problemf(false, "The array has %d elements, at least %d are expected.", len(list), len(s.prefixItems))
	}
	return nil
}

func (t *Template) acceptProperties(s *schema, o *expr.Object, depth int) *problem {
	properties := s.properties
	if d := s.discriminator; d != nil {
		chosen, ok := d.mapping[o.Text(d.property)]
		if !ok {
			return problemf(true, "The value '%s' of the property '%s' selects no type.", o.Text(d.property), d.property)
		}
		if _, problem := t.accept(chosen, o, depth+1); problem != nil {
			return problem
		}
	}
	for _, name := range s.names {
		property := properties[strings.ToLower(name)]
		if _, ok := o.Get(name); !ok && !t.optional(property) {
			return problemf(false, "The property '%s' is required.", name)
		}
	}
	for i := range o.Len() {
		key, v := o.At(i)
		property := properties[strings.ToLower(key)]
		switch {
		case property == nil && s.additional != nil:
			property = s.additional
		case property == nil && s.sealed && s.discriminator == nil:
			return problemf(true, "The property '%s' is not allowed. Allowed are '%s'.", key, strings.Join(s.names, ", "))
		}
		if property != nil {
			if _, problem := t.accept(property, v, depth+1); problem != nil {
				return problem.in("." + key)
			}
		}
	}
	return nil
}

// optional reports a property that may be absent, through references.
func (t *Template) optional(s *schema) bool {
	for range maxSchema {
		if s.nullable || s.ref == "" {
			return s.nullable
		}
		next, problem := t.resolve(s)
		if problem != nil {
			return false
		}
		s = next
	}
	return false
}
