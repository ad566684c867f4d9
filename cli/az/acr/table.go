package acr

import (
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// rows makes tables as the registry's commands do: what is missing or empty is a
// blank, times are seconds in UTC, everything is text.
func rows(pairs ...string) func(any) any {
	one := func(v any) any {
		row := value.New()
		for i := 0; i < len(pairs); i += 2 {
			row.Set(pairs[i], cell(v, pairs[i+1]))
		}
		return row
	}
	return func(v any) any {
		if inner := value.List(v, "value"); inner != nil {
			v = inner
		}
		items, ok := v.([]any)
		if !ok {
			items = []any{v}
		}
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = one(item)
		}
		return out
	}
}

func cell(v any, path string) string {
	switch x := value.Path(v, path).(type) {
	case nil:
		return " "
	case string:
		if x == "" {
			return " "
		}
		if t, err := time.Parse("2006-01-02T15:04:05.999999999-07:00", x); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05Z")
		}
		return x
	case []any, *value.Object:
		return literal(x)
	default:
		return value.Text(x)
	}
}

// literal writes lists and objects as az's tables do: as Python would.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return "'" + strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), "'", `\'`) + "'"
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			words[i] = literal(item)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case *value.Object:
		words := make([]string, 0, v.Len())
		for _, k := range v.Keys() {
			words = append(words, literal(k)+": "+literal(v.Get(k)))
		}
		return "{" + strings.Join(words, ", ") + "}"
	}
	return value.Text(v)
}
