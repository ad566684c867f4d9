package command

import (
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Edit applies --set, --add and --remove to an object, as az's update commands
// do: paths of members joined by dots, elements of lists by [number].
func (c *Call) Edit(o *value.Object) error {
	for _, word := range c.List("properties_to_set") {
		path, text, ok := strings.Cut(word, "=")
		if !ok {
			return Fail("usage error: --set property1.property2=<value>")
		}
		if err := setAt(o, path, c.literal(text)); err != nil {
			return err
		}
	}
	if words := c.List("properties_to_add"); len(words) > 0 {
		if err := c.addAt(o, words[0], words[1:]); err != nil {
			return err
		}
	}
	if words := c.List("properties_to_remove"); len(words) > 0 {
		return removeAt(o, words)
	}
	return nil
}

// literal is JSON where the text is that, else text; always text with
// --force-string.
func (c *Call) literal(text string) any {
	if v, err := value.Decode([]byte(text)); err == nil && !c.Flag("force_string") {
		return v
	}
	return text
}

// segments splits a path: "a.b[0]" is a, b, 0.
func segments(path string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(path, "[", "."), func(r rune) bool { return r == '.' || r == ']' })
}

// holder finds what holds the last segment of a path; objects that are missing
// are made.
func holder(o *value.Object, path string) (in any, last string, err error) {
	parts := segments(path)
	if len(parts) == 0 {
		return nil, "", Fail("Couldn't find '%s' in ''.", path)
	}
	in = o
	for _, p := range parts[:len(parts)-1] {
		next := value.Path(in, p)
		if at, ok := in.(*value.Object); ok && next == nil {
			next = value.New()
			at.Set(p, next)
		}
		if in = next; in == nil {
			return nil, "", Fail("Couldn't find '%s' in '%s'.", p, path)
		}
	}
	return in, parts[len(parts)-1], nil
}

func setAt(o *value.Object, path string, v any) error {
	in, last, err := holder(o, path)
	if err != nil {
		return err
	}
	switch in := in.(type) {
	case *value.Object:
		in.Set(last, v)
		return nil
	case []any:
		if i, err := strconv.Atoi(last); err == nil && i >= 0 && i < len(in) {
			in[i] = v
			return nil
		}
	}
	return Fail("Couldn't find '%s' in '%s'.", last, path)
}

// addAt appends to a list: one object of key=value words, or a value.
func (c *Call) addAt(o *value.Object, path string, words []string) error {
	in, last, err := holder(o, path)
	if err != nil {
		return err
	}
	at, ok := in.(*value.Object)
	if !ok || len(words) == 0 {
		return Fail("usage error: --add property.listProperty <key=value, string or JSON string>")
	}
	list := value.List(at, last)
	entry := value.New()
	for _, w := range words {
		if k, v, pair := strings.Cut(w, "="); pair && !strings.HasPrefix(w, "{") {
			entry.Set(k, c.literal(v))
		} else {
			list = append(list, c.literal(w))
		}
	}
	if entry.Len() > 0 {
		list = append(list, entry)
	}
	at.Set(last, list)
	return nil
}

func removeAt(o *value.Object, words []string) error {
	in, last, err := holder(o, words[0])
	if err != nil {
		return err
	}
	at, ok := in.(*value.Object)
	if !ok || !at.Has(last) {
		return Fail("Couldn't find '%s' in '%s'.", last, words[0])
	}
	if len(words) == 1 {
		at.Delete(last)
		return nil
	}
	list := value.List(at, last)
	i, err := strconv.Atoi(words[1])
	if err != nil || i < 0 || i >= len(list) {
		return Fail("index %s doesn't exist on %s", words[1], last)
	}
	at.Set(last, append(list[:i:i], list[i+1:]...))
	return nil
}
