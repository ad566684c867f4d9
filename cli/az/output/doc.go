// Package output prints values as az does: json (sorted, two spaces), jsonc
// (the same with colours), yaml and yamlc as PyYAML dumps it, tsv, and tables as
// the tabulate library draws them in its style "simple".
//
// It does not know: commands, queries or clouds.
package output
