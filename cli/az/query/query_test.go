package query

import (
	"testing"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// The expectations are what Python's jmespath, which az uses, gives.
func TestSearch(t *testing.T) {
	const doc = `{"name":"a","z":1,"items":[{"n":"x","v":3,"on":true},{"n":"y","v":1,"on":false},{"n":"z"}],"deep":{"b":{"c":[1,[2,3]]}},"null":null}`
	for _, row := range []struct{ query, want string }{
		{"name", `"a"`},
		{"missing.more", `null`},
		{"items[0].n", `"x"`},
		{"items[-1].n", `"z"`},
		{"items[9]", `null`},
		{"items[].v", `[3,1]`},
		{"items[*].v", `[3,1]`},
		{"items[?on].n", `["x"]`},
		{"items[?v > `1`].n | [0]", `"x"`},
		{"items[?n=='y' || n=='z'].n", `["y","z"]`},
		{"items[?!on].n", `["y","z"]`},
		{"items[::-1].n", `["z","y","x"]`},
		{"items[0:2].[n,v]", `[["x",3],["y",1]]`},
		{"items[].{v:v,n:n}", `[{"v":3,"n":"x"},{"v":1,"n":"y"},{"v":null,"n":"z"}]`},
		{"deep.b.c[]", `[1,2,3]`},
		{"deep.*.c", `[[1,[2,3]]]`},
		{"length(items)", `3`},
		{"sort_by(items[?v], &v)[].n", `["y","x"]`},
		{"max_by(items[?v], &v).n", `"x"`},
		{"join(',', items[].n)", `"x,y,z"`},
		{"to_string(z)", `"1"`},
		{"to_number('1.5')", `1.5`},
		{"contains(name, 'a') && starts_with(name, 'a')", `true`},
		{"keys(deep)", `["b"]`},
		{"not_null(missing, name)", `"a"`},
		{"type(items)", `"array"`},
		{"sum(items[].v)", `4`},
		{"avg(items[].v)", `2.0`},
		{"reverse('abc')", `"cba"`},
		{"merge(deep, {x:z}).x", `1`},
		{"map(&n, items)", `["x","y","z"]`},
	} {
		v, err := value.Decode([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		q, err := Compile(row.query)
		if err != nil {
			t.Errorf("%s: %v", row.query, err)
			continue
		}
		got, err := q.Search(v)
		if err != nil {
			t.Errorf("%s: %v", row.query, err)
			continue
		}
		if text, err := value.Encode(got); err != nil || string(text) != row.want {
			t.Errorf("%s: %v\n got %s\nwant %s", row.query, err, text, row.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, expression := range []string{"[", "a.", "a ||", "items[?", "`", "$", "1 + 1", "let $x = a in $x"} {
		if _, err := Compile(expression); err == nil {
			t.Errorf("%s is taken", expression)
		}
	}
	for _, expression := range []string{"length(`1`)", "odd(@)", "sort(`[1,\"a\"]`)", "sum(`[\"a\"]`)"} {
		q, err := Compile(expression)
		if err != nil {
			continue
		}
		if v, err := q.Search(value.New()); err == nil {
			t.Errorf("%s gives %v", expression, v)
		}
	}
}
