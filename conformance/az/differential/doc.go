// Package differential runs one table of command lines through the real Azure CLI
// 2.74 and through the built-in az, against the same cloud, and wants the same on
// stdout and stderr and the same exit code, once times and generated ids are masked.
//
// A story is a list of rows that are run in order. A row is a command line after
// `az`, in words as a shell would split them:
//
//	group create -n dg{} -l eastus    {} is a name part of either side, of one length
//	= group show -n dg{}              run for json, tsv, table and yaml
//	ID := group show -n dg{} --query id -o tsv    keeps what is printed, for $ID
//	+ lazuli push ...                 preparation, by a shell, on each side
//
//	? group lock                      the layout of --help
//	~ container attach -g dg{} -n c    shows what goes on, for as long as it does
//
// Rows without = are run once; the result, which both print as JSON, is printed in
// the other formats by the formatters of either. What is said on stderr is compared
// too, but for the few differences that are listed with their reasons. A second
// test does the same at a terminal.
package differential
