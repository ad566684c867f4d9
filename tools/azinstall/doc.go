// Command azinstall puts the real, unmodified Azure CLI 2.74.0 on a Debian machine.
//
//	go run ./tools/azinstall [-dir DIR] [-quiet]
//
// Debian 12 packages 2.45.0, which cannot run the article (its secret commands die at import). Debian 13 packages 2.74.0
// for a newer Python, but its files run on Debian 12's Python 3.11 as they are. So this program installs the compiled
// libraries from the machine's own release with apt, unpacks sixteen packages of Debian 13 into DIR with dpkg-deb, and
// writes DIR/bin/az, which starts the unpacked CLI. Not one file of the CLI is changed. On Debian 13 the package itself is
// installed and DIR/bin/az starts that.
//
// The Debian 13 packages come from the mirror the machine is configured with, through an apt configuration of their own:
// the system's sources, lists and package database do not learn of them. apt verifies them with Debian's own keys.
//
// DIR (default: lazuli/az-2.74 in the user's cache directory) appears by one rename when everything has been checked, so
// it is whole or absent; a run that was interrupted continues with the packages it already has; two runs wait for each
// other; a run that finds DIR complete prints its path and ends. DIR holds
//
//	bin/az   the command: private library path, warnings off, arguments passed through
//	root/    the unpacked packages
//	seed/    files to copy into a fresh AZURE_CONFIG_DIR: the index of commands, which az otherwise builds for 8-10 s
//
// The last line on standard output is the path of bin/az. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 this machine is
// not Debian 12 or 13 or has no apt (the line begins with "az: skipped:").
package main
