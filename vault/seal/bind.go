package seal

import "encoding/binary"

// Bind makes associated data of parts. It is injective: different lists of parts
// never give the same bytes.
func Bind(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += binary.MaxVarintLen32 + len(p)
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}
