// Package bucket keeps content in a bucket of S3 or of a store that speaks its
// protocol, so that the disk of this machine does not bound the registries.
//
// Content of the digest ALGORITHM:HEX is the object PREFIX/blobs/ALGORITHM/HEX.
// What is read from its beginning to its end is verified before the last bytes
// are given out.
//
// The package does not know what refers to content, nor when it may go: that is
// the registries' storage, which keeps a row for each object. A rule of the
// bucket should abort unfinished uploads after some days: a process that was
// killed in one leaves parts behind that S3 does not show.
package bucket
