package template

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// thisCloud is the extension whose types are those of Resource Manager itself.
const thisCloud = "AzureResourceManager"

// readExtensions reads the sections imports, {alias: {provider, version}}, and extensions, {alias: {name, version, config}}.
// There is one extension here, Resource Manager's own types, which need none.
func (t *Template) readExtensions() error {
	for _, section := range []string{"imports", "extensions"} {
		n := t.root.get(section)
		if n == nil {
			continue
		}
		if n.kind != lenient.Object {
			return t.fail(n, section, "The template section '%s' is of type '%s', expected is 'Object'.", section, n.kindName())
		}
		for i := range n.members() {
			m := &n.members()[i]
			name, ok := m.val.get("name").literal()
			if !ok {
				name, _ = m.val.get("provider").literal()
			}
			if !strings.EqualFold(name, thisCloud) {
				line, column := t.src.position(m.val.off())
				return t.fail(&m.val, section+"."+m.key, "The template extension '%s' (%s) at line '%d' and column '%d' is not supported: this cloud deploys its own resource types only. Remove it and the resources that use it.",
					m.key, name, line, column)
			}
			t.extensions[strings.ToLower(m.key)] = true
		}
	}
	return nil
}

// checkExtension wants the extension that a resource names to be declared.
func (t *Template) checkExtension(r *resource) error {
	for _, key := range []string{"import", "extension"} {
		n := r.node.get(key)
		if n == nil {
			continue
		}
		if name, ok := n.literal(); !ok || !t.extensions[strings.ToLower(name)] {
			return t.fail(n, "resources", "The template resource '%s' names the extension '%v', which the template does not declare.", describe(r), n.raw())
		}
	}
	return nil
}

// onlyIfNew reports that the resource is left alone when it is there already.
func (r *resource) onlyIfNew() bool {
	n := r.node.get("@options").get("onlyIfNotExists")
	return n != nil && n.value == true
}

// checkOptions refuses the options of a resource that are not known, as ignoring one would do what the author did not want.
func (t *Template) checkOptions(r *resource) error {
	n := r.node.get("@options")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "resources", "The property '@options' of the template resource '%s' is of type '%s', expected is 'Object'.", describe(r), n.kindName())
	}
	for i := range n.members() {
		m := &n.members()[i]
		if !strings.EqualFold(m.key, "onlyIfNotExists") {
			return t.fail(&m.val, "resources", "The option '%s' of the template resource '%s' is not supported: only 'onlyIfNotExists' is.", m.key, describe(r))
		}
		if m.val.kind != lenient.Bool {
			return t.fail(&m.val, "resources", "The option 'onlyIfNotExists' of the template resource '%s' is of type '%s', expected is 'Boolean'.", describe(r), m.val.kindName())
		}
	}
	return nil
}
