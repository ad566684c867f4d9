package expr

import (
	"slices"
	"strings"
)

func createObject(c *call) (any, error) {
	if len(c.args)%2 != 0 {
		return nil, c.fault("expects an even number of parameters, keys and values by turns. %d were provided.", len(c.args))
	}
	o := &Object{}
	for i := 0; i < len(c.args); i += 2 {
		key, err := c.text(i)
		if err != nil {
			return nil, err
		}
		o.Set(key, c.args[i+1])
	}
	return o, nil
}

// sortedKeys orders keys as items() and objectKeys() do: ordinal, ignoring case.
func sortedKeys(o *Object) []string {
	keys := slices.Clone(o.keys)
	slices.SortStableFunc(keys, func(a, b string) int {
		if by := strings.Compare(strings.ToUpper(a), strings.ToUpper(b)); by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	return keys
}

func items(c *call) (any, error) {
	o, err := c.object(0)
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, o.Len())
	for _, key := range sortedKeys(o) {
		out = append(out, NewObject("key", key, "value", o.values[o.find(key)]))
	}
	return out, nil
}

func objectKeys(c *call) (any, error) {
	o, err := c.object(0)
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, o.Len())
	for _, key := range sortedKeys(o) {
		out = append(out, key)
	}
	return out, nil
}

func shallowMerge(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	out := &Object{}
	for _, e := range list {
		o, ok := e.(*Object)
		if !ok {
			return nil, c.fault("expects its parameter to be an array of objects. An element is of type '%s'.", TypeName(e))
		}
		for i, k := range o.keys {
			out.SetFold(k, o.values[i])
		}
	}
	return out, nil
}

func null(*call) (any, error) { return nil, nil }

// tryGet follows keys and indexes and gives null where there is nothing.
func tryGet(c *call) (any, error) {
	v := c.args[0]
	for i, key := range c.args[1:] {
		switch key := key.(type) {
		case string:
			o, ok := v.(*Object)
			if !ok {
				if _, isList := v.([]any); isList {
					return nil, c.wrong(i+1, "an integer, as the value is an array")
				}
				return nil, nil
			}
			v, _ = o.Get(key)
		case int64:
			list, ok := v.([]any)
			if !ok {
				if _, isObject := v.(*Object); isObject {
					return nil, c.wrong(i+1, "a string, as the value is an object")
				}
				return nil, nil
			}
			if key < 0 || key >= int64(len(list)) {
				return nil, nil
			}
			v = list[key]
		default:
			return nil, c.wrong(i+1, "a string or an integer")
		}
	}
	return v, nil
}

func fail(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	return nil, errorf("%s", s)
}

// extensionResourceID is extensionResourceId(base, type, names...).
func extensionResourceID(c *call) (any, error) {
	base, err := c.text(0)
	if err != nil {
		return nil, err
	}
	below, err := c.typed(1)
	return strings.TrimSuffix(base, "/") + below, err
}

func tenantResourceID(c *call) (any, error) { return c.typed(0) }

// typed reads arguments from i on as a type and its names.
func (c *call) typed(i int) (string, error) {
	parts := make([]string, 0, len(c.args))
	for j := i; j < len(c.args); j++ {
		s, err := c.text(j)
		if err != nil {
			return "", err
		}
		parts = append(parts, s)
	}
	path, ok := ProviderPath(parts[0], parts[1:])
	if !ok {
		return "", c.fault("expects as many resource names as the type '%s' has segments below its namespace. %d were provided.", clip(parts[0]), len(parts)-1)
	}
	return path, nil
}

// ProviderPath joins a type and its names: ProviderPath("A.B/c/d", {"1", "2"}) is "/providers/A.B/c/1/d/2". ok is false
// when their numbers do not fit. A slash at the end of the type is ignored.
func ProviderPath(typ string, names []string) (path string, ok bool) {
	segments := strings.Split(strings.TrimSuffix(typ, "/"), "/")
	if len(segments) < 2 || len(segments) != len(names)+1 || slices.Contains(segments, "") {
		return "", false
	}
	var b strings.Builder
	b.WriteString("/providers/" + segments[0])
	for i, s := range segments[1:] {
		b.WriteString("/" + s + "/" + names[i])
	}
	return b.String(), true
}
