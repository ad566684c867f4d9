package argument

import (
	"fmt"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// Set is the parameters of a request. It is not safe for concurrent use.
type Set struct {
	data   []byte
	list   []*Argument
	inputs map[string]any // external inputs, by name in lower case
}

// Argument is one parameter of a request.
type Argument struct {
	Name      string
	Reference *Reference // nil unless it is a secret of a vault

	off      int
	value    any
	code     expr.Node // of an expression
	secret   azure.Secret
	resolved bool
}

// Reference says that the value of a parameter is a secret of a vault.
type Reference struct {
	Parameter string
	Vault     azure.ResourceID
	Secret    string // its name
	Version   string // "" means the current one
}

// maxBytes is how many bytes the parameters of a request may have.
const maxBytes = 4 << 20

// Parse reads the parameters of a request, {"p": {"value": …}, "q": {"reference": {…}}, "r": {"expression": "[…]"}},
// or a whole parameter file. Expressions are checked here and evaluated by [Set.Value]; nothing else is. Empty data are no
// parameters. Errors: InvalidRequestContent, and JobSizeExceeded for more than 4 MB.
func Parse(data []byte) (*Set, error) {
	if len(data) > maxBytes {
		return nil, azure.Errorf(azure.Invalid, azure.CodeJobSizeExceeded,
			"The parameters are %d bytes long, the limit is %d. Hand large values in by other means, such as files the containers fetch.", len(data), maxBytes)
	}
	a := &Set{data: data}
	if len(strings.TrimSpace(string(data))) == 0 {
		return a, nil
	}
	tree, err := lenient.ParseTree(data)
	if err != nil {
		return nil, unreadable(err)
	}
	if tree.Kind() == lenient.Null {
		return a, nil
	}
	if tree.Kind() != lenient.Object {
		return nil, a.bad(tree.Offset(), "The parameters are no object. Path 'parameters'")
	}
	if inner, inputs, ok := parameterFile(tree); ok {
		if err := a.setInputs(inputs); err != nil {
			return nil, err
		}
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

// parameterFile gives the parameters and the external inputs inside a parameter file; inputs may be the zero Tree.
func parameterFile(t lenient.Tree) (parameters, inputs lenient.Tree, ok bool) {
	isFile := false
	for i := range t.Len() {
		switch key, v := t.Member(i); {
		case strings.EqualFold(key, "$schema") && v.Kind() == lenient.String:
			isFile = true
		case strings.EqualFold(key, "parameters") && v.Kind() == lenient.Object:
			parameters = v
		case strings.EqualFold(key, "externalInputs") && v.Kind() == lenient.Object:
			inputs = v
		}
	}
	return parameters, inputs, isFile && parameters != lenient.Tree{}
}

func (a *Set) read(name string, t lenient.Tree) (*Argument, error) {
	arg := &Argument{Name: name, off: t.Offset()}
	if t.Kind() != lenient.Object {
		return nil, a.bad(arg.off, "Error converting value to type 'DeploymentParameter': write {\"value\": ...}. Path 'parameters.%s'", name)
	}
	for i := range t.Len() {
		key, v := t.Member(i)
		switch strings.ToLower(key) {
		case "value":
			arg.value = expr.FromTree(v)
		case "expression":
			if v.Kind() == lenient.Null {
				continue
			}
			var err error
			if arg.code, err = a.expression(name, v); err != nil {
				return nil, err
			}
		case "reference":
			if v.Kind() == lenient.Null {
				continue
			}
			ref, err := a.reference(name, v)
			if err != nil {
				return nil, err
			}
			arg.Reference = ref
		case "metadata", "type": // stored deployments show the type; giving one back is harmless
		default:
			return nil, a.bad(v.Offset(), "Could not find member '%s' on object of type 'DeploymentParameter'. Path 'parameters.%s.%s'", key, name, key)
		}
	}
	if arg.Reference != nil && arg.value != nil || arg.code != nil && (arg.value != nil || arg.Reference != nil) {
		return nil, a.bad(arg.off, "The parameter '%s' has more than one of 'value', 'reference' and 'expression'. Path 'parameters.%s'", name, name)
	}
	return arg, nil
}

func (a *Set) reference(parameter string, t lenient.Tree) (*Reference, error) {
	path := "parameters." + parameter + ".reference"
	ref := &Reference{Parameter: parameter}
	o, _ := expr.FromTree(t).(*expr.Object)
	if o == nil {
		return nil, a.bad(t.Offset(), "Error converting value to type 'KeyVaultParameterReference'. Path '%s'", path)
	}
	for i := range o.Len() {
		switch key, _ := o.At(i); strings.ToLower(key) {
		case "keyvault", "secretname", "secretversion":
		default:
			return nil, a.bad(t.Offset(), "Could not find member '%s' on object of type 'KeyVaultParameterReference'. Path '%s.%s'", key, path, key)
		}
	}
	ref.Secret, ref.Version = o.Text("secretName"), o.Text("secretVersion")
	vault, _ := o.Get("keyVault")
	v, _ := vault.(*expr.Object)
	for i := 0; v != nil && i < v.Len(); i++ {
		if key, _ := v.At(i); !strings.EqualFold(key, "id") {
			return nil, a.bad(t.Offset(), "Could not find member '%s' on object of type 'KeyVaultReference'. Path '%s.keyVault.%s'", key, path, key)
		}
	}
	if v.Text("id") == "" || ref.Secret == "" {
		return nil, a.bad(t.Offset(), "A Key Vault reference needs 'keyVault.id' and 'secretName'. Path '%s'", path)
	}
	var err error
	if ref.Vault, err = azure.ParseID(v.Text("id")); err != nil || !strings.EqualFold(ref.Vault.Type(), "Microsoft.KeyVault/vaults") {
		return nil, a.bad(t.Offset(), "The id '%s' is not the resource id of a key vault. Path '%s.keyVault.id'", v.Text("id"), path)
	}
	return ref, nil
}

// References are the secrets the caller has to fetch and hand in by [Set.Resolve] before the values are asked for.
func (a *Set) References() []Reference {
	var out []Reference
	for _, arg := range a.list {
		if arg.Reference != nil {
			out = append(out, *arg.Reference)
		}
	}
	return out
}

// Resolve hands in the secret a parameter refers to.
func (a *Set) Resolve(parameter string, value azure.Secret) {
	for _, arg := range a.list {
		if arg.Reference != nil && strings.EqualFold(arg.Name, parameter) {
			arg.secret, arg.resolved = value, true
		}
	}
}

// Find gives the argument of that name in any case; nil when there is none, and for a nil Set.
func (a *Set) Find(name string) *Argument {
	if a == nil {
		return nil
	}
	for _, arg := range a.list {
		if strings.EqualFold(arg.Name, name) {
			return arg
		}
	}
	return nil
}

// Names are the names of the arguments in their order.
func (a *Set) Names() []string {
	if a == nil {
		return nil
	}
	out := make([]string, len(a.list))
	for i, arg := range a.list {
		out[i] = arg.Name
	}
	return out
}

// Secret is the secret handed in for a reference. ok is false before.
func (arg *Argument) Secret() (value azure.Secret, ok bool) { return arg.secret, arg.resolved }

// bad says that the request's parameters cannot be read.
func (a *Set) bad(off int, format string, args ...any) error {
	line, column := lenient.Position(a.data, off)
	return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent,
		"The request content was invalid and could not be deserialized: '%s, line %d, position %d.'.", fmt.Sprintf(format, args...), line, column)
}

// unreadable makes the error of parameters that are no JSON.
func unreadable(err error) error {
	return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The request content was invalid and could not be deserialized: '%v'.", err)
}
