package expr

import "strings"

func yes(*call) (any, error) { return true, nil }
func no(*call) (any, error)  { return false, nil }

func (c *call) truth(i int) (bool, error) {
	b, ok := c.args[i].(bool)
	if !ok {
		return false, c.wrong(i, "a boolean")
	}
	return b, nil
}

func and(c *call) (any, error) { return c.until(false) }
func or(c *call) (any, error)  { return c.until(true) }

// until evaluates the arguments from the left and stops at the first that is end.
func (c *call) until(end bool) (any, error) {
	for i := range c.node.Args {
		v, err := c.eval(i)
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case bool:
			if v == end {
				return end, nil
			}
		case Unknown:
			return c.unsure(i + 1)
		default:
			return nil, errorf("The template language function '%s' expects parameter %d to be a boolean. The provided value is of type '%s'."+seeFunctions, c.node.Name, i+1, TypeName(v))
		}
	}
	return !end, nil
}

// unsure evaluates the arguments from i on, of which it is not known whether they will be, to see what they refer to. They
// may fail, as what guards them is not known.
func (c *call) unsure(i int) (any, error) {
	for ; i < len(c.node.Args); i++ {
		if _, err := c.eval(i); err != nil && c.f.Budget.Left < 0 {
			return nil, err
		}
	}
	return c.f.unknown(c.node)
}

func not(c *call) (any, error) {
	b, err := c.truth(0)
	return !b, err
}

func boolean(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return nil, c.fault("cannot convert provided value '%s' to boolean value.", clip(v))
	}
	return nil, c.wrong(0, "a string, an integer or a boolean")
}

// ifElse evaluates only the branch it takes; of an unknown condition both, to see what they refer to.
func ifElse(c *call) (any, error) {
	condition, err := c.eval(0)
	if err != nil {
		return nil, err
	}
	switch condition := condition.(type) {
	case bool:
		if condition {
			return c.eval(1)
		}
		return c.eval(2)
	case Unknown:
		return c.unsure(1)
	}
	return nil, errorf("The template language function 'if' expects parameter 1 to be a boolean. The provided value is of type '%s'."+seeFunctions, TypeName(condition))
}

// coalesce stops at the first argument that is not null.
func coalesce(c *call) (any, error) {
	for i := range c.node.Args {
		v, err := c.eval(i)
		if err != nil {
			return nil, err
		}
		if _, ok := v.(Unknown); ok {
			return c.unsure(i + 1)
		}
		if v != nil {
			return v, nil
		}
	}
	return nil, nil
}

func equals(c *call) (any, error) { return Equal(c.args[0], c.args[1]), nil }

func greater(c *call) (any, error)         { return c.compare(func(by int) bool { return by > 0 }) }
func greaterOrEquals(c *call) (any, error) { return c.compare(func(by int) bool { return by >= 0 }) }
func less(c *call) (any, error)            { return c.compare(func(by int) bool { return by < 0 }) }
func lessOrEquals(c *call) (any, error)    { return c.compare(func(by int) bool { return by <= 0 }) }

func (c *call) compare(holds func(by int) bool) (any, error) {
	if a, ok := c.args[0].(string); ok {
		b, err := c.text(1)
		return holds(strings.Compare(a, b)), err
	}
	a, okA := numeric(c.args[0])
	b, okB := numeric(c.args[1])
	switch {
	case !okA:
		return nil, c.wrong(0, "a number or a string")
	case !okB:
		return nil, c.wrong(1, "a number")
	}
	if x, ok := c.args[0].(int64); ok { // floats cannot tell large integers apart
		if y, ok := c.args[1].(int64); ok {
			switch {
			case x < y:
				return holds(-1), nil
			case x > y:
				return holds(1), nil
			}
			return holds(0), nil
		}
	}
	switch {
	case a < b:
		return holds(-1), nil
	case a > b:
		return holds(1), nil
	}
	return holds(0), nil
}

func numeric(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
