package template

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// parameter is a declared parameter.
type parameter struct {
	name         string
	node         *node
	schema       *schema
	defaultValue *node // nil: none
	secure       bool
}

// Declaration describes a parameter for tools that ask for values.
type Declaration struct {
	Name        string
	Type        string // as in stored deployments: String, SecureString, Int, Bool, Object, SecureObject, Array
	Secure      bool   // values are never shown
	Required    bool   // it has no default value and cannot be null
	Description string // metadata.description
}

// Declarations are the parameters of the template in their order.
func (t *Template) Declarations() []Declaration {
	out := make([]Declaration, len(t.parameters))
	for i, p := range t.parameters {
		description, _ := p.node.get("metadata").get("description").literal()
		out[i] = Declaration{p.name, t.typeName(p.schema), p.secure, p.defaultValue == nil && !t.optional(p.schema), description}
	}
	return out
}

var parameterMembers = map[string]bool{
	"type": true, "$ref": true, "defaultvalue": true, "allowedvalues": true, "minvalue": true, "maxvalue": true, "minlength": true,
	"maxlength": true, "metadata": true, "nullable": true, "items": true, "prefixitems": true, "properties": true,
	"additionalproperties": true, "discriminator": true, "pattern": true,
}

func (t *Template) readParameters() error {
	n := t.root.get("parameters")
	if n == nil {
		return nil
	}
	if n.kind != lenient.Object {
		return t.fail(n, "parameters", "The template parameters are of type '%s', expected is 'Object'.", n.kindName())
	}
	if len(n.members()) > t.limits.Parameters {
		return t.fail(n, "parameters", "The number of template parameters limit exceeded. Limit: '%d' and actual: '%d'.", t.limits.Parameters, len(n.members()))
	}
	for i := range n.members() {
		m := &n.members()[i]
		path := "parameters." + m.key
		if m.code != nil {
			return t.fail(&m.val, path, "The name of the template parameter '%s' must be literal.", m.key)
		}
		for j := range m.val.members() {
			if member := &m.val.members()[j]; !parameterMembers[strings.ToLower(member.key)] {
				line, column := t.src.position(member.val.off)
				return t.fail(&member.val, path, "Could not find member '%s' on object of type 'TemplateInputParameter'. Path '%s.%s', line %d, position %d.", member.key, path, member.key, line, column)
			}
		}
		s, err := t.readSchema(&m.val, 0)
		if err != nil {
			return err
		}
		if s.ref != "" && !t.symbolic {
			return t.fail(&m.val, path, "The template parameter '%s' refers to a type definition, which needs \"languageVersion\": \"2.0\".", m.key)
		}
		p := &parameter{name: m.key, node: &m.val, schema: s, defaultValue: m.val.member("defaultValue"), secure: t.isSecure(s)}
		if t.byName[strings.ToLower(m.key)] != nil {
			return t.fail(&m.val, path, "The template parameter '%s' is defined twice.", m.key)
		}
		t.parameters = append(t.parameters, p)
		t.byName[strings.ToLower(m.key)] = p
		if err := t.check(p.defaultValue, siteDefault, "template parameter '"+m.key+"'"); err != nil {
			return err
		}
	}
	return nil
}

// Arguments are the parameters of a deployment request. They are not safe for concurrent use.
type Arguments struct {
	src  *source
	list []*argument
}

type argument struct {
	name      string
	off       int
	value     any
	reference *SecretReference
	secret    azure.Secret
	resolved  bool
}

// SecretReference is a parameter whose value is a secret of a vault.
type SecretReference struct {
	Parameter string
	Vault     azure.ResourceID
	Secret    string // its name
	Version   string // "" means the current one
}

// ParseArguments reads the parameters of a request, {"p": {"value": …}, "q": {"reference": {…}}}, or a whole parameter
// file. Nothing in them is evaluated. Empty data are no parameters. The error is InvalidRequestContent.
func ParseArguments(data []byte) (*Arguments, error) {
	a := &Arguments{src: newSource(data)}
	if len(strings.TrimSpace(string(data))) == 0 {
		return a, nil
	}
	tree, err := lenient.ParseTree(data)
	if err != nil {
		return nil, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The request content was invalid and could not be deserialized: '%v'.", err)
	}
	if tree.Kind() == lenient.Null {
		return a, nil
	}
	if tree.Kind() != lenient.Object {
		return nil, badContent(a.src, tree.Offset(), "The parameters are no object. Path 'parameters'")
	}
	if inner, ok := parameterFile(tree); ok {
		tree = inner
	}
	for i := range tree.Len() {
		name, value := tree.Member(i)
		arg, err := a.read(name, value)
		if err != nil {
			return nil, err
		}
		a.list = append(a.list, arg)
	}
	return a, nil
}

// parameterFile gives what is inside a parameter file.
func parameterFile(t lenient.Tree) (lenient.Tree, bool) {
	isFile := false
	var inner lenient.Tree
	for i := range t.Len() {
		switch key, v := t.Member(i); {
		case strings.EqualFold(key, "$schema") && v.Kind() == lenient.String:
			isFile = true
		case strings.EqualFold(key, "parameters") && v.Kind() == lenient.Object:
			inner = v
		}
	}
	return inner, isFile && inner != lenient.Tree{}
}

func (a *Arguments) read(name string, t lenient.Tree) (*argument, error) {
	arg := &argument{name: name, off: t.Offset()}
	if t.Kind() != lenient.Object {
		return nil, badContent(a.src, arg.off, "Error converting value to type 'DeploymentParameter': write {\"value\": ...}. Path 'parameters.%s'", name)
	}
	for i := range t.Len() {
		key, v := t.Member(i)
		switch strings.ToLower(key) {
		case "value":
			arg.value = expr.FromTree(v)
		case "reference":
			if v.Kind() == lenient.Null {
				continue
			}
			ref, err := a.reference(name, v)
			if err != nil {
				return nil, err
			}
			arg.reference = ref
		case "metadata", "type": // stored deployments show the type; giving one back is harmless
		default:
			return nil, badContent(a.src, v.Offset(), "Could not find member '%s' on object of type 'DeploymentParameter'. Path 'parameters.%s.%s'", key, name, key)
		}
	}
	if arg.reference != nil && arg.value != nil {
		return nil, badContent(a.src, arg.off, "The parameter '%s' has both a value and a reference. Path 'parameters.%s'", name, name)
	}
	return arg, nil
}

func (a *Arguments) reference(parameter string, t lenient.Tree) (*SecretReference, error) {
	path := "parameters." + parameter + ".reference"
	ref := &SecretReference{Parameter: parameter}
	o, _ := expr.FromTree(t).(*expr.Object)
	if o == nil {
		return nil, badContent(a.src, t.Offset(), "Error converting value to type 'KeyVaultParameterReference'. Path '%s'", path)
	}
	for i := range o.Len() {
		switch key, _ := o.At(i); strings.ToLower(key) {
		case "keyvault", "secretname", "secretversion":
		default:
			return nil, badContent(a.src, t.Offset(), "Could not find member '%s' on object of type 'KeyVaultParameterReference'. Path '%s.%s'", key, path, key)
		}
	}
	ref.Secret, ref.Version = o.Text("secretName"), o.Text("secretVersion")
	vault, _ := o.Get("keyVault")
	v, _ := vault.(*expr.Object)
	for i := 0; v != nil && i < v.Len(); i++ {
		if key, _ := v.At(i); !strings.EqualFold(key, "id") {
			return nil, badContent(a.src, t.Offset(), "Could not find member '%s' on object of type 'KeyVaultReference'. Path '%s.keyVault.%s'", key, path, key)
		}
	}
	if v.Text("id") == "" || ref.Secret == "" {
		return nil, badContent(a.src, t.Offset(), "A Key Vault reference needs 'keyVault.id' and 'secretName'. Path '%s'", path)
	}
	var err error
	if ref.Vault, err = azure.ParseID(v.Text("id")); err != nil || !strings.EqualFold(ref.Vault.Type(), "Microsoft.KeyVault/vaults") {
		return nil, badContent(a.src, t.Offset(), "The id '%s' is not the resource id of a key vault. Path '%s.keyVault.id'", v.Text("id"), path)
	}
	return ref, nil
}

// References are the secrets the caller has to fetch and hand in by [Arguments.Resolve] before [Bind].
func (a *Arguments) References() []SecretReference {
	var out []SecretReference
	for _, arg := range a.list {
		if arg.reference != nil {
			out = append(out, *arg.reference)
		}
	}
	return out
}

// Resolve hands in the secret a parameter refers to.
func (a *Arguments) Resolve(parameter string, value azure.Secret) {
	for _, arg := range a.list {
		if arg.reference != nil && strings.EqualFold(arg.name, parameter) {
			arg.secret, arg.resolved = value, true
		}
	}
}

func (a *Arguments) find(name string) *argument {
	if a == nil {
		return nil
	}
	for _, arg := range a.list {
		if strings.EqualFold(arg.name, name) {
			return arg
		}
	}
	return nil
}
