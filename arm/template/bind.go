package template

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Context is what a template may ask about its deployment before anything runs. The values of type any are objects that
// encoding/json prints as Azure shows them, such as {"id", "name", "location", "tags", "properties"} of resourceGroup();
// a nil one makes its function fail with a clear error.
type Context struct {
	Scope           azure.ResourceID // what is deployed to; names, ids and resourceId() follow from it
	Name            string           // of the deployment
	Location        string           // of the deployment, above group scope
	Mode            string           // "" means Incremental
	TemplateLink    any              // shown by deployment() in place of the template
	ResourceGroup   any
	Subscription    any
	ManagementGroup any
	Tenant          any
	Deployer        any
	Environment     any
	// Provider is what providers() tells of a namespace: {namespace, resourceTypes: [{resourceType, locations,
	// apiVersions}]}. Its errors are returned as they are. nil makes the function fail.
	Provider func(namespace string) (any, error)
	// Now is utcNow(), and NewGUID each newGuid(), both in defaults only. A caller that binds the same deployment again,
	// after a restart, gives the same again, or hands in the values the first time gave, or the plan changes its names.
	Now     time.Time
	NewGUID func() string
}

// Bound is a template with values for its parameters.
type Bound struct {
	t      *Template
	c      Context
	values map[string]*boundValue // of parameters, by name in lower case

	mu        sync.Mutex
	variables map[string]*boundValue
	scopes    map[string]any // resourceGroup() and the like
}

// boundValue is a value, and whether it must not be shown.
type boundValue struct {
	value     any
	secure    bool
	reference *argument.Reference
}

// Bind checks the arguments against the parameters of the template and evaluates defaults. args may be nil. All references
// must have been resolved. Errors: InvalidTemplate, and InvalidRequestContent for an expression of an argument that fails.
func Bind(t *Template, args *argument.Set, c Context) (*Bound, error) {
	b := &Bound{t: t, c: c, values: map[string]*boundValue{}, variables: map[string]*boundValue{}, scopes: map[string]any{}}
	if err := b.checkKnown(args); err != nil {
		return nil, err
	}
	for _, p := range t.parameters { // given values first: defaults may use any of them
		arg := args.Find(p.name)
		if arg == nil {
			continue
		}
		v, err := b.given(args, p, arg)
		if err != nil {
			return nil, err
		}
		if v != nil {
			b.values[strings.ToLower(p.name)] = v
		}
	}
	d := &defaults{b: b, pending: map[string]bool{}, budget: &expr.Budget{Left: expr.DefaultBudget}}
	for _, p := range t.parameters {
		if _, err := d.value(p); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *Bound) checkKnown(args *argument.Set) error {
	var unknown []string
	for _, name := range args.Names() {
		if b.t.byName[strings.ToLower(name)] == nil {
			unknown = append(unknown, name)
		}
	}
	if unknown == nil {
		return nil
	}
	var names []string
	for _, p := range b.t.parameters {
		names = append(names, p.name)
	}
	return b.t.src.invalid(b.t.root.off(), "properties.parameters",
		"The template parameters '%s' in the parameters file are not valid; they are not present in the original template and can therefore not be provided at deployment time. The only supported parameters for this template are '%s'. Please see https://aka.ms/resource-manager-parameter-files for usage details.",
		strings.Join(unknown, ", "), strings.Join(names, ", "))
}

// given checks the value of a request; nil when the default is to be used.
func (b *Bound) given(args *argument.Set, p *parameter, arg *argument.Argument) (*boundValue, error) {
	value, err := args.Value(arg, p.secure)
	if err != nil {
		return nil, err
	}
	out := &boundValue{value: value, secure: p.secure, reference: arg.Reference}
	if arg.Reference != nil {
		secret, ok := arg.Secret()
		if !ok {
			return nil, b.t.src.invalid(p.node.off(), "properties.parameters."+p.name, "The Key Vault reference of the template parameter '%s' has not been resolved", p.name)
		}
		out.secure = true
		v, ok := fromSecret(p.schema.typeName(), secret.Reveal())
		if !ok {
			return nil, b.mismatch(p, problemf(false, "The secret of the Key Vault reference is no JSON value of the type '%s'.", p.schema.typeName()), true)
		}
		out.value = v
	}
	if out.value == nil && arg.Reference == nil && (p.defaultValue != nil || !p.schema.optional()) {
		return nil, nil // Azure: null counts as not given
	}
	v, problem := p.schema.accept(out.value, 0)
	if problem != nil {
		return nil, b.mismatch(p, problem, out.secure)
	}
	out.value = v
	return out, nil
}

// fromSecret reads a secret, which is text, as a value of typ.
func fromSecret(typ, text string) (any, bool) {
	if typ == "String" || typ == "SecureString" {
		return text, true
	}
	v, err := expr.FromJSON([]byte(text))
	return v, err == nil
}

func (b *Bound) mismatch(p *parameter, problem *problem, secure bool) error {
	path := "properties.template.parameters." + p.name
	if strings.HasPrefix(problem.msg, "The provided value '") && problem.path == "" && !(secure && problem.quoted) {
		head, tail, _ := strings.Cut(problem.msg, "' is not valid. ")
		return b.t.src.invalid(p.node.off(), path, "%s' for the template parameter '%s' is not valid. %s", head, p.name, tail)
	}
	line, column := b.t.src.position(p.node.off())
	return b.t.src.invalid(p.node.off(), path, "The provided value for the template parameter '%s' at line '%d' and column '%d' is not valid. %s", p.name, line, column, problem.text(secure))
}

// defaults evaluates default values, each when first asked for.
type defaults struct {
	b       *Bound
	pending map[string]bool
	budget  *expr.Budget
}

func (d *defaults) value(p *parameter) (*boundValue, error) {
	key := strings.ToLower(p.name)
	if v := d.b.values[key]; v != nil {
		return v, nil
	}
	line, column := d.b.t.src.position(p.node.off())
	switch {
	case d.pending[key]:
		return nil, d.b.t.src.invalid(p.node.off(), "properties.template.parameters."+p.name,
			"The template parameter '%s' at line '%d' and column '%d' is not valid: its default value refers to itself.", p.name, line, column)
	case p.defaultValue == nil && p.schema.optional():
		v := &boundValue{secure: p.secure}
		d.b.values[key] = v
		return v, nil
	case p.defaultValue == nil:
		return nil, d.b.t.src.invalid(p.node.off(), "properties.template.parameters."+p.name,
			"The value for the template parameter '%s' at line '%d' and column '%d' is not provided. Please see https://aka.ms/resource-manager-parameter-files for usage details.", p.name, line, column)
	}
	d.pending[key] = true
	e := &evaluator{src: d.b.t.src, what: "template parameter '" + p.name + "'"}
	e.frame = &expr.Frame{Host: &host{b: d.b, defaults: d}, Budget: d.budget}
	value, err := e.value(p.defaultValue)
	if err != nil {
		return nil, err
	}
	v := &boundValue{secure: p.secure || e.frame.Secure}
	var problem *problem
	if v.value, problem = p.schema.accept(value, 0); problem != nil {
		return nil, d.b.mismatch(p, problem, v.secure)
	}
	d.b.values[key] = v
	return v, nil
}

// Parameters are the bound parameters as a stored deployment shows them, {"p":{"type":"String","value":…}}: without values
// where they are secure, with the reference where there is one.
func (b *Bound) Parameters() json.RawMessage {
	out := &expr.Object{}
	for _, p := range b.t.parameters {
		v := b.values[strings.ToLower(p.name)]
		shown := expr.NewObject("type", p.schema.typeName())
		switch {
		case v.reference != nil:
			ref := expr.NewObject("keyVault", expr.NewObject("id", v.reference.Vault.String()), "secretName", v.reference.Secret)
			if v.reference.Version != "" {
				ref.Set("secretVersion", v.reference.Version)
			}
			shown.Set("reference", ref)
		case !v.secure:
			shown.Set("value", v.value)
		}
		out.Set(p.name, shown)
	}
	return expr.AppendJSON(nil, out)
}

// Hidden are the texts within secure parameters, to look for them in messages.
func (b *Bound) Hidden() []azure.Secret {
	all := &Body{value: &expr.Object{}}
	for name, v := range b.values {
		if v.secure {
			all.value.Set(name, v.value)
			all.Secrets = append(all.Secrets, name)
		}
	}
	return all.Hidden()
}

// variable gives a variable's value, evaluated when first asked for. outer are the variables being evaluated on the way.
func (b *Bound) variable(name string, h *host, f *expr.Frame) (*boundValue, error) {
	key := strings.ToLower(name)
	b.mu.Lock()
	v := b.variables[key]
	b.mu.Unlock()
	if v != nil {
		return v, nil
	}
	decl := b.t.variables[key]
	if decl == nil {
		return nil, expr.Errorf("The template variable '%s' is not found. Please see https://aka.ms/arm-syntax-variables for usage details.", name)
	}
	for at := h; at != nil; at = at.caller {
		if at.variable == key {
			return nil, expr.Errorf("Circular dependency detected on template variable '%s'.", decl.name)
		}
	}
	inner := &host{b: b, variable: key, caller: h}
	e := &evaluator{src: b.t.src, what: "template variable '" + decl.name + "'", host: inner, loops: true}
	e.frame = &expr.Frame{Host: inner, Budget: f.Budget}
	var value any
	var err error
	if decl.loop {
		_, value, err = e.loop(decl.node)
	} else {
		value, err = e.value(decl.node)
	}
	if err != nil {
		return nil, &expr.Error{Msg: err.Error(), Cause: err}
	}
	v = &boundValue{value: value, secure: e.frame.Secure}
	b.mu.Lock()
	b.variables[key] = v
	b.mu.Unlock()
	return v, nil
}
