package template_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Every template is either refused with an *azure.Error or planned, and then bodies and outputs end in a value or an
// *azure.Error, and the text survives being printed.
func FuzzTemplate(f *testing.F) {
	for _, name := range []string{"article.json", "bicep.json", "modules.json"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(doc(list(res("[concat('x', copyIndex())]", `"copy": {"name": "l", "count": 3, "mode": "serial"}`), res("b", `"dependsOn": ["l"]`)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := template.Parse(data, template.Limits{Resources: 50})
		if err != nil {
			classified(t, err)
			return
		}
		again, err := template.Parse(parsed.JSON(), template.Limits{Resources: 50})
		if err != nil || again.Hash() != parsed.Hash() {
			t.Fatalf("%s prints as %s, which gives %v", data, parsed.JSON(), err)
		}
		bound, err := template.Bind(parsed, nil, context1(t))
		if err != nil {
			classified(t, err)
			return
		}
		p, err := bound.Plan()
		if err != nil {
			classified(t, err)
			return
		}
		ordered(t, p)
		for _, r := range p.Resources {
			if body, err := r.Body(context.Background(), resources{}); err != nil {
				classified(t, err)
			} else if !json.Valid(body.JSON) {
				t.Fatalf("the body %s is no JSON", body.JSON)
			}
		}
		if _, err := p.Outputs(context.Background(), resources{}); err != nil {
			classified(t, err)
		}
	})
}

func classified(t *testing.T, err error) {
	t.Helper()
	var e *azure.Error
	if !errors.As(err, &e) || e.Kind == azure.Internal || len(e.Details) > 0 && e.Details[0].Kind == azure.Internal {
		t.Fatalf("the error is not classified: %v", err)
	}
}

// ordered checks that the order has every resource once, after what it depends on.
func ordered(t *testing.T, p *template.Plan) {
	t.Helper()
	done := map[*template.Resource]bool{}
	for _, r := range p.Order() {
		for _, to := range r.DependsOn {
			if !done[to] {
				t.Fatalf("%s comes before %s, on which it depends", r.ID, to.ID)
			}
		}
		if done[r] {
			t.Fatalf("%s comes twice", r.ID)
		}
		done[r] = true
	}
	if len(done) != len(p.Resources) {
		t.Fatalf("the order has %d of %d resources", len(done), len(p.Resources))
	}
}

// The bytes are edges between 16 resources: either they make a ring and the plan is refused, or the order respects them.
func FuzzGraphOrder(f *testing.F) {
	f.Add([]byte{0x10, 0x21, 0x32, 0xf0})
	f.Add([]byte{0x10, 0x21, 0x02})
	f.Fuzz(func(t *testing.T, edges []byte) {
		waits := map[int][]string{}
		reach := [16][16]bool{}
		for _, e := range edges {
			from, to := int(e>>4), int(e&15)
			waits[from] = append(waits[from], fmt.Sprintf(`"r%d"`, to))
			reach[from][to] = true
		}
		for k := range 16 {
			for i := range 16 {
				for j := range 16 {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		ring := false
		var all []string
		for i := range 16 {
			ring = ring || reach[i][i]
			all = append(all, res(fmt.Sprintf("r%d", i), `"dependsOn": [`+strings.Join(waits[i], ",")+`]`))
		}
		p, err := plan(t, doc(list(all...)), "")
		if ring {
			wantError(t, "a ring", err, azure.CodeInvalidTemplate, "Circular dependency detected on resource")
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		ordered(t, p)
	})
}

// large is a template of 800 resources in one loop and in single declarations, with references between them.
func large() string {
	var all []string
	for i := range 400 {
		dep := ""
		if i > 0 {
			dep = fmt.Sprintf(`"dependsOn": ["[resourceId('A.B/c', 'r%d')]"], `, i-1)
		}
		all = append(all, res(fmt.Sprintf("r%d", i), dep+fmt.Sprintf(`"location": "[resourceGroup().location]", "tags": {"n": "[string(%d)]"}`, i)))
	}
	all = append(all, res("[format('x{0}', copyIndex())]", `"copy": {"name": "l", "count": 400}`,
		`"location": "[variables('where')]"`, `"properties": {"unique": "[uniqueString(resourceGroup().id, string(copyIndex()))]", "ref": "[reference(resourceId('A.B/c', format('r{0}', copyIndex()))).x]",
		"copy": [{"name": "ports", "count": 10, "input": {"port": "[add(8000, copyIndex('ports'))]", "name": "[concat('p', copyIndex('ports'))]"}}]}`))
	return doc(`"variables": {"where": "[toLower(resourceGroup().location)]"}`, list(all...))
}

func BenchmarkPlan800(b *testing.B) {
	parsed, err := template.Parse([]byte(large()), template.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		bound, err := template.Bind(parsed, nil, context1(b))
		if err != nil {
			b.Fatal(err)
		}
		if p, err := bound.Plan(); err != nil || len(p.Resources) != 800 {
			b.Fatal(len(p.Resources), err)
		}
	}
}

// full4MB is a template of nearly 4 MB, no two of whose resources say the same.
func full4MB() []byte {
	var all []string
	for i, size := 0, 0; size < 4<<20-1500; i++ {
		r := res(fmt.Sprintf("[format('r{0}', %d)]", i), fmt.Sprintf(`"location": "[resourceGroup().location]",
			"dependsOn": ["[resourceId('A.B/c', variables('v%d'))]"],
			"properties": {
				"a": "[concat(parameters('p'), 'text%d', string(copyIndex()))]",
				"b": [1, 2.5, {"c": true, "port": %d}],
				"d": "plain text %d",
				"items": [
					{"name": "[variables('n')]", "value": "[reference(resourceId('A.B/c', 'x%d')).y]"},
					{"name": "other", "value": 12, "command": ["/bin/sh", "-c", "while true; do sleep 10; done"]}
				]
			}`, i, i, i, i, i))
		size += len(r) + 2
		all = append(all, r)
	}
	return []byte(doc(list(all...)))
}

// BenchmarkParse4MB measures against what the standard library takes to read the same text.
func BenchmarkParse4MB(b *testing.B) {
	text := full4MB()
	b.Run("template", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := template.Parse(text, template.Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(text, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
