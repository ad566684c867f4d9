package oci

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
)

// span is a run of bytes.
type span struct{ start, length int64 }

// parseRange reads a Range header for content of size bytes. partial is false
// when the whole content is to be sent: no header, another unit, more than one
// range, or one that is malformed, all of which RFC 9110 lets a server ignore.
// A range that begins beyond the end, or its own end, is RangeInvalid.
func parseRange(header string, size int64) (s span, partial bool, err error) {
	whole := span{0, size}
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return whole, false, nil
	}
	if from == "" { // the last bytes
		n, ok := natural(to)
		if !ok {
			return whole, false, nil
		}
		if n == 0 || size == 0 {
			return whole, false, unsatisfiable(header, size)
		}
		n = min(n, size)
		return span{size - n, n}, true, nil
	}
	start, ok := natural(from)
	end := size - 1
	if to != "" && ok {
		end, ok = natural(to)
		end = min(end, size-1)
	}
	if !ok {
		return whole, false, nil
	}
	if start >= size || end < start {
		return whole, false, unsatisfiable(header, size)
	}
	return span{start, end - start + 1}, true, nil
}

func unsatisfiable(header string, size int64) error {
	return azure.Errorf(azure.RangeInvalid, azure.CodeOCIRangeInvalid, "The range '%s' lies outside of the content, which has %d bytes.", header, size)
}

// parseContentRange reads the Content-Range of a chunk, "0-99", also as
// "bytes 0-99/200" and "bytes=0-99".
func parseContentRange(header string) (s span, err error) {
	text := strings.TrimPrefix(strings.TrimPrefix(header, "bytes "), "bytes=")
	text, _, _ = strings.Cut(text, "/")
	from, to, dash := strings.Cut(text, "-")
	start, ok := natural(from)
	end, ok2 := natural(to)
	if !dash || !ok || !ok2 || end < start {
		return span{}, azure.Errorf(azure.Invalid, azure.CodeOCIRangeInvalid, "The Content-Range '%s' is not a range. It is written like 0-99: first and last byte.", header)
	}
	return span{start, end - start + 1}, nil
}

// natural reads digits only: no sign, no blanks.
func natural(s string) (int64, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 1<<62
}

// contentRange is the header of a partial answer.
func (s span) contentRange(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", s.start, s.start+s.length-1, size)
}
