// Package shape gives resources the form in which az prints them. az shows not
// what stood on the wire but the models of Azure's Python SDK: every member a
// model has, null where the wire had none, properties pulled up, times in
// ISO 8601 with an offset.
//
// A table of models is text, one model a line:
//
//	Registry: id name sku:Sku tags:{str} loginServer=properties.loginServer creationDate=properties.creationDate:time rules:[Rule]
//
// that is a name, = and its path on the wire where that is another, : and its
// type where that is not plain: another model, [type], {type}, time, float,
// duration. Members of the wire no model knows are kept at the end.
//
// It does not know: which command prints what.
package shape
