package output

import (
	"fmt"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Formats are the names --output takes.
var Formats = []string{"json", "jsonc", "yaml", "yamlc", "table", "tsv", "none"}

// Result is what a command made and how it wants to be shown.
type Result struct {
	Value   any
	Queried bool // --query chose it
	// Table reshapes the value for tables, unless a query chose it; nil shows the
	// value's own members.
	Table func(any) any
}

// Print gives the result in a format, with colours where the format has them
// and colour says that they can be seen.
func Print(r Result, format string, colour bool) ([]byte, error) {
	switch format {
	case "json":
		return JSON(r.Value, false), nil
	case "jsonc":
		return JSON(r.Value, colour), nil
	case "yaml":
		return YAML(r.Value), nil
	case "yamlc":
		if colour {
			return paintYAML(YAML(r.Value)), nil
		}
		return YAML(r.Value), nil
	case "tsv":
		return TSV(r.Value), nil
	case "none":
		return nil, nil
	case "table":
		v := r.Value
		if r.Table != nil && !r.Queried {
			v = r.Table(v)
		}
		return Table(v, !r.Queried && r.Table == nil), nil
	}
	return nil, fmt.Errorf("there is no output format %q", format)
}

// Columns makes a table of each item's values at paths: pairs of a header and a
// path such as "properties.provisioningState". What is missing is null.
func Columns(pairs ...string) func(any) any {
	one := func(v any) any {
		row := value.New()
		for i := 0; i+1 < len(pairs); i += 2 {
			row.Set(pairs[i], value.Path(v, pairs[i+1]))
		}
		return row
	}
	return func(v any) any {
		items, ok := v.([]any)
		if !ok {
			return one(v)
		}
		rows := make([]any, len(items))
		for i, item := range items {
			rows[i] = one(item)
		}
		return rows
	}
}
