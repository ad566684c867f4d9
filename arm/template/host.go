package template

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
)

// loop is an iteration of a copy loop.
type loop struct {
	name  string
	index int64
}

// host answers the functions that depend on the deployment, for one evaluation.
type host struct {
	b        *Bound
	loops    []loop // the innermost last
	resource bool   // loops[0] is the loop of the resource itself, which copyIndex() without a name means
	plan     *Plan  // nil until there are resources to refer to

	self *Resource // whose body it is, if it is one

	// One of these says what the evaluation is for.
	defaults *defaults // a parameter's default
	variable string    // a variable, by its name in lower case
	caller   *host     // what asked for the variable
	refer    func(to *Resource) error
	ctx      context.Context
	runtime  Runtime // the deployment runs; nil: run-time functions give unknown values
}

// Call is [expr.Host].
func (h *host) Call(f *expr.Frame, namespace, name string, args []any) (any, error) {
	if namespace != "" {
		fn := h.b.t.functions[strings.ToLower(namespace+"."+name)]
		if fn == nil {
			return nil, expr.Errorf("The template function '%s.%s' is not valid. Please see https://aka.ms/arm-functions for usage details.", namespace, name)
		}
		return fn.call(h, f, args)
	}
	for _, arg := range args {
		if !expr.IsKnown(arg) {
			return expr.Unknown{}, nil
		}
	}
	action := name
	switch name = strings.ToLower(name); name {
	case "parameters":
		return h.parameter(f, args[0])
	case "variables":
		key, ok := args[0].(string)
		if !ok {
			return nil, expr.Errorf("The template language function 'variables' expects its parameter to be a string.")
		}
		v, err := h.b.variable(key, h, f)
		if err != nil {
			return nil, err
		}
		f.Secure = f.Secure || v.secure
		return v.value, nil
	case "copyindex":
		return h.copyIndex(args)
	case "newguid", "utcnow":
		return h.fresh(name, args)
	case "resourceid", "subscriptionresourceid", "managementgroupresourceid":
		return h.resourceID(action, args)
	case "resourcegroup", "subscription", "managementgroup", "tenant", "deployer", "environment", "deployment":
		return h.scope(action)
	case "providers":
		return h.providers(args)
	case "reference", "references", "resourceinfo":
		return h.reference(f, action, args)
	case "target":
		return h.own(args)
	}
	if strings.HasPrefix(name, "list") {
		return h.list(f, action, args)
	}
	return nil, expr.Errorf("The template function '%s' is not expected at this location. Please see https://aka.ms/arm-functions for usage details.", action)
}

func (h *host) parameter(f *expr.Frame, arg any) (any, error) {
	name, ok := arg.(string)
	if !ok {
		return nil, expr.Errorf("The template language function 'parameters' expects its parameter to be a string.")
	}
	v := h.b.values[strings.ToLower(name)]
	if p := h.b.t.byName[strings.ToLower(name)]; v == nil && p != nil && h.defaults != nil {
		var err error
		if v, err = h.defaults.value(p); err != nil {
			return nil, err
		}
	}
	if v == nil {
		return nil, expr.Errorf("The template parameter '%s' is not found. Please see https://aka.ms/arm-syntax-parameters for usage details.", name)
	}
	f.Secure = f.Secure || v.secure
	return v.value, nil
}

func (h *host) copyIndex(args []any) (any, error) {
	if len(h.loops) == 0 {
		return nil, expr.Errorf("The template function 'copyIndex' is not expected at this location. The function can only be used in a resource with copy specified. Please see https://aka.ms/arm-copy for usage details.")
	}
	at := h.loops[len(h.loops)-1]
	if h.resource {
		at = h.loops[0]
	}
	if len(args) > 0 {
		if name, ok := args[0].(string); ok {
			found := false
			for _, l := range h.loops {
				if strings.EqualFold(l.name, name) {
					at, found = l, true
				}
			}
			if !found {
				return nil, expr.Errorf("The template function 'copyIndex' does not know the loop '%s'. Please see https://aka.ms/arm-copy for usage details.", name)
			}
			args = args[1:]
		}
	}
	switch len(args) {
	case 0:
		return at.index, nil
	case 1:
		if offset, ok := args[0].(int64); ok && offset > -1<<40 && offset < 1<<40 {
			return at.index + offset, nil
		}
	}
	return nil, expr.Errorf("The template language function 'copyIndex' expects the name of a loop and an integer offset, both optional.")
}

func (h *host) fresh(name string, args []any) (any, error) {
	if name == "newguid" {
		if h.b.c.NewGUID == nil {
			return nil, expr.Errorf("The template function 'newGuid' is not available in this deployment.")
		}
		return h.b.c.NewGUID(), nil
	}
	form := ""
	if len(args) > 0 {
		var ok bool
		if form, ok = args[0].(string); !ok {
			return nil, expr.Errorf("The template language function 'utcNow' expects its parameter to be a string.")
		}
	}
	s, ok := expr.FormatTime(h.b.c.Now.UTC(), form)
	if !ok {
		return nil, expr.Errorf("The template language function 'utcNow' does not know the format '%s'.", form)
	}
	return s, nil
}

// scope answers resourceGroup() and its likes from the context.
func (h *host) scope(spelled string) (any, error) {
	name := strings.ToLower(spelled)
	if name == "deployment" {
		return h.deployment()
	}
	c := &h.b.c
	values := map[string]any{
		"resourcegroup": c.ResourceGroup, "subscription": c.Subscription, "managementgroup": c.ManagementGroup,
		"tenant": c.Tenant, "deployer": c.Deployer, "environment": c.Environment,
	}
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	if v, ok := h.b.scopes[name]; ok {
		return v, nil
	}
	if values[name] == nil {
		return nil, expr.Errorf("The template function '%s' is not expected at this location: a deployment to '%s' has none.", spelled, c.Scope)
	}
	v, err := fromGo(values[name])
	if err != nil {
		return nil, err
	}
	h.b.scopes[name] = v
	return v, nil
}

func fromGo(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("cannot show a value to the template: %w", err)
	}
	return expr.FromJSON(data)
}

func (h *host) deployment() (any, error) {
	c := &h.b.c
	mode := c.Mode
	if mode == "" {
		mode = "Incremental"
	}
	given := &expr.Object{}
	for _, p := range h.b.t.parameters {
		if v := h.b.values[strings.ToLower(p.name)]; v != nil && !v.secure {
			given.Set(p.name, expr.NewObject("value", v.value))
		}
	}
	properties := &expr.Object{}
	if c.TemplateLink != nil {
		link, err := fromGo(c.TemplateLink)
		if err != nil {
			return nil, err
		}
		properties.Set("templateLink", link)
	} else {
		properties.Set("template", h.b.t.root.raw())
	}
	properties.Set("templateHash", h.b.t.Hash())
	properties.Set("parameters", given)
	properties.Set("mode", mode)
	properties.Set("provisioningState", "Accepted")
	out := expr.NewObject("name", c.Name)
	if c.Scope.ResourceGroup == "" {
		out.Set("location", c.Location)
	}
	out.Set("properties", properties)
	return out, nil
}

// providers answers providers(namespace, [type]).
func (h *host) providers(args []any) (any, error) {
	names := make([]string, 2)
	for i, arg := range args {
		s, ok := arg.(string)
		if !ok {
			return nil, expr.Errorf("The template language function 'providers' expects its parameters to be strings. Parameter %d is of type '%s'.", i+1, expr.TypeName(arg))
		}
		names[i] = s
	}
	if h.b.c.Provider == nil {
		return nil, expr.Errorf("The template function 'providers' is not expected at this location: the resource providers are not known to this deployment.")
	}
	known, err := h.b.c.Provider(names[0])
	if err != nil {
		return nil, err
	}
	v, err := fromGo(known)
	if err != nil || len(args) == 1 {
		return v, err
	}
	o, _ := v.(*expr.Object)
	types, _ := o.Get("resourceTypes")
	list, _ := types.([]any)
	for _, t := range list {
		if t, ok := t.(*expr.Object); ok && strings.EqualFold(t.Text("resourceType"), names[1]) {
			return t, nil
		}
	}
	return nil, expr.Errorf("The resource type '%s' is not defined in the namespace '%s'.", names[1], names[0])
}

// resourceID is resourceId([subscription], [group], type, names...) and its likes.
func (h *host) resourceID(spelled string, args []any) (any, error) {
	name := strings.ToLower(spelled)
	parts := make([]string, len(args))
	for i, arg := range args {
		s, ok := arg.(string)
		if !ok {
			return nil, expr.Errorf("The template language function '%s' expects its parameters to be strings. A provided value is of type '%s'.", spelled, expr.TypeName(arg))
		}
		parts[i] = s
	}
	most := map[string]int{"resourceid": 2, "subscriptionresourceid": 1, "managementgroupresourceid": 1}[name]
	at := 0
	for at < len(parts) && !strings.Contains(parts[at], "/") {
		at++
	}
	if at > most || at == len(parts) {
		return nil, expr.Errorf("Unable to evaluate template language function '%s': the type of resource must be given as 'Namespace/type'. Please see https://aka.ms/arm-resource-functions/#resourceid for usage details.", spelled)
	}
	before, typ, names := parts[:at], parts[at], parts[at+1:]
	below, ok := expr.ProviderPath(typ, names)
	if !ok {
		return nil, expr.Errorf("Unable to evaluate template language function '%s': the type '%s' requires '%d' resource name argument(s). Please see https://aka.ms/arm-resource-functions/#resourceid for usage details.",
			spelled, typ, strings.Count(strings.TrimSuffix(typ, "/"), "/"))
	}
	subscription, group := h.b.c.Scope.Subscription, h.b.c.Scope.ResourceGroup
	if name == "managementgroupresourceid" {
		mg := h.b.c.Scope.FullName()
		if len(before) == 1 {
			mg = before[0]
		}
		return "/providers/Microsoft.Management/managementGroups/" + mg + below, nil
	}
	switch {
	case len(before) == 2:
		subscription, group = before[0], before[1]
	case len(before) == 1 && name == "resourceid" && group != "" && !isGUID(before[0]):
		group = before[0]
	case len(before) == 1:
		subscription = before[0]
	}
	if name != "resourceid" {
		group = ""
	}
	return canonical(scopePath(subscription, group) + below), nil
}

// isGUID tells a subscription from the name of a group.
func isGUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

func scopePath(subscription, group string) string {
	switch {
	case subscription == "":
		return ""
	case group == "":
		return "/subscriptions/" + subscription
	}
	return "/subscriptions/" + subscription + "/resourceGroups/" + group
}

// canonical writes the id of a resource group as Azure does, without the provider.
func canonical(id string) string {
	const below = "/providers/microsoft.resources/resourcegroups/"
	if i := strings.Index(strings.ToLower(id), below); i > 0 && strings.Count(id[:i], "/") == 2 {
		return id[:i] + "/resourceGroups/" + id[i+len(below):]
	}
	return id
}
