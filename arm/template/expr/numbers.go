package expr

import (
	"math"
	"strconv"
	"strings"
)

func (c *call) two() (int64, int64, error) {
	a, err := c.integer(0)
	if err != nil {
		return 0, 0, err
	}
	b, err := c.integer(1)
	return a, b, err
}

func (c *call) overflow() error {
	return c.fault("makes a number that does not fit into 64 bits.")
}

func add(c *call) (any, error) {
	a, b, err := c.two()
	if err == nil && (b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b) {
		err = c.overflow()
	}
	return a + b, err
}

func sub(c *call) (any, error) {
	a, b, err := c.two()
	if err == nil && (b < 0 && a > math.MaxInt64+b || b > 0 && a < math.MinInt64+b) {
		err = c.overflow()
	}
	return a - b, err
}

func mul(c *call) (any, error) {
	a, b, err := c.two()
	if err == nil && a != 0 && b != 0 && ((a*b)/b != a || a == -1 && b == math.MinInt64 || b == -1 && a == math.MinInt64) {
		err = c.overflow()
	}
	return a * b, err
}

func (c *call) divisible() (int64, int64, error) {
	a, b, err := c.two()
	switch {
	case err != nil:
	case b == 0:
		err = c.fault("cannot divide by zero.")
	case a == math.MinInt64 && b == -1:
		err = c.overflow()
	}
	return a, b, err
}

func div(c *call) (any, error) {
	a, b, err := c.divisible()
	if err != nil {
		return nil, err
	}
	return a / b, nil
}

func mod(c *call) (any, error) {
	a, b, err := c.divisible()
	if err != nil {
		return nil, err
	}
	return a % b, nil
}

func integer(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case int64:
		return v, nil
	case float64:
		if t := math.Trunc(v); t >= math.MinInt64 && t < math.MaxInt64 {
			return int64(t), nil
		}
		return nil, c.overflow()
	case string:
		if n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
			return n, nil
		}
		return nil, c.fault("cannot convert provided value '%s' to integer value.", clip(v))
	}
	return nil, c.wrong(0, "a string or an integer")
}

func float(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case int64:
		return float64(v), nil
	case float64:
		return v, nil
	case string:
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f, nil
		}
		return nil, c.fault("cannot convert provided value '%s' to floating point value.", clip(v))
	}
	return nil, c.wrong(0, "a string or a number")
}
