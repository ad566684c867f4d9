package value

import "fmt"

// said is a text that is an error.
type said string

// Error is the text.
func (s said) Error() string { return string(s) }

// Said is an error in az's own words, which, unlike Go's errors, begin with a
// capital and end with a stop: users see them as they are.
func Said(format string, args ...any) error { return said(fmt.Sprintf(format, args...)) }
