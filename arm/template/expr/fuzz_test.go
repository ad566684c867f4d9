package expr_test

import (
	"testing"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
)

// What parses prints to something that parses to the same, and evaluating it ends.
func FuzzExpression(f *testing.F) {
	for _, src := range []string{
		`concat('a''b', string(1), -5)`, `parameters('{"a":[1]}').a[0]`, `ns.fn( 'x' ,+1)`, "a(\n)[ 'k' ].b.c[1][2]",
		`map(range(0, 3), lambda('x', mul(lambdaVariables('x'), 2)))`, `format('{0:N2} {1,-5}', 3, true())`, `dateTimeAdd('2020-01-01', 'P1Y', 'G')`,
		`cidrSubnet('10.0.0.0/8', 24, 3)`, `if(reference('a').b, 'x', fail('y'))`, `union(createObject('a', 1), createObject('A', 2))`,
		`substring('é😀x', 1, 2)`, `split('a,b;c', createArray(',', ';'))`, `uri('http://a/b', '../c')`, `base64ToJson('e30=')`, `padLeft('x', 9999, '0')`,
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		n, err := expr.Parse(src)
		if err != nil {
			return
		}
		printed := expr.Print(n)
		again, err := expr.Parse(printed)
		if err != nil {
			t.Fatalf("%q prints as %q, which fails: %v", src, printed, err)
		}
		if twice := expr.Print(again); twice != printed {
			t.Fatalf("%q prints as %q, and that as %q", src, printed, twice)
		}
		frame := &expr.Frame{Host: noHost{}, Budget: &expr.Budget{Left: 50_000}}
		v, err := frame.Eval(n)
		if frame.Budget.Left < -(4 << 20) {
			t.Fatalf("%q spent %d steps", src, 50_000-frame.Budget.Left)
		}
		if err != nil {
			return
		}
		text := expr.AppendJSON(nil, v)
		back, err := expr.FromJSON(text)
		if err != nil {
			t.Fatalf("%q gives %s, which is no JSON: %v", src, text, err)
		}
		if utf8.Valid(text) && expr.IsKnown(v) && !expr.Equal(back, v) {
			t.Fatalf("%q gives %s, which reads as %s", src, text, expr.AppendJSON(nil, back))
		}
	})
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "[", "[]", "[[]", "[[x]", "[x] y", "[[[", "]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if e := expr.Escape(s); expr.IsExpression(e) || expr.Unescape(e) != s {
			t.Fatalf("%q escapes to %q, which means %q", s, e, expr.Unescape(e))
		}
	})
}
