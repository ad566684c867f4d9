package lenient

import (
	"math"
	"reflect"
	"strconv"
	"strings"
)

// scalar decodes bools, numbers and strings.
func (d *decoder) scalar(n *node, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		return d.boolean(n, v)
	case reflect.String:
		return d.text(n, v)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return d.integer(n, v)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return d.unsigned(n, v)
	case reflect.Float32, reflect.Float64:
		return d.float(n, v)
	}
	return d.errorf(n, "cannot decode into the type %s", v.Type())
}

func (d *decoder) boolean(n *node, v reflect.Value) error {
	// Azure: Python clients print True and False.
	switch {
	case n.kind != kindBool && n.kind != kindString:
	case strings.EqualFold(n.text, "true"):
		v.SetBool(true)
		return nil
	case strings.EqualFold(n.text, "false"):
		v.SetBool(false)
		return nil
	}
	return d.mismatch(n, "true or false")
}

func (d *decoder) text(n *node, v reflect.Value) error {
	if v.Type() == numberType {
		literal, ok := numeral(n)
		if !ok {
			return d.mismatch(n, "a number")
		}
		v.SetString(literal)
		return nil
	}
	if n.kind != kindString {
		return d.mismatch(n, "a string")
	}
	v.SetString(n.text)
	return nil
}

// numeral gives the JSON number that n is or that stands in the string n.
func numeral(n *node) (string, bool) {
	switch n.kind {
	case kindNumber:
		return n.text, true
	case kindString:
		literal := strings.TrimSpace(n.text)
		return literal, literal != "" && numberLen([]byte(literal)) == len(literal)
	}
	return "", false
}

func (d *decoder) float(n *node, v reflect.Value) error {
	literal, ok := numeral(n)
	if !ok {
		return d.mismatch(n, "a number")
	}
	f, err := strconv.ParseFloat(literal, v.Type().Bits())
	if err != nil {
		return d.mismatch(n, "a number of "+strconv.Itoa(v.Type().Bits())+" bits")
	}
	v.SetFloat(f)
	return nil
}

func (d *decoder) integer(n *node, v reflect.Value) error {
	literal, ok := numeral(n)
	if !ok {
		return d.mismatch(n, "an integer")
	}
	i, err := strconv.ParseInt(literal, 10, 64)
	if err != nil {
		var whole bool
		if i, whole = integral(literal); !whole {
			return d.mismatch(n, "an integer")
		}
	}
	if v.OverflowInt(i) {
		bits := v.Type().Bits()
		return d.mismatch(n, "an integer of "+strconv.Itoa(bits)+" bits")
	}
	v.SetInt(i)
	return nil
}

func (d *decoder) unsigned(n *node, v reflect.Value) error {
	literal, ok := numeral(n)
	if !ok {
		return d.mismatch(n, "an integer")
	}
	u, err := strconv.ParseUint(literal, 10, 64)
	if err != nil {
		i, whole := integral(literal)
		if !whole || i < 0 {
			return d.mismatch(n, "an integer not below 0")
		}
		u = uint64(i)
	}
	if v.OverflowUint(u) {
		bits := v.Type().Bits()
		return d.mismatch(n, "an integer not below 0 of "+strconv.Itoa(bits)+" bits")
	}
	v.SetUint(u)
	return nil
}

// integral reads "80.0" or "1e3", within the range in which a float64 is exact.
func integral(literal string) (int64, bool) {
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}
