// Package client speaks to a cloud from outside: the admin socket of a cloud on
// this machine, the control plane, and a registry's sign-in. The command line
// and the tests use it; it uses only what every other client could.
//
// Errors of the cloud come back as *azure.Error, so errors.Is with a code holds
// over the wire.
//
// It does not know: how the cloud is built.
package client
