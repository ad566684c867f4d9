package expr

import (
	"math"
	"slices"
)

func array(c *call) (any, error) {
	if l, ok := c.args[0].([]any); ok {
		return l, nil
	}
	return []any{c.args[0]}, nil
}

func createArray(c *call) (any, error) {
	return append([]any{}, c.args...), nil
}

// seen finds equal values without comparing each with each: scalars by hash, the rest by their JSON.
type seen map[any]bool

func keyOf(v any) any {
	switch v := v.(type) {
	case []any, *Object:
		return string(appendCanonical(nil, v))
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	case string:
		return "'" + v
	}
	return v
}

// appendCanonical prints JSON with sorted keys, so that equal values print equally.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case []any:
		b = append(b, '[')
		for _, e := range v {
			b = append(appendCanonical(b, e), ',')
		}
		return append(b, ']')
	case *Object:
		keys := slices.Clone(v.keys)
		slices.Sort(keys)
		b = append(b, '{')
		for _, k := range keys {
			b = append(appendQuoted(b, k, '"'), ':')
			b = append(appendCanonical(b, v.values[v.find(k)]), ',')
		}
		return append(b, '}')
	case float64:
		if i, ok := keyOf(v).(int64); ok {
			return AppendJSON(b, i)
		}
	}
	return AppendJSON(b, v)
}

// add reports that v is new.
func (s seen) add(v any) bool {
	key := keyOf(v)
	if s[key] {
		return false
	}
	s[key] = true
	return true
}

func distinct(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	return appendDistinct([]any{}, seen{}, list), nil
}

func appendDistinct(out []any, known seen, list []any) []any {
	for _, e := range list {
		if known.add(e) {
			out = append(out, e)
		}
	}
	return out
}

func flatten(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, e := range list {
		inner, ok := e.([]any)
		if !ok {
			return nil, c.fault("expects its parameter to be an array of arrays. An element is of type '%s'.", TypeName(e))
		}
		if out = append(out, inner...); len(out) > maxValue {
			return nil, c.fault("makes an array larger than the limit of %d.", maxValue)
		}
	}
	return out, nil
}

func indexFromEnd(c *call) (any, error) {
	v, ok, err := c.fromEnd()
	if err == nil && !ok {
		return nil, c.fault("found the index '%v' out of bounds.", c.args[1])
	}
	return v, err
}

func tryIndexFromEnd(c *call) (any, error) {
	v, _, err := c.fromEnd()
	return v, err
}

// fromEnd counts from 1, the last element.
func (c *call) fromEnd() (any, bool, error) {
	if c.args[0] == nil {
		return nil, false, nil
	}
	list, err := c.list(0)
	if err != nil {
		return nil, false, err
	}
	i, err := c.integer(1)
	if err != nil || i < 1 || i > int64(len(list)) {
		return nil, false, err
	}
	return list[len(list)-int(i)], true, nil
}

func intersection(c *call) (any, error) {
	if _, ok := c.args[0].(*Object); ok {
		return c.intersectObjects()
	}
	out, err := c.list(0)
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(c.args); i++ {
		list, err := c.list(i)
		if err != nil {
			return nil, err
		}
		in := seen{}
		for _, e := range list {
			in.add(e)
		}
		var kept []any
		for _, e := range out {
			if in[keyOf(e)] {
				kept = append(kept, e)
			}
		}
		out = kept
	}
	return appendDistinct([]any{}, seen{}, out), nil
}

func (c *call) intersectObjects() (any, error) {
	objects := make([]*Object, len(c.args))
	for i := range c.args {
		var err error
		if objects[i], err = c.object(i); err != nil {
			return nil, err
		}
	}
	out := &Object{}
	for i, k := range objects[0].keys {
		common := !slices.ContainsFunc(objects[1:], func(o *Object) bool {
			v, ok := o.Get(k)
			return !ok || !Equal(v, objects[0].values[i])
		})
		if common {
			out.Set(k, objects[0].values[i])
		}
	}
	return out, nil
}

func union(c *call) (any, error) {
	if _, ok := c.args[0].(*Object); ok {
		out := &Object{}
		for i := range c.args {
			o, err := c.object(i)
			if err != nil {
				return nil, err
			}
			out = merge(out, o)
		}
		return out, nil
	}
	out, known := []any{}, seen{}
	for i := range c.args {
		list, err := c.list(i)
		if err != nil {
			return nil, err
		}
		out = appendDistinct(out, known, list)
	}
	return out, nil
}

// merge lets the keys of b win over those of a; objects merge, arrays are replaced.
func merge(a, b *Object) *Object {
	out := a.clone()
	for i, k := range b.keys {
		v := b.values[i]
		if inner, ok := v.(*Object); ok {
			if old, _ := out.Get(k); old != nil {
				if oldObject, ok := old.(*Object); ok {
					v = merge(oldObject, inner)
				}
			}
		}
		out.SetFold(k, v)
	}
	return out
}

func maximum(c *call) (any, error) { return c.extreme(func(a, b int64) int64 { return max(a, b) }) }
func minimum(c *call) (any, error) { return c.extreme(func(a, b int64) int64 { return min(a, b) }) }

func (c *call) extreme(pick func(a, b int64) int64) (any, error) {
	values := c.args
	if list, ok := c.args[0].([]any); ok && len(c.args) == 1 {
		values = list
	}
	if len(values) == 0 {
		return nil, c.fault("expects at least one integer. The array is empty.")
	}
	var out int64
	for i, v := range values {
		n, ok := v.(int64)
		if !ok {
			return nil, c.fault("expects an array of integers or integers as parameters. A value is of type '%s'.", TypeName(v))
		}
		if i == 0 {
			out = n
		}
		out = pick(out, n)
	}
	return out, nil
}

func rangeOf(c *call) (any, error) {
	start, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	count, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	if count < 0 || count > 10000 {
		return nil, c.fault("expects a count from 0 to 10000. The provided value is '%d'.", count)
	}
	if start < math.MinInt32 || start > math.MaxInt32 || count > 0 && start+count-1 > math.MaxInt32 {
		return nil, c.fault("expects all its values to lie from %d to %d. The start is '%d', the count '%d'.", math.MinInt32, math.MaxInt32, start, count)
	}
	out := make([]any, count)
	for i := range out {
		out[i] = start + int64(i)
	}
	return out, nil
}
