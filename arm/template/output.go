package template

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// output is a declared output.
type output struct {
	name   string
	node   *node
	schema *schema
}

// Output is one result of a deployment.
type Output struct {
	Name   string
	Type   string          // as in stored deployments: String, Int, ...
	Secure bool            // the value is not shown
	Value  json.RawMessage // nil when Secure
	Hidden azure.Secret    // the value as JSON when Secure: never log it, store it sealed only
}

func (t *Template) readOutputs() error {
	n := t.root.get("outputs")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "outputs", "The template outputs are of type '%s', expected is 'Object'.", n.kindName())
	}
	if len(n.members()) > t.limits.Outputs {
		return t.fail(n, "outputs", "The number of template outputs limit exceeded. Limit: '%d' and actual: '%d'.", t.limits.Outputs, len(n.members()))
	}
	for i := range n.members() {
		m := &n.members()[i]
		if m.code != nil {
			return t.fail(&m.val, "outputs", "The name of the template output '%s' must be literal.", m.key)
		}
		if m.val.kind != lenient.Object || m.val.member("value") == nil && m.val.get("copy") == nil {
			return t.fail(&m.val, "outputs."+m.key, "The template output '%s' needs the properties 'type' and 'value', or a copy loop.", m.key)
		}
		s, err := t.readSchema(&m.val, 0)
		if err != nil {
			return err
		}
		what := "template output '" + m.key + "'"
		for key, at := range map[string]site{"value": siteValue, "copy": siteValue, "condition": siteName} {
			if err := t.check(m.val.get(key), at, what); err != nil {
				return err
			}
		}
		t.outputs = append(t.outputs, &output{m.key, &m.val, s})
	}
	return nil
}

// Outputs evaluates the outputs whose condition holds. Its errors are DeploymentOutputEvaluationFailed, with the reason in
// Details.
func (p *Plan) Outputs(ctx context.Context, runtime Runtime) ([]Output, error) {
	var out []Output
	budget := &expr.Budget{Left: expr.DefaultBudget}
	for _, o := range p.b.t.outputs {
		h := &host{b: p.b, plan: p, ctx: ctx, runtime: runtime}
		e := &evaluator{src: p.b.t.src, host: h, what: "template output '" + o.name + "'", frame: &expr.Frame{Host: h, Budget: budget}}
		result, err := p.output(e, o)
		if err != nil {
			return nil, azure.Errorf(azure.Invalid, azure.CodeDeploymentOutputEvaluationFailed,
				"Unable to evaluate template outputs: '%s'. Please see error details and deployment operations. Please see https://aka.ms/arm-deployment-operations for usage details.", o.name).
				WithDetails(azure.AsError(err)).Because(err)
		}
		if result != nil {
			out = append(out, *result)
		}
	}
	return out, nil
}

// output evaluates one output; nil when its condition is false.
func (p *Plan) output(e *evaluator, o *output) (*Output, error) {
	if n := o.node.get("condition"); n != nil {
		v, err := e.value(n)
		if err != nil {
			return nil, err
		}
		holds, ok := v.(bool)
		if !ok {
			return nil, e.fail(n.off(), expr.Errorf("The condition is of type '%s', expected is 'Boolean'.", expr.TypeName(v)))
		}
		if !holds {
			return nil, nil
		}
	}
	v, err := p.outputValue(e, o)
	if err != nil {
		return nil, err
	}
	out := &Output{Name: o.name, Type: o.schema.typeName(), Secure: o.schema.isSecure() || e.frame.Secure}
	v, problem := o.schema.accept(v, 0)
	if problem != nil {
		return nil, e.fail(o.node.off(), expr.Errorf("%s", strings.ReplaceAll(problem.text(out.Secure), "Template parameter", "Template output")))
	}
	if data := expr.AppendJSON(nil, v); out.Secure {
		out.Hidden = azure.NewSecret(string(data))
	} else {
		out.Value = data
	}
	return out, nil
}

func (p *Plan) outputValue(e *evaluator, o *output) (any, error) {
	c := o.node.get("copy")
	if c == nil {
		return e.value(o.node.member("value"))
	}
	if c.get("count") == nil || c.member("input") == nil {
		return nil, e.fail(c.off(), expr.Errorf("The copy loop of an output needs the properties 'count' and 'input'."))
	}
	count, known, err := e.count(c.get("count"))
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, e.fail(c.off(), expr.Errorf("The count of the copy loop cannot be known."))
	}
	return e.repeat(o.name, count, c.member("input"))
}

// OutputsJSON is the outputs as a stored deployment shows them: {"o":{"type":"String","value":…}}.
func OutputsJSON(outputs []Output) json.RawMessage {
	all := &expr.Object{}
	for _, o := range outputs {
		shown := expr.NewObject("type", o.Type)
		if v, err := expr.FromJSON(o.Value); !o.Secure && err == nil { // Value is JSON we printed
			shown.Set("value", v)
		}
		all.Set(o.Name, shown)
	}
	return expr.AppendJSON(nil, all)
}
