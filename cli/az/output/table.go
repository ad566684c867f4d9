package output

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// hidden are members that tables made of whole resources leave out.
var hidden = []string{"id", "type", "etag"}

// Table draws v, an object or a list of them, in the style "simple" of tabulate.
// sorted orders the columns by name, as az does where nobody chose them. Members
// that are objects, lists or null make no column.
func Table(v any, sorted bool) []byte {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	if len(items) == 0 {
		return []byte("\n")
	}
	var columns []string
	rows := make([]map[string]string, len(items))
	for i, item := range items {
		row := tableRow(item, sorted)
		rows[i] = map[string]string{}
		for _, k := range row.Keys() {
			rows[i][k] = cell(row.Get(k))
			if !slices.Contains(columns, k) {
				columns = append(columns, k)
			}
		}
	}
	if len(columns) == 0 {
		return []byte("\n")
	}
	return []byte(draw(columns, rows) + "\n")
}

// tableRow is one item as its columns.
func tableRow(item any, sorted bool) *value.Object {
	row := value.New()
	switch item := item.(type) {
	case *value.Object:
		keys := item.Keys()
		if sorted {
			keys = item.Sorted()
		}
		for _, k := range keys {
			if v := item.Get(k); !slices.Contains(hidden, k) && isCell(v) {
				row.Set(capital(k), v)
			}
		}
	case []any:
		for i, v := range item {
			row.Set("Column"+string(value.Int(i+1)), v)
		}
	default:
		row.Set("Result", item)
	}
	return row
}

func isCell(v any) bool {
	switch v.(type) {
	case nil, []any, *value.Object:
		return false
	}
	return true
}

func capital(k string) string {
	if k == "" {
		return k
	}
	_, n := utf8.DecodeRuneInString(k)
	return strings.ToUpper(k[:n]) + k[n:]
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case json.Number:
		return value.Number(v)
	}
	return strings.TrimSpace(value.Text(v))
}

// padding is what tabulate adds to a header's width.
const padding = 2

func draw(columns []string, rows []map[string]string) string {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = utf8.RuneCountInString(c) + padding
		for _, row := range rows {
			for line := range strings.SplitSeq(row[c], "\n") {
				widths[i] = max(widths[i], utf8.RuneCountInString(line))
			}
		}
	}
	lines := []string{line(columns, widths)}
	rule := make([]string, len(columns))
	for i, w := range widths {
		rule[i] = strings.Repeat("-", w)
	}
	lines = append(lines, strings.Join(rule, "  "))
	for _, row := range rows {
		lines = append(lines, wrapped(columns, row, widths)...)
	}
	return strings.Join(lines, "\n")
}

// wrapped are the lines of a row; a cell with line ends makes several.
func wrapped(columns []string, row map[string]string, widths []int) []string {
	parts, height := make([][]string, len(columns)), 1
	for i, c := range columns {
		parts[i] = strings.Split(row[c], "\n")
		height = max(height, len(parts[i]))
	}
	lines := make([]string, height)
	for n := range height {
		cells := make([]string, len(columns))
		for i := range columns {
			if n < len(parts[i]) {
				cells[i] = parts[i][n]
			}
		}
		lines[n] = line(cells, widths)
	}
	return lines
}

func line(cells []string, widths []int) string {
	padded := make([]string, len(cells))
	for i, c := range cells {
		padded[i] = c + strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c)))
	}
	return strings.TrimRight(strings.Join(padded, "  "), " ")
}
