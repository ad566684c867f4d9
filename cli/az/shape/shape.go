package shape

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Models are the models of one table, read when they are first needed. Not safe
// for concurrent use.
type Models struct {
	text   string
	parsed map[string]*model
}

// model is one line of a table.
type model struct {
	members []member
	known   []string // the first segments of the paths
}

type member struct {
	name string
	path []string
	kind string
}

// Read takes a table of models.
func Read(table string) *Models { return &Models{text: table, parsed: map[string]*model{}} }

// find parses the line of a model. It panics when there is none, which only a
// mistake in a table makes.
func (m *Models) find(name string) *model {
	if found, ok := m.parsed[name]; ok {
		return found
	}
	for line := range strings.Lines(m.text) {
		if rest, ok := strings.CutPrefix(line, name+": "); ok {
			m.parsed[name] = parse(rest)
			return m.parsed[name]
		}
	}
	panic("there is no model " + name)
}

func parse(line string) *model {
	found := &model{}
	for f := range strings.FieldsSeq(line) {
		one := member{}
		f, one.kind, _ = strings.Cut(f, ":")
		name, path, ok := strings.Cut(f, "=")
		if !ok {
			path = name
		}
		one.name, one.path = name, strings.Split(path, ".")
		for i, p := range one.path {
			one.path[i] = strings.ReplaceAll(p, "~", ".") // a dot in a name
		}
		found.members = append(found.members, one)
		found.known = append(found.known, one.path[0])
	}
	return found
}

// Apply gives v, a resource or a list of them from the wire, the form of a model.
func (m *Models) Apply(name string, v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = m.Apply(name, item)
		}
		return out
	case *value.Object:
		return m.object(m.find(name), v)
	}
	return v
}

func (m *Models) object(as *model, o *value.Object) *value.Object {
	out := value.New()
	for _, member := range as.members {
		var v any = o
		for _, p := range member.path {
			inner, _ := v.(*value.Object)
			v = inner.Get(p)
		}
		out.Set(member.name, m.convert(member.kind, v))
	}
	for _, k := range o.Keys() {
		if !slices.Contains(as.known, k) {
			out.Set(k, o.Get(k))
		}
	}
	return out
}

// convert gives v a type.
func (m *Models) convert(kind string, v any) any {
	switch {
	case v == nil || kind == "" || kind == "str":
		return v
	case kind == "time":
		return Time(v)
	case kind == "float":
		return asFloat(v)
	case kind[0] == '[':
		items, ok := v.([]any)
		if !ok {
			return v
		}
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = m.convert(kind[1:len(kind)-1], item)
		}
		return out
	case kind[0] == '{':
		o, ok := v.(*value.Object)
		if !ok {
			return v
		}
		out := value.New()
		for _, k := range o.Keys() {
			out.Set(k, m.convert(kind[1:len(kind)-1], o.Get(k)))
		}
		return out
	}
	return m.Apply(kind, v)
}

// Time is a time of the wire as Python's isoformat gives it: microseconds where
// there are any, and an offset.
func Time(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if t, err = time.Parse("2006-01-02T15:04:05.999999999", s); err != nil {
			return v
		}
	}
	return ISO(t)
}

// ISO is t as Python's isoformat gives it.
func ISO(t time.Time) string {
	layout := "2006-01-02T15:04:05"
	if t.Nanosecond()/1000 > 0 {
		layout += ".000000"
	}
	return t.Truncate(time.Microsecond).Format(layout + "-07:00")
}

// Unix is seconds since 1970, as the wire of key vaults has them, in the form of
// [ISO].
func Unix(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	s, err := n.Int64()
	if err != nil {
		return v
	}
	return ISO(time.Unix(s, 0).UTC())
}

func asFloat(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	f, err := n.Float64()
	if err != nil {
		return v
	}
	return value.Float(f)
}

// Check reads every model of the table and reports types that are not there;
// for tests.
func (m *Models) Check() error {
	for line := range strings.Lines(m.text) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		for _, member := range parse(rest).members {
			kind := strings.Trim(member.kind, "[]{}")
			if slices.Contains([]string{"", "str", "time", "float"}, kind) {
				continue
			}
			if !strings.Contains("\n"+m.text, "\n"+kind+": ") {
				return fmt.Errorf("model %s: %s has the type %s, which is not there", name, member.name, kind)
			}
		}
	}
	return nil
}
