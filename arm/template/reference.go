package template

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Runtime answers what only the running deployment knows. It must be safe for concurrent use if bodies are evaluated
// concurrently. Its errors are returned as they are.
type Runtime interface {
	// Reference reads a resource as GET shows it, for reference(). A resource that does not exist is ResourceNotFound.
	Reference(ctx context.Context, id azure.ResourceID, apiVersion string) (json.RawMessage, error)
	// List posts to an action of a resource, such as listCredentials, spelled as in the template. body may be nil.
	List(ctx context.Context, id azure.ResourceID, action, apiVersion string, body json.RawMessage) (json.RawMessage, error)
}

// target is what a reference means: a resource of the plan, or one outside it.
type target struct {
	resource   *Resource
	id         azure.ResourceID
	apiVersion string
}

// reference answers reference(x, [apiVersion], ['Full']), references(loop, ['Full']) and resourceInfo(symbolic name).
func (h *host) reference(f *expr.Frame, name string, args []any) (any, error) {
	texts := make([]string, 3)
	for i, arg := range args {
		s, ok := arg.(string)
		if !ok && arg != nil {
			return nil, expr.Errorf("The template language function '%s' expects its parameters to be strings. Parameter %d is of type '%s'.", name, i+1, expr.TypeName(arg))
		}
		texts[i] = s
	}
	if h.plan == nil {
		return nil, expr.Errorf("The template function '%s' is not expected at this location. Please see https://aka.ms/arm-functions for usage details.", name)
	}
	switch strings.ToLower(name) {
	case "references":
		if v := texts[1]; v != "" && !strings.EqualFold(v, "Full") && !strings.EqualFold(v, "Properties") {
			return nil, expr.Errorf("The template language function 'references' expects parameter 2 to be 'Full' or 'Properties'. The provided value is '%s'.", v)
		}
		return h.references(f, texts[0], texts[1])
	case "resourceinfo":
		r := h.plan.bySymbol[strings.ToLower(texts[0])]
		if r == nil {
			return nil, expr.Errorf("The template function 'resourceInfo' does not know the symbolic name '%s'.", texts[0])
		}
		return expr.NewObject("id", r.ID.String(), "name", r.Name, "type", r.Type, "apiVersion", r.APIVersion), nil
	}
	full := strings.EqualFold(texts[2], "full")
	if texts[2] != "" && !full {
		return nil, expr.Errorf("The template language function 'reference' expects parameter 3 to be 'Full'. The provided value is '%s'.", texts[2])
	}
	to, err := h.target(texts[0], texts[1])
	if err != nil {
		return nil, err
	}
	return h.read(to, full)
}

// references reads all resources of a loop.
func (h *host) references(_ *expr.Frame, loop, full string) (any, error) {
	list := h.plan.byLoop[strings.ToLower(loop)]
	if list == nil {
		return nil, expr.Errorf("The template reference '%s' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details.", loop)
	}
	out := make([]any, len(list))
	for i, r := range list {
		v, err := h.read(&target{r, r.ID, r.APIVersion}, strings.EqualFold(full, "full"))
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	if h.runtime == nil {
		return expr.Unknown{}, nil
	}
	return out, nil
}

// target finds what x means.
func (h *host) target(x, apiVersion string) (*target, error) {
	r, ambiguous := h.plan.find(x)
	switch {
	case ambiguous:
		return nil, expr.Errorf("The template reference '%s' is not valid: several resources have this name; use resourceId(). Please see https://aka.ms/arm-function-reference for usage details.", x)
	case r != nil:
		if apiVersion == "" {
			apiVersion = r.APIVersion
		}
		return &target{r, r.ID, apiVersion}, nil
	case !strings.HasPrefix(x, "/"):
		return nil, expr.Errorf("The template reference '%s' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details.", x)
	}
	id, err := azure.ParseID(canonical(x))
	if err != nil {
		return nil, expr.Errorf("The template reference '%s' is not valid: it is no resource id.", x)
	}
	if apiVersion == "" {
		return nil, expr.Errorf("The template reference '%s' is not valid: the resource is not defined in the template, so the API version must be given. Please see https://aka.ms/arm-function-reference for usage details.", x)
	}
	return &target{nil, id, apiVersion}, nil
}

// note tells the planner that the resource being evaluated depends on to.
func (h *host) note(to *target) error {
	if to.resource != nil && h.refer != nil {
		return h.refer(to.resource)
	}
	return nil
}

func (h *host) read(to *target, full bool) (any, error) {
	if h.runtime == nil {
		return expr.Unknown{}, h.note(to)
	}
	data, err := h.runtime.Reference(h.ctx, to.id, to.apiVersion)
	if err != nil {
		return nil, err
	}
	v, err := expr.FromJSON(data)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*expr.Object)
	if !full {
		properties, _ := o.Get("properties")
		if properties == nil {
			properties = &expr.Object{}
		}
		return properties, nil
	}
	out := expr.NewObject("apiVersion", to.apiVersion)
	for i := 0; o != nil && i < o.Len(); i++ {
		out.Set(o.At(i))
	}
	out.Set("subscriptionId", to.id.Subscription)
	out.Set("resourceGroupName", to.id.ResourceGroup)
	out.Set("scope", strings.TrimPrefix(to.id.Scope().String(), "/"))
	out.Set("resourceId", strings.TrimPrefix(to.id.String(), to.id.Group().String()+"/providers/"))
	out.Set("referenceApiVersion", to.apiVersion)
	out.Set("condition", true)
	out.Set("isConditionTrue", true)
	out.Set("isTemplateResource", to.resource != nil)
	out.Set("provisioningOperation", "Read")
	return out, nil
}

// own answers target(), the properties the resource had before this deployment or null, target('full') and
// target('exists').
func (h *host) own(args []any) (any, error) {
	what := ""
	if len(args) > 0 {
		s, ok := args[0].(string)
		if what = strings.ToLower(s); !ok || what != "full" && what != "exists" {
			return nil, expr.Errorf("The template language function 'target' expects its parameter to be 'full' or 'exists'.")
		}
	}
	if h.self == nil {
		return nil, expr.Errorf("The template function 'target' is not expected at this location. It stands in the properties of a resource.")
	}
	if h.runtime == nil {
		return expr.Unknown{}, nil
	}
	data, err := h.runtime.Reference(h.ctx, h.self.ID, h.self.APIVersion)
	missing := err != nil && azure.AsError(err).Kind == azure.NotFound
	switch {
	case err != nil && !missing:
		return nil, err
	case what == "exists":
		return !missing, nil
	case missing:
		return nil, nil
	}
	v, err := expr.FromJSON(data)
	if o, ok := v.(*expr.Object); ok && what == "" {
		v, _ = o.Get("properties")
	}
	return v, err
}

// list answers listX(resource, apiVersion, [body]).
func (h *host) list(f *expr.Frame, name string, args []any) (any, error) {
	x, okX := args[0].(string)
	apiVersion, okVersion := args[1].(string)
	if !okX || !okVersion || h.plan == nil {
		return nil, expr.Errorf("The template language function '%s' expects a resource and an API version, both strings.", name)
	}
	to, err := h.target(x, apiVersion)
	if err != nil {
		return nil, err
	}
	if h.runtime == nil {
		return expr.Unknown{}, h.note(to)
	}
	var body json.RawMessage
	if len(args) > 2 && args[2] != nil {
		body = expr.AppendJSON(nil, args[2])
	}
	data, err := h.runtime.List(h.ctx, to.id, name, apiVersion, body)
	if err != nil {
		return nil, err
	}
	f.Listed = true
	return expr.FromJSON(data)
}
