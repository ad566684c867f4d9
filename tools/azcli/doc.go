// Package azcli puts the real, unmodified Azure CLI 2.74.0 on a Debian machine.
//
// Debian 12 packages 2.45.0, which cannot run the article (its secret commands die at import). Debian 13 packages 2.74.0
// for a newer Python, but its files run on Debian 12's Python 3.11 as they are. So Install takes the compiled libraries
// from the machine's own release with apt, unpacks sixteen packages of Debian 13 into a directory with dpkg-deb, and writes
// bin/az, which starts the unpacked CLI. Not one file of the CLI is changed. On Debian 13 the package itself is installed
// and bin/az starts that.
//
// The Debian 13 packages come from the mirror the machine is configured with, through an apt configuration of their own:
// the system's sources, lists and package database do not learn of them. apt verifies them with Debian's own keys.
//
// The directory appears by one rename when everything has been checked, so it is whole or absent; a run that was interrupted
// continues with the packages it already has; two runs wait for each other; a run that finds it complete does nothing.
// It holds
//
//	bin/az   the command: private library path, warnings off, arguments passed through
//	root/    the unpacked packages
//	seed/    files to copy into a fresh AZURE_CONFIG_DIR: the index of commands, which az otherwise builds for 8-10 s
package azcli
