package output

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// TSV gives one line an item, a tab between members: sorted by name, or, where a
// query chose them, in the query's order. Lists inside show their length, objects
// nothing.
func TSV(v any) []byte {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	var b strings.Builder
	for _, item := range items {
		switch item := item.(type) {
		case *value.Object:
			keys := item.Sorted()
			if item.Chosen() {
				keys = item.Keys()
			}
			for i, k := range keys {
				writeCell(&b, i, item.Get(k))
			}
		case []any:
			for i, v := range item {
				writeCell(&b, i, v)
			}
		case bool:
			b.WriteString(strings.ToLower(value.Text(item)))
		default:
			b.WriteString(value.Text(item))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func writeCell(b *strings.Builder, i int, v any) {
	if i > 0 {
		b.WriteByte('\t')
	}
	switch v := v.(type) {
	case []any:
		b.WriteString(value.Number(value.Int(len(v))))
	case *value.Object:
	default:
		b.WriteString(value.Text(v))
	}
}
