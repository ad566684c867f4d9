package template

import (
	"fmt"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// typeDeployment is the type of nested deployments.
const typeDeployment = "Microsoft.Resources/deployments"

// resource is a resource as the template declares it, before its loop is expanded.
type resource struct {
	node       *node
	symbolic   string
	typ        string // full
	apiVersion string
	existing   bool
	parent     *resource
	children   []*resource
}

// directives are the members of a resource that direct the deployment and are not sent.
var directives = map[string]bool{
	"type": true, "apiversion": true, "name": true, "condition": true, "dependson": true, "copy": true, "scope": true, "comments": true,
	"resources": true, "existing": true, "resourcegroup": true, "subscriptionid": true, "metadata": true, "@options": true, "import": true, "extension": true,
}

func (t *Template) readResources() error {
	n := t.root.get("resources")
	switch n.kind {
	case lenient.Array:
		if t.symbolic && len(n.elems()) > 0 {
			return t.fail(n, "resources", "The template resources must be an object of symbolic names, as languageVersion is 2.0.")
		}
		for i := range n.elems() {
			r, err := t.readResource(&n.elems()[i], nil, "")
			if err != nil {
				return err
			}
			t.resources = append(t.resources, r)
		}
	case lenient.Object:
		if !t.symbolic {
			return t.fail(n, "resources", "The template resources are an object of symbolic names, which needs \"languageVersion\": \"2.0\".")
		}
		names := map[string]bool{}
		for i := range n.members() {
			m := &n.members()[i]
			key := strings.ToLower(m.key)
			if names[key] {
				return t.fail(&m.val, "resources", "The symbolic name '%s' is defined twice.", m.key)
			}
			names[key] = true
			r, err := t.readResource(&m.val, nil, m.key)
			if err != nil {
				return err
			}
			t.resources = append(t.resources, r)
		}
	default:
		return t.fail(n, "resources", "The template resources are of type '%s', expected is 'Array' or 'Object'.", n.kindName())
	}
	return nil
}

func (t *Template) readResource(n *node, parent *resource, symbolic string) (*resource, error) {
	if n.kind != lenient.Object {
		return nil, t.fail(n, "resources", "A template resource is of type '%s', expected is 'Object'.", n.kindName())
	}
	r := &resource{node: n, symbolic: symbolic, parent: parent, existing: n.get("existing") != nil && n.get("existing").value == true}
	for _, want := range [...]struct {
		key  string
		into *string
	}{{"type", &r.typ}, {"apiVersion", &r.apiVersion}} {
		key, into := want.key, want.into
		v := n.get(key)
		if v == nil {
			return nil, t.failResource(r, n, "the property '%s' is required.", key)
		}
		s, ok := v.literal()
		if !ok {
			return nil, t.failResource(r, v, "the property '%s' must be a literal string.", key)
		}
		*into = s
	}
	if !isAPIVersion(r.apiVersion) {
		return nil, t.failResource(r, n.get("apiVersion"), "'%s' is no api version.", r.apiVersion)
	}
	if n.get("name") == nil {
		return nil, t.failResource(r, n, "the property 'name' is required.")
	}
	r.typ = strings.TrimSuffix(r.typ, "/")
	if parent != nil && !isFullType(r.typ) {
		r.typ = parent.typ + "/" + r.typ
	}
	if !isFullType(r.typ) {
		return nil, t.failResource(r, n.get("type"), "'%s' is no resource type such as 'Microsoft.KeyVault/vaults'.", r.typ)
	}
	if parent != nil && n.get("copy") != nil {
		return nil, t.failResource(r, n.get("copy"), "a resource nested in its parent cannot have a copy loop. Move it to the top level.")
	}
	for _, check := range []func(*resource) error{t.checkExtension, t.checkOptions, t.checkResource} {
		if err := check(r); err != nil {
			return nil, err
		}
	}
	return r, t.readChildren(r)
}

// failResource says that n, a part of the resource r, is wrong.
func (t *Template) failResource(r *resource, n *node, format string, args ...any) error {
	line, column := t.src.position(r.node.off())
	return t.fail(n, "resources", "The template resource '%s' at line '%d' and column '%d' is not valid: %s", describe(r), line, column, fmt.Sprintf(format, args...))
}

// isAPIVersion reports a date as in 2023-05-01, or one with a word as in 2023-05-01-preview.
func isAPIVersion(s string) bool {
	date, word, hasWord := s, "", false
	if len(s) > 10 {
		date, hasWord = s[:10], s[10] == '-'
		word = s[11:]
	}
	for i := range len(date) {
		if c := date[i]; (i == 4 || i == 7) != (c == '-') || c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	for i := range len(word) {
		if c := word[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return len(date) == 10 && hasWord == (len(s) > 10) && hasWord == (word != "")
}

// isFullType reports a type that names its namespace.
func isFullType(typ string) bool {
	namespace, rest, ok := strings.Cut(typ, "/")
	return ok && rest != "" && strings.Contains(namespace, ".")
}

// describe names a resource whose name is not evaluated yet.
func describe(r *resource) string {
	if r.symbolic != "" {
		return r.symbolic
	}
	if n := r.node.get("name"); n != nil {
		return expr.Stringify(n.raw())
	}
	return r.typ
}

func (t *Template) checkResource(r *resource) error {
	what := "template resource '" + describe(r) + "'"
	nested := strings.EqualFold(r.typ, typeDeployment)
	for i := range r.node.members() {
		m := &r.node.members()[i]
		key := strings.ToLower(m.key)
		at := siteValue
		switch {
		case key == "resources":
			continue
		case key == "metadata" || key == "comments":
			continue
		case directives[key] || key == "location":
			at = siteName
		case key == "properties" && !nested:
			at = siteOwn
		case key == "properties" && nested:
			if err := t.checkDeployment(&m.val, what); err != nil {
				return err
			}
			continue
		}
		if err := t.check(&m.val, at, what); err != nil {
			return err
		}
	}
	if c := r.node.get("copy"); c != nil && (c.get("name") == nil || c.get("count") == nil) {
		return t.fail(c, "resources", "The %s is not valid: its copy loop needs the properties 'name' and 'count'.", what)
	}
	return nil
}

// checkDeployment checks the properties of a nested deployment: a template of inner scope is a world of its own.
func (t *Template) checkDeployment(n *node, what string) error {
	inner := isInner(n)
	for i := range n.members() {
		m := &n.members()[i]
		if strings.EqualFold(m.key, "template") && m.val.kind == lenient.Object {
			if inner {
				if _, err := parseTemplate(t.src, &m.val, t.limits); err != nil {
					return err
				}
				continue
			}
			for _, key := range []string{"resources", "outputs"} {
				if err := t.checkOuter(m.val.get(key), what); err != nil {
					return err
				}
			}
			continue
		}
		if err := t.check(&m.val, siteValue, what); err != nil {
			return err
		}
	}
	return nil
}

// checkOuter checks a part of a nested template of outer scope: it is written in the parent's terms.
func (t *Template) checkOuter(n *node, what string) error {
	if n == nil {
		return nil
	}
	if name, _ := n.get("type").literal(); strings.EqualFold(name, typeDeployment) && n.get("properties") != nil {
		return t.checkDeployment(n.get("properties"), what)
	}
	if n.kind == lenient.Array || n.kind == lenient.Object && n.get("type") == nil {
		for i := range n.elems() {
			if err := t.checkOuter(&n.elems()[i], what); err != nil {
				return err
			}
		}
		for i := range n.members() {
			if err := t.checkOuter(&n.members()[i].val, what); err != nil {
				return err
			}
		}
		return nil
	}
	return t.check(n, siteValue, what)
}

// isInner reports that the properties of a nested deployment ask for the scope inner.
func isInner(properties *node) bool {
	scope, _ := properties.get("expressionEvaluationOptions").get("scope").literal()
	return strings.EqualFold(scope, "inner")
}

func (t *Template) readChildren(r *resource) error {
	n := r.node.get("resources")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Array {
		return t.fail(n, "resources", "The resources nested in the template resource '%s' are of type '%s', expected is 'Array'.", describe(r), n.kindName())
	}
	for i := range n.elems() {
		child, err := t.readResource(&n.elems()[i], r, "")
		if err != nil {
			return err
		}
		r.children = append(r.children, child)
	}
	return nil
}
