// Package registry holds the tests that use a registry of the cloud with the container world's own clients: skopeo, the
// docker command line and go-containerregistry, the library behind crane. There is no code in it but tests.
package registry
