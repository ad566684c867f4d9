package lenient

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 512

// SyntaxError says what is wrong with a document and where. It is returned both for text that is not JSON
// in the sense of this package and for a value that does not fit the Go type it is meant for.
type SyntaxError struct {
	// Line counts from 1.
	Line int
	// Column counts characters from 1.
	Column int
	// Path is the place in the document, as in properties.containers[0].name; empty at the top.
	Path string
	// Msg says what was found and what was expected.
	Msg string

	cause error
}

// Error gives the place and the message on one line.
func (e *SyntaxError) Error() string {
	at := ""
	if e.Path != "" {
		at = ", at " + e.Path
	}
	return fmt.Sprintf("line %d, column %d%s: %s", e.Line, e.Column, at, e.Msg)
}

// Unwrap gives the error of a type's own UnmarshalJSON or UnmarshalText, or nil.
func (e *SyntaxError) Unwrap() error { return e.cause }

// step is one element of a path: a key, or an index when key is empty and index is not negative.
type step struct {
	key   string
	index int
}

func keyStep(key string) step { return step{key: key, index: -1} }
func indexStep(i int) step    { return step{index: i} }

// Position gives line and column of a byte offset in a document, both from 1, columns in characters.
func Position(data []byte, off int) (line, column int) {
	before := data[:min(off, len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// newError places an error at the byte offset off.
func newError(data []byte, off int, path []step, msg string, cause error) *SyntaxError {
	line, column := Position(data, off)
	return &SyntaxError{Line: line, Column: column, Path: printPath(path), Msg: msg, cause: cause}
}

func printPath(path []step) string {
	var b strings.Builder
	for _, s := range path {
		switch {
		case s.index >= 0:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case isPlainKey(s.key):
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(clip(s.key))
		default:
			b.WriteString("[" + strconv.Quote(clip(s.key)) + "]")
		}
	}
	return b.String()
}

func isPlainKey(key string) bool {
	for i := range len(key) {
		if !isKeyByte(key[i]) {
			return false
		}
	}
	return key != ""
}

// clip bounds what of a caller's own text is repeated in a message.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}
