package expr

import (
	"errors"
	"strings"
)

// Host answers the functions whose result depends on the deployment, and the user functions.
type Host interface {
	// Call answers the function, spelled as in the template, whose arity was checked. namespace is set for user functions.
	// An error that is no *Error is passed through with its chain.
	Call(f *Frame, namespace, name string, args []any) (any, error)
}

// Budget bounds one evaluation, across all frames that share it.
type Budget struct{ Left int }

// DefaultBudget is enough for any template that a person wrote: about a second.
const DefaultBudget = 5_000_000

// maxValue bounds the bytes of a string and the elements of an array that a function makes.
const maxValue = 4 << 20

// maxDepth bounds how deep user functions call each other.
const maxDepth = 64

// Frame evaluates expressions. It is used by one goroutine.
type Frame struct {
	Host   Host
	Budget *Budget
	// Secure is set when a value was used that must not be shown. The caller clears it between values.
	Secure bool
	// Listed is set by the host when the answer of a list function, which may hold keys, was used.
	Listed bool
	// Partial is set when an unknown value was met.
	Partial bool
	// Depth is how deep user functions have called each other.
	Depth   int
	lambdas *binding
}

// binding is one variable of a lambda.
type binding struct {
	name  string // lower case
	value any
	outer *binding
}

func (f *Frame) spend(n int) error {
	f.Budget.Left -= n + 1
	if f.Budget.Left < 0 {
		return errorf("The evaluation of the template takes too many steps. Reduce the loops in its expressions.")
	}
	return nil
}

// Deeper counts a call of a user function from f; it fails when they nest too deep.
func (f *Frame) Deeper(name string) (int, error) {
	if f.Depth >= maxDepth {
		return 0, errorf("The user function '%s' is called more than %d levels deep.", name, maxDepth)
	}
	return f.Depth + 1, nil
}

// Eval gives the value of n. The error is an *Error.
func (f *Frame) Eval(n Node) (any, error) {
	if err := f.spend(0); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *Text:
		return n.Value, nil
	case *Integer:
		return n.Value, nil
	case *Call:
		return f.call(n)
	case *Property:
		of, err := f.Eval(n.Of)
		if err != nil {
			return nil, err
		}
		return f.property(n, of, n.Name)
	case *Index:
		of, err := f.Eval(n.Of)
		if err != nil {
			return nil, err
		}
		key, err := f.Eval(n.Key)
		if err != nil {
			return nil, err
		}
		return f.indexed(n, of, key)
	}
	return nil, errorf("The language expression is not valid.")
}

func (f *Frame) unknown(n Node) (any, error) {
	f.Partial = true
	return Unknown{Source: Print(n)}, nil
}

func (f *Frame) property(n Node, of any, name string) (any, error) {
	switch of := of.(type) {
	case Unknown:
		return f.unknown(n)
	case *Object:
		if v, ok := of.Get(name); ok {
			return v, nil
		}
		return nil, errorf("The language expression property '%s' doesn't exist, available properties are '%s'.", name, strings.Join(of.keys, ", "))
	}
	return nil, errorf("The language expression property '%s' can't be evaluated: the value before it is of type '%s', expected is 'Object'.", name, TypeName(of))
}

func (f *Frame) indexed(n Node, of, key any) (any, error) {
	if _, ok := of.(Unknown); ok {
		return f.unknown(n)
	}
	switch key := key.(type) {
	case Unknown:
		return f.unknown(n)
	case string:
		return f.property(n, of, key)
	case int64:
		list, ok := of.([]any)
		if !ok {
			return nil, errorf("The language expression property '%d' can't be evaluated: the value before it is of type '%s', expected is 'Array'.", key, TypeName(of))
		}
		if key < 0 || key >= int64(len(list)) {
			return nil, errorf("The language expression property array index '%d' is out of bounds.", key)
		}
		return list[key], nil
	}
	return nil, errorf("The language expression property can't be evaluated: an index is of type '%s', expected is 'String' or 'Integer'.", TypeName(key))
}

// function is one row of the table.
type function struct {
	min, max int // max < 0: open
	eval     func(c *call) (any, error)
	lazy     bool  // eval evaluates the arguments itself
	class    Class // what the function needs
}

// call is one call being evaluated.
type call struct {
	f    *Frame
	node *Call
	args []any
}

func (f *Frame) call(n *Call) (any, error) {
	if err := Check(n); err != nil {
		return nil, err
	}
	c := &call{f: f, node: n}
	if n.fn != nil && n.fn.lazy {
		return n.fn.eval(c)
	}
	c.args = make([]any, len(n.Args))
	known := true
	for i, arg := range n.Args {
		v, err := f.Eval(arg)
		if err != nil {
			return nil, err
		}
		c.args[i] = v
		known = known && (!f.Partial || IsKnown(v))
	}
	var v any
	var err error
	switch {
	case n.fn == nil || n.fn.class != Pure: // the host wants to see unknown arguments too
		v, err = f.Host.Call(f, n.Namespace, n.Name, c.args)
	case !known:
		return f.unknown(n)
	default:
		v, err = n.fn.eval(c)
	}
	if err != nil {
		return nil, failed(err)
	}
	if u, ok := v.(Unknown); ok {
		if u.Source == "" {
			return f.unknown(n)
		}
		f.Partial = true
	}
	if n.Class() != Pure {
		return v, nil // it is there already; only looked up
	}
	return v, f.charge(n, v)
}

// charge pays for a new value and refuses enormous ones.
func (f *Frame) charge(n *Call, v any) error {
	size, price := 0, 0
	switch v := v.(type) {
	case string:
		size, price = len(v), len(v)/8
	case []any:
		size, price = len(v), len(v)/2
	case *Object:
		size, price = v.Len(), v.Len()
	}
	if size > maxValue {
		return errorf("The result of the template language function '%s' is larger than the limit of %d.", n.Name, maxValue)
	}
	return f.spend(price)
}

// failed makes an *Error of what a function or the host returned.
func failed(err error) error {
	var own *Error
	if !errors.As(err, &own) {
		return &Error{Msg: err.Error(), Cause: err}
	}
	return own
}

// lambda is a function written in a template: lambda('x', body).
type lambda struct {
	names []string
	body  Node
}

// lambdaAt reads argument i, which must be a lambda of least to most variables.
func (c *call) lambdaAt(i, least, most int) (*lambda, error) {
	n, ok := c.node.Args[i].(*Call)
	if !ok || n.Namespace != "" || !strings.EqualFold(n.Name, "lambda") || len(n.Args) == 0 {
		return nil, errorf("The template language function '%s' expects its argument %d to be a lambda function.", c.node.Name, i+1)
	}
	l := &lambda{body: n.Args[len(n.Args)-1]}
	for _, arg := range n.Args[:len(n.Args)-1] {
		name, ok := arg.(*Text)
		if !ok {
			return nil, errorf("The names of the variables of a lambda function are literal strings.")
		}
		l.names = append(l.names, strings.ToLower(name.Value))
	}
	if len(l.names) < least || len(l.names) > most {
		return nil, errorf("The template language function '%s' expects a lambda function of %d to %d variables, given are %d.", c.node.Name, least, most, len(l.names))
	}
	return l, nil
}

// apply evaluates the lambda with values for its variables; surplus values are dropped.
func (c *call) apply(l *lambda, values ...any) (any, error) {
	f := c.f
	outer := f.lambdas
	defer func() { f.lambdas = outer }()
	for i, name := range l.names {
		f.lambdas = &binding{name, values[i], f.lambdas}
	}
	return f.Eval(l.body)
}

// eval evaluates argument i of a lazy function.
func (c *call) eval(i int) (any, error) { return c.f.Eval(c.node.Args[i]) }

// blind evaluates the lambdas of a call on an unknown collection once, with unknown variables, so that the host sees the
// references inside; the result is unknown.
func (c *call) blind() (any, error) {
	for i := 1; i < len(c.node.Args); i++ {
		if l, err := c.lambdaAt(i, 0, len(c.node.Args[i:])+8); err == nil {
			values := make([]any, len(l.names))
			for j := range values {
				values[j] = Unknown{Source: "lambdaVariables('" + l.names[j] + "')"}
			}
			c.f.Partial = true
			if _, err := c.apply(l, values...); err != nil && c.f.Budget.Left < 0 {
				return nil, err // other errors may be due to the variables
			}
		}
	}
	return c.f.unknown(c.node)
}

func lambdaVariables(c *call) (any, error) {
	name, err := c.text(0)
	if err != nil {
		return nil, err
	}
	for b := c.f.lambdas; b != nil; b = b.outer {
		if b.name == strings.ToLower(name) {
			return b.value, nil
		}
	}
	return nil, errorf("The lambda variable '%s' is not defined at this location.", name)
}
