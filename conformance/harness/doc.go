// Package harness runs a whole cloud of the built binary, for tests that drive it with other people's programs.
//
// It owns a data directory of its own, free ports, the process of `lazuli up` and the real Azure CLI's installation. It
// starts commands the way a user does, with `lazuli shell -- bash -c ...`, so the variables that make clients reach and
// trust the cloud are under test too. When the cloud has stopped, it compares the machine with what it was before: a
// process, mount, network namespace, device, address or cgroup that stayed is a failure.
//
// The binary is the one LAZULI_BIN names; without it, bin/lazuli is built. The package knows the command line of
// docs/ARCHITECTURE.md and nothing of what is inside.
package harness
