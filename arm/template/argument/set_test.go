package argument_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

const vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv"

// show is what was given, name by name.
func show(set *argument.Set) string {
	var parts []string
	for _, name := range set.Names() {
		arg := set.Find(strings.ToUpper(name))
		v, err := set.Value(arg, false)
		switch secret, ok := arg.Secret(); {
		case err != nil:
			v = err.Error()
		case ok:
			v = "secret " + secret.Reveal()
		case arg.Reference != nil:
			v = fmt.Sprintf("%s of %s, %q", arg.Reference.Secret, arg.Reference.Vault.Name(), arg.Reference.Version)
		}
		parts = append(parts, name+"="+string(expr.AppendJSON(nil, v)))
	}
	return strings.Join(parts, " ")
}

func TestForms(t *testing.T) {
	for _, c := range []struct{ text, inputs, want string }{
		{``, ``, ""}, {` null `, `null`, ""}, {`{}`, `{}`, ""},
		{`{"a": {"value": "[not(evaluated)]"}, "b": {"value": null}, c: {"value": [1, 2.5]}, "d": {"type": "Int", "value": 1, "metadata": {}}, } // JSONC`, ``, `a="[not(evaluated)]" b=null c=[1,2.5] d=1`},
		{`{"$schema": "x", "contentVersion": "1.0.0.0", "parameters": {"a": {"value": 1}}}`, ``, `a=1`},
		{`{"parameters": {"value": 1}}`, ``, `parameters=1`},
		{`{"a": {"expression": "[format('{0}-{1}', externalInputs('x').y, externalInputs('Z'))]"}}`, `{"X": {"value": {"y": 1}}, "z": {"value": "w"}}`, `a="1-w"`},
		{`{"$schema": "x", "parameters": {"a": {"expression": "[externalInputs('x')]"}}, "externalInputDefinitions": {}, "externalInputs": {"x": {"value": true}}}`, ``, `a=true`},
		{`{"a": {"reference": {"keyVault": {"id": "` + vault + `"}, "secretName": "s", "secretVersion": "v"}}, "b": {"reference": {"keyVault": {"id": "` + vault + `"}, "secretName": "t"}}}`, ``, `a="secret hush" b="t of kv, \"\""`},
	} {
		set, err := argument.Parse([]byte(c.text))
		if err == nil {
			err = set.Inputs([]byte(c.inputs))
		}
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		set.Resolve("A", azure.NewSecret("hush"))
		if got := show(set); got != c.want {
			t.Errorf("%s gives %s, want %s", c.text, got, c.want)
		}
	}
	if got := show(nil); got != "" {
		t.Errorf("no arguments are %s", got)
	}
}

func TestRefused(t *testing.T) {
	ref := func(inner string) string { return `{"p": {"reference": ` + inner + `}}` }
	for _, c := range []struct{ body, want string }{
		{`{"p": 1}`, "write {\"value\": ...}"},
		{`{"p": {"valeu": 1}}`, "Could not find member 'valeu' on object of type 'DeploymentParameter'. Path 'parameters.p.valeu', line 1, position 17."},
		{ref(`{"keyVault": {"id": "x", "name": "n"}, "secretName": "s"}`), "Could not find member 'name' on object of type 'KeyVaultReference'"},
		{ref(`{"keyVault": {"id": "x"}, "secret": "s"}`), "Could not find member 'secret' on object of type 'KeyVaultParameterReference'"},
		{ref(`{"keyVault": {"id": "x"}, "secretName": "s"}`), "The id 'x' is not the resource id of a key vault"},
		{ref(`{"keyVault": {"id": "/subscriptions/s/resourceGroups/g/providers/A.B/c/d"}, "secretName": "s"}`), "is not the resource id of a key vault"},
		{ref(`{"secretName": "s"}`), "needs 'keyVault.id' and 'secretName'"},
		{`{"p": {"expression": "[x]"}}`, "expected token 'LeftParenthesis' and actual 'EndOfData' at position '1'. Path 'parameters.p.expression', line 1, position 22."},
		{`{"p": {"expression": "x"}}`, "must be a string in brackets"}, {`{"p": {"expression": "[parameters('q')]"}}`, "The template function 'parameters' is not expected at this location."},
		{`{"p": {"expression": "[concat('x')]", "value": 1}}`, "more than one of 'value', 'reference' and 'expression'"},
		{`[]`, "no object"}, {`{`, "could not be deserialized"},
		{ref(`[]`), "Error converting value to type 'KeyVaultParameterReference'. Path 'parameters.p.reference', line 1, position 21."},
	} {
		_, err := argument.Parse([]byte(c.body))
		refused(t, c.body, err, c.want)
	}
	for inputs, want := range map[string]string{
		`[]`: "The external inputs are no object", `{`: "could not be deserialized", "{\n\"x\": 1}": "write {\"value\": ...}. Path 'externalInputs.x', line 2, position 6.", `{"x": {"value": 1, "more": 2}}`: "write {\"value\": ...}",
	} {
		set, err := argument.Parse(nil)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, inputs, set.Inputs([]byte(inputs)), want)
	}
	set, err := argument.Parse([]byte(`{"p": {"expression": "[json(externalInputs('x'))]"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Inputs([]byte(`{"x": {"value": "hush"}}`)); err != nil {
		t.Fatal(err)
	}
	_, err = set.Value(set.Find("p"), false)
	refused(t, "a failing expression", err, "The provided value 'hush' cannot be parsed as JSON")
	_, err = set.Value(set.Find("p"), true)
	refused(t, "a failing expression of a secret", err, "are not shown")
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the secret is told: %v", err)
	}
}

func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	if !azure.HasCode(err, azure.CodeInvalidRequestContent) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: fails with\n%v\nwant InvalidRequestContent with %q", what, err, want)
	}
}

// Whatever a client sends is refused with InvalidRequestContent or read, and then every expression ends.
func FuzzSet(f *testing.F) {
	f.Add([]byte(`{"a": {"value": 1}, "b": {"expression": "[map(range(0, 999), lambda('x', range(0, 999)))]"}}`), []byte(`{"x": {"value": 1}}`))
	f.Add([]byte(`{"$schema": "x", "parameters": {"a": {"reference": {"keyVault": {"id": "`+vault+`"}, "secretName": "s"}}}}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, text, inputs []byte) {
		set, err := argument.Parse(text)
		if err == nil {
			err = set.Inputs(inputs)
		}
		if err != nil {
			refused(t, string(text), err, "")
			return
		}
		for _, name := range set.Names() {
			if _, err := set.Value(set.Find(name), false); err != nil {
				refused(t, string(text), err, "")
			}
		}
	})
}
