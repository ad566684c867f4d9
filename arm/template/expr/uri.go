package expr

import (
	"net/url"
	"strconv"
	"strings"
)

func uri(c *call) (any, error) {
	base, rel, err := c.texts(0, 1)
	if err != nil {
		return nil, err
	}
	b, err := url.Parse(base)
	if err != nil || !b.IsAbs() {
		return nil, c.fault("expects its first parameter to be an absolute URI. The provided value is '%s'.", clip(base))
	}
	r, err := url.Parse(rel)
	if err != nil {
		return nil, c.fault("expects its second parameter to be a relative URI. The provided value is '%s'.", clip(rel))
	}
	return b.ResolveReference(r).String(), nil
}

func uriComponent(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	const hex = "0123456789ABCDEF"
	var b []byte
	for i := range len(s) {
		switch ch := s[i]; {
		case isLetter(ch), isDigit(ch), ch == '-', ch == '.', ch == '~':
			b = append(b, ch)
		default:
			b = append(b, '%', hex[ch>>4], hex[ch&15])
		}
	}
	return string(b), nil
}

func uriComponentToString(c *call) (any, error) {
	s, err := c.text(0)
	return unescapeURI(s), err
}

// unescapeURI decodes what is percent-encoded and leaves wrong sequences alone.
func unescapeURI(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

// parseURI gives {scheme, host, port, path, query}; port is null when the URI has none.
func parseURI(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() {
		return nil, c.fault("expects an absolute URI. The provided value is '%s'.", clip(s))
	}
	var port any
	if n, err := strconv.ParseInt(u.Port(), 10, 64); err == nil {
		port = n
	}
	query := ""
	if u.RawQuery != "" {
		query = "?" + u.RawQuery
	}
	return NewObject("scheme", u.Scheme, "host", u.Hostname(), "port", port, "path", u.EscapedPath(), "query", query), nil
}

// buildURI is the inverse of parseUri; scheme and host are required.
func buildURI(c *call) (any, error) {
	o, err := c.object(0)
	if err != nil {
		return nil, err
	}
	scheme, host := o.Text("scheme"), o.Text("host")
	if scheme == "" || host == "" {
		return nil, c.fault("expects an object with at least the properties 'scheme' and 'host'.")
	}
	var b strings.Builder
	b.WriteString(scheme + "://" + host)
	if port, ok := o.Get("port"); ok && port != nil {
		n, isInt := port.(int64)
		if !isInt || n < 1 || n > 65535 {
			return nil, c.fault("expects the property 'port' to be an integer from 1 to 65535.")
		}
		b.WriteString(":" + strconv.FormatInt(n, 10))
	}
	if path := o.Text("path"); path != "" {
		if path[0] != '/' {
			b.WriteByte('/')
		}
		b.WriteString(path)
	}
	if query := o.Text("query"); query != "" {
		if query[0] != '?' {
			b.WriteByte('?')
		}
		b.WriteString(query)
	}
	return b.String(), nil
}
