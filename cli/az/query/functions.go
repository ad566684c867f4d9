package query

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/jmespath-community/go-jmespath/pkg/parsing"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// function is one built-in: what each argument may be (types separated by |, the
// last of a variadic one ends with ...) and what it does.
type function struct {
	args []string
	do   func(args []any) (any, error)
}

// functions are all of the language.
var functions = map[string]function{
	"abs":         {[]string{"number"}, math1(math.Abs)},
	"avg":         {[]string{"array"}, average},
	"ceil":        {[]string{"number"}, math1(math.Ceil)},
	"contains":    {[]string{"array|string", "any"}, contains},
	"ends_with":   {[]string{"string", "string"}, texts(func(s, t string) any { return strings.HasSuffix(s, t) })},
	"floor":       {[]string{"number"}, math1(math.Floor)},
	"join":        {[]string{"string", "array"}, join},
	"keys":        {[]string{"object"}, keys},
	"length":      {[]string{"string|array|object"}, length},
	"map":         {[]string{"expref", "array"}, mapped},
	"max":         {[]string{"array"}, func(a []any) (any, error) { return extreme(a[0].([]any), 1) }},
	"max_by":      {[]string{"array", "expref"}, func(a []any) (any, error) { return extremeBy(a, 1) }},
	"merge":       {[]string{"object..."}, merge},
	"min":         {[]string{"array"}, func(a []any) (any, error) { return extreme(a[0].([]any), -1) }},
	"min_by":      {[]string{"array", "expref"}, func(a []any) (any, error) { return extremeBy(a, -1) }},
	"not_null":    {[]string{"any..."}, notNull},
	"reverse":     {[]string{"array|string"}, reverse},
	"sort":        {[]string{"array"}, func(a []any) (any, error) { return sorted(a[0].([]any), a[0].([]any)) }},
	"sort_by":     {[]string{"array", "expref"}, sortBy},
	"starts_with": {[]string{"string", "string"}, texts(func(s, t string) any { return strings.HasPrefix(s, t) })},
	"sum":         {[]string{"array"}, func(a []any) (any, error) { f, err := sum(a[0].([]any)); return number(f), err }},
	"to_array":    {[]string{"any"}, toArray},
	"to_number":   {[]string{"any"}, toNumber},
	"to_string":   {[]string{"any"}, toString},
	"type":        {[]string{"any"}, func(a []any) (any, error) { return kind(a[0]), nil }},
	"values":      {[]string{"object"}, values},
}

func call(n parsing.ASTNode, v any) (any, error) {
	name := n.Value.(string)
	f, ok := functions[name]
	if !ok {
		return nil, value.Said("Unknown function: %s()", name)
	}
	args := make([]any, len(n.Children))
	for i, c := range n.Children {
		var err error
		if args[i], err = evaluate(c, v); err != nil {
			return nil, err
		}
	}
	last := f.args[len(f.args)-1]
	variadic := strings.HasSuffix(last, "...")
	if len(args) != len(f.args) && (!variadic || len(args) < len(f.args)) {
		return nil, value.Said("Expected %d arguments for function %s(), received %d", len(f.args), name, len(args))
	}
	for i, a := range args {
		want := strings.TrimSuffix(f.args[min(i, len(f.args)-1)], "...")
		if got := kind(a); want != "any" && !slices.Contains(strings.Split(want, "|"), got) {
			return nil, value.Said("In function %s(), invalid type for value: %s, expected one of: ['%s'], received: \"%s\"",
				name, value.Text(a), strings.ReplaceAll(want, "|", "', '"), got)
		}
	}
	return f.do(args)
}

// kind is the name of a value's type.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "array"
	case expression:
		return "expref"
	}
	return "object"
}

func math1(f func(float64) float64) func([]any) (any, error) {
	return func(a []any) (any, error) {
		x, err := a[0].(json.Number).Float64()
		return number(f(x)), err
	}
}

func texts(f func(s, t string) any) func([]any) (any, error) {
	return func(a []any) (any, error) { return f(a[0].(string), a[1].(string)), nil }
}

func sum(items []any) (float64, error) {
	total := 0.0
	for _, item := range items {
		n, ok := item.(json.Number)
		if !ok {
			return 0, fmt.Errorf("a sum needs numbers, not %s", kind(item))
		}
		f, err := n.Float64()
		if err != nil {
			return 0, err
		}
		total += f
	}
	return total, nil
}

func average(a []any) (any, error) {
	items := a[0].([]any)
	if len(items) == 0 {
		return nil, nil
	}
	total, err := sum(items)
	return value.Float(total / float64(len(items))), err
}

func contains(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		t, ok := a[1].(string)
		return ok && strings.Contains(s, t), nil
	}
	return slices.ContainsFunc(a[0].([]any), func(v any) bool { return equal(v, a[1]) }), nil
}

func join(a []any) (any, error) {
	var parts []string
	for _, item := range a[1].([]any) {
		s, ok := item.(string)
		if !ok {
			return nil, value.Said("In function join(), invalid type for value: %s, expected one of: ['string'], received: \"%s\"", value.Text(item), kind(item))
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, a[0].(string)), nil
}

func keys(a []any) (any, error) { return value.Of(a[0].(*value.Object).Keys()) }

func values(a []any) (any, error) {
	o, out := a[0].(*value.Object), []any{}
	for _, k := range o.Keys() {
		out = append(out, o.Get(k))
	}
	return out, nil
}

func length(a []any) (any, error) {
	switch v := a[0].(type) {
	case string:
		return value.Int(len([]rune(v))), nil
	case []any:
		return value.Int(len(v)), nil
	}
	return value.Int(a[0].(*value.Object).Len()), nil
}

// apply evaluates an argument such as &name over each item.
func apply(e any, items []any) ([]any, error) {
	out := make([]any, len(items))
	for i, item := range items {
		var err error
		if out[i], err = e.(expression).over(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func mapped(a []any) (any, error) {
	out, err := apply(a[0], a[1].([]any))
	return out, err
}

func extreme(items []any, sign int) (any, error) {
	i, err := extremeAt(items, sign)
	if err != nil || i < 0 {
		return nil, err
	}
	return items[i], nil
}

func extremeBy(a []any, sign int) (any, error) {
	items := a[0].([]any)
	by, err := apply(a[1], items)
	if err != nil {
		return nil, err
	}
	i, err := extremeAt(by, sign)
	if err != nil || i < 0 {
		return nil, err
	}
	return items[i], nil
}

// extremeAt finds the greatest (sign 1) or least (-1); -1 of nothing.
func extremeAt(items []any, sign int) (int, error) {
	best := -1
	for i := range items {
		if best < 0 {
			best = 0
			continue
		}
		order, ok := ordered(items[i], items[best])
		if !ok {
			return 0, fmt.Errorf("%s and %s cannot be compared", kind(items[i]), kind(items[best]))
		}
		if order*sign > 0 {
			best = i
		}
	}
	return best, nil
}

func merge(a []any) (any, error) {
	out := value.New().Choose()
	for _, v := range a {
		o := v.(*value.Object)
		for _, k := range o.Keys() {
			out.Set(k, o.Get(k))
		}
	}
	return out, nil
}

func notNull(a []any) (any, error) {
	for _, v := range a {
		if v != nil {
			return v, nil
		}
	}
	return nil, nil
}

func reverse(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		r := []rune(s)
		slices.Reverse(r)
		return string(r), nil
	}
	out := slices.Clone(a[0].([]any))
	slices.Reverse(out)
	return out, nil
}

// sorted orders items by keys of the same length; the order of equals stays.
func sorted(items, by []any) (any, error) {
	at := make([]int, len(items))
	for i := range at {
		at[i] = i
	}
	var problem error
	sort.SliceStable(at, func(i, j int) bool {
		order, ok := ordered(by[at[i]], by[at[j]])
		if !ok {
			problem = fmt.Errorf("%s and %s cannot be compared", kind(by[at[i]]), kind(by[at[j]]))
		}
		return order < 0
	})
	out := make([]any, len(items))
	for i, n := range at {
		out[i] = items[n]
	}
	return out, problem
}

func sortBy(a []any) (any, error) {
	items := a[0].([]any)
	by, err := apply(a[1], items)
	if err != nil {
		return nil, err
	}
	return sorted(items, by)
}

func toArray(a []any) (any, error) {
	if list, ok := a[0].([]any); ok {
		return list, nil
	}
	return []any{a[0]}, nil
}

func toNumber(a []any) (any, error) {
	switch v := a[0].(type) {
	case json.Number:
		return v, nil
	case string:
		n := json.Number(strings.TrimSpace(v))
		if _, err := n.Float64(); err == nil {
			return n, nil
		}
	}
	return nil, nil
}

func toString(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		return s, nil
	}
	data, err := value.Encode(a[0])
	return string(data), err
}
