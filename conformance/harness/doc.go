// Package harness runs a whole cloud of the built binary, for tests that drive it with other people's programs.
//
// It owns a data directory of its own, free ports, the process of `lazuli up` and the real Azure CLI's installation. It
// starts commands the way a user does, with `lazuli shell -- bash -c ...`, so the variables that make clients reach and
// trust the cloud are under test too. When the cloud has stopped, it looks for what is left of it on the machine: a process,
// mount, network namespace, device, address, table of packet rules, cgroup or folder that stayed is a failure.
//
// The binary is the one LAZULI_BIN names; without it, bin/lazuli is built. The package knows the command line of
// docs/ARCHITECTURE.md and, of what is inside, only how things outside the data directory are named.
package harness
