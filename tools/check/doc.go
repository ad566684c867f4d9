// Command check runs every check of the project, in the order in which a failure is cheapest to learn of, and ends with one
// line "N passed, N failed". It is what `make test` and the continuous integration run.
//
//	go run ./tools/check [-quick]
//
// In order: formatting, vet, staticcheck, the house tests, generated files, unit and black-box tests with the race detector,
// then the conformance module, which drives the real Azure CLI and other clients against a cloud of the built binary. A
// failing step does not hide the later ones; the exit code is 1 if anything failed. Each test of the Go steps counts by
// itself; skipped tests are named. -quick stops before the race tests: fit for a hook before each commit.
//
// What the checks need and the machine lacks (a C compiler, libseccomp, the Azure CLI, skopeo, curl) is installed with
// Debian's apt when the user is root.
package main
