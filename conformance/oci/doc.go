// Package oci runs the official conformance suites of the OCI distribution specification against a registry of the cloud:
// over TLS, with authentication on, everything enabled that the registry can do. There is no code in it but tests.
package oci
