// Package value holds JSON as a command prints it: objects keep the order of
// their members, numbers keep their digits. A value is one of nil, bool, string,
// json.Number, []any and *Object; the printers and the query language know no
// others.
//
// It does not know: where values come from or how they are printed.
package value
