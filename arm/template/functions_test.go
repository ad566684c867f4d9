package template_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// row is a function in a place of a template: what it gives as JSON, or a part of its error after "!". After "!!" the error
// comes from the cloud and has no line and column.
type row struct{ place, call, want string }

// hostRows is the golden table of the functions that depend on the deployment. Those that follow from their arguments are in
// the table of package expr.
func hostRows() []row {
	id := group + "/providers/A.B/c/"
	mg := "/providers/Microsoft.Management/managementGroups/mg"
	return []row{
		{"output", "parameters('P').k[1]", `2`}, {"output", "parameters('no')", "!The template parameter 'no' is not found."}, {"output", "parameters(1)", "!expects its parameter to be a string"},
		{"output", "variables('V')", `"v"`}, {"output", "variables('no')", "!The template variable 'no' is not found."}, {"output", "variables(null())", "!expects its parameter to be a string"},
		{"property", "copyIndex()", `1`}, {"property", "copyIndex(5)", `6`}, {"property", "copyIndex('Loop')", `1`}, {"property", "copyIndex('loop', 2)", `3`}, {"property", "copyIndex('other')", "!does not know the loop 'other'"},
		{"property", "copyIndex('loop', 'x')", "!expects the name of a loop and an integer offset"}, {"output", "copyIndex()", "!The template function 'copyIndex' is not expected at this location."},
		{"output", "deployment().name", `"dep"`}, {"output", "deployment().properties.mode", `"Incremental"`}, {"output", "deployment().properties.parameters.p.value.k[0]", `1`}, {"output", "deployment(1)", "!function requires 0 argument(s)"}, {"output", "deployment().location", "!property 'location' doesn't exist"},
		{"output", "deployer().objectId", `"me"`}, {"output", "deployer().nothing", "!property 'nothing' doesn't exist, available properties are 'objectId, tenantId'"},
		{"output", "environment().suffixes.acrLoginServer", `".azurecr.io"`}, {"output", "environment('x')", "!function requires 0 argument(s)"},
		{"output", "resourceGroup().tags.A", `"b"`}, {"mg", "resourceGroup()", "!The template function 'resourceGroup' is not expected at this location: a deployment to '" + mg + "' has none."},
		{"output", "subscription().subscriptionId", `"` + sub + `"`}, {"mg", "subscription().id", "!The template function 'subscription' is not expected at this location"},
		{"mg", "managementGroup().name", `"mg"`}, {"output", "managementGroup()", "!The template function 'managementGroup' is not expected at this location"},
		{"output", "tenant().tenantId", `"t"`}, {"output", "tenant('x')", "!function requires 0 argument(s)"},
		{"output", "providers('A.B').namespace", `"A.B"`}, {"output", "providers('A.B', 'C').apiVersions[0]", `"2020-01-01"`}, {"output", "providers('A.B', 'no')", "!The resource type 'no' is not defined in the namespace 'A.B'."}, {"output", "providers(1)", "!expects its parameters to be strings"}, {"output", "providers('X.Y')", "!!no namespace X.Y"},
		{"output", "resourceId('A.B/c', 'x')", `"` + id + `x"`}, {"output", "resourceId('A.B/c/d', 'x')", "!the type 'A.B/c/d' requires '2' resource name argument(s)"}, {"output", "resourceId('x', 'y')", "!the type of resource must be given as 'Namespace/type'"}, {"output", "resourceId('A.B/c', 1)", "!expects its parameters to be strings"},
		{"output", "subscriptionResourceId('A.B/c', 'x')", `"/subscriptions/` + sub + `/providers/A.B/c/x"`}, {"output", "subscriptionResourceId('a', 'b', 'A.B/c', 'x')", "!the type of resource must be given as 'Namespace/type'"},
		{"mg", "managementGroupResourceId('A.B/c', 'x')", `"` + mg + `/providers/A.B/c/x"`}, {"output", "managementGroupResourceId('other', 'A.B/c', 'x')", `"/providers/Microsoft.Management/managementGroups/other/providers/A.B/c/x"`}, {"mg", "managementGroupResourceId('A.B/c')", "!function requires at least 2 argument(s)"},
		{"output", "resourceInfo('sym')", `{"id":"` + id + `r","name":"r","type":"A.B/c","apiVersion":"2020-01-01"}`}, {"output", "resourceInfo('no')", "!does not know the symbolic name 'no'"}, {"output", "resourceInfo(1)", "!expects its parameters to be strings"},
		{"output", "reference('sym').x", `"there"`}, {"output", "reference('sym', '2020-01-01', 'Full').location", `"west"`}, {"output", "reference('sym', '2020-01-01', 'Some')", "!expects parameter 3 to be 'Full'. The provided value is 'Some'"}, {"output", "reference('no')", "!could not find template resource or resource copy with this name"},
		{"output", "reference('" + id + "gone', '2020-01-01')", "!!was not found"}, {"output", "reference('" + id + "gone')", "!so the API version must be given"}, {"output", "reference('/x', '2020-01-01')", "!it is no resource id"}, {"output", "reference(1)", "!expects its parameters to be strings. Parameter 1 is of type 'Integer'"},
		{"output", "map(references('many'), lambda('r', lambdaVariables('r').x))", `["m0","m1"]`}, {"output", "references('many', 'full')[1].name", `"m1"`}, {"output", "references('no')", "!could not find template resource or resource copy"}, {"output", "references('many', 'some')", "!expects parameter 2 to be 'Full' or 'Properties'"},
		{"output", "listKeys('sym', '2020-01-01').passwords[0].value", `"p-r-listKeys-2020-01-01"`}, {"output", "list('sym', '2020-01-01').username", `"u"`}, {"output", "listAccountSas('sym', '2020-01-01', createObject('a', 1)).passwords[0].value", `"p-r-listAccountSas-2020-01-01{\"a\":1}"`},
		{"output", "listKeys('sym')", "!function requires 2 to 3 argument(s) while 1 were provided"}, {"output", "listKeys('sym', 1)", "!expects a resource and an API version, both strings"}, {"output", "listKeys('" + id + "r', '2020-01-01').no", "!property 'no' doesn't exist"},
		{"property", "target().x", `"m1"`}, {"property", "target('full').name", `"m1"`}, {"property", "target('EXISTS')", `true`}, {"absent", "target('exists')", `false`}, {"absent", "target()", `null`}, {"property", "target('some')", "!expects its parameter to be 'full' or 'exists'"}, {"output", "target()", "!The template function 'target' is not expected at this location."},
		{"default", "newGuid()", `"fresh"`}, {"default", "newGuid(1)", "!function requires 0 argument(s)"}, {"output", "newGuid()", "!The template function 'newGuid' is not expected at this location."},
		{"default", "utcNow()", `"20261123T140506Z"`}, {"default", "utcNow('d')", `"11/23/2026"`}, {"default", "utcNow('q')", "!does not know the format 'q'"}, {"default", "utcNow(1)", "!expects its parameter to be a string"}, {"output", "utcNow()", "!The template function 'utcNow' is not expected at this location."},
		{"argument", "externalInputs('one').deep", `"in"`}, {"argument", "externalInputs('two')", "!!The external input 'two' is not provided. Send its value as 'externalInputs.two.value'. Path 'parameters.p.expression', line 1, position 6."}, {"argument", "externalInputs(1)", "!!expects its parameter to be a string"}, {"output", "externalInputs('one')", "!The template function 'externalInputs' is not expected at this location."},
		{"output", "ns.twice('x')", `"xx"`}, {"output", "NS.Twice(1)", "!the argument for the parameter 's' is not valid"}, {"output", "ns.twice()", "!function requires 1 argument(s) while 0 were provided"}, {"output", "ns.no()", "!The template function 'ns.no' is not valid."}, {"output", "ns.wrong()", "!its output is not valid: Template parameter JToken type is not valid. Expected 'Integer'"},
	}
}

// run evaluates a row and gives the text of the template.
func (r row) run(t *testing.T) (value, text string, err error) {
	c := context1(t)
	c.Deployer, c.Tenant = map[string]any{"objectId": "me", "tenantId": "t"}, map[string]any{"tenantId": "t"}
	c.Environment = map[string]any{"suffixes": map[string]string{"acrLoginServer": ".azurecr.io"}}
	c.Provider = func(namespace string) (any, error) {
		if namespace != "A.B" {
			return nil, azure.Errorf(azure.NotFound, azure.CodeInvalidTemplate, "no namespace %s", namespace)
		}
		return json.RawMessage(`{"namespace": "A.B", "resourceTypes": [{"resourceType": "c", "apiVersions": ["2020-01-01"]}]}`), nil
	}
	arguments, quoted := "", fmt.Sprintf("%q", "["+r.call+"]")
	at := map[string]string{"output": "0", "default": "0", "property": "0"}
	place := r.place
	switch r.place {
	case "mg":
		c.Scope, c.ResourceGroup, c.Subscription = mustID(t, "/providers/Microsoft.Management/managementGroups/mg"), nil, nil
		c.ManagementGroup = map[string]any{"name": "mg"}
		place = "output"
	case "absent":
		place = "property"
	case "argument":
		arguments = `{"p":{"expression":` + quoted + `}}`
	}
	at[place] = quoted
	text = `{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "languageVersion": "2.0",
	"functions": [{"namespace": "ns", "members": {
		"twice": {"parameters": [{"name": "s", "type": "string"}], "output": {"type": "string", "value": "[concat(parameters('s'), parameters('s'))]"}},
		"wrong": {"output": {"type": "int", "value": "x"}}}}],
	"parameters": {"p": {"type": "object", "defaultValue": {"k": [1, 2], "d":
		` + at["default"] + `}}},
	"variables": {"v": "v"},
	"resources": {
		"sym": {"type": "A.B/c", "apiVersion": "2020-01-01", "name": "r"},
		"many": {"type": "A.B/c", "apiVersion": "2020-01-01", "name": "[format('m{0}', copyIndex())]", "copy": {"name": "loop", "count": 2}, "properties": {"x":
			` + at["property"] + `}}},
	"outputs": {"o": {"type": "object", "value": {"x":  ` + at["output"] + `}}, "p": {"type": "object", "value": "[parameters('p')]"}}}`
	if r.place == "argument" {
		text = strings.Replace(text, `"type": "object", "value": "[parameters('p')]"`, `"type": "string", "value": "[parameters('p')]"`, 1)
		text = strings.Replace(text, `"type": "object", "defaultValue": {"k": [1, 2], "d":
		0}`, `"type": "string"`, 1)
	}
	value, err = r.plan(t, c, text, arguments)
	return value, text, err
}

func (r row) plan(t *testing.T, c template.Context, text, arguments string) (string, error) {
	parsed, err := template.Parse([]byte(text), template.Limits{})
	if err != nil {
		return "", err
	}
	args, err := argument.Parse([]byte(arguments))
	if err != nil {
		return "", err
	}
	if err := args.Inputs([]byte(`{"One": {"value": {"deep": "in"}}}`)); err != nil {
		t.Fatal(err)
	}
	bound, err := template.Bind(parsed, args, c)
	if err != nil {
		return "", err
	}
	p, err := bound.Plan()
	if err != nil {
		return "", err
	}
	there := resources{}
	for _, r := range p.Resources {
		there[r.ID.Key()] = `{"name": "` + r.Name + `", "location": "west", "properties": {"x": "` + strings.Replace(r.Name, "r", "there", 1) + `"}}`
	}
	if r.place == "absent" {
		there = resources{}
	}
	body, err := p.Resources[2].Body(context.Background(), there)
	if err != nil {
		return "", err
	}
	if r.place == "property" || r.place == "absent" {
		return inside(body.JSON, "properties", "x"), nil
	}
	out, err := p.Outputs(context.Background(), there)
	shown := template.OutputsJSON(out)
	switch {
	case err != nil:
		return "", err
	case r.place == "default":
		return inside(shown, "p", "value", "d"), nil
	case r.place == "argument":
		return inside(shown, "p", "value"), nil
	}
	return inside(shown, "o", "value", "x"), nil
}

// inside is the JSON under the keys.
func inside(data []byte, keys ...string) string {
	for _, k := range keys {
		var m map[string]json.RawMessage
		if json.Unmarshal(data, &m) != nil {
			return string(data)
		}
		data = m[k]
	}
	return string(data)
}

func TestFunctionsOfTheDeployment(t *testing.T) {
	works, fails := map[string]bool{}, map[string]bool{}
	for _, r := range hostRows() {
		got, text, err := r.run(t)
		want, wrong := strings.CutPrefix(r.want, "!")
		want, placeless := strings.CutPrefix(want, "!")
		n, parseErr := expr.Parse(r.call)
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		expr.Walk(n, func(n expr.Node) {
			if call, ok := n.(*expr.Call); ok {
				map[bool]map[string]bool{true: fails, false: works}[wrong][strings.ToLower(call.Name)] = true
			}
		})
		switch {
		case !wrong && (err != nil || got != want):
			t.Errorf("%s: %s gives %s, %v, want %s", r.place, r.call, got, err, want)
		case wrong && (err == nil || !strings.Contains(full(err), want)):
			t.Errorf("%s: %s gives %s, fails with %s\nwant %s", r.place, r.call, got, full(err), want)
		case wrong && !placeless:
			line, column := lenient.Position([]byte(text), strings.Index(text, fmt.Sprintf("%q", "["+r.call+"]")))
			if gotLine, gotColumn := where(err); gotLine != line || gotColumn != column {
				t.Errorf("%s: %s fails at line %d, column %d, want %d, %d: %v", r.place, r.call, gotLine, gotColumn, line, column, err)
			}
		}
	}
	for _, name := range expr.Functions() {
		if class, _ := expr.ClassOf(name); class != expr.Pure && !(works[name] && fails[name]) {
			t.Errorf("%s: a row that works %v, one that fails %v", name, works[name], fails[name])
		}
	}
}

// where are line and column that an error, or the first of its details, names.
func where(err error) (line, column int) {
	var e *azure.Error
	if !errors.As(err, &e) {
		return 0, 0
	}
	if len(e.Additional) == 0 && len(e.Details) > 0 {
		e = e.Details[0]
	}
	for _, a := range e.Additional {
		var info struct{ LineNumber, LinePosition int }
		data, _ := json.Marshal(a.Info)
		if json.Unmarshal(data, &info) == nil {
			return info.LineNumber, info.LinePosition
		}
	}
	return 0, 0
}
