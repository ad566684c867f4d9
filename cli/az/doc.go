// Package az is a command line that takes the commands of the Azure CLI and
// prints what it prints, without Python. It is a client like any other: it knows
// a cloud by its endpoints, from `az cloud` or ARM_CLOUD_METADATA_URL, and so
// works with any Azure-compatible cloud. It shares the real az's configuration
// directory.
//
//	command    the frame: table, parser, session, output of a result
//	profile    the configuration directory: clouds, accounts, tokens
//	output     json, yaml, tsv and tables as az prints them
//	query      JMESPath
//	shape      resources in the form of az's SDK models
//	value      JSON that keeps its order
//	the rest   one package for each group of commands
//
// It does not know: how the cloud is built. What it can do that the real az can,
// and the proof, is in docs/compat.md.
package az
