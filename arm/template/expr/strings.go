package expr

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

func base64Text(c *call) (any, error) {
	s, err := c.text(0)
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func (c *call) decodeBase64(s string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", c.fault("expects a base64 string. The provided value '%s' is not one.", clip(s))
	}
	if !utf8.Valid(raw) {
		return strings.ToValidUTF8(string(raw), "\ufffd"), nil
	}
	return string(raw), nil
}

func base64ToString(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	return c.decodeBase64(s)
}

func base64ToJSON(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if s, err = c.decodeBase64(s); err != nil {
		return nil, err
	}
	return c.parseJSON(s)
}

func (c *call) parseJSON(s string) (any, error) {
	v, err := FromJSON([]byte(s))
	if err != nil {
		return nil, c.fault("parameter is not valid. The provided value '%s' cannot be parsed as JSON: %v.", clip(s), err)
	}
	return v, c.f.spend(len(s) / 8)
}

func jsonValue(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	return c.parseJSON(s)
}

func concat(c *call) (any, error) {
	if len(c.args) == 0 {
		return "", nil
	}
	if _, ok := c.args[0].([]any); ok {
		var out []any
		for i := range c.args {
			l, err := c.list(i)
			if err != nil {
				return nil, err
			}
			if out = append(out, l...); len(out) > maxValue {
				return nil, c.fault("makes an array larger than the limit of %d.", maxValue)
			}
		}
		return out, nil
	}
	var b strings.Builder
	for i := range c.args {
		s, err := c.scalar(i)
		if err != nil {
			return nil, err
		}
		if b.WriteString(s); b.Len() > maxValue {
			return nil, c.fault("makes a string larger than the limit of %d.", maxValue)
		}
	}
	return b.String(), nil
}

func contains(c *call) (any, error) {
	switch in := c.args[0].(type) {
	case string:
		what, err := c.scalar(1)
		return strings.Contains(in, what), err
	case []any:
		for _, e := range in {
			if Equal(e, c.args[1]) {
				return true, nil
			}
		}
		return false, c.f.spend(len(in))
	case *Object:
		key, err := c.scalar(1)
		_, ok := in.Get(key)
		return ok, err
	}
	return nil, c.wrong(0, "an array, object, or string")
}

func empty(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case nil:
		return true, nil
	case string:
		return v == "", nil
	case []any:
		return len(v) == 0, nil
	case *Object:
		return v.Len() == 0, nil
	}
	return nil, c.wrong(0, "an array, object, or string")
}

func length(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case string:
		return int64(size(v)), nil
	case []any:
		return int64(len(v)), nil
	case *Object:
		return int64(v.Len()), nil
	}
	return nil, c.wrong(0, "an array, object, or string")
}

func first(c *call) (any, error) { return c.end(func(int) int { return 0 }) }
func last(c *call) (any, error)  { return c.end(func(n int) int { return n - 1 }) }

// end picks one element or character; ” and null when there is none.
func (c *call) end(pick func(n int) int) (any, error) {
	switch v := c.args[0].(type) {
	case string:
		if v == "" {
			return "", nil
		}
		i := pick(size(v))
		return slice(v, i, i+1), nil
	case []any:
		if len(v) == 0 {
			return nil, nil
		}
		return v[pick(len(v))], nil
	}
	return nil, c.wrong(0, "an array or string")
}

func skip(c *call) (any, error) { return c.part(func(n, all int) (int, int) { return n, all }) }
func take(c *call) (any, error) { return c.part(func(n, _ int) (int, int) { return 0, n }) }

func (c *call) part(bounds func(n, all int) (from, to int)) (any, error) {
	count, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	switch v := c.args[0].(type) {
	case string:
		all := size(v)
		from, to := bounds(clamp(count, all), all)
		return slice(v, from, to), nil
	case []any:
		from, to := bounds(clamp(count, len(v)), len(v))
		return v[from:to:to], nil
	}
	return nil, c.wrong(0, "an array or string")
}

// fold is the case-insensitive form in which startsWith, endsWith and indexOf compare.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

func startsWith(c *call) (any, error) {
	s, what, err := c.texts(0, 1)
	return strings.HasPrefix(fold(s), fold(what)), err
}

func endsWith(c *call) (any, error) {
	s, what, err := c.texts(0, 1)
	return strings.HasSuffix(fold(s), fold(what)), err
}

// like matches all of a string against a pattern in which each * stands for any characters, in any case.
func like(c *call) (any, error) {
	s, pattern, err := c.texts(0, 1)
	if err != nil {
		return nil, err
	}
	s = fold(s)
	parts := strings.Split(fold(pattern), "*")
	last := len(parts) - 1
	if last == 0 {
		return s == parts[0], nil
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok || !strings.HasSuffix(s, parts[last]) {
		return false, nil
	}
	s = strings.TrimSuffix(s, parts[last])
	for _, part := range parts[1:last] { // the leftmost place leaves most to the rest
		_, after, ok := strings.Cut(s, part)
		if !ok {
			return false, nil
		}
		s = after
	}
	return true, c.f.spend(len(s) / 8)
}

func indexOf(c *call) (any, error)     { return c.find(strings.Index, false) }
func lastIndexOf(c *call) (any, error) { return c.find(strings.LastIndex, true) }

func (c *call) find(index func(s, what string) int, fromEnd bool) (any, error) {
	if list, ok := c.args[0].([]any); ok {
		at := int64(-1)
		for i, e := range list {
			if Equal(e, c.args[1]) {
				if at = int64(i); !fromEnd {
					break
				}
			}
		}
		return at, c.f.spend(len(list))
	}
	s, what, err := c.texts(0, 1)
	if err != nil {
		return nil, err
	}
	s = fold(s)
	i := index(s, fold(what))
	if i > 0 {
		i = size(s[:i])
	}
	return int64(i), nil
}

func join(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	by, err := c.text(1)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, e := range list {
		if i > 0 {
			b.WriteString(by)
		}
		if b.WriteString(Stringify(e)); b.Len() > maxValue {
			return nil, c.fault("makes a string larger than the limit of %d.", maxValue)
		}
	}
	return b.String(), nil
}

func split(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	var by []string
	switch v := c.args[1].(type) {
	case string:
		by = []string{v}
	case []any:
		for _, e := range v {
			d, ok := e.(string)
			if !ok {
				return nil, c.wrong(1, "a string or an array of strings")
			}
			by = append(by, d)
		}
	default:
		return nil, c.wrong(1, "a string or an array of strings")
	}
	out := []any{}
	start := 0
	for i := 0; i < len(s); {
		n := 0
		for _, d := range by {
			if d != "" && strings.HasPrefix(s[i:], d) {
				n = len(d)
				break
			}
		}
		if n == 0 {
			i++
			continue
		}
		out = append(out, s[start:i])
		i += n
		start = i
	}
	return append(out, s[start:]), c.f.spend(len(s) * len(by) / 8)
}

func padLeft(c *call) (any, error) {
	s, err := c.scalar(0)
	if err != nil {
		return nil, err
	}
	total, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	pad := " "
	if len(c.args) == 3 {
		if pad, err = c.text(2); err != nil {
			return nil, err
		}
		if size(pad) != 1 {
			return nil, c.fault("expects parameter 3 to be one character. The provided value is '%s'.", clip(pad))
		}
	}
	if total < 0 || total > maxValue {
		return nil, c.fault("expects parameter 2 to be a length from 0 to %d. The provided value is '%d'.", maxValue, total)
	}
	if missing := int(total) - size(s); missing > 0 {
		s = strings.Repeat(pad, missing) + s
	}
	return s, nil
}

func replace(c *call) (any, error) {
	s, what, err := c.texts(0, 1)
	if err != nil {
		return nil, err
	}
	with, err := c.text(2)
	if err != nil {
		return nil, err
	}
	if what == "" {
		return nil, c.fault("cannot replace the empty string.")
	}
	if n := strings.Count(s, what); len(s)+n*(len(with)-len(what)) > maxValue {
		return nil, c.fault("makes a string larger than the limit of %d.", maxValue)
	}
	return strings.ReplaceAll(s, what, with), nil
}

func text(c *call) (any, error) {
	return Stringify(c.args[0]), nil
}

func substring(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	all := size(s)
	from, count := int64(0), int64(all)
	if len(c.args) > 1 {
		if from, err = c.integer(1); err != nil {
			return nil, err
		}
		count = int64(all) - from
	}
	if from < 0 || from > int64(all) {
		return nil, c.fault("expects a start index from 0 to the length of the string, '%d'. The provided value is '%d'.", all, from)
	}
	if len(c.args) > 2 {
		if count, err = c.integer(2); err != nil {
			return nil, err
		}
	}
	if count < 0 || count > int64(all)-from {
		return nil, c.fault("expects index and length to refer to a location within the string. The index is '%d', the length '%d', the length of the string '%d'.", from, count, all)
	}
	return slice(s, int(from), int(from+count)), nil
}

func toLower(c *call) (any, error) {
	s, err := c.text(0)
	return strings.ToLower(s), err
}

func toUpper(c *call) (any, error) {
	s, err := c.text(0)
	return strings.ToUpper(s), err
}

func trim(c *call) (any, error) {
	s, err := c.text(0)
	return strings.TrimSpace(s), err
}

func dataURI(c *call) (any, error) {
	s, err := c.text(0)
	return "data:text/plain;charset=utf8;base64," + base64.StdEncoding.EncodeToString([]byte(s)), err
}

func dataURIToString(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	head, data, ok := strings.Cut(s, ",")
	if !ok || !strings.HasPrefix(strings.ToLower(head), "data:") {
		return nil, c.fault("expects a data URI. The provided value '%s' is not one.", clip(s))
	}
	head = strings.ToLower(head)
	if !strings.HasSuffix(head, ";base64") {
		return unescapeURI(data), nil
	}
	if data, err = c.decodeBase64(data); err != nil {
		return nil, err
	}
	if strings.Contains(head, "charset=utf-16") {
		return nil, c.fault("cannot read the character set of '%s': use utf8.", clip(head))
	}
	return data, nil
}
