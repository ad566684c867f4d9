package template

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
)

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

// accept checks v against s and gives it as its type wants it. Unknown values fit everything.
func (s *schema) accept(v any, depth int) (any, *problem) {
	if _, ok := v.(expr.Unknown); ok {
		return v, nil
	}
	if depth > maxSchema {
		return nil, problemf(false, "The types refer to each other more than %d levels deep.", maxSchema)
	}
	if v == nil {
		if !s.optional() {
			return nil, typeProblem(s.typeName(), v)
		}
		return nil, nil
	}
	if s.target != nil {
		var problem *problem
		if v, problem = s.target.accept(v, depth+1); problem != nil {
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
		return v, s.acceptItems(v, depth)
	case *expr.Object:
		return v, s.acceptProperties(v, depth)
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

func (s *schema) acceptItems(list []any, depth int) *problem {
	for i, v := range list {
		step := fmt.Sprintf("[%d]", i)
		item := s.items
		if i < len(s.prefixItems) {
			item = s.prefixItems[i]
		} else if s.sealedItems {
			return problemf(false, "The array has %d elements, at most %d are expected.", len(list), len(s.prefixItems))
		}
		if item != nil {
			if _, problem := item.accept(v, depth+1); problem != nil {
				return problem.in(step)
			}
		}
	}
	if len(list) < len(s.prefixItems) {
		return problemf(false, "The array has %d elements, at least %d are expected.", len(list), len(s.prefixItems))
	}
	return nil
}

func (s *schema) acceptProperties(o *expr.Object, depth int) *problem {
	properties := s.properties
	if d := s.discriminator; d != nil {
		chosen, ok := d.mapping[o.Text(d.property)]
		if !ok {
			return problemf(true, "The value '%s' of the property '%s' selects no type.", o.Text(d.property), d.property)
		}
		if _, problem := chosen.accept(o, depth+1); problem != nil {
			return problem
		}
	}
	for _, name := range s.names {
		property := properties[strings.ToLower(name)]
		if _, ok := o.Get(name); !ok && !property.optional() {
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
			if _, problem := property.accept(v, depth+1); problem != nil {
				return problem.in("." + key)
			}
		}
	}
	return nil
}
