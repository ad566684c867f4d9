// Package differential runs one table of command lines through the real Azure CLI
// 2.74 and through the built-in az, against the same cloud, and wants the same on
// stdout and the same exit code, once times and generated ids are masked.
//
// A story is a list of rows that are run in order. A row is a command line after
// `az`, in words as a shell would split them:
//
//	group create -n dg{} -l eastus    {} is a name part of either side, of one length
//	= group show -n dg{}              run for json, tsv, table and yaml
//	ID := group show -n dg{} --query id -o tsv    keeps what is printed, for $ID
//	+ lazuli push ...                 preparation, by a shell, on each side
//
// Rows without = are run once, with json unless they say otherwise.
package differential
