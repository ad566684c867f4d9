package expr

import "slices"

func strayLambda(*call) (any, error) {
	return nil, errorf("The template function 'lambda' is not expected at this location. It is an argument of filter, groupBy, map, mapValues, reduce, sort or toObject.")
}

// collection evaluates argument 0, an array; known is false when it cannot be known yet.
func (c *call) collection() (list []any, known bool, err error) {
	v, err := c.eval(0)
	if err != nil {
		return nil, false, err
	}
	switch v := v.(type) {
	case Unknown:
		return nil, false, nil
	case []any:
		return v, true, nil
	}
	return nil, false, errorf("The template language function '%s' expects its first argument to be an array. The provided value is of type '%s'."+seeFunctions, c.node.Name, TypeName(v))
}

// each applies the lambda of argument 1 to every element, with its index.
func (c *call) each(do func(e, result any) error) (known bool, err error) {
	list, known, err := c.collection()
	if err != nil || !known {
		return false, err
	}
	l, err := c.lambdaAt(1, 1, 2)
	if err != nil {
		return false, err
	}
	known = true
	for i, e := range list {
		v, err := c.apply(l, e, int64(i))
		if err != nil {
			return false, err
		}
		if _, unknown := v.(Unknown); unknown {
			known = false
		}
		if err := do(e, v); err != nil {
			return false, err
		}
	}
	return known, nil
}

func mapArray(c *call) (any, error) {
	list, known, err := c.collection()
	if err != nil {
		return nil, err
	}
	if !known {
		return c.blind()
	}
	l, err := c.lambdaAt(1, 1, 2)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(list))
	for i, e := range list {
		if out[i], err = c.apply(l, e, int64(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func filter(c *call) (any, error) {
	out := []any{}
	known, err := c.each(func(e, result any) error {
		keep, err := c.verdict(result)
		if keep {
			out = append(out, e)
		}
		return err
	})
	return c.unless(known, out, err)
}

// verdict reads the boolean a lambda gave; an unknown one is false.
func (c *call) verdict(v any) (bool, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case Unknown:
		return false, nil
	}
	return false, errorf("The template language function '%s' expects its lambda function to give a boolean. It gave a value of type '%s'.", c.node.Name, TypeName(v))
}

// key reads the string a lambda gave.
func (c *call) key(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case Unknown:
		return "", nil
	}
	return "", errorf("The template language function '%s' expects its lambda function to give a string. It gave a value of type '%s'.", c.node.Name, TypeName(v))
}

// unless gives out, or unknown when it could not be computed.
func (c *call) unless(known bool, out any, err error) (any, error) {
	switch {
	case err != nil:
		return nil, err
	case !known:
		return c.blind()
	}
	return out, c.f.spend(1)
}

func groupBy(c *call) (any, error) {
	groups := &Object{}
	known, err := c.each(func(e, result any) error {
		key, err := c.key(result)
		if err != nil {
			return err
		}
		list, _ := groups.Get(key)
		group, _ := list.([]any)
		groups.SetFold(key, append(group, e))
		return nil
	})
	return c.unless(known, groups, err)
}

func mapValues(c *call) (any, error) {
	v, err := c.eval(0)
	if err != nil {
		return nil, err
	}
	if _, ok := v.(Unknown); ok {
		return c.blind()
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, errorf("The template language function 'mapValues' expects its first argument to be an object. The provided value is of type '%s'.", TypeName(v))
	}
	l, err := c.lambdaAt(1, 1, 1)
	if err != nil {
		return nil, err
	}
	out := &Object{}
	for i, k := range o.keys {
		v, err := c.apply(l, o.values[i])
		if err != nil {
			return nil, err
		}
		out.Set(k, v)
	}
	return out, nil
}

func reduce(c *call) (any, error) {
	list, known, err := c.collection()
	if err != nil {
		return nil, err
	}
	acc, err := c.eval(1)
	if err != nil {
		return nil, err
	}
	if !known {
		return c.blind()
	}
	l, err := c.lambdaAt(2, 2, 3)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		if acc, err = c.apply(l, acc, e, int64(i)); err != nil {
			return nil, err
		}
	}
	return acc, nil
}

func sortArray(c *call) (any, error) {
	list, known, err := c.collection()
	if err != nil {
		return nil, err
	}
	if !known {
		return c.blind()
	}
	l, err := c.lambdaAt(1, 2, 2)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(list)
	before := func(a, b any) bool {
		if err != nil || !known {
			return false
		}
		var v any
		if v, err = c.apply(l, a, b); err != nil {
			return false
		}
		if _, unknown := v.(Unknown); unknown {
			known = false
		}
		var yes bool
		yes, err = c.verdict(v)
		return yes
	}
	slices.SortStableFunc(out, func(a, b any) int {
		switch {
		case before(a, b):
			return -1
		case before(b, a):
			return 1
		}
		return 0
	})
	return c.unless(known, out, err)
}

func toObject(c *call) (any, error) {
	list, known, err := c.collection()
	if err != nil {
		return nil, err
	}
	if !known {
		return c.blind()
	}
	keyOf, err := c.lambdaAt(1, 1, 1)
	if err != nil {
		return nil, err
	}
	var valueOf *lambda
	if len(c.node.Args) == 3 {
		if valueOf, err = c.lambdaAt(2, 1, 1); err != nil {
			return nil, err
		}
	}
	out := &Object{}
	for _, e := range list {
		k, err := c.apply(keyOf, e)
		if err != nil {
			return nil, err
		}
		if _, unknown := k.(Unknown); unknown {
			known = false
		}
		key, err := c.key(k)
		if err != nil {
			return nil, err
		}
		value := e
		if valueOf != nil {
			if value, err = c.apply(valueOf, e); err != nil {
				return nil, err
			}
		}
		out.SetFold(key, value)
	}
	return c.unless(known, out, nil)
}
