// Package config is the one configuration of a cloud: one struct, one file, and
// what follows from both (addresses and URLs). Unknown keys in the file are
// errors. It is a leaf: the command line reads and prints it, cloud runs it.
//
// It does not know: flags, rooms, or how anything listens.
package config
