// Command azinstall puts the real, unmodified Azure CLI 2.74.0 on a Debian machine; package azcli says how.
//
//	go run ./tools/azinstall [-dir DIR] [-quiet]
//
// DIR is lazuli/az-2.74 in the user's cache directory unless given. The last line on standard output is the path of its
// bin/az. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 this machine is not Debian 12 or 13 (the line on standard error
// begins with "az: skipped:").
package main
