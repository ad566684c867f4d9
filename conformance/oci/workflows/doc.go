// Package workflows pins the test suite that belongs to version 1.1 of the OCI
// distribution specification: four workflows as Go tests, before the suite
// became a program (package oci runs that one, too). Both have the same module
// path, so this version of it needs a module of its own.
package workflows

import _ "github.com/opencontainers/distribution-spec/conformance" // its tests are built with go test -c
