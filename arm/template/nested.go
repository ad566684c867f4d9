package template

import (
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

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
	loops := map[string][]any{}
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
		name, made, err := e.outerLoop(len(list), r, c)
		if err != nil {
			return nil, err
		}
		list = append(list, made...)
		loops[strings.ToLower(name)] = append([]any{}, made...)
	}
	for _, v := range list {
		if o, ok := v.(*expr.Object); ok && len(loops) > 0 {
			dependOnElements(o, loops)
		}
	}
	return list, nil
}

// dependOnElements puts the resources of a loop in place of its name, as the loop is gone.
func dependOnElements(o *expr.Object, loops map[string][]any) {
	deps, _ := o.Get("dependsOn")
	old, ok := deps.([]any)
	if !ok {
		return
	}
	out := []any{}
	for _, dep := range old {
		name, _ := dep.(string)
		made, isLoop := loops[strings.ToLower(name)]
		if !isLoop {
			out = append(out, dep)
			continue
		}
		for _, v := range made {
			if r, ok := v.(*expr.Object); ok {
				out = append(out, relativeID(r))
			}
		}
	}
	o.SetFold("dependsOn", out)
}

// outerElement evaluates a resource that becomes element i.
func (e *evaluator) outerElement(r *node, i int) (any, error) {
	e.path = append(e.path, "["+expr.Stringify(int64(i))+"]")
	v, err := e.outerResource(r)
	e.path = e.path[:len(e.path)-1]
	return v, err
}

// outerLoop expands a loop inside a nested template of outer scope; the first of its resources becomes element first.
func (e *evaluator) outerLoop(first int, r, c *node) (name string, made []any, err error) {
	if name, err = e.text(c.get("name"), "name of the copy loop"); err != nil {
		return "", nil, err
	}
	count, known, err := e.count(c.get("count"))
	if err != nil {
		return "", nil, err
	}
	if !known {
		return "", nil, e.fail(c.off(), expr.Errorf("The count of the copy loop '%s' cannot be known before the deployment runs.", name))
	}
	h := e.host
	loops, resource := h.loops, h.resource
	defer func() { h.loops, h.resource = loops, resource }()
	h.resource = true
	size, err := e.batchSize(c)
	if err != nil {
		return "", nil, err
	}
	for i := range count {
		h.loops = append([]loop{{name, int64(i)}}, loops...)
		v, err := e.outerElement(r, first+i)
		if err != nil {
			return "", nil, err
		}
		made = append(made, v)
	}
	inBatches(made, size)
	return name, made, nil
}

// inBatches makes each batch of a serial loop wait for the one before, as the loop is gone. A size of zero is a parallel loop.
func inBatches(made []any, size int) {
	for i := size; size > 0 && i < len(made); i++ {
		o, ok := made[i].(*expr.Object)
		if !ok {
			continue
		}
		deps, _ := o.Get("dependsOn")
		list, _ := deps.([]any)
		list = slices.Clone(list)
		for _, before := range made[i/size*size-size : i/size*size] {
			if r, ok := before.(*expr.Object); ok {
				list = append(list, relativeID(r))
			}
		}
		o.SetFold("dependsOn", list)
	}
}

// relativeID names a resource for dependsOn: its type and name, or its name alone where it goes to another scope.
func relativeID(r *expr.Object) string {
	for _, member := range []string{"scope", "resourceGroup", "subscriptionId"} {
		if r.Text(member) != "" {
			return r.Text("name")
		}
	}
	path, _ := expr.ProviderPath(r.Text("type"), strings.Split(r.Text("name"), "/"))
	return strings.TrimPrefix(path, "/providers/")
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
			e.path = append(e.path, "."+m.key)
			if v, err = e.outerResources(&m.val); err == nil {
				out.Set(m.key, v)
				e.path = e.path[:len(e.path)-1]
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
