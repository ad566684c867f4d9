package expr

import (
	"crypto/sha1"
	"encoding/hex"
	"math/bits"
	"strings"
)

// The constants of the hash behind uniqueString and the hash of a template.
const (
	hash1 uint32 = 597399067
	hash2 uint32 = 2869860233
)

// Hash is Azure's 64-bit hash of short texts, a Murmur variant of two lanes.
func Hash(data []byte) uint64 {
	var h1, h2 uint32
	n := uint32(len(data))
	word := func(b []byte) (w uint32) {
		for i := min(len(b), 4) - 1; i >= 0; i-- {
			w = w<<8 | uint32(b[i])
		}
		return w
	}
	for ; len(data) >= 8; data = data[8:] {
		w1, w2 := word(data), word(data[4:])
		h1 ^= bits.RotateLeft32(w1*hash1, 15) * hash2
		h1 = bits.RotateLeft32(h1, 19) + h2
		h1 = h1*5 + 1444728091
		h2 ^= bits.RotateLeft32(w2*hash2, 17) * hash1
		h2 = bits.RotateLeft32(h2, 13) + h1
		h2 = h2*5 + 197830471
	}
	if len(data) > 0 {
		h1 ^= bits.RotateLeft32(word(data)*hash1, 15) * hash2
	}
	if len(data) > 4 {
		h2 ^= bits.RotateLeft32(word(data[4:])*hash2, 17) * hash1
	}
	finish := func(h uint32) uint32 {
		h = (h ^ h>>16) * 2246822507
		h = (h ^ h>>13) * 3266489909
		return h ^ h>>16
	}
	h1, h2 = h1^n, h2^n
	h1 += h2
	h2 += h1
	h1, h2 = finish(h1), finish(h2)
	h1 += h2
	h2 += h1
	return uint64(h2)<<32 | uint64(h1)
}

// joined are the arguments as guid and uniqueString join them.
func (c *call) joined() (string, error) {
	parts := make([]string, len(c.args))
	for i := range c.args {
		s, err := c.scalar(i)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	return strings.Join(parts, "-"), nil
}

func uniqueString(c *call) (any, error) {
	s, err := c.joined()
	if err != nil {
		return nil, err
	}
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	h := Hash([]byte(s))
	out := make([]byte, 13)
	for i := range out {
		out[i] = alphabet[h>>59]
		h <<= 5
	}
	return string(out), nil
}

// guidNamespace is 11fb06fb-712d-4ddd-98c7-e71bbd588830.
const guidNamespace = "\x11\xfb\x06\xfb\x71\x2d\x4d\xdd\x98\xc7\xe7\x1b\xbd\x58\x88\x30"

// guid is the version-5 UUID of the joined arguments.
func guid(c *call) (any, error) {
	s, err := c.joined()
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum([]byte(guidNamespace + s))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}
