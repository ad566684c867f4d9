package template

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Body is what is sent for a resource: location, tags, sku, kind, identity, properties and so on, without id, name, type and
// what directs the deployment.
type Body struct {
	// JSON is the body. It holds secrets in clear: never log or store it.
	JSON json.RawMessage
	// Secrets are the places of values that must not be shown, as in properties.containers[0].name.
	Secrets []string
	// Partial says that the body is a preview in which some values are expressions in brackets, as they are not known yet.
	Partial bool

	value *expr.Object
}

// Redacted is the body with null in place of what must not be shown.
func (b *Body) Redacted() json.RawMessage {
	hidden := map[string]bool{}
	for _, place := range b.Secrets {
		hidden[place] = true
	}
	return expr.AppendJSON(nil, redact(b.value, "", hidden))
}

// Hidden are the texts at the places of Secrets, to look for them in messages.
func (b *Body) Hidden() []azure.Secret {
	hidden := map[string]bool{}
	for _, place := range b.Secrets {
		hidden[place] = true
	}
	var out []azure.Secret
	var walk func(v any, place string, in bool)
	walk = func(v any, place string, in bool) {
		in = in || hidden[strings.TrimPrefix(place, ".")]
		switch v := v.(type) {
		case string:
			if in && v != "" {
				out = append(out, azure.NewSecret(v))
			}
		case []any:
			for i := range v {
				walk(v[i], place+"["+expr.Stringify(int64(i))+"]", in)
			}
		case *expr.Object:
			for i := range v.Len() {
				k, e := v.At(i)
				walk(e, place+"."+k, in)
			}
		}
	}
	walk(b.value, "", false)
	return out
}

func redact(v any, place string, hidden map[string]bool) any {
	if hidden[strings.TrimPrefix(place, ".")] {
		return nil
	}
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = redact(v[i], place+"["+expr.Stringify(int64(i))+"]", hidden)
		}
		return out
	case *expr.Object:
		out := &expr.Object{}
		for i := range v.Len() {
			k, e := v.At(i)
			out.Set(k, redact(e, place+"."+k, hidden))
		}
		return out
	}
	return v
}

// evaluation says how to evaluate a body.
type evaluation struct {
	budget  *expr.Budget
	refer   func(to *Resource) error
	ctx     context.Context
	runtime Runtime
}

// Preview is the body as far as it is known before anything runs: for validation and what-if. It is nil for resources that
// are skipped or exist.
func (r *Resource) Preview() *Body { return r.preview }

// Body evaluates the body, asking runtime for what other resources have become. All of DependsOn must be done. Errors are
// InvalidTemplate and those of runtime.
func (r *Resource) Body(ctx context.Context, runtime Runtime) (*Body, error) {
	return r.evaluate(evaluation{budget: &expr.Budget{Left: expr.DefaultBudget}, ctx: ctx, runtime: runtime})
}

// Nested reports a nested deployment: its body holds {properties: {mode, template or templateLink, parameters or
// parametersLink, …}}, to be deployed to ID.Scope().
func (r *Resource) Nested() bool { return strings.EqualFold(r.Type, typeDeployment) }

func (r *Resource) evaluate(how evaluation) (*Body, error) {
	h := &host{b: r.plan.b, plan: r.plan, self: r, loops: append([]loop(nil), r.loops...), resource: len(r.loops) > 0,
		refer: how.refer, ctx: how.ctx, runtime: how.runtime}
	e := &evaluator{src: r.plan.b.t.src, host: h, id: r.ID.String(), frame: &expr.Frame{Host: h, Budget: how.budget}}
	value := &expr.Object{}
	for i := range r.decl.node.members() {
		m := &r.decl.node.members()[i]
		key := strings.ToLower(m.key)
		if directives[key] {
			continue
		}
		e.loops = key == "properties"
		var err error
		if e.loops && r.Nested() {
			err = e.deployment(value, m)
		} else {
			err = e.member(value, m)
		}
		if err != nil {
			return nil, err
		}
	}
	return &Body{JSON: expr.AppendJSON(nil, value), Secrets: e.secrets, Partial: e.frame.Partial, value: value}, nil
}
