// Package lenient reads the JSON that Azure clients really send.
//
// Azure's front end forgives a lot, and its clients have come to rely on it: az sends templates with
// comments, raw line breaks inside strings and an unquoted "template" key; SDKs write "cpu": "1.0" and
// spell keys in whatever case their language prefers. This package accepts
//
//   - a UTF-8 byte order mark,
//   - // and /* */ comments wherever white space may stand,
//   - raw tabs and line breaks inside strings, kept as they are,
//   - unquoted object keys made of letters, digits, '_' and '$',
//   - a comma after the last member or element,
//   - keys in any case: the exact spelling of a json tag wins, then the one that folds to it,
//   - numeric strings where a number is wanted ("1.0", "443") and "true" or "false" where a bool is,
//   - a number with an empty fraction where an integer is wanted (80.0).
//
// It refuses everything else with a [*SyntaxError] that names line, column and JSON path: a number or a
// bool where a string is wanted (it would not come back as it was sent), single quotes, data after the
// value, nesting deeper than [MaxDepth].
//
// Keys that no struct field claims are not lost: [Decode] returns them as a tree beside the value and
// [Merge] lays them over it again, so that every api-version's document round-trips.
//
// [Make] reads large documents into a tree of the caller's own, without one of this package between.
//
// The package knows nothing of HTTP, of resources, or of templates; it reads bytes that fit in memory and
// leaves bounding them to its caller.
package lenient
