package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/jmespath-community/go-jmespath/pkg/parsing"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Query is a compiled expression. Safe for concurrent use.
type Query struct{ root parsing.ASTNode }

// Compile parses an expression.
func Compile(expression string) (*Query, error) {
	root, err := parsing.NewParser().Parse(expression)
	if err != nil {
		return nil, err
	}
	if err := known(root); err != nil {
		return nil, err
	}
	return &Query{root}, nil
}

// known refuses what later editions of the language have.
func known(n parsing.ASTNode) error {
	switch n.NodeType {
	case parsing.ASTArithmeticExpression, parsing.ASTArithmeticUnaryExpression, parsing.ASTLetExpression, parsing.ASTVariable, parsing.ASTBindings, parsing.ASTBinding, parsing.ASTRootNode:
		return errors.New("arithmetic, variables and $ are no part of the language")
	}
	for _, c := range n.Children {
		if err := known(c); err != nil {
			return err
		}
	}
	return nil
}

// Search evaluates the query over v.
func (q *Query) Search(v any) (any, error) { return evaluate(q.root, v) }

// expression is an argument such as &name.
type expression struct{ over func(v any) (any, error) }

func evaluate(n parsing.ASTNode, v any) (any, error) {
	switch n.NodeType {
	case parsing.ASTIdentity, parsing.ASTCurrentNode, parsing.ASTEmpty:
		return v, nil
	case parsing.ASTField:
		o, _ := v.(*value.Object)
		return o.Get(n.Value.(string)), nil
	case parsing.ASTIndex:
		return index(v, n.Value.(int)), nil
	case parsing.ASTSlice:
		return slice(v, n.Value.([]*int))
	case parsing.ASTLiteral:
		return literal(n.Value)
	case parsing.ASTKeyValPair:
		return evaluate(n.Children[0], v)
	case parsing.ASTExpRef:
		return expression{func(v any) (any, error) { return evaluate(n.Children[0], v) }}, nil
	case parsing.ASTSubexpression, parsing.ASTIndexExpression, parsing.ASTPipe:
		var err error
		for _, c := range n.Children {
			if v, err = evaluate(c, v); err != nil {
				return nil, err
			}
		}
		return v, nil
	case parsing.ASTMultiSelectHash, parsing.ASTMultiSelectList:
		return multiSelect(n, v)
	case parsing.ASTFlatten, parsing.ASTProjection, parsing.ASTValueProjection, parsing.ASTFilterProjection:
		return project(n, v)
	case parsing.ASTComparator:
		return compare(n, v)
	case parsing.ASTOrExpression, parsing.ASTAndExpression, parsing.ASTNotExpression:
		return logic(n, v)
	case parsing.ASTFunctionExpression:
		return call(n, v)
	}
	return nil, fmt.Errorf("%v is no part of the language", n.NodeType)
}

func index(v any, i int) any {
	list, ok := v.([]any)
	if i < 0 {
		i += len(list)
	}
	if !ok || i < 0 || i >= len(list) {
		return nil
	}
	return list[i]
}

// slice is Python's list[start:stop:step].
func slice(v any, parts []*int) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, nil
	}
	step := 1
	if parts[2] != nil {
		if step = *parts[2]; step == 0 {
			return nil, errors.New("slice step cannot be zero")
		}
	}
	n := len(list)
	bound := func(p *int, forward, backward int) int {
		if p == nil {
			if step > 0 {
				return forward
			}
			return backward
		}
		i := *p
		if i < 0 {
			i += n
		}
		if step > 0 {
			return min(max(i, 0), n)
		}
		return min(max(i, -1), n-1)
	}
	start, stop := bound(parts[0], 0, n-1), bound(parts[1], n, -1)
	out := []any{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		out = append(out, list[i])
	}
	return out, nil
}

func literal(v any) (any, error) {
	if f, ok := v.(float64); ok {
		return number(f), nil
	}
	return value.Of(v)
}

// number is f without a point where it has no fraction.
func number(f float64) json.Number {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return json.Number(strconv.FormatFloat(f, 'f', 0, 64))
	}
	return value.Float(f)
}

func multiSelect(n parsing.ASTNode, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	o, list := value.New().Choose(), []any{}
	for _, c := range n.Children {
		x, err := evaluate(c, v)
		if err != nil {
			return nil, err
		}
		if name, ok := c.Value.(string); ok && n.NodeType == parsing.ASTMultiSelectHash {
			o.Set(name, x)
		}
		list = append(list, x)
	}
	if n.NodeType == parsing.ASTMultiSelectHash {
		return o, nil
	}
	return list, nil
}

// project evaluates the right side over each item of the left.
func project(n parsing.ASTNode, v any) (any, error) {
	left, err := evaluate(n.Children[0], v)
	if err != nil {
		return nil, err
	}
	items, ok := left.([]any)
	if o, isObject := left.(*value.Object); isObject && o != nil && n.NodeType == parsing.ASTValueProjection {
		ok = true
		for _, k := range o.Keys() {
			items = append(items, o.Get(k))
		}
	} else if n.NodeType == parsing.ASTValueProjection {
		ok = false
	}
	if !ok {
		return nil, nil
	}
	if n.NodeType == parsing.ASTFlatten {
		return flatten(items), nil
	}
	out := []any{}
	for _, item := range items {
		if n.NodeType == parsing.ASTFilterProjection {
			keep, err := evaluate(n.Children[2], item)
			if err != nil {
				return nil, err
			}
			if !Truth(keep) {
				continue
			}
		}
		x, err := evaluate(n.Children[1], item)
		if err != nil {
			return nil, err
		}
		if x != nil {
			out = append(out, x)
		}
	}
	return out, nil
}

func flatten(items []any) []any {
	out := []any{}
	for _, item := range items {
		if inner, ok := item.([]any); ok {
			out = append(out, inner...)
		} else {
			out = append(out, item)
		}
	}
	return out
}

// Truth reports whether JMESPath takes v for true: all but null, false and what is empty.
func Truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case *value.Object:
		return v.Len() > 0
	}
	return true
}

func logic(n parsing.ASTNode, v any) (any, error) {
	left, err := evaluate(n.Children[0], v)
	switch {
	case err != nil:
		return nil, err
	case n.NodeType == parsing.ASTNotExpression:
		return !Truth(left), nil
	case Truth(left) == (n.NodeType == parsing.ASTOrExpression):
		return left, nil
	}
	return evaluate(n.Children[1], v)
}

func compare(n parsing.ASTNode, v any) (any, error) {
	left, err := evaluate(n.Children[0], v)
	if err != nil {
		return nil, err
	}
	right, err := evaluate(n.Children[1], v)
	if err != nil {
		return nil, err
	}
	switch n.Value {
	case parsing.TOKEQ:
		return equal(left, right), nil
	case parsing.TOKNE:
		return !equal(left, right), nil
	}
	order, ok := ordered(left, right)
	if !ok {
		return nil, nil
	}
	switch n.Value {
	case parsing.TOKLT:
		return order < 0, nil
	case parsing.TOKLTE:
		return order <= 0, nil
	case parsing.TOKGT:
		return order > 0, nil
	}
	return order >= 0, nil
}

// ordered compares two numbers or two texts.
func ordered(a, b any) (int, bool) {
	if x, y, ok := numbers(a, b); ok {
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	x, okX := a.(string)
	y, okY := b.(string)
	switch {
	case !okX || !okY:
		return 0, false
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

func numbers(a, b any) (x, y float64, ok bool) {
	m, okM := a.(json.Number)
	n, okN := b.(json.Number)
	if !okM || !okN {
		return 0, 0, false
	}
	x, errX := m.Float64()
	y, errY := n.Float64()
	return x, y, errX == nil && errY == nil
}

func equal(a, b any) bool {
	if x, y, ok := numbers(a, b); ok {
		return x == y
	}
	switch a := a.(type) {
	case []any:
		c, ok := b.([]any)
		if !ok || len(a) != len(c) {
			return false
		}
		for i := range a {
			if !equal(a[i], c[i]) {
				return false
			}
		}
		return true
	case *value.Object:
		c, ok := b.(*value.Object)
		if !ok || a.Len() != c.Len() {
			return false
		}
		for _, k := range a.Keys() {
			if !c.Has(k) || !equal(a.Get(k), c.Get(k)) {
				return false
			}
		}
		return true
	case json.Number:
		return false // b is none, else they had been compared above
	}
	if _, isObject := b.(*value.Object); isObject {
		return false
	}
	if _, isList := b.([]any); isList {
		return false
	}
	return a == b
}
