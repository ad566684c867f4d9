package template

import (
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// maxLoop is the largest count of a loop.
const maxLoop = 800

// evaluator turns a part of the template into a value.
type evaluator struct {
	src    *source
	frame  *expr.Frame
	host   *host  // to say which loop an evaluation is in; nil where there are none
	what   string // the place in messages, unless resource is set
	id     string // of the resource being evaluated
	loops  bool   // "copy" in objects makes array properties
	escape bool   // the result is a template again: literals that look like expressions are escaped

	path    []string
	secrets []string // places of secure values
}

// fail places the error of an expression.
func (e *evaluator) fail(off int, err error) error {
	if cause := outside(err); cause != nil {
		return cause
	}
	if e.id != "" {
		return e.src.unprocessed(off, e.id, err)
	}
	return e.src.misplaced(off, e.what, err)
}

// code evaluates one expression and notes whether its value is secure.
func (e *evaluator) code(off int, c *code) (any, error) {
	if c.bad != nil {
		return nil, e.fail(off, c.bad)
	}
	before := e.frame.Secure
	e.frame.Secure, e.frame.Listed = false, false
	v, err := e.frame.Eval(c.node)
	if err != nil {
		if e.frame.Secure && outside(err) == nil {
			err = expr.Errorf("The evaluation of an expression with a secure value failed; the value and what depends on it are not shown.")
		}
		err = e.fail(off, err)
	}
	if e.frame.Secure || e.frame.Listed {
		e.secrets = append(e.secrets, strings.TrimPrefix(strings.Join(e.path, ""), "."))
	}
	e.frame.Secure = e.frame.Secure || before
	return v, err
}

// value evaluates n. Objects and arrays are copied, expressions replaced by what they give.
func (e *evaluator) value(n *node) (any, error) {
	switch {
	case n.code() != nil:
		v, err := e.code(n.off(), n.code())
		if e.escape && err == nil {
			v = escaped(v)
		}
		return v, err
	case n.kind == lenient.Array:
		list := make([]any, len(n.elems()))
		for i := range n.elems() {
			var err error
			e.path = append(e.path, "["+strconv.Itoa(i)+"]")
			if list[i], err = e.value(&n.elems()[i]); err != nil {
				return nil, err
			}
			e.path = e.path[:len(e.path)-1]
		}
		return list, nil
	case n.kind == lenient.Object:
		o := &expr.Object{}
		for i := range n.members() {
			if err := e.member(o, &n.members()[i]); err != nil {
				return nil, err
			}
		}
		return o, nil
	}
	if s, ok := n.literal(); ok && e.escape {
		return expr.Escape(s), nil
	} else if ok {
		return s, nil
	}
	return n.value, nil
}

// escaped makes a value that, read as a part of a template, means v.
func escaped(v any) any {
	switch v := v.(type) {
	case string:
		return expr.Escape(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = escaped(v[i])
		}
		return out
	case *expr.Object:
		out := &expr.Object{}
		for i := range v.Len() {
			k, e := v.At(i)
			out.Set(expr.Escape(k), escaped(e))
		}
		return out
	}
	return v
}

// member evaluates a member of an object into o.
func (e *evaluator) member(o *expr.Object, m *member) error {
	if e.loops && isLoop(m.key, &m.val) {
		for i := range m.val.elems() {
			name, list, err := e.loop(&m.val.elems()[i])
			if err != nil {
				return err
			}
			o.Set(name, list)
		}
		return nil
	}
	key := expr.Unescape(m.key)
	if e.escape {
		key = m.key
	}
	if m.code != nil {
		v, err := e.code(m.val.off(), m.code)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case string:
			key = v
		case expr.Unknown:
			key = "[" + v.Source + "]"
		default:
			return e.fail(m.val.off(), expr.Errorf("The property name '%s' gives a value of type '%s', expected is 'String'.", m.key, expr.TypeName(v)))
		}
		if e.escape {
			key = expr.Escape(key)
		}
	}
	e.path = append(e.path, "."+key)
	v, err := e.value(&m.val)
	if err != nil {
		return err
	}
	e.path = e.path[:len(e.path)-1]
	o.Set(key, v)
	return nil
}

// isLoop reports a "copy" that makes properties: an array of {name, count, input}.
func isLoop(key string, n *node) bool {
	if !strings.EqualFold(key, "copy") || n.kind != lenient.Array || len(n.elems()) == 0 {
		return false
	}
	for i := range n.elems() {
		if n.elems()[i].get("name") == nil || n.elems()[i].get("count") == nil || n.elems()[i].member("input") == nil {
			return false
		}
	}
	return true
}

// loop evaluates {name, count, input} as the array property name.
func (e *evaluator) loop(n *node) (name string, list any, err error) {
	v, err := e.value(n.get("name"))
	if err != nil {
		return "", nil, err
	}
	name, ok := v.(string)
	if !ok {
		return "", nil, e.fail(n.off(), expr.Errorf("The name of a copy loop must be a string."))
	}
	count, known, err := e.count(n.get("count"))
	if err != nil {
		return "", nil, err
	}
	if !known {
		e.frame.Partial = true
		return name, expr.Unknown{Source: "copy('" + name + "')"}, nil
	}
	list, err = e.repeat(name, count, n.member("input"))
	return name, list, err
}

// repeat evaluates input count times within the loop name.
func (e *evaluator) repeat(name string, count int, input *node) (any, error) {
	out := make([]any, count)
	e.path = append(e.path, "."+name)
	e.host.loops = append(e.host.loops, loop{name: name})
	for i := range out {
		e.host.loops[len(e.host.loops)-1].index = int64(i)
		e.path = append(e.path, "["+strconv.Itoa(i)+"]")
		var err error
		if out[i], err = e.value(input); err != nil {
			return nil, err
		}
		e.path = e.path[:len(e.path)-1]
	}
	e.host.loops = e.host.loops[:len(e.host.loops)-1]
	e.path = e.path[:len(e.path)-1]
	return out, nil
}

// count evaluates the count of a loop.
func (e *evaluator) count(n *node) (count int, known bool, err error) {
	v, err := e.value(n)
	if err != nil {
		return 0, false, err
	}
	if _, ok := v.(expr.Unknown); ok {
		return 0, false, nil
	}
	i, ok := v.(int64)
	if !ok || i < 0 || i > maxLoop {
		return 0, false, e.fail(n.off(), expr.Errorf("The count of a copy loop must be an integer from 0 to %d. The provided value is %s.", maxLoop, e.quoted(v)))
	}
	return int(i), true, nil
}

// quoted shows a value in a message, unless it may be secure.
func (e *evaluator) quoted(v any) string {
	if e.frame.Secure {
		return "secure"
	}
	return "'" + expr.Stringify(v) + "'"
}

// text evaluates n, which must give a string.
func (e *evaluator) text(n *node, what string) (string, error) {
	v, err := e.value(n)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", e.fail(n.off(), expr.Errorf("The %s is of type '%s', expected is 'String'.", what, expr.TypeName(v)))
	}
	return s, nil
}
