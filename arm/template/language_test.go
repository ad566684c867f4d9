package template_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/azure"
)

// res is a resource named name with more members, such as `"copy": {...}`.
func res(name string, more ...string) string {
	text := `{"type": "A.B/c", "apiVersion": "2020-01-01", "name": "` + name + `"`
	for _, m := range more {
		text += ", " + m
	}
	return text + "}"
}

func list(resources ...string) string { return `"resources": [` + strings.Join(resources, ",\n") + `]` }

func TestGraph(t *testing.T) {
	id := func(name string) string { return "[resourceId('A.B/c', '" + name + "')]" }
	for _, c := range []struct{ name, text, want string }{
		{"by name, id, relative id", list(res("a"), res("b", `"dependsOn": ["a"]`), res("c", `"dependsOn": ["`+id("A")+`", "A.B/c/b"]`)), "a; b <- a; c <- a b"},
		{"an expression for the list", list(res("a"), res("b", `"dependsOn": "[createArray('a')]"`)), "a; b <- a"},
		{"loop by name", list(res("[concat('x', copyIndex(1))]", `"copy": {"name": "xs", "count": 2}`), res("z", `"dependsOn": ["xs"]`)), "x1; x2; z <- x1 x2"},
		{"loop by element", list(res("[concat('x', copyIndex())]", `"copy": {"name": "xs", "count": 2}`), res("z", `"dependsOn": ["x1"]`)), "x0; x1; z <- x1"},
		{"loop of none", list(res("[concat('x', copyIndex())]", `"copy": {"name": "xs", "count": 0}`), res("z", `"dependsOn": ["xs"]`)), "z"},
		{"serial", list(res("[concat('x', copyIndex())]", `"copy": {"name": "xs", "count": 3, "mode": "Serial"}`)), "x0; x1 <- x0; x2 <- x1"},
		{"serial in twos", list(res("[concat('x', copyIndex())]", `"copy": {"name": "xs", "count": 5, "mode": "serial", "batchSize": 2}`)), "x0; x1; x2 <- x0 x1; x3 <- x0 x1; x4 <- x2 x3"},
		{"implicit by name", list(res("a"), res("b", `"properties": {"x": "[reference('a').y]"}`)), "a; b <- a"},
		{"implicit by id, in a property loop", list(res("a0"), res("a1"), res("b", `"properties": {"copy": [{"name": "xs", "count": 2, "input": "[reference(resourceId('A.B/c', concat('a', copyIndex('xs')))).y]"}]}`)), "a0; a1; b <- a0 a1"},
		{"implicit by list", list(res("a"), res("b", `"tags": {"x": "[listCredentials('a', '2020-01-01').y]"}`)), "a; b <- a"},
		{"implicit of the taken branch", list(res("a"), res("b", `"properties": {"x": "[if(false(), reference('a').y, 'z')]"}`)), "a; b"},
		{"implicit through a lambda over unknowns", list(res("a"), res("b"), res("c", `"properties": {"x": "[map(reference('a').l, lambda('v', concat(lambdaVariables('v'), reference('b').y)))]"}`)), "a; b; c <- a b"},
		{"implicit behind an unknown guard", list(res("a"), res("b"), res("c", `"properties": {"x": "[if(reference('a').y, fail('no'), reference('b').z)]", "w": "[coalesce(reference('a').y, fail('no'))]"}`)), "a; b; c <- a b"},
		{"resourceId alone", list(res("a"), res("b", `"properties": {"x": "`+id("a")+`"}`)), "a; b"},
		{"outside the template", list(res("b", `"properties": {"x": "[reference(resourceId('A.B/c', 'out'), '2020-01-01').y]"}`)), "b"},
		{"skipped", list(res("a", `"condition": false`), res("b", `"condition": "[not(false())]", "dependsOn": ["a"]`)), "a skipped; b"},
		{"alternatives of one name", list(res("a", `"condition": false`), res("a", `"condition": true`), res("b", `"dependsOn": ["a"]`)), "a skipped; a; b <- a"},
		{"nested children", list(res("a", `"resources": [{"type": "d", "apiVersion": "2020-01-01", "name": "k", "dependsOn": ["a"]}]`)), "a; a/k <- a"},
		{"children of a loop", list(res("[concat('a', copyIndex())]", `"copy": {"name": "l", "count": 2}`, `"resources": [{"type": "d", "apiVersion": "2020-01-01", "name": "[concat('k', copyIndex())]", "dependsOn": ["[concat('a', copyIndex())]"]}]`)), "a0; a0/k0 <- a0; a1; a1/k1 <- a1"},
		{"nested deployment, outer", list(res("a"), `{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "n", "properties": {"mode": "Incremental", "template": `+doc(`"outputs": {"o": {"type": "string", "value": "[reference('a').y]"}}`)+`}}`), "a; n <- a"},
		{"nested deployment, parameters", list(res("a"), `{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "n", "properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "parameters": {"p": {"value": "[reference('a').y]"}}, "template": `+doc(`"parameters": {"p": {"type": "string"}}`)+`}}`), "a; n <- a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustPlan(t, doc(c.text), "")
			if got := graph(p); got != c.want {
				t.Errorf("the graph is %s, want %s", got, c.want)
			}
		})
	}
}

func TestIDs(t *testing.T) {
	for _, c := range []struct{ resource, want string }{
		{res("a"), group + "/providers/A.B/c/a"},
		{`{"type": "A.B/c/d", "apiVersion": "2020-01-01", "name": "a/b"}`, group + "/providers/A.B/c/a/d/b"},
		{`{"type": "A.B/c/providers/locks", "apiVersion": "2020-01-01", "name": "a/Microsoft.Authorization/l"}`, group + "/providers/A.B/c/a/providers/Microsoft.Authorization/locks/l"},
		{`{"type": "Microsoft.Authorization/locks", "apiVersion": "2020-01-01", "name": "l", "scope": "A.B/c/a"}`, group + "/providers/A.B/c/a/providers/Microsoft.Authorization/locks/l"},
		{`{"type": "Microsoft.Authorization/locks", "apiVersion": "2020-01-01", "name": "l", "scope": "/subscriptions/` + sub + `"}`, "/subscriptions/" + sub + "/providers/Microsoft.Authorization/locks/l"},
		{`{"type": "A.B/c", "apiVersion": "2020-01-01", "name": "l", "scope": "/"}`, "/providers/A.B/c/l"},
		{`{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "d", "resourceGroup": "other", "properties": {}}`, "/subscriptions/" + sub + "/resourceGroups/other/providers/Microsoft.Resources/deployments/d"},
		{`{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "d", "subscriptionId": "x", "properties": {}}`, "/subscriptions/x/providers/Microsoft.Resources/deployments/d"},
		{`{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "d", "scope": "Microsoft.Management/managementGroups/mg", "properties": {}}`, "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Resources/deployments/d"},
		{`{"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2020-01-01", "name": "new"}`, "/subscriptions/" + sub + "/resourceGroups/new"},
	} {
		if got := mustPlan(t, doc(list(c.resource)), "").Resources[0].ID.String(); got != c.want {
			t.Errorf("%s has the id %s, want %s", c.resource, got, c.want)
		}
	}
	for call, want := range map[string]string{
		`resourceId('A.B/c/d', 'x', 'y')`:                                       group + "/providers/A.B/c/x/d/y",
		`resourceId('other', 'A.B/c', 'x')`:                                     "/subscriptions/" + sub + "/resourceGroups/other/providers/A.B/c/x",
		`resourceId('s2', 'other', 'A.B/c/', 'x')`:                              "/subscriptions/s2/resourceGroups/other/providers/A.B/c/x",
		`subscriptionResourceId('A.B/c', 'x')`:                                  "/subscriptions/" + sub + "/providers/A.B/c/x",
		`subscriptionResourceId('s2', 'A.B/c', 'x')`:                            "/subscriptions/s2/providers/A.B/c/x",
		`subscriptionResourceId('Microsoft.Resources/resourceGroups', 'x')`:     "/subscriptions/" + sub + "/resourceGroups/x",
		`managementGroupResourceId('mg', 'Microsoft.Authorization/locks', 'x')`: "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/locks/x",
		`resourceGroup().tags.A`:                                                "b",
		`subscription().subscriptionId`:                                         sub,
		`deployment().name`:                                                     "dep",
		`deployment().properties.template.contentVersion`:                       "1.0.0.0",
	} {
		out, err := outputs(t, "", nil, `"outputs": {"o": {"type": "string", "value": "[`+call+`]"}}`)
		if err != nil || !strings.Contains(out, `"value":"`+want+`"`) {
			t.Errorf("%s gives %s, %v, want %s", call, out, err, want)
		}
	}
}

func TestVariablesAndLoops(t *testing.T) {
	got, err := outputs(t, `{"n": {"value": 2}}`, nil,
		`"parameters": {"n": {"type": "int"}, "when": {"type": "string", "defaultValue": "[utcNow('yyyy-MM-dd')]"}, "id": {"type": "string", "defaultValue": "[concat(parameters('when'), newGuid())]"}}`,
		`"functions": [{"namespace": "my", "members": {"add1": {"parameters": [{"name": "x", "type": "int"}], "output": {"type": "int", "value": "[add(parameters('x'), 1)]"}}}}]`,
		`"variables": {
			"copy": [{"name": "top", "count": "[parameters('n')]", "input": {"i": "[copyIndex('top')]", "lit": "[[x]"}}],
			"inner": {"a": 1, "copy": [{"name": "xs", "count": 2, "input": "[concat('v', copyIndex('xs', 5))]"}, {"name": "ys", "count": 1, "input": {"copy": [{"name": "zs", "count": 2, "input": "[concat(copyIndex('ys'), copyIndex('zs'))]"}]}}]},
			"chain": "[add(variables('two'), length(variables('top')))]", "two": "[MY.Add1(1)]"
		}`,
		`"outputs": {"top": {"type": "array", "value": "[variables('TOP')]"}, "inner": {"type": "object", "value": "[variables('inner')]"}, "chain": {"type": "int", "value": "[variables('chain')]"}, "id": {"type": "string", "value": "[parameters('id')]"},
			"keys": {"type": "object", "value": {"[concat('a', 'b')]": {"[[lit]": 1}}}}`)
	want := `{"top":{"type":"Array","value":[{"i":0,"lit":"[x]"},{"i":1,"lit":"[x]"}]},"inner":{"type":"Object","value":{"a":1,"xs":["v5","v6"],"ys":[{"zs":["00","01"]}]}},` +
		`"chain":{"type":"Int","value":4},"id":{"type":"String","value":"2026-11-23fresh"},"keys":{"type":"Object","value":{"ab":{"[lit]":1}}}}`
	if err != nil || got != want {
		t.Errorf("outputs are\n%s, %v, want\n%s", got, err, want)
	}
}

func TestNestedDeployments(t *testing.T) {
	nested := func(scope, params, inner string) string {
		return `{"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "n", "resourceGroup": "other",
			"properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "` + scope + `"}, "parameters": ` + params + `, "template": ` + inner + `}}`
	}
	params := `"parameters": {"p": {"type": "string", "defaultValue": "[[odd]"}, "s": {"type": "securestring", "defaultValue": "hush"}}`
	text := doc(params, list(nested("outer", `{}`, doc(
		`"variables": {"v": "[parameters('nothing')]"}`,
		list(res("[parameters('p')]", `"properties": {"x": "[concat('[', 'y', ']')]", "s": "[parameters('s')]", "lit": "[[z]"}`),
			res("[concat('c', copyIndex())]", `"copy": {"name": "l", "count": 2}`), res("z", `"dependsOn": ["L"]`)),
		`"outputs": {"o": {"type": "string", "value": "[parameters('p')]"}}`))))
	p := mustPlan(t, text, "")
	r := p.Resources[0]
	body, err := r.Body(context.Background(), resources{})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"name":"[[odd]"`, `"x":"[[y]"`, `"lit":"[[z]"`, `"name":"c0"},{`, `"name":"c1"},{`, `"name":"z","dependsOn":["A.B/c/c0","A.B/c/c1"]}]`, `"value":"[[odd]"`, `"v":"[parameters('nothing')]"`} {
		if !strings.Contains(string(body.JSON), part) {
			t.Errorf("the outer body is %s, want %s in it", body.JSON, part)
		}
	}
	if got := fmt.Sprint(body.Secrets); got != "[properties.template.resources[0].properties.s]" || strings.Contains(string(body.Redacted()), "hush") {
		t.Errorf("secrets are %s", got)
	}
	if !r.Nested() || r.ID.Scope().ResourceGroup != "other" {
		t.Errorf("the nested deployment is %+v", r)
	}
	inner := doc(`"parameters": {"q": {"type": "securestring"}}`, list(res("[parameters('q')]", `"properties": {"x": "[copyIndex()]", "lit": "[[z]"}`)))
	p = mustPlan(t, doc(params, list(nested("inner", `{"q": {"reference": {"keyVault": {"id": "[resourceId('vaults', 'Microsoft.KeyVault/vaults', parameters('p'))]"}, "secretName": "[concat('a', 'b')]"}}}`, inner))), `{"p": {"value": "kv"}}`)
	if body, err = p.Resources[0].Body(context.Background(), resources{}); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"name":"[parameters('q')]"`, `"x":"[copyIndex()]","lit":"[[z]"`, `{"keyVault":{"id":"/subscriptions/` + sub + `/resourceGroups/vaults/providers/Microsoft.KeyVault/vaults/kv"},"secretName":"ab"}`} {
		if !strings.Contains(string(body.JSON), part) {
			t.Errorf("the inner body is %s, want %s in it", body.JSON, part)
		}
	}
}

// The parent expands the loops of a nested template of outer scope; those in batches keep their order by dependencies.
func TestSerialLoopInNestedTemplate(t *testing.T) {
	loop := func(mode string) string {
		return `{"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "n", "properties": {"mode": "Incremental", "template": ` +
			doc(list(res("[concat('c', copyIndex())]", `"dependsOn": ["first"], "copy": {"name": "l", "count": 5, "mode": "`+mode+`", "batchSize": 2}`), res("first"))) + `}}`
	}
	body, err := mustPlan(t, doc(list(loop("serial"))), "").Resources[0].Body(context.Background(), resources{})
	if err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Properties struct{ Template json.RawMessage }
	}
	if err := json.Unmarshal(body.JSON, &sent); err != nil {
		t.Fatal(err)
	}
	want := "c0 <- first; c1 <- first; c2 <- first c0 c1; c3 <- first c0 c1; c4 <- first c2 c3; first"
	if got := graph(mustPlan(t, string(sent.Properties.Template), "")); got != want {
		t.Errorf("the graph is %s, want %s", got, want)
	}
	_, err = plan(t, doc(list(loop("sideways"))), "")
	wantError(t, "a mode that is none", err, azure.CodeInvalidTemplate, "sideways")
}

func TestSubscriptionScope(t *testing.T) {
	text := strings.Replace(doc(list(
		`{"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2022-09-01", "name": "new", "location": "[deployment().location]"}`,
		`{"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "inside", "resourceGroup": "new",
			"dependsOn": ["[subscriptionResourceId('Microsoft.Resources/resourceGroups', 'new')]"],
			"properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "template": `+doc(list(res("a")))+`}}`,
		`{"type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "name": "ra", "properties": {"x": "[reference('inside').outputs.o.value]"}}`)),
		"deploymentTemplate", "subscriptionDeploymentTemplate", 1)
	parsed, err := template.Parse([]byte(text), template.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	scope := mustID(t, "/subscriptions/"+sub)
	if parsed.Level() != template.LevelSubscription || template.LevelOf(scope) != template.LevelSubscription {
		t.Errorf("the level is %s", parsed.Level())
	}
	bound, err := template.Bind(parsed, nil, template.Context{Scope: scope, Location: "west"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := bound.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if got := graph(p); got != "new; inside <- new; ra <- inside" {
		t.Errorf("the graph is %s", got)
	}
	for i, want := range []string{"/subscriptions/" + sub + "/resourceGroups/new", "/subscriptions/" + sub + "/resourceGroups/new/providers/Microsoft.Resources/deployments/inside",
		"/subscriptions/" + sub + "/providers/Microsoft.Authorization/roleAssignments/ra"} {
		if got := p.Resources[i].ID.String(); got != want {
			t.Errorf("id %d is %s, want %s", i, got, want)
		}
	}
	if p.Resources[0].Location != "west" {
		t.Errorf("the location is %q", p.Resources[0].Location)
	}
}

func TestConcurrentBodies(t *testing.T) {
	p := mustPlan(t, large(), "")
	there := resources{}
	for i := range 400 {
		there[strings.ToLower(fmt.Sprintf("%s/providers/A.B/c/r%d", group, i))] = fmt.Sprintf(`{"properties": {"x": %d}}`, i)
	}
	var all sync.WaitGroup
	for i, r := range p.Resources {
		all.Go(func() {
			body, err := r.Body(context.Background(), there)
			if err != nil || i >= 400 && !strings.Contains(string(body.JSON), fmt.Sprintf(`"ref":%d,`, i-400)) || body.Partial {
				t.Errorf("%s has the body %v, %v", r.Name, body, err)
			}
		})
	}
	all.Wait()
	if s := p.Skipped(); s != nil {
		t.Errorf("skipped are %v", s)
	}
	p = mustPlan(t, doc(list(res("a", `"condition": false`), res("b"))), "")
	if s := p.Skipped(); len(s) != 1 || s[0].Name() != "a" || p.Resources[0].Preview() != nil {
		t.Errorf("skipped are %v", s)
	}
}

func TestReferences(t *testing.T) {
	there := resources{strings.ToLower(group + "/providers/A.B/c/a"): `{"id": "i", "name": "a", "location": "west", "properties": {"x": [1, {"y": "z"}]}}`}
	for call, want := range map[string]string{
		`string(reference('a').x)`:                                             `"[1,{\"y\":\"z\"}]"`,
		`reference(resourceId('A.B/c', 'a'), '2020-01-01').X[1].Y`:             `"z"`,
		`reference('a', '2020-01-01', 'Full').location`:                        `"west"`,
		`reference('a', '2020-01-01', 'full').resourceId`:                      `"A.B/c/a"`,
		`reference('a', '2020-01-01', 'full').resourceGroupName`:               `"rg"`,
		`listKeys('a', '2021-01-01', createObject('k', 1)).passwords[0].value`: `"p-a-listKeys-2021-01-01{\"k\":1}"`,
	} {
		out, err := outputs(t, "", there, list(res("a")), `"outputs": {"o": {"type": "string", "value": "[`+call+`]"}}`)
		if err != nil || !strings.Contains(out, `"value":`+want+`}`) {
			t.Errorf("%s gives %s, %v, want %s", call, out, err, want)
		}
	}
}

func TestTemplateErrors(t *testing.T) {
	out := func(typ, value string) string {
		return `"outputs": {"o": {"type": "` + typ + `", "value": "[` + value + `]"}}`
	}
	for _, c := range []struct{ name, text, parameters, want string }{
		{"no JSON", `{"a": }`, "", "Deployment template parse failed: 'line 1, column 7, at a: found '}' where a value is expected'"},
		{"no schema", `{"contentVersion": "1.0.0.0", "resources": []}`, "", "Required property '$schema' not found"},
		{"wrong schema", `{"$schema": "http://x/y.json", "contentVersion": "1.0.0.0", "resources": []}`, "", "The template schema 'http://x/y.json' is not supported"},
		{"wrong version", strings.Replace(doc(), "1.0.0.0", "1", 1), "", "contentVersion '1' is not valid"},
		{"unknown member", doc(`"resource": []`), "", "Could not find member 'resource' on object of type 'Template'. Path 'resource', line 2, position 13."},
		{"unknown function", doc(list(res("[foo('x')]"))), "", "The template resource '[foo('x')]' at line '2' and column '69' is not valid: The template function 'foo' is not valid."},
		{"function of another name space", doc(list(res("[my.foo('x')]"))), "", "The template function 'my.foo' is not valid."},
		{"arity", doc(`"variables": {"v": "[toLower()]"}`), "", "The template variable 'v' at line '2' and column '20' is not valid: Unable to evaluate template language function 'toLower': function requires 1 argument(s) while 0 were provided."},
		{"syntax", doc(`"variables": {"v": "[concat('a']"}`), "", "expected token 'Comma' or 'RightParenthesis' and actual 'EndOfData'"},
		{"reference in a name", doc(list(res("[reference('a').b]"))), "", "The template function 'reference' is not expected at this location."},
		{"list in a variable", doc(`"variables": {"v": "[listKeys('a', 'b')]"}`), "", "The template function 'listKeys' is not expected at this location."},
		{"utcNow in a variable", doc(`"variables": {"v": "[utcNow()]"}`), "", "The template function 'utcNow' is not expected at this location."},
		{"reference in dependsOn", doc(list(res("a", `"dependsOn": ["[reference('b').c]"]`))), "", "The template function 'reference' is not expected at this location."},
		{"variables in a function", doc(`"functions": [{"namespace": "n", "members": {"f": {"output": {"type": "string", "value": "[variables('x')]"}}}}]`), "", "The template function 'variables' is not expected at this location."},
		{"missing value", doc(`"parameters": {"labId": {"type": "string"}}`), "", "The value for the template parameter 'labId' at line '2' and column '25' is not provided."},
		{"not allowed", doc(`"parameters": {"p": {"type": "string", "allowedValues": ["a", "b"]}}`), `{"p": {"value": "c"}}`, "The provided value 'c' for the template parameter 'p' is not valid. The parameter value is not part of the allowed value(s): 'a,b'."},
		{"not allowed, array", doc(`"parameters": {"p": {"type": "array", "allowedValues": ["a", "b"]}}`), `{"p": {"value": ["a", "c"]}}`, "is not part of the allowed value(s): 'a,b'."},
		{"secret not allowed", doc(`"parameters": {"p": {"type": "securestring", "allowedValues": ["a", "b"]}}`), `{"p": {"value": "hush"}}`, "as it is secure it is not shown"},
		{"unknown parameter", doc(`"parameters": {"q": {"type": "string", "defaultValue": ""}}`), `{"x": {"value": 1}}`, "The template parameters 'x' in the parameters file are not valid; they are not present in the original template"},
		{"wrong type", doc(`"parameters": {"p": {"type": "int"}}`), `{"p": {"value": "1"}}`, "Template parameter JToken type is not valid. Expected 'Integer'. Actual 'String'."},
		{"wrong type of the type", doc(`"parameters": {"p": {"type": "text"}}`), ``, "The type 'text' is not supported"},
		{"too small", doc(`"parameters": {"p": {"type": "int", "minValue": 3}}`), `{"p": {"value": 2}}`, "The value '2' of the provided value is less than the minimum of '3'."},
		{"too long", doc(`"parameters": {"p": {"type": "string", "maxLength": 3}}`), `{"p": {"value": "äöüß"}}`, "The length '4' of the provided value is greater than the maximum of '3'."},
		{"default outside the bounds", doc(`"parameters": {"p": {"type": "string", "maxLength": 1, "defaultValue": "ab"}}`), ``, "greater than the maximum"},
		{"member of a parameter", doc(`"parameters": {"p": {"type": "string", "reference": {}}}`), ``, "Could not find member 'reference' on object of type 'TemplateInputParameter'."},
		{"defaults in a ring", doc(`"parameters": {"p": {"type": "string", "defaultValue": "[parameters('q')]"}, "q": {"type": "string", "defaultValue": "[parameters('p')]"}}`), ``, "its default value refers to itself"},
		{"variables in a ring", doc(`"variables": {"a": "[variables('b')]", "b": "[variables('a')]"}`, list(res("[variables('a')]"))), ``, "Circular dependency detected on template variable 'a'."},
		{"unknown variable", doc(list(res("[variables('no')]"))), ``, "The template variable 'no' is not found."},
		{"unknown parameter used", doc(list(res("[parameters('no')]"))), ``, "The template parameter 'no' is not found."},
		{"endless recursion", doc(`"languageVersion": "2.0", "resources": {}, "functions": [{"namespace": "n", "members": {"f": {"output": {"type": "string", "value": "[n.f()]"}}}}], "parameters": {"p": {"type": "string", "defaultValue": "[n.f()]"}}`), ``, "more than 64 levels deep"},
		{"function of a function", doc(`"functions": [{"namespace": "n", "members": {"f": {"output": {"type": "string", "value": "x"}}, "g": {"output": {"type": "string", "value": "[n.f()]"}}}}]`), ``, "The template function 'n.f' is called by another function, which needs \"languageVersion\": \"2.0\"."},
		{"secret in an error", doc(`"parameters": {"p": {"type": "securestring", "defaultValue": "hush"}}`, list(res("a", `"properties": {"x": "[int(parameters('p'))]"}`))), ``, "The evaluation of an expression with a secure value failed"},
		{"secret as a property", doc(`"parameters": {"p": {"type": "securestring", "defaultValue": "hush"}}`, list(res("[resourceGroup()[parameters('p')]]"))), ``, "The evaluation of an expression with a secure value failed"},
		{"secret as a count", doc(`"parameters": {"p": {"type": "securestring", "defaultValue": "hush"}}`, list(res("a", `"copy": {"name": "l", "count": "[parameters('p')]"}`))), ``, "The provided value is secure"},
		{"an assert", doc("\"asserts\": {\n\"ok\": \"[true()]\",\n\"a\": \"[equals(variables('x'), 2)]\"}, \"variables\": {\"x\": 1}"), ``, "The template assert 'a' at line '4' and column '6' does not hold"},
		{"an assert that is none", doc(`"asserts": {"a": "[add(1, 2)]"}`), ``, "The condition is of type 'Integer', expected is 'Boolean'."},
		{"an assert at run time", doc(`"asserts": {"a": "[equals(reference('x').y, 1)]"}`), ``, "The template function 'reference' is not expected at this location."},
		{"failing property", doc(list(res("a", `"properties": {"x": "[int('z')]"}`))), ``, "Unable to process template language expressions for resource '" + group + "/providers/A.B/c/a' at line '2' and column '94'. 'The template language function 'int' cannot convert provided value 'z' to integer value.'"},
		{"segments", doc(list(res("a/b"))), ``, "The template resource 'a/b' for type 'A.B/c' at line '2' and column '15' has incorrect segment lengths."},
		{"twice", doc(list(res("a"), res("A"))), ``, "The resource '" + group + "/providers/A.B/c/A' at line '3' and column '1' is defined multiple times in a template."},
		{"unknown dependency", doc(list(res("a", `"dependsOn": ["[resourceId('A.B/c', 'no')]"]`))), ``, "The resource 'A.B/c/no' is not defined in the template."},
		{"ambiguous dependency", doc(list(res("a"), `{"type": "A.B/d", "apiVersion": "2020-01-01", "name": "a"}`, res("b", `"dependsOn": ["a"]`))), ``, "which several resources of the template are called"},
		{"ring", doc(list(res("a", `"dependsOn": ["b"]`), res("b", `"dependsOn": ["c"]`), res("c", `"dependsOn": ["b"]`))), ``, "Circular dependency detected on resource: '" + group + "/providers/A.B/c/b'."},
		{"itself", doc(list(res("a", `"dependsOn": ["a"]`))), ``, "Circular dependency detected on resource"},
		{"reference to itself", doc(list(res("a", `"properties": {"x": "[reference('a').y]"}`))), ``, "Circular dependency detected on resource"},
		{"unknown reference", doc(list(res("a", `"properties": {"x": "[reference('no').y]"}`))), ``, "The template reference 'no' is not valid: could not find template resource or resource copy with this name."},
		{"reference outside without version", doc(list(res("a", `"properties": {"x": "[reference(resourceId('A.B/c', 'no')).y]"}`))), ``, "so the API version must be given"},
		{"copyIndex outside", doc(list(res("[concat('a', copyIndex())]"))), ``, "The template function 'copyIndex' is not expected at this location."},
		{"copy count", doc(list(res("a", `"copy": {"name": "l", "count": 801}`))), ``, "from 0 to 800. The provided value is '801'"},
		{"copy on a child", doc(list(res("a", `"resources": [{"type": "d", "apiVersion": "2020-01-01", "name": "k", "copy": {"name": "l", "count": 1}}]`))), ``, "a resource nested in its parent cannot have a copy loop"},
		{"type not literal", doc(list(`{"type": "[concat('A.B/c')]", "apiVersion": "2020-01-01", "name": "a"}`)), ``, "the property 'type' must be a literal string"},
		{"no version", doc(list(`{"type": "A.B/c", "name": "a"}`)), ``, "the property 'apiVersion' is required"},
		{"condition", doc(list(res("a", `"condition": 1`))), ``, "The condition is of type 'Integer', expected is 'Boolean'."},
		{"symbolic names without version", doc(`"resources": {"a": {}}`), ``, "needs \"languageVersion\": \"2.0\""},
		{"inner template", doc(list(`{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "n", "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "template": ` + doc(`"variables": {"v": "[foo()]"}`) + `}}`)), ``, "The template function 'foo' is not valid."},
		{"zones", doc(list(res("[pickZones('A.B', 'c', 'west')[0]]"))), ``, "The language expression property array index '0' is out of bounds."},
		{"other cloud", doc(list(res("[concat('a', resourceGroup().location, tenant().id)]"))), ``, "The template function 'tenant' is not expected at this location"},
		{"missing property", doc(list(res("[resourceGroup().nothing]"))), ``, "The language expression property 'nothing' doesn't exist, available properties are 'id, location, name, tags'."},
		{"type of an output", doc(out("int", "'x'")), ``, ""},
		{"parameters without end", doc(`"parameters": {` + strings.TrimSuffix(strings.Repeat(`"p%": {"type": "int", "defaultValue": 1},`, 257), ",") + `}`), ``, "parameters limit exceeded. Limit: '256' and actual: '257'"},
	} {
		for i := 0; strings.Contains(c.text, "%"); i++ {
			c.text = strings.Replace(c.text, "%", fmt.Sprint(i), 1)
		}
		_, err := plan(t, c.text, c.parameters)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: fails early: %v", c.name, err)
			}
			continue
		}
		wantError(t, c.name, err, azure.CodeInvalidTemplate, c.want)
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the secret stands in %v", c.name, err)
		}
	}
	_, err := outputs(t, "", nil, out("int", "'x'"))
	wantError(t, "output", err, azure.CodeDeploymentOutputEvaluationFailed, "Template output JToken type is not valid. Expected 'Integer'. Actual 'String'.")
	if _, err := template.Parse([]byte(doc()+strings.Repeat(" ", 4<<20)), template.Limits{}); err == nil || !strings.Contains(err.Error(), "the limit is 4194304") {
		t.Errorf("5 MB give %v", err)
	}
	_, err = plan(t, doc(list(res("[concat('a', copyIndex())]", `"copy": {"name": "l", "count": 600}`, `"properties": {"x": "[padLeft('', 9000)]"}`))), "")
	wantError(t, "after expansion", err, azure.CodeJobSizeExceeded, "larger than the limit of 4194304 bytes after expansion")
	many := res("[concat('a', copyIndex())]", `"copy": {"name": "l", "count": 500}`)
	_, err = plan(t, doc(list(many, strings.Replace(many, "'a'", "'b'", 1))), "")
	wantError(t, "801 resources", err, azure.CodeInvalidTemplate, "template resources limit exceeded. Limit: '800'")
}

func TestSecretsOfArguments(t *testing.T) {
	parsed, err := template.Parse([]byte(doc(`"parameters": {"p": {"type": "string"}, "o": {"type": "secureObject"}}`,
		`"outputs": {"p": {"type": "string", "value": "[parameters('p')]"}, "n": {"type": "object", "value": "[createObject('a', parameters('o').k)]"}}`)), template.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	vault := `{"reference": {"keyVault": {"id": "` + group + `/providers/Microsoft.KeyVault/vaults/kv"}, "secretName": "s", "secretVersion": "v"}}`
	for secret, want := range map[string]string{`{"k": "hush"}`: "", `no JSON hush`: "is no JSON value of the type 'SecureObject'", `[1]`: "Expected 'Object'. Actual 'Array'"} {
		args, err := argument.Parse([]byte(`{"p": ` + vault + `, "o": ` + vault + `}`))
		if err != nil {
			t.Fatal(err)
		}
		args.Resolve("p", azure.NewSecret("hush"))
		args.Resolve("o", azure.NewSecret(secret))
		bound, err := template.Bind(parsed, args, context1(t))
		if want != "" {
			wantError(t, secret, err, azure.CodeInvalidTemplate, want)
			continue
		}
		p, err := bound.Plan()
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.Outputs(context.Background(), nil)
		shown := string(bound.Parameters()) + string(template.OutputsJSON(out))
		if err != nil || strings.Contains(shown, "hush") || !strings.Contains(shown, `"secretVersion":"v"`) {
			t.Errorf("a vault's value of a plain type is shown as %s, %v", shown, err)
		}
	}
}

func TestHashIgnoresWhiteSpaceAndComments(t *testing.T) {
	hash := func(text string) string {
		parsed, err := template.Parse([]byte(text), template.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Hash()
	}
	a, b, c := hash(doc(list(res("a")))), hash("/* x */\n"+strings.ReplaceAll(doc(list(res("a"))), " ", "  ")), hash(doc(list(res("b"))))
	if a != b || a == c || len(a) < 10 {
		t.Errorf("hashes are %s, %s with spaces and %s of another template", a, b, c)
	}
}
