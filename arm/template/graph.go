package template

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

// dependencies finds what depends on what.
type dependencies struct {
	plan   *Plan
	budget *expr.Budget
	seen   map[[2]*Resource]bool
}

func (d *dependencies) find(x *expansion) error {
	for _, r := range d.plan.Resources {
		if err := d.explicit(x, r); err != nil {
			return err
		}
	}
	for _, b := range x.batches {
		for i := b.size; i < len(b.resources); i++ {
			start := i/b.size*b.size - b.size
			for _, to := range b.resources[start : start+b.size] {
				d.add(b.resources[i], to)
			}
		}
	}
	size := 0
	for _, r := range d.plan.Resources {
		if r.Skipped || r.Existing {
			continue
		}
		body, err := r.evaluate(evaluation{budget: d.budget, refer: func(to *Resource) error {
			if to == r {
				return expr.Errorf("Circular dependency detected on resource: '%s'. Please see https://aka.ms/arm-syntax-resources for usage details.", r.ID)
			}
			d.add(r, to)
			return nil
		}})
		if err != nil {
			return err
		}
		r.preview = body
		if size += len(body.JSON); size > d.plan.b.t.limits.Bytes {
			e := d.plan.b.t.src.invalid(r.decl.node.off(), "properties.template.resources",
				"The template is larger than the limit of %d bytes after expansion. Split it into linked templates.", d.plan.b.t.limits.Bytes)
			e.Code = azure.CodeJobSizeExceeded
			return e
		}
	}
	return nil
}

// add makes from wait for to. Skipped resources neither wait nor are waited for.
func (d *dependencies) add(from, to *Resource) {
	edge := [2]*Resource{from, to}
	if from.Skipped || to.Skipped || d.seen[edge] {
		return
	}
	d.seen[edge] = true
	from.DependsOn = append(from.DependsOn, to)
}

// explicit evaluates dependsOn.
func (d *dependencies) explicit(x *expansion, r *Resource) error {
	n := r.decl.node.get("dependsOn")
	if n == nil {
		return nil
	}
	e := x.evaluator(r.decl, r.loops)
	e.id = r.ID.String()
	v, err := e.value(n)
	if err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		return e.fail(n.off(), expr.Errorf("The property 'dependsOn' is of type '%s', expected is 'Array'.", expr.TypeName(v)))
	}
	for i, v := range list {
		off := n.off()
		if i < len(n.elems()) {
			off = n.elems()[i].off()
		}
		name, ok := v.(string)
		if !ok {
			return e.fail(off, expr.Errorf("An element of 'dependsOn' is of type '%s', expected is 'String'.", expr.TypeName(v)))
		}
		if err := d.depend(r, off, name); err != nil {
			return err
		}
	}
	return nil
}

func (d *dependencies) depend(r *Resource, off int, name string) error {
	p := d.plan
	to, ambiguous := p.find(name)
	loop, isLoop := p.byLoop[strings.ToLower(name)]
	switch {
	case to != nil && !isLoop || p.bySymbol[strings.ToLower(name)] != nil:
		if to == r {
			return p.cycle(r)
		}
		d.add(r, to)
	case isLoop:
		for _, to := range loop {
			if to == r {
				return p.cycle(r)
			}
			d.add(r, to)
		}
	case ambiguous:
		return p.b.t.src.invalid(off, "properties.template.resources",
			"The resource '%s' depends on '%s', which several resources of the template are called; use resourceId(). Please see https://aka.ms/arm-syntax-resources for usage details.", r.ID, name)
	default:
		return p.b.t.src.invalid(off, "properties.template.resources",
			"The resource '%s' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.", strings.TrimPrefix(name, p.b.c.Scope.String()+"/providers/"))
	}
	return nil
}

func (p *Plan) cycle(r *Resource) error {
	return p.b.t.src.invalid(r.decl.node.off(), "properties.template.resources",
		"Circular dependency detected on resource: '%s'. Please see https://aka.ms/arm-syntax-resources for usage details.", r.ID)
}

// checkCycles fails when resources wait for each other in a ring.
func (p *Plan) checkCycles() error {
	if len(p.Order()) == len(p.Resources) {
		return nil
	}
	ordered := map[*Resource]bool{}
	for _, r := range p.Order() {
		ordered[r] = true
	}
	// Of what is left some only wait for a ring: walk until a resource comes twice, that one is in it.
	var r *Resource
	for _, r = range p.Resources {
		if !ordered[r] {
			break
		}
	}
	for met := map[*Resource]bool{}; !met[r]; {
		met[r] = true
		for _, to := range r.DependsOn {
			if !ordered[to] {
				r = to
				break
			}
		}
	}
	return p.cycle(r)
}

// Order gives the resources so that each comes after what it depends on, and else in the template's order. Resources whose
// dependencies are done may run at the same time.
func (p *Plan) Order() []*Resource {
	waits := make(map[*Resource]int, len(p.Resources))
	waiters := map[*Resource][]*Resource{}
	for _, r := range p.Resources {
		waits[r] = len(r.DependsOn)
		for _, to := range r.DependsOn {
			waiters[to] = append(waiters[to], r)
		}
	}
	var out []*Resource
	for _, r := range p.Resources {
		if waits[r] == 0 {
			out = append(out, r)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, r := range waiters[out[i]] {
			if waits[r]--; waits[r] == 0 {
				out = append(out, r)
			}
		}
	}
	return out
}
