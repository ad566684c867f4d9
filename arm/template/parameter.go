package template

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// parameter is a declared parameter.
type parameter struct {
	name         string
	node         *node
	schema       *schema
	defaultValue *node // nil: none
	secure       bool
}

// Declaration describes a parameter for tools that ask for values.
type Declaration struct {
	Name        string
	Type        string // as in stored deployments: String, SecureString, Int, Bool, Object, SecureObject, Array
	Secure      bool   // values are never shown
	Required    bool   // it has no default value and cannot be null
	Description string // metadata.description
}

// Declarations are the parameters of the template in their order.
func (t *Template) Declarations() []Declaration {
	out := make([]Declaration, len(t.parameters))
	for i, p := range t.parameters {
		description, _ := p.node.get("metadata").get("description").literal()
		out[i] = Declaration{p.name, p.schema.typeName(), p.secure, p.defaultValue == nil && !p.schema.optional(), description}
	}
	return out
}

var parameterMembers = map[string]bool{
	"type": true, "$ref": true, "defaultvalue": true, "allowedvalues": true, "minvalue": true, "maxvalue": true, "minlength": true,
	"maxlength": true, "metadata": true, "nullable": true, "items": true, "prefixitems": true, "properties": true,
	"additionalproperties": true, "discriminator": true,
}

func (t *Template) readParameters() error {
	n := t.root.get("parameters")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "parameters", "The template parameters are of type '%s', expected is 'Object'.", n.kindName())
	}
	if len(n.members()) > t.limits.Parameters {
		return t.fail(n, "parameters", "The number of template parameters limit exceeded. Limit: '%d' and actual: '%d'.", t.limits.Parameters, len(n.members()))
	}
	for i := range n.members() {
		m := &n.members()[i]
		path := "parameters." + m.key
		if m.code != nil {
			return t.fail(&m.val, path, "The name of the template parameter '%s' must be literal.", m.key)
		}
		for j := range m.val.members() {
			if member := &m.val.members()[j]; !parameterMembers[strings.ToLower(member.key)] {
				line, column := t.src.position(member.val.off())
				return t.fail(&member.val, path, "Could not find member '%s' on object of type 'TemplateInputParameter'. Path '%s.%s', line %d, position %d.", member.key, path, member.key, line, column)
			}
		}
		s, err := t.readSchema(&m.val, 0)
		if err != nil {
			return err
		}
		if s.target != nil && !t.symbolic {
			return t.fail(&m.val, path, "The template parameter '%s' refers to a type definition, which needs \"languageVersion\": \"2.0\".", m.key)
		}
		p := &parameter{name: m.key, node: &m.val, schema: s, defaultValue: m.val.member("defaultValue"), secure: s.isSecure()}
		if t.byName[strings.ToLower(m.key)] != nil {
			return t.fail(&m.val, path, "The template parameter '%s' is defined twice.", m.key)
		}
		t.parameters = append(t.parameters, p)
		t.byName[strings.ToLower(m.key)] = p
		if err := t.check(p.defaultValue, siteDefault, "template parameter '"+m.key+"'"); err != nil {
			return err
		}
	}
	return nil
}
