package expr

import (
	"strconv"
	"unicode/utf16"
)

// wrong says that argument i has the wrong type; want names the right ones.
func (c *call) wrong(i int, want string) error {
	which := "its parameter"
	if len(c.args) > 1 {
		which = "parameter " + strconv.Itoa(i+1)
	}
	return errorf("The template language function '%s' expects %s to be %s. The provided value is of type '%s'."+seeFunctions,
		c.node.Name, which, want, TypeName(c.args[i]))
}

// fault is a failure of the function for another reason.
func (c *call) fault(format string, args ...any) error {
	err := errorf(format, args...).(*Error)
	err.Msg = "The template language function '" + c.node.Name + "' " + err.Msg
	return err
}

func (c *call) text(i int) (string, error) {
	s, ok := c.args[i].(string)
	if !ok {
		return "", c.wrong(i, "a string")
	}
	return s, nil
}

func (c *call) texts(i, j int) (string, string, error) {
	a, err := c.text(i)
	if err != nil {
		return "", "", err
	}
	b, err := c.text(j)
	return a, b, err
}

func (c *call) integer(i int) (int64, error) {
	switch v := c.args[i].(type) {
	case int64:
		return v, nil
	case float64:
		if v == float64(int64(v)) {
			return int64(v), nil
		}
	}
	return 0, c.wrong(i, "an integer")
}

func (c *call) list(i int) ([]any, error) {
	l, ok := c.args[i].([]any)
	if !ok {
		return nil, c.wrong(i, "an array")
	}
	return l, nil
}

func (c *call) object(i int) (*Object, error) {
	o, ok := c.args[i].(*Object)
	if !ok {
		return nil, c.wrong(i, "an object")
	}
	return o, nil
}

// scalar is the text of argument i where only a string, number or bool makes sense.
func (c *call) scalar(i int) (string, error) {
	switch c.args[i].(type) {
	case string, int64, float64, bool:
		return Stringify(c.args[i]), nil
	}
	return "", c.wrong(i, "a string, number or boolean")
}

// Stringify is the function string(): JSON for arrays and objects, True and False for booleans, nothing for null.
func Stringify(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return shortFloat(v)
	case string:
		return v
	}
	return string(AppendJSON(nil, v))
}

// shortFloat prints a float as .NET does: 1 and not 1.0.
func shortFloat(f float64) string {
	s := floatText(f)
	if len(s) > 2 && s[len(s)-2:] == ".0" {
		return s[:len(s)-2]
	}
	return s
}

// units are the UTF-16 units that Azure counts as characters.
func units(s string) []uint16 { return utf16.Encode([]rune(s)) }

// isASCII reports that bytes and characters are the same.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// size is the length of s in characters.
func size(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return len(units(s))
}

// slice is s[from:to] in characters; the bounds hold.
func slice(s string, from, to int) string {
	if isASCII(s) {
		return s[from:to]
	}
	return string(utf16.Decode(units(s)[from:to]))
}

// clamp bounds n by 0 and most.
func clamp(n int64, most int) int { return int(max(0, min(n, int64(most)))) }
