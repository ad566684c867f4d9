package template_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/azure"
)

// symbolic makes a template of language version 2.0 of sections.
func symbolic(sections ...string) string {
	if !strings.Contains(strings.Join(sections, ""), `"resources":`) {
		sections = append(sections, `"resources": {}`)
	}
	return doc(append([]string{`"languageVersion": "2.0"`}, sections...)...)
}

func TestTypes(t *testing.T) {
	definitions := `"definitions": {
		"app": {"type": "object", "properties": {"name": {"type": "string", "minLength": 2}, "ports": {"type": "array", "prefixItems": [{"type": "int"}], "items": true}}, "additionalProperties": true},
		"a/b": {"type": "object", "properties": {"x~y": {"type": "bool"}}},
		"either": {"type": "object", "discriminator": {"propertyName": "kind", "mapping": {
			"n": {"type": "object", "properties": {"kind": {"type": "string"}, "n": {"type": "int"}}, "additionalProperties": false},
			"more": {"$ref": "#/definitions/open"}}}},
		"open": {"type": "object", "properties": {"kind": {"type": "string"}}, "additionalProperties": {"type": "string", "nullable": true}},
		"closed": {"type": "array", "prefixItems": [{"type": "int"}, {"type": "bool"}], "items": false},
		"maybe": {"$ref": "#/definitions/app", "nullable": true},
		"hidden": {"type": "object", "properties": {"in": {"type": "array", "items": {"type": "securestring"}}}},
		"ring": {"type": "object", "properties": {"next": {"$ref": "#/definitions/ring", "nullable": true}}, "additionalProperties": false}}`
	for _, c := range []struct{ typ, value, want string }{
		{`"$ref": "#/definitions/app"`, `{"name": "ab", "ports": [1, "x", null], "more": 1}`, ""},
		{`"$ref": "#/definitions/app"`, `{"name": "ab", "ports": ["x"]}`, "At 'ports[0]': Template parameter JToken type is not valid. Expected 'Integer'. Actual 'String'."},
		{`"$ref": "#/definitions/app"`, `{"name": "ab", "ports": []}`, "The array has 0 elements, at least 1 are expected."},
		{`"$ref": "#/definitions/app"`, `null`, "is not provided"},
		{`"$ref": "#/definitions/maybe"`, `null`, ""}, {`"$ref": "#/definitions/app", "nullable": true`, `null`, ""},
		{`"$ref": "#/definitions/app/properties/name"`, `"a"`, "less than the minimum of '2'"},
		{`"$ref": "#/definitions/app/properties/ports/prefixItems/0"`, `"a"`, "Expected 'Integer'"},
		{`"$ref": "#/definitions/a~1b/properties/x~0y"`, `1`, "Expected 'Boolean'"}, {`"$ref": "#/definitions/a~1b/properties/x%7E0y"`, `true`, ""},
		{`"$ref": "#/definitions/open", "minLength": 1`, `{"kind": "x", "y": null}`, ""},
		{`"$ref": "#/definitions/either"`, `{"kind": "n", "n": 1}`, ""}, {`"$ref": "#/definitions/either"`, `{"kind": "n", "n": 1, "m": 2}`, "The property 'm' is not allowed. Allowed are 'kind, n'."},
		{`"$ref": "#/definitions/either"`, `{"kind": "more", "m": 2}`, "At 'm': Template parameter JToken"}, {`"$ref": "#/definitions/either"`, `{"n": 1}`, "The value '' of the property 'kind' selects no type."},
		{`"$ref": "#/definitions/closed"`, `[1, true]`, ""}, {`"$ref": "#/definitions/closed"`, `[1, true, 2]`, "at most 2 are expected"}, {`"$ref": "#/definitions/closed"`, `[1]`, "at least 2 are expected"},
		{`"$ref": "#/definitions/hidden"`, `{"in": ["hush"]}`, ""}, {`"$ref": "#/definitions/hidden"`, `{"in": [1]}`, "At 'in[0]'"},
		{`"$ref": "#/definitions/ring"`, `{"next": {"next": {}}}`, ""}, {`"$ref": "#/definitions/ring"`, `{"next": {"next": {"other": "hush"}}}`, "At 'next.next': The property 'other' is not allowed."},
	} {
		text := symbolic(definitions, `"parameters": {"p": {`+c.typ+`}}`)
		p, err := plan(t, text, `{"p": {"value": `+c.value+`}}`)
		if c.want != "" {
			wantError(t, c.typ+c.value, err, azure.CodeInvalidTemplate, c.want)
		} else if err != nil || p == nil {
			t.Errorf("%s refuses %s: %v", c.typ, c.value, err)
		}
	}
	for wrong, want := range map[string]string{
		`"definitions": []`:                                                                   "The template definitions are of type 'Array', expected is 'Object'.",
		`"definitions": {"unused": {"type": "text"}}`:                                         "The type 'text' is not supported",
		`"definitions": {"unused": {}}`:                                                       "The property 'type' is required.",
		`"definitions": {"a": {"$ref": "#/definitions/no"}}`:                                  "there is no such definition in the template",
		`"definitions": {"a": {"$ref": "http://x/y"}}`:                                        "The type reference 'http://x/y' is not valid",
		`"definitions": {"a": {"$ref": "#/definitions/a/properties"}}`:                        "there is no such definition",
		`"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}`: "The type refers to itself and to nothing else.",
		`"definitions": {"a": {"type": "object", "$ref": "#/definitions/a"}}`:                 "The type refers to itself and to nothing else.",
		`"definitions": {"a": {"type": "object", "discriminator": {"propertyName": "k"}}}`:    "A discriminator needs the properties 'propertyName' and 'mapping'.",
		`"parameters": {"p": {"type": "string", "pattern": "x"}}`:                             "Could not find member 'pattern'",
	} {
		_, err := template.Parse([]byte(symbolic(wrong)), template.Limits{})
		wantError(t, wrong, err, azure.CodeInvalidTemplate, want)
	}
	_, err := template.Parse([]byte(doc(definitions, `"parameters": {"p": {"$ref": "#/definitions/app"}}`)), template.Limits{})
	wantError(t, "types of language version 1.0", err, azure.CodeInvalidTemplate, `needs "languageVersion": "2.0"`)
}

func TestVersionsExtensionsAndOptions(t *testing.T) {
	one := `"resources": {"a": {"type": "A.B/c", "apiVersion": "2020-01-01", "name": "a"%s}}`
	with := func(version, more string) string {
		return doc(`"languageVersion": "`+version+`"`, `"extensions": {"az": {"name": "AzureResourceManager", "version": "1.0"}}`, fmt.Sprintf(one, more))
	}
	for _, text := range []string{with("2.0", ""), with("2.1-experimental", `, "extension": "AZ"`), with("1.10-experimental", `, "import": "az"`), with("2.0", `, "@options": {"onlyIfNotExists": true}`), doc(`"languageVersion": "1.0"`, `"imports": {}`)} {
		p, err := plan(t, text, "")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for _, r := range p.Resources {
			body, err := r.Body(context.Background(), resources{})
			if err != nil || string(body.JSON) != `{}` || r.OnlyIfNew() != strings.Contains(text, "onlyIfNotExists") {
				t.Errorf("%s: the body is %s, %v", text, body.JSON, err)
			}
		}
	}
	for text, want := range map[string]string{
		with("3.0", ""): "The template language version '3.0' is not supported: use '1.0', '2.0' or '2.x-experimental'.", with("2.7", ""): "language version '2.7' is not supported",
		with("1.0", ""): `needs "languageVersion": "2.0"`,
		doc(`"extensions": {"k8s": {"name": "Kubernetes", "version": "1.0.0"}}`):      "The template extension 'k8s' (Kubernetes) at line '2' and column '23' is not supported: this cloud deploys its own resource types only.",
		doc(`"imports": {"graph": {"provider": "MicrosoftGraph", "version": "1.0"}}`): "The template extension 'graph' (MicrosoftGraph)",
		doc(`"imports": ["sys"]`):                                                     "The template section 'imports' is of type 'Array', expected is 'Object'.",
		with("2.0", `, "extension": "k8s"`):                                           "names the extension 'k8s', which the template does not declare",
		with("2.0", `, "@options": {"waitUntil": "[true()]"}`):                        "The option 'waitUntil' of the template resource 'a' is not supported",
		with("2.0", `, "@options": {"onlyIfNotExists": "yes"}`):                       "is of type 'String', expected is 'Boolean'",
		with("2.0", `, "@options": []`):                                               "The property '@options' of the template resource 'a' is of type 'Array'",
		doc(`"asserts": ["[true()]"]`):                                                "The template asserts are of type 'Array', expected is 'Object'.",
		doc(`"variables": {"a": 1, "A": 2}`):                                          "The template variable 'A' is defined twice.",
		doc(`"variables": {"a": 1, "copy": [{"name": "a", "count": 1, "input": 1}]}`): "The template variable 'a' is defined twice.",
		symbolic(strings.Replace(fmt.Sprintf(one, ""), `{"a"`, `{"A": {"type": "A.B/c", "apiVersion": "2020-01-01", "name": "b"}, "a"`, 1)): "The symbolic name 'a' is defined twice.",
	} {
		_, err := template.Parse([]byte(text), template.Limits{})
		wantError(t, text, err, azure.CodeInvalidTemplate, want)
	}
}

// many makes n members or elements of a form in which % is the number.
func many(n int, form string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(form, "%", fmt.Sprint(i))
	}
	return strings.Join(all, ",")
}

func TestLimits(t *testing.T) {
	loop := func(name string, count int) string {
		return res("[concat('"+name+"', copyIndex())]", fmt.Sprintf(`"copy": {"name": "%s", "count": %d}`, name, count))
	}
	expression := func(size int) string {
		return doc(`"variables": {"v": "['` + strings.Repeat("x", size-2) + `']"}`)
	}
	nested := func(inner string) string {
		return doc(list(`{"type": "Microsoft.Resources/deployments", "apiVersion": "2020-01-01", "name": "n", "properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "template": ` + inner + `}}`))
	}
	parameters := func(n int) string {
		return doc(`"parameters": {` + many(n, `"p%": {"type": "int", "defaultValue": 1}`) + `}`)
	}
	text := func(size int) string { return doc() + strings.Repeat(" ", size-len(doc())) }
	for _, c := range []struct {
		name, most, more, code, want string
	}{
		{"parameters", parameters(256), parameters(257), azure.CodeInvalidTemplate, "The number of template parameters limit exceeded. Limit: '256' and actual: '257'."},
		{"variables", doc(`"variables": {` + many(256, `"v%": 1`) + `}`), doc(`"variables": {` + many(256, `"v%": 1`) + `, "copy": [{"name": "l", "count": 1, "input": 1}]}`), azure.CodeInvalidTemplate, "The number of template variables limit exceeded. Limit: '256' and actual: '257'."},
		{"outputs", doc(`"outputs": {` + many(64, `"o%": {"type": "int", "value": 1}`) + `}`), doc(`"outputs": {` + many(65, `"o%": {"type": "int", "value": 1}`) + `}`), azure.CodeInvalidTemplate, "The number of template outputs limit exceeded. Limit: '64' and actual: '65'."},
		{"resources", doc(list(loop("a", 799), res("z"))), doc(list(loop("a", 400), loop("b", 401))), azure.CodeInvalidTemplate, "The number of template resources limit exceeded. Limit: '800'"},
		{"iterations", doc(list(loop("a", 800))), doc(list(loop("a", 801))), azure.CodeInvalidTemplate, "The count of a copy loop must be an integer from 0 to 800. The provided value is '801'."},
		{"characters of an expression", expression(24576), expression(24577), azure.CodeInvalidTemplate, "The language expression of 24577 characters is longer than the limit of 24576."},
		{"characters, not bytes", strings.ReplaceAll(expression(24576), "x", "é"), strings.ReplaceAll(expression(24577), "x", "é"), azure.CodeInvalidTemplate, "24577 characters"},
		{"of a nested template", nested(parameters(256)), nested(parameters(257)), azure.CodeInvalidTemplate, "template parameters limit exceeded"},
		{"bytes", text(4 << 20), text(4<<20 + 1), azure.CodeJobSizeExceeded, "The template is 4194305 bytes long, the limit is 4194304."},
		{"bytes after expansion", doc(list(strings.Replace(loop("a", 400), `"copy"`, `"properties": {"x": "[padLeft('', 9000)]"}, "copy"`, 1))), doc(list(strings.Replace(loop("a", 600), `"copy"`, `"properties": {"x": "[padLeft('', 9000)]"}, "copy"`, 1))), azure.CodeJobSizeExceeded, "larger than the limit of 4194304 bytes after expansion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := plan(t, c.most, ""); err != nil {
				t.Errorf("the limit itself is refused: %v", err)
			}
			_, err := plan(t, c.more, "")
			wantError(t, c.name, err, c.code, c.want)
		})
	}
	for size, want := range map[int]string{4 << 20: "", 4<<20 + 1: "The parameters are 4194305 bytes long, the limit is 4194304."} {
		_, err := argument.Parse([]byte(`{"p": {"value": 1}}` + strings.Repeat(" ", size-19)))
		if want != "" {
			wantError(t, "parameters", err, azure.CodeJobSizeExceeded, want)
		} else if err != nil {
			t.Error(err)
		}
	}
}
