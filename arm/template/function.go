package template

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// userFunction is a member of a namespace of the section functions.
type userFunction struct {
	name       string // namespace.name
	parameters []*schema
	names      []string // of the parameters, lower case
	output     *schema
	value      *node
}

func (t *Template) readFunctions() error {
	n := t.root.get("functions")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Array {
		return t.fail(n, "functions", "The template functions are of type '%s', expected is 'Array'.", n.kindName())
	}
	for i := range n.elems() {
		space := &n.elems()[i]
		name, _ := space.get("namespace").literal()
		members := space.get("members")
		if name == "" || members == nil || members.kind != lenient.Object {
			return t.fail(space, "functions", "A function namespace needs the properties 'namespace' and 'members'.")
		}
		for j := range members.members() {
			m := &members.members()[j]
			fn, err := t.readFunction(name+"."+m.key, &m.val)
			if err != nil {
				return err
			}
			t.functions[strings.ToLower(fn.name)] = fn
		}
	}
	for _, fn := range t.functions {
		if err := t.check(fn.value, siteFunction, "template function '"+fn.name+"'"); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) readFunction(name string, n *node) (*userFunction, error) {
	fn := &userFunction{name: name}
	if list := n.get("parameters"); list != nil {
		for i := range list.elems() {
			p := &list.elems()[i]
			pname, _ := p.get("name").literal()
			if pname == "" {
				return nil, t.fail(p, "functions", "A parameter of the template function '%s' has no name.", name)
			}
			if p.get("defaultValue") != nil {
				return nil, t.fail(p, "functions", "The parameter '%s' of the template function '%s' has a default value, which parameters of functions cannot have.", pname, name)
			}
			s, err := t.readSchema(p, 0)
			if err != nil {
				return nil, err
			}
			fn.names = append(fn.names, strings.ToLower(pname))
			fn.parameters = append(fn.parameters, s)
		}
	}
	out := n.get("output")
	if out == nil || out.get("value") == nil && !hasNull(out, "value") {
		return nil, t.fail(n, "functions", "The template function '%s' has no output with a value.", name)
	}
	var err error
	if fn.output, err = t.readSchema(out, 0); err != nil {
		return nil, err
	}
	fn.value = out.member("value")
	return fn, nil
}

// hasNull reports a member that is there and null.
func hasNull(n *node, key string) bool {
	m := n.member(key)
	return m != nil && m.kind == lenient.Null
}

// member is get that finds null too.
func (n *node) member(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.members() {
		if strings.EqualFold(n.members()[i].key, key) {
			return &n.members()[i].val
		}
	}
	return nil
}

// call evaluates the function with args; f is the caller's frame.
func (fn *userFunction) call(h *host, f *expr.Frame, args []any) (any, error) {
	depth, err := f.Deeper(fn.name)
	if err != nil {
		return nil, err
	}
	inner := &functionHost{host: h, values: map[string]any{}}
	for i, name := range fn.names {
		if !expr.IsKnown(args[i]) {
			return expr.Unknown{}, nil
		}
		v, problem := fn.parameters[i].accept(args[i], 0)
		if problem != nil {
			return nil, expr.Errorf("Unable to evaluate template function '%s': the argument for the parameter '%s' is not valid: %s", fn.name, name, problem.text(f.Secure))
		}
		inner.values[name] = v
	}
	sub := &expr.Frame{Host: inner, Budget: f.Budget, Depth: depth, Secure: f.Secure, Partial: f.Partial}
	e := &evaluator{src: h.b.t.src, frame: sub, what: "template function '" + fn.name + "'"}
	v, err := e.value(fn.value)
	f.Secure = f.Secure || sub.Secure
	if err != nil {
		return nil, err
	}
	v, problem := fn.output.accept(v, 0)
	if problem != nil {
		return nil, expr.Errorf("Unable to evaluate template function '%s': its output is not valid: %s", fn.name, problem.text(f.Secure))
	}
	return v, nil
}

// functionHost answers what a function's body asks: its own parameters, and what does not depend on the template.
type functionHost struct {
	host   *host
	values map[string]any
}

func (h *functionHost) Call(f *expr.Frame, namespace, name string, args []any) (any, error) {
	if namespace == "" && strings.EqualFold(name, "parameters") {
		key, _ := args[0].(string)
		v, ok := h.values[strings.ToLower(key)]
		if !ok {
			return nil, expr.Errorf("The parameter '%v' is not one of the template function's. A function reads its own parameters only.", args[0])
		}
		return v, nil
	}
	return h.host.Call(f, namespace, name, args)
}
