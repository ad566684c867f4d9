// Package versity pins the S3 server that the tests of registries in a bucket
// start: a module of its own, because the server brings the libraries of several
// clouds with it.
package versity
