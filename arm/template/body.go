package template

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
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
	h := &host{b: r.plan.b, plan: r.plan, loops: append([]loop(nil), r.loops...), resource: len(r.loops) > 0,
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

// deployment evaluates the properties of a nested deployment into o.
func (e *evaluator) deployment(o *expr.Object, m *member) error {
	properties := &expr.Object{}
	inner := isInner(&m.val)
	e.path = append(e.path, "."+m.key)
	for i := range m.val.members() {
		pm := &m.val.members()[i]
		if !strings.EqualFold(pm.key, "template") || pm.val.kind != lenient.Object {
			if err := e.member(properties, pm); err != nil {
				return err
			}
			continue
		}
		if inner {
			properties.Set(pm.key, pm.val.raw())
			continue
		}
		e.path = append(e.path, "."+pm.key)
		before := e.escape
		e.escape = true
		v, err := e.outer(&pm.val)
		e.escape = before
		if err != nil {
			return err
		}
		e.path = e.path[:len(e.path)-1]
		properties.Set(pm.key, v)
	}
	e.path = e.path[:len(e.path)-1]
	o.Set(m.key, properties)
	return nil
}

// outer evaluates a nested template of outer scope: its resources and outputs in the parent's terms. The rest stays.
func (e *evaluator) outer(n *node) (any, error) {
	out := &expr.Object{}
	for i := range n.members() {
		m := &n.members()[i]
		var v any
		var err error
		e.path = append(e.path, "."+m.key)
		switch strings.ToLower(m.key) {
		case "resources":
			v, err = e.outerResources(&m.val)
		case "outputs":
			v, err = e.value(&m.val)
		default:
			v = m.val.raw()
		}
		if err != nil {
			return nil, err
		}
		e.path = e.path[:len(e.path)-1]
		out.Set(m.key, v)
	}
	return out, nil
}

func (e *evaluator) outerResources(n *node) (any, error) {
	if n.kind == lenient.Object {
		out := &expr.Object{}
		for i := range n.members() {
			e.path = append(e.path, "."+n.members()[i].key)
			v, err := e.outerResource(&n.members()[i].val)
			if err != nil {
				return nil, err
			}
			e.path = e.path[:len(e.path)-1]
			out.Set(n.members()[i].key, v)
		}
		return out, nil
	}
	list := []any{}
	for i := range n.elems() {
		r := &n.elems()[i]
		c := r.get("copy")
		if c == nil || c.get("count") == nil || c.get("name") == nil {
			v, err := e.outerElement(r, len(list))
			if err != nil {
				return nil, err
			}
			list = append(list, v)
			continue
		}
		var err error
		if list, err = e.outerLoop(list, r, c); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// outerElement evaluates a resource that becomes element i.
func (e *evaluator) outerElement(r *node, i int) (any, error) {
	e.path = append(e.path, "["+expr.Stringify(int64(i))+"]")
	v, err := e.outerResource(r)
	e.path = e.path[:len(e.path)-1]
	return v, err
}

// outerLoop expands a loop inside a nested template of outer scope.
func (e *evaluator) outerLoop(list []any, r, c *node) ([]any, error) {
	name, err := e.text(c.get("name"), "name of the copy loop")
	if err != nil {
		return nil, err
	}
	count, known, err := e.count(c.get("count"))
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, e.fail(c.off, expr.Errorf("The count of the copy loop '%s' cannot be known before the deployment runs.", name))
	}
	h := e.host
	loops, resource := h.loops, h.resource
	defer func() { h.loops, h.resource = loops, resource }()
	h.resource = true
	for i := range count {
		h.loops = append([]loop{{name, int64(i)}}, loops...)
		v, err := e.outerElement(r, len(list))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (e *evaluator) outerResource(n *node) (any, error) {
	out := &expr.Object{}
	typ, _ := n.get("type").literal()
	for i := range n.members() {
		m := &n.members()[i]
		key := strings.ToLower(m.key)
		var err error
		switch {
		case key == "copy" && m.val.kind == lenient.Object: // expanded
		case key == "resources":
			var v any
			if v, err = e.outerResources(&m.val); err == nil {
				out.Set(m.key, v)
			}
		case key == "properties" && strings.EqualFold(typ, typeDeployment):
			err = e.deployment(out, m)
		default:
			err = e.member(out, m)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
