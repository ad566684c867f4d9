package graph

import (
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// decode reads the body into v and sorts what v has no field for: descriptive
// properties of the table allowed are returned under their proper spelling,
// anything else is an error. OData annotations are skipped.
func decode(r *httpd.Request, kind string, v any, allowed []string) (map[string]any, error) {
	unknown, err := httpd.Decode(r, v)
	if err != nil {
		return nil, err
	}
	extra := map[string]any{}
	for key, value := range unknown {
		name := ""
		for _, a := range allowed {
			if strings.EqualFold(a, key) {
				name = a
			}
		}
		switch {
		case name != "":
			extra[name] = value
		case !strings.HasPrefix(key, "@") && !strings.Contains(key, "@odata."):
			return nil, badRequest(key, "The property '%s' is not a property of %s that can be set. Leave it out.", key, kind)
		}
	}
	return extra, nil
}

// lay puts the keys of extra over those of have; null removes.
func lay(have, extra map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range have {
		out[k] = v
	}
	for k, v := range extra {
		if out[k] = v; v == nil {
			delete(out, k)
		}
	}
	return out
}

// timeLayouts are the forms of times that clients send; without zone it is UTC.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02"}

// parseTime reads a time; "" is the zero time.
func parseTime(target, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, l := range timeLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, badRequest(target, "The value '%s' of %s is not a time. Write it as 2006-01-02T15:04:05Z.", s, target)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// listOf is s, or an empty list that JSON writes as [].
func listOf[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// stringsOf gives the strings of a list read from JSON.
func stringsOf(v any) []string {
	var out []string
	list, _ := v.([]any)
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
