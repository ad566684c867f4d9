package template

import (
	"fmt"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Plan is what a deployment has to do.
type Plan struct {
	// Resources are all resources of the template, loops expanded, in the template's order; also those that are skipped or
	// only read. See [Plan.Order].
	Resources []*Resource

	b        *Bound
	byID     map[string]*Resource   // by key of the id
	byName   map[string][]*Resource // by full name in lower case
	byLoop   map[string][]*Resource // by name of the copy loop and by symbolic name of a loop, in lower case
	bySymbol map[string]*Resource   // by symbolic name in lower case, sym[2] in loops
}

// Resource is one resource to deploy.
type Resource struct {
	ID         azure.ResourceID
	Type       string // full, as in the template: "Microsoft.KeyVault/vaults/secrets"
	Name       string // full: "vault/secret"
	APIVersion string
	Location   string      // "" where there is none
	Symbolic   string      // the symbolic name, with index in a loop; "" without
	Existing   bool        // it is only read by others
	Skipped    bool        // its condition is false: it is neither sent nor, in mode Complete, kept
	DependsOn  []*Resource // what must be done before, without skipped ones
	Line       int         // where it stands in the template
	Column     int

	plan    *Plan
	decl    *resource
	loops   []loop
	preview *Body
}

// OnlyIfNew reports that the resource is to be left alone when it is there already (@options.onlyIfNotExists).
func (r *Resource) OnlyIfNew() bool { return r.decl.onlyIfNew() }

// Plan expands the resources, evaluates conditions, names and ids, and finds the dependencies. Errors: InvalidTemplate, and JobSizeExceeded
// when the template is too large once its loops are expanded.
func (b *Bound) Plan() (*Plan, error) {
	p := &Plan{b: b, byID: map[string]*Resource{}, byName: map[string][]*Resource{},
		byLoop: map[string][]*Resource{}, bySymbol: map[string]*Resource{}}
	budget := &expr.Budget{Left: expr.DefaultBudget}
	if err := b.assert(budget); err != nil {
		return nil, err
	}
	x := &expansion{plan: p, budget: budget}
	for _, decl := range b.t.resources {
		if err := x.expand(decl); err != nil {
			return nil, err
		}
	}
	deps := &dependencies{plan: p, budget: budget, seen: map[[2]*Resource]bool{}}
	if err := deps.find(x); err != nil {
		return nil, err
	}
	return p, p.checkCycles()
}

// expansion makes resources of declarations.
type expansion struct {
	plan    *Plan
	budget  *expr.Budget
	batches []batch
}

// batch says that the resources of a loop come so many at a time.
type batch struct {
	resources []*Resource
	size      int
}

// evaluator evaluates what must be known before anything runs.
func (x *expansion) evaluator(decl *resource, loops []loop) *evaluator {
	h := &host{b: x.plan.b, loops: loops, resource: len(loops) > 0}
	return &evaluator{src: x.plan.b.t.src, host: h, what: "template resource '" + describe(decl) + "'",
		frame: &expr.Frame{Host: h, Budget: x.budget}}
}

func (x *expansion) expand(decl *resource) error {
	c := decl.node.get("copy")
	if c == nil {
		_, err := x.add(decl, nil, nil)
		return err
	}
	e := x.evaluator(decl, nil)
	name, err := e.text(c.get("name"), "name of the copy loop")
	if err != nil {
		return err
	}
	count, known, err := e.count(c.get("count"))
	if err != nil {
		return err
	}
	if !known {
		return e.fail(c.off(), expr.Errorf("The count of the copy loop cannot be known before the deployment runs."))
	}
	var made []*Resource
	for i := range count {
		r, err := x.add(decl, []loop{{name, int64(i)}}, nil)
		if err != nil {
			return err
		}
		made = append(made, r)
	}
	p := x.plan
	p.byLoop[strings.ToLower(name)] = append(p.byLoop[strings.ToLower(name)], made...)
	if key := strings.ToLower(decl.symbolic); key != "" && key != strings.ToLower(name) {
		p.byLoop[key] = made
	}
	if made == nil && p.byLoop[strings.ToLower(name)] == nil {
		p.byLoop[strings.ToLower(name)] = []*Resource{} // a loop of none may be depended on
	}
	return x.readBatch(e, c, made)
}

func (x *expansion) readBatch(e *evaluator, c *node, made []*Resource) error {
	size, err := e.batchSize(c)
	if size > 0 {
		x.batches = append(x.batches, batch{made, size})
	}
	return err
}

// batchSize is how many resources of a loop come at a time; zero for a parallel loop.
func (e *evaluator) batchSize(c *node) (size int, err error) {
	if n := c.get("mode"); n != nil {
		mode, err := e.text(n, "mode of the copy loop")
		if err != nil {
			return 0, err
		}
		switch {
		case strings.EqualFold(mode, "serial"):
			size = 1
		case !strings.EqualFold(mode, "parallel"):
			return 0, e.fail(n.off(), expr.Errorf("The mode of the copy loop is '%s', expected is 'Parallel' or 'Serial'.", mode))
		}
	}
	if n := c.get("batchSize"); n != nil {
		v, err := e.value(n)
		if err != nil {
			return 0, err
		}
		i, ok := v.(int64)
		if !ok || i < 1 || i > maxLoop {
			return 0, e.fail(n.off(), expr.Errorf("The batch size of the copy loop must be an integer from 1 to %d.", maxLoop))
		}
		if size > 0 {
			size = int(i)
		}
	}
	return size, nil
}

// add makes one resource and its children.
func (x *expansion) add(decl *resource, loops []loop, parent *Resource) (*Resource, error) {
	p, t := x.plan, x.plan.b.t
	e := x.evaluator(decl, loops)
	r := &Resource{plan: p, decl: decl, loops: loops, Type: decl.typ, APIVersion: decl.apiVersion, Existing: decl.existing}
	r.Line, r.Column = t.src.position(decl.node.off())
	if len(p.Resources) >= t.limits.Resources {
		return nil, t.src.invalid(decl.node.off(), "properties.template.resources",
			"The number of template resources limit exceeded. Limit: '%d' and actual: more. Please see https://aka.ms/arm-template/#limits for usage details.", t.limits.Resources)
	}
	var err error
	if r.Name, err = e.text(decl.node.get("name"), "name of the resource"); err != nil {
		return nil, err
	}
	if parent != nil && strings.Count(r.Name, "/")+2 < len(strings.Split(r.Type, "/")) && strings.HasPrefix(r.Type, parent.Type+"/") {
		r.Name = parent.Name + "/" + r.Name
	}
	if r.ID, err = x.id(e, r, parent); err != nil {
		return nil, err
	}
	if n := decl.node.get("location"); n != nil {
		if r.Location, err = e.text(n, "location of the resource"); err != nil {
			return nil, err
		}
	}
	if r.Skipped, err = x.skipped(e, decl); err != nil {
		return nil, err
	}
	if err := x.register(r); err != nil {
		return nil, err
	}
	for _, child := range decl.children {
		if _, err := x.add(child, loops, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// skipped evaluates the condition.
func (x *expansion) skipped(e *evaluator, decl *resource) (bool, error) {
	n := decl.node.get("condition")
	if n == nil {
		return false, nil
	}
	v, err := e.value(n)
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case bool:
		return !v, nil
	case string:
		if strings.EqualFold(v, "true") || strings.EqualFold(v, "false") {
			return strings.EqualFold(v, "false"), nil
		}
	}
	return false, e.fail(n.off(), expr.Errorf("The condition is of type '%s', expected is 'Boolean'.", expr.TypeName(v)))
}

func (x *expansion) register(r *Resource) error {
	p, t := x.plan, x.plan.b.t
	key := r.ID.Key()
	if old := p.byID[key]; old != nil && !(old.Existing || r.Existing) && !(old.Skipped || r.Skipped) {
		return t.src.invalid(r.decl.node.off(), "properties.template.resources",
			"The resource '%s' at line '%d' and column '%d' is defined multiple times in a template. Please see https://aka.ms/arm-syntax-resources for usage details.", r.ID, r.Line, r.Column)
	} else if old == nil || old.Existing || old.Skipped {
		p.byID[key] = r
	}
	p.Resources = append(p.Resources, r)
	name := strings.ToLower(r.Name)
	p.byName[name] = append(p.byName[name], r)
	if r.decl.symbolic != "" {
		r.Symbolic = r.decl.symbolic
		if len(r.loops) > 0 {
			r.Symbolic = fmt.Sprintf("%s[%d]", r.decl.symbolic, r.loops[0].index)
		}
		p.bySymbol[strings.ToLower(r.Symbolic)] = r
	}
	return nil
}

// find gives the resource that x names: its symbolic name, id, relative id or name.
func (p *Plan) find(x string) (r *Resource, ambiguous bool) {
	low := strings.ToLower(x)
	if r := p.bySymbol[low]; r != nil {
		return r, false
	}
	if strings.HasPrefix(x, "/") {
		return p.byID[strings.TrimSuffix(strings.ToLower(canonical(x)), "/")], false
	}
	list := p.byName[low]
	if len(list) == 1 {
		return list[0], false
	}
	if namespace, _, ok := strings.Cut(x, "/"); ok && len(list) == 0 && strings.Contains(namespace, ".") {
		return p.byID[strings.ToLower(canonical(strings.TrimSuffix(p.b.c.Scope.String(), "/")+"/providers/"+x))], false
	}
	var live []*Resource // of several that exclude each other the one that is deployed
	for _, r := range list {
		if !r.Skipped {
			live = append(live, r)
		}
	}
	if len(live) == 1 {
		return live[0], false
	}
	return nil, len(list) > 1
}

// Skipped are the resources whose condition is false: for mode Complete they are not in the template.
func (p *Plan) Skipped() []azure.ResourceID {
	var out []azure.ResourceID
	for _, r := range p.Resources {
		if r.Skipped && p.byID[r.ID.Key()] == r {
			out = append(out, r.ID)
		}
	}
	return out
}
