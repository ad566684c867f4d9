// Package fake is a container runtime without containers, for tests of what is
// built on one: processes are goroutines, networks are pipes, images are names.
// It needs no root and passes the suite of package runtimetest.
//
// An image runs the [Program] that [Options.Programs] has for it, or
// [Serve]: an HTTP server on each port the sandbox declares, which answers with
// the image's name until it is told to stop. Public ports are real: they are
// bound on the sandbox's address. [Runtime.Exit] ends a container from outside,
// [Runtime.Restart] does what a restart of the daemon does.
//
// Limits and mounts are accepted and ignored.
package fake
