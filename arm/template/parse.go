package template

import (
	"bytes"
	"hash/maphash"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// Limits bound a template. Zero fields mean Azure's: 4 MB, 256 parameters, 256 variables, 800 resources after the
// expansion of loops, 64 outputs.
type Limits struct {
	Bytes      int
	Parameters int
	Variables  int
	Resources  int
	Outputs    int
}

func (l Limits) filled() Limits {
	for field, value := range map[*int]int{&l.Bytes: 4 << 20, &l.Parameters: 256, &l.Variables: 256, &l.Resources: 800, &l.Outputs: 64} {
		if *field == 0 {
			*field = value
		}
	}
	return l
}

// Level is what a template deploys to, by its $schema.
type Level string

// The levels.
const (
	LevelGroup           Level = "ResourceGroup"
	LevelSubscription    Level = "Subscription"
	LevelManagementGroup Level = "ManagementGroup"
	LevelTenant          Level = "Tenant"
)

var levels = map[string]Level{
	"deploymenttemplate.json":                LevelGroup,
	"subscriptiondeploymenttemplate.json":    LevelSubscription,
	"managementgroupdeploymenttemplate.json": LevelManagementGroup,
	"tenantdeploymenttemplate.json":          LevelTenant,
}

// LevelOf is the level of a scope; a template is deployed to scopes of its own level.
func LevelOf(scope azure.ResourceID) Level {
	switch {
	case scope.ResourceGroup != "":
		return LevelGroup
	case scope.Subscription != "":
		return LevelSubscription
	case strings.EqualFold(scope.Type(), "Microsoft.Management/managementGroups"):
		return LevelManagementGroup
	}
	return LevelTenant
}

// Template is a template that was read and checked as far as that goes without parameters.
type Template struct {
	src        *source
	root       *node
	limits     Limits
	level      Level
	symbolic   bool // languageVersion 2.0: resources by symbolic name
	parameters []*parameter
	byName     map[string]*parameter // lower case
	variables  map[string]*variable  // lower case
	functions  map[string]*userFunction
	types      map[*node]*schema // of the definitions
	extensions map[string]bool   // aliases, lower case
	resources  []*resource
	outputs    []*output
	hash       func() string
}

// variable is one member of variables, or one loop at its top.
type variable struct {
	name string
	node *node // the value, or the loop {name, count, input}
	loop bool
}

// Level is what the template deploys to.
func (t *Template) Level() Level { return t.level }

// Hash is the templateHash: equal for templates that differ in white space and comments only.
func (t *Template) Hash() string { return t.hash() }

// JSON is the template as it was given, as standard JSON without comments.
func (t *Template) JSON() []byte { return expr.AppendJSON(nil, t.root.raw()) }

// Parse reads a template: JSON with comments, unquoted keys and line breaks in strings allowed. Errors: InvalidTemplate, and
// JobSizeExceeded for one that is too large.
func Parse(data []byte, limits Limits) (*Template, error) {
	limits = limits.filled()
	if len(data) > limits.Bytes {
		return nil, azure.Errorf(azure.Invalid, azure.CodeJobSizeExceeded,
			"Deployment template validation failed: 'The template is %d bytes long, the limit is %d. Split it into linked templates.'.", len(data), limits.Bytes)
	}
	root, err := lenient.Make(data, &builder{seed: maphash.MakeSeed()})
	if err != nil {
		return nil, unreadable(err)
	}
	return parseTemplate(newSource(data), &root, limits)
}

var topMembers = map[string]bool{
	"$schema": true, "languageversion": true, "contentversion": true, "apiprofile": true, "metadata": true, "definitions": true,
	"parameters": true, "variables": true, "functions": true, "resources": true, "outputs": true, "asserts": true,
	"extensions": true, "imports": true,
}

// versions are the language versions; those with symbolic names match the group.
var versions = regexp.MustCompile(`^(?:1\.0|(2\.0|2\.\d+-experimental|1\.(?:9|10)-experimental))$`)

var versionPattern = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)

// parseTemplate reads a template, or one nested in another.
func parseTemplate(src *source, root *node, limits Limits) (*Template, error) {
	t := &Template{src: src, root: root, limits: limits, byName: map[string]*parameter{},
		variables: map[string]*variable{}, functions: map[string]*userFunction{}, types: map[*node]*schema{}, extensions: map[string]bool{}}
	t.hash = sync.OnceValue(func() string { return strconv.FormatUint(expr.Hash(bytes.ToUpper(t.JSON())), 10) })
	for _, step := range []func() error{
		t.readTop, t.readExtensions, t.readDefinitions, t.readFunctions, t.readParameters, t.readVariables, t.readResources, t.readOutputs, t.readAsserts,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// fail is [source.invalid] for a member of this template.
func (t *Template) fail(n *node, path, format string, args ...any) error {
	return t.src.invalid(n.off(), "properties.template."+path, format, args...)
}

func (t *Template) readTop() error {
	if t.root.kind != lenient.Object {
		return t.fail(t.root, "", "The template is of type '%s', expected is 'Object'", t.root.kindName())
	}
	for i := range t.root.members() {
		if m := &t.root.members()[i]; !topMembers[strings.ToLower(m.key)] {
			line, column := t.src.position(m.val.off())
			return t.fail(&m.val, m.key, "Could not find member '%s' on object of type 'Template'. Path '%s', line %d, position %d.", m.key, m.key, line, column)
		}
	}
	for _, key := range []string{"$schema", "contentVersion", "resources"} {
		if t.root.get(key) == nil {
			return t.fail(t.root, key, "Required property '%s' not found in JSON. Path '', line 1, position 1.", key)
		}
	}
	schema, _ := t.root.get("$schema").literal()
	file := strings.TrimSuffix(strings.ToLower(schema), "#")
	level, ok := levels[file[strings.LastIndexByte(file, '/')+1:]]
	if !ok {
		return t.fail(t.root.get("$schema"), "$schema", "The template schema '%s' is not supported. Use https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json# or its likes for subscription, management group and tenant.", schema)
	}
	t.level = level
	if v, ok := t.root.get("contentVersion").literal(); !ok || !versionPattern.MatchString(v) {
		return t.fail(t.root.get("contentVersion"), "contentVersion", "The template contentVersion '%v' is not valid: it has the form '1.0.0.0'.", t.root.get("contentVersion").raw())
	}
	if n := t.root.get("languageVersion"); n != nil {
		v, _ := n.literal()
		version := versions.FindStringSubmatch(v)
		if version == nil {
			return t.fail(n, "languageVersion", "The template language version '%v' is not supported: use '1.0', '2.0' or '2.x-experimental'.", n.raw())
		}
		t.symbolic = version[1] != ""
	}
	return nil
}

func (t *Template) readVariables() error {
	n := t.root.get("variables")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "variables", "The template variables are of type '%s', expected is 'Object'.", n.kindName())
	}
	for i := range n.members() {
		m := &n.members()[i]
		if m.code != nil {
			return t.fail(&m.val, "variables", "The name of the template variable '%s' must be literal.", m.key)
		}
		if isLoop(m.key, &m.val) {
			for j := range m.val.elems() {
				loop := &m.val.elems()[j]
				name, ok := loop.get("name").literal()
				if !ok {
					return t.fail(loop, "variables.copy", "The name of a variable loop must be a literal string.")
				}
				if err := t.addVariable(&variable{name: name, node: loop, loop: true}); err != nil {
					return err
				}
			}
		} else if err := t.addVariable(&variable{name: m.key, node: &m.val}); err != nil {
			return err
		}
		if err := t.check(&m.val, siteVariable, "template variable '"+m.key+"'"); err != nil {
			return err
		}
	}
	if len(t.variables) > t.limits.Variables {
		return t.fail(n, "variables", "The number of template variables limit exceeded. Limit: '%d' and actual: '%d'.", t.limits.Variables, len(t.variables))
	}
	return nil
}

func (t *Template) addVariable(v *variable) error {
	key := strings.ToLower(v.name)
	if t.variables[key] != nil {
		return t.fail(v.node, "variables."+v.name, "The template variable '%s' is defined twice.", v.name)
	}
	t.variables[key] = v
	return nil
}

// site says which functions may stand in a place.
type site struct {
	runtime, fresh bool     // may reference() and list...(); newGuid() and utcNow() stand here
	own            bool     // may target(), the resource itself as it was before, stand here
	inFunction     bool     // in a user function, which may call others by language version 2.0 only
	not            []string // functions that may not
}

var (
	siteDefault  = site{fresh: true, not: []string{"variables", "copyindex"}}
	siteVariable = site{}
	siteName     = site{}
	siteValue    = site{runtime: true}
	siteOwn      = site{runtime: true, own: true}
	siteFunction = site{inFunction: true, not: []string{"variables", "copyindex", "resourceinfo", "deployment"}}
)

// check goes through the expressions of n: they parse, their functions exist, take so many arguments and may stand here.
// what names the place in messages.
func (t *Template) check(n *node, at site, what string) error {
	return n.visit(func(off int, c *code) error {
		if c.plain && at.not == nil {
			return nil
		}
		bad := c.bad
		if bad == nil {
			expr.Walk(c.node, func(n expr.Node) {
				if call, ok := n.(*expr.Call); ok && bad == nil {
					bad = t.checkCall(call, at)
				}
			})
		}
		if bad != nil {
			return t.src.misplaced(off, what, bad)
		}
		return nil
	})
}

func (t *Template) checkCall(call *expr.Call, at site) error {
	if err := expr.Check(call); err != nil {
		return err
	}
	class := call.Class()
	misplaced := class == expr.Runtime && !at.runtime || class == expr.Fresh && !at.fresh || class == expr.Input ||
		class == expr.Runtime && !at.own && strings.EqualFold(call.Name, "target")
	for _, name := range at.not {
		misplaced = misplaced || call.Namespace == "" && strings.EqualFold(call.Name, name)
	}
	if misplaced {
		return expr.Errorf("The template function '%s' is not expected at this location. Please see https://aka.ms/arm-functions for usage details.", call.Name)
	}
	if class == expr.User {
		fn := t.functions[strings.ToLower(call.Namespace+"."+call.Name)]
		if fn == nil {
			return expr.Errorf("The template function '%s.%s' is not valid. Please see https://aka.ms/arm-functions for usage details.", call.Namespace, call.Name)
		}
		if at.inFunction && !t.symbolic {
			return expr.Errorf("The template function '%s.%s' is called by another function, which needs \"languageVersion\": \"2.0\".", call.Namespace, call.Name)
		}
		if len(call.Args) != len(fn.parameters) {
			return expr.Errorf("Unable to evaluate template function '%s.%s': function requires %d argument(s) while %d were provided.", call.Namespace, call.Name, len(fn.parameters), len(call.Args))
		}
	}
	return nil
}
