package store

import (
	"net/url"
	"strings"
)

// Key names a row of a table. It is made only by [K]; its bytes are an
// encoding, use [Key.Parts] or [Key.String] to read it. Comparing two keys as
// strings compares their parts one by one. The zero Key is the prefix of all.
type Key string

// K makes a key of parts. Any bytes may occur in a part: the separator is
// escaped inside them, so that K("a/b") != K("a", "b") and no part can forge
// another key. K("a") is a prefix of K("a", "b") and not of K("ab").
func K(parts ...string) Key {
	n := len(parts)
	for _, p := range parts {
		n += len(p)
	}
	var b strings.Builder
	b.Grow(n)
	for _, p := range parts {
		// Each part ends in 0x00. Inside a part 0x00 and 0x01 become 0x01 0x01 and
		// 0x01 0x02, which keeps them ordered below 0x02 and above the end of a part.
		from := 0
		for i := 0; i < len(p); i++ {
			if p[i] <= 1 {
				b.WriteString(p[from:i])
				b.WriteByte(1)
				b.WriteByte(p[i] + 1)
				from = i + 1
			}
		}
		b.WriteString(p[from:])
		b.WriteByte(0)
	}
	return Key(b.String())
}

// Parts gives back what K was called with; nil for the zero Key.
func (k Key) Parts() []string {
	var parts []string
	var b []byte
	for i := 0; i < len(k); i++ {
		switch {
		case k[i] == 0:
			parts = append(parts, string(b))
			b = b[:0]
		case k[i] == 1 && i+1 < len(k):
			i++
			b = append(b, k[i]-1)
		default:
			b = append(b, k[i])
		}
	}
	return parts
}

// HasPrefix tells whether the first parts of k are those of prefix.
func (k Key) HasPrefix(prefix Key) bool { return strings.HasPrefix(string(k), string(prefix)) }

// String is for people and logs: the parts, path-escaped, joined by "/".
func (k Key) String() string {
	parts := k.Parts()
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// firstPart splits an encoded key after its first part.
func firstPart(k string) (first string, rest Key) {
	i := strings.IndexByte(k, 0)
	if i < 0 {
		return "", Key(k)
	}
	return Key(k[:i+1]).Parts()[0], Key(k[i+1:])
}
