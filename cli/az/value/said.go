package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// said is a text that is an error.
type said string

// Error is the text.
func (s said) Error() string { return string(s) }

// Said is an error in az's own words, which, unlike Go's errors, begin with a
// capital and end with a stop: users see them as they are.
func Said(format string, args ...any) error { return said(fmt.Sprintf(format, args...)) }

// Why says what is wrong with a text that is not JSON, in the words of az's own
// decoder.
func Why(text string) string {
	var syntax *json.SyntaxError
	err := json.Unmarshal([]byte(text), new(any))
	at := len(text)
	what := "Expecting value"
	if errors.As(err, &syntax) {
		at = max(0, int(syntax.Offset)-1)
		message := syntax.Error()
		switch {
		case strings.Contains(message, " in literal "):
			for at > 0 && text[at-1] >= 'a' && text[at-1] <= 'z' {
				at--
			}
		case strings.Contains(message, "object key string"):
			what = "Expecting property name enclosed in double quotes"
		case strings.Contains(message, "after object key:value pair"), strings.Contains(message, "after array element"):
			what = "Expecting ',' delimiter"
		case strings.Contains(message, "after object key"):
			what = "Expecting ':' delimiter"
		case strings.Contains(message, "after top-level value"):
			what = "Extra data"
		}
	}
	at = min(at, len(text))
	line := strings.Count(text[:at], "\n") + 1
	column := utf8.RuneCountInString(text[strings.LastIndexByte(text[:at], '\n')+1:at]) + 1
	return fmt.Sprintf("%s: line %d column %d (char %d)", what, line, column, utf8.RuneCountInString(text[:at]))
}
