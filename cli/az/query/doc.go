// Package query evaluates JMESPath over values, as az's --query does. The parser
// is a library's; the evaluation is ours because az's keeps the order of members:
// the columns of a table stand as the query names them.
//
// Azure: the semantics are those of jmespath 1.0 for Python; what later editions
// of the language add (arithmetic, let, variables) is refused.
package query
