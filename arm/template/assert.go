package template

import (
	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// readAsserts checks the section asserts, {name: condition}.
func (t *Template) readAsserts() error {
	n := t.root.get("asserts")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "asserts", "The template asserts are of type '%s', expected is 'Object'.", n.kindName())
	}
	for i := range n.members() {
		m := &n.members()[i]
		if m.code != nil {
			return t.fail(&m.val, "asserts", "The name of the template assert '%s' must be literal.", m.key)
		}
		if err := t.check(&m.val, siteVariable, "template assert '"+m.key+"'"); err != nil {
			return err
		}
	}
	return nil
}

// assert evaluates the asserts. One that does not hold refuses the deployment.
func (b *Bound) assert(budget *expr.Budget) error {
	n := b.t.root.get("asserts")
	if n == nil {
		return nil
	}
	for i := range n.members() {
		m := &n.members()[i]
		h := &host{b: b}
		e := &evaluator{src: b.t.src, host: h, what: "template assert '" + m.key + "'", frame: &expr.Frame{Host: h, Budget: budget}}
		v, err := e.value(&m.val)
		if err != nil {
			return err
		}
		holds, ok := v.(bool)
		if !ok {
			return e.fail(m.val.off(), expr.Errorf("The condition is of type '%s', expected is 'Boolean'.", expr.TypeName(v)))
		}
		if !holds {
			line, column := b.t.src.position(m.val.off())
			return b.t.src.invalid(m.val.off(), "properties.template.asserts."+m.key,
				"The template assert '%s' at line '%d' and column '%d' does not hold", m.key, line, column)
		}
	}
	return nil
}
