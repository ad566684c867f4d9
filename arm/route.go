package arm

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// coreCall is a call of the hall itself, its path from the root.
type coreCall struct {
	Call
	// scope builds the id the action is checked at from the {name} values.
	scope func(v map[string]string) azure.ResourceID
}

// found is where a path leads.
type found struct {
	action authz.Action
	id     azure.ResourceID
	serve  func(ctx context.Context, r *CallRequest) (any, error)
	check  func(ctx context.Context, r *CallRequest) error // of a call; may be nil
	values map[string]string
	typ    *Type // the row of the resource's type, or of the resource the call is below; nil for other calls
	plain  bool  // get, list, put, patch, delete or head of a resource, not a call
}

// ServeHTTP serves the management host.
func (h *Hall) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.serve(&h.o.Front, w, r) }

// serve leads a request through front to its call.
func (h *Hall) serve(front *httpd.Front, w http.ResponseWriter, r *http.Request) {
	f, err := h.find(r)
	if err != nil {
		// Even what does not exist is told only to those who are signed in.
		front.Handle(w, r, httpd.AnyCaller, nil, func(http.ResponseWriter, *httpd.Request) error { return err })
		return
	}
	authorize := func(r *httpd.Request) error {
		r.Scope = f.id
		if f.action == httpd.Public {
			return nil
		}
		return h.authorize(r.Principal, f, r.URL.Query())
	}
	front.Handle(w, r, f.action, authorize, func(w http.ResponseWriter, r *httpd.Request) error {
		out, err := f.serve(r.Context(), &CallRequest{Request: r, ID: f.id, Values: f.values})
		if err != nil {
			return err
		}
		return httpd.WriteValue(w, out)
	})
}

// authorize decides whether p may make the call that was found.
func (h *Hall) authorize(p authz.Principal, f *found, q url.Values) error {
	if err := checkVersion(q); err != nil {
		return err
	}
	if f.id.Subscription != "" && !h.Exists(azure.ResourceID{Subscription: f.id.Subscription}) {
		return azure.Errorf(azure.NotFound, azure.CodeSubscriptionNotFound, "The subscription '%s' could not be found.", f.id.Subscription)
	}
	if f.action == httpd.AnyCaller {
		return nil
	}
	if err := h.o.Checker.Check(p, f.action, f.id); err != nil {
		return err
	}
	return h.checkLock(f.action, f.id)
}

// checkLock asks the locks about what an action does. Reads are free, and so are
// the Authorization provider's own calls: a lock can be removed.
func (h *Hall) checkLock(a authz.Action, id azure.ResourceID) error {
	if h.locked == nil || strings.HasPrefix(a.Name, "Microsoft.Authorization/") {
		return nil
	}
	switch verb := a.Name[strings.LastIndexByte(a.Name, '/')+1:]; verb {
	case "write", "delete", "action":
		return h.locked(id, verb)
	}
	return nil
}

var versionPattern = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}(-[A-Za-z0-9.-]+)?|\d+\.\d+)$`)

// checkVersion wants an api-version that looks like one. Azure: versions are
// known per type; here any well-formed one is served.
func checkVersion(q url.Values) error {
	v := apiVersion(q)
	if v == "" {
		return azure.Errorf(azure.Invalid, azure.CodeMissingAPIVersion, "The api-version query parameter (?api-version=) is required for all requests.")
	}
	if !versionPattern.MatchString(v) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidAPIVersion, "The api-version '%s' is invalid. Give it as a date, for example 2024-11-01 or 2024-05-01-preview.", v)
	}
	return nil
}

func apiVersion(q url.Values) string {
	for k, v := range q {
		if strings.EqualFold(k, "api-version") && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// find leads a request to its call.
func (h *Hall) find(r *http.Request) (*found, error) {
	// Azure: empty segments are passed over; 'az container create --file' sends one.
	segs := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	seen := false
	for i := range h.core {
		c := &h.core[i]
		values, ok := matchPath(c.Path, segs)
		if !ok {
			continue
		}
		seen = true
		if c.Method == r.Method {
			return &found{action: c.Action, id: c.scope(values), serve: c.serve, values: values}, nil
		}
	}
	if seen {
		return nil, methodNotAllowed(r)
	}
	return h.findProvided(r, segs)
}

// findProvided leads a path with a /providers/ segment to a type or call.
func (h *Hall) findProvided(r *http.Request, segs []string) (*found, error) {
	at := lastProviders(segs)
	if at < 0 || at+2 >= len(segs) {
		return nil, azure.Errorf(azure.NotFound, azure.CodePathNotFound, "There is nothing at '%s'. Check the path.", r.URL.Path)
	}
	scope, err := azure.ParseID("/" + strings.Join(segs[:at], "/"))
	if err != nil {
		return nil, err
	}
	p := h.providers[strings.ToLower(segs[at+1])]
	if p == nil {
		_, err := h.typeOf(scope.Resource(segs[at+1], "", ""))
		return nil, err
	}
	rest := segs[at+2:]
	if f, err := h.findType(r, p, scope, rest); f != nil || err != nil {
		return f, err
	}
	seen := false
	for i := range p.Calls {
		c := &p.Calls[i]
		values, ok := matchPath(c.Path, rest)
		if !ok || !c.Level.fits(scope) {
			continue
		}
		seen = true
		if c.Method == r.Method {
			return &found{action: c.Action, id: scope, values: values, serve: h.providerCall(c), check: c.check}, nil
		}
	}
	if seen {
		return nil, methodNotAllowed(r)
	}
	_, err = h.typeOf(scope.With(p.Namespace, everySecond(rest), nil))
	return nil, err
}

func everySecond(segs []string) (out []string) {
	for i := 0; i < len(segs); i += 2 {
		out = append(out, segs[i])
	}
	return out
}

// lastProviders is the index of the last "providers" segment that can start a
// provider part; a resource may itself be named so.
func lastProviders(segs []string) int {
	at := -1
	for i := 0; i < len(segs); {
		if !strings.EqualFold(segs[i], "providers") {
			i += 2
			continue
		}
		at = i
		for i += 2; i < len(segs) && !strings.EqualFold(segs[i], "providers"); i += 2 {
		}
	}
	return at
}

// fits reports whether a call of this level may hang below scope.
func (l Level) fits(scope azure.ResourceID) bool {
	switch l {
	case AtAnyScope:
		return true
	case AtTenant:
		return scope.Key() == "/"
	case AtGroup:
		return scope.IsGroup()
	}
	return scope.Subscription != "" && scope.ResourceGroup == "" && len(scope.Provider) == 0
}

// findType leads to a plain operation on a type or to a call below a resource.
// Both nil means neither matched.
func (h *Hall) findType(r *http.Request, p *provider, scope azure.ResourceID, rest []string) (*found, error) {
	var types, names []string
	for i := 0; i < len(rest); i++ {
		if i%2 == 0 {
			types = append(types, rest[i])
		} else {
			names = append(names, rest[i])
		}
	}
	if t := p.types[strings.ToLower(strings.Join(types, "/"))]; t != nil {
		id := scope.With(p.Namespace, typeSegments(t), names)
		f, err := h.plain(r, t, id)
		if f != nil {
			f.typ, f.plain = t, true
		}
		return f, err
	}
	for n := len(rest) - 1; n >= 2; n-- {
		if n%2 != 0 {
			continue
		}
		t := p.types[strings.ToLower(strings.Join(everySecond(rest[:n]), "/"))]
		if t == nil {
			continue
		}
		id := scope.With(p.Namespace, typeSegments(t), names[:n/2])
		if f, err := h.below(r, t, id, rest[n:]); f != nil || err != nil {
			return f, err
		}
	}
	return nil, nil
}

func typeSegments(t *Type) []string { return strings.Split(t.Name, "/") }

// below leads to a call of type t below the resource id.
func (h *Hall) below(r *http.Request, t *Type, id azure.ResourceID, rest []string) (*found, error) {
	seen := false
	for i := range t.Calls {
		c := &t.Calls[i]
		values, ok := matchPath(c.Path, rest)
		if !ok {
			continue
		}
		seen = true
		if c.Method == r.Method {
			return &found{action: c.Action, id: id, values: values, serve: h.resourceCall(c), check: c.check, typ: t}, nil
		}
	}
	if seen {
		return nil, methodNotAllowed(r)
	}
	return nil, nil
}

// plain leads to get, list, put, patch, delete or head of a resource type.
func (h *Hall) plain(r *http.Request, t *Type, id azure.ResourceID) (*found, error) {
	if id.IsCollection() {
		if r.Method != http.MethodGet {
			return nil, methodNotAllowed(r)
		}
		// The list itself leaves out what the caller may not read.
		return &found{action: httpd.AnyCaller, id: id, serve: h.list(t)}, nil
	}
	switch r.Method {
	case http.MethodGet:
		return &found{action: action(id, "read"), id: id, serve: h.get(t)}, nil
	case http.MethodHead:
		return &found{action: action(id, "read"), id: id, serve: h.head}, nil
	case http.MethodPut, http.MethodPatch:
		return &found{action: action(id, "write"), id: id, serve: h.put(t)}, nil
	case http.MethodDelete:
		return &found{action: action(id, "delete"), id: id, serve: h.remove(t)}, nil
	}
	return nil, methodNotAllowed(r)
}

// providerCall wraps a provider-level call: its group must exist.
func (h *Hall) providerCall(c *Call) func(context.Context, *CallRequest) (any, error) {
	return func(ctx context.Context, r *CallRequest) (any, error) {
		if r.ID.ResourceGroup != "" && !h.Exists(r.ID.Group()) {
			return nil, groupNotFound(r.ID)
		}
		return c.serve(ctx, r)
	}
}

// resourceCall wraps a call below a resource: the resource must exist.
func (h *Hall) resourceCall(c *Call) func(context.Context, *CallRequest) (any, error) {
	return func(ctx context.Context, r *CallRequest) (any, error) {
		e, ok := h.Find(r.ID)
		if !ok {
			return nil, h.notFound(r.ID)
		}
		r.Envelope, r.ID = e, e.ID
		return c.serve(ctx, r)
	}
}

func methodNotAllowed(r *http.Request) error {
	return azure.Errorf(azure.Unsupported, azure.CodeMethodNotAllowed, "The resource at '%s' does not support the HTTP method '%s'.", r.URL.Path, r.Method)
}

// matchPath matches segments with a pattern: literals in any case, {name} one
// segment.
func matchPath(pattern string, segs []string) (map[string]string, bool) {
	parts := strings.Split(pattern, "/")
	if len(parts) != len(segs) {
		return nil, false
	}
	var values map[string]string
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			if segs[i] == "" {
				return nil, false
			}
			if values == nil {
				values = map[string]string{}
			}
			values[p[1:len(p)-1]] = segs[i]
		} else if !strings.EqualFold(p, segs[i]) {
			return nil, false
		}
	}
	return values, true
}
