package argument

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// Inputs hands in the external inputs of a request, {"name": {"value": …}}, which expressions of its parameters ask for by
// externalInputs('name'). Empty data are none. The error is InvalidRequestContent.
func (a *Set) Inputs(data []byte) error {
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil
	}
	tree, err := lenient.ParseTree(data)
	if err != nil {
		return unreadable(err)
	}
	inner := &Set{data: data, inputs: a.inputs}
	if tree.Kind() == lenient.Null {
		return nil
	}
	if tree.Kind() != lenient.Object {
		return inner.bad(tree.Offset(), "The external inputs are no object. Path 'externalInputs'")
	}
	err = inner.setInputs(tree)
	a.inputs = inner.inputs
	return err
}

// setInputs reads external inputs; the zero Tree has none.
func (a *Set) setInputs(t lenient.Tree) error {
	if t == (lenient.Tree{}) {
		return nil
	}
	for i := range t.Len() {
		name, v := t.Member(i)
		o, _ := expr.FromTree(v).(*expr.Object)
		value, ok := o.Get("value")
		if !ok || o.Len() != 1 {
			return a.bad(v.Offset(), "Error converting value to type 'DeploymentExternalInput': write {\"value\": ...}. Path 'externalInputs.%s'", name)
		}
		if a.inputs == nil {
			a.inputs = map[string]any{}
		}
		a.inputs[strings.ToLower(name)] = value
	}
	return nil
}

// expression reads the expression of a parameter: it has external inputs and functions that follow from their arguments.
func (a *Set) expression(name string, t lenient.Tree) (expr.Node, error) {
	path := "parameters." + name + ".expression"
	text := t.Text()
	if t.Kind() != lenient.String || !expr.IsExpression(text) {
		return nil, a.bad(t.Offset(), "The expression of the parameter '%s' must be a string in brackets, such as \"[externalInputs('name')]\". Path '%s'", name, path)
	}
	n, bad := expr.Parse(text[1 : len(text)-1])
	if bad == nil {
		expr.Walk(n, func(n expr.Node) {
			call, ok := n.(*expr.Call)
			if !ok || bad != nil {
				return
			}
			if bad = expr.Check(call); bad == nil && call.Class() != expr.Pure && call.Class() != expr.Input {
				bad = expr.Errorf("The template function '%s' is not expected at this location. Please see https://aka.ms/arm-functions for usage details.", call.Name)
			}
		})
	}
	if bad != nil {
		return nil, a.bad(t.Offset(), "%v Path '%s'", bad, path)
	}
	return n, nil
}

// Value is what was given: a value, or what an expression evaluates to; nil for a reference. The reason of a failure may show
// values, so it is not told of secure ones. The error is InvalidRequestContent.
func (a *Set) Value(arg *Argument, secure bool) (any, error) {
	if arg.code == nil {
		return arg.value, nil
	}
	f := &expr.Frame{Host: inputHost(a.inputs), Budget: &expr.Budget{Left: expr.DefaultBudget}}
	v, err := f.Eval(arg.code)
	if err != nil && secure {
		err = expr.Errorf("The value and what depends on it are not shown, as the parameter is secure.")
	}
	if err != nil {
		return nil, a.bad(arg.off, "The expression of the parameter '%s' fails: %v Path 'parameters.%s.expression'", arg.Name, err, arg.Name)
	}
	return v, nil
}

// inputHost answers externalInputs().
type inputHost map[string]any

// Call is [expr.Host].
func (h inputHost) Call(_ *expr.Frame, _, _ string, args []any) (any, error) {
	name, ok := args[0].(string)
	if !ok {
		return nil, expr.Errorf("The template language function 'externalInputs' expects its parameter to be a string.")
	}
	v, ok := h[strings.ToLower(name)]
	if !ok {
		return nil, expr.Errorf("The external input '%s' is not provided. Send its value as 'externalInputs.%s.value'.", name, name)
	}
	return v, nil
}
