// Package oci speaks the OCI distribution protocol, version 1.1, for one
// registry at a time: /v2/ and everything below it.
//
// A request goes through a pure parser ([Parse]: method and URL to a [Request]),
// a table (which action it needs, who serves it), the guard, and a handler that
// returns an error; [WriteError] is the one place where errors become OCI's
// {"errors":[{"code","message","detail"}]}.
//
// Blobs stream through pooled buffers and manifests leave in one write.
// Digests are always verified before content is linked.
//
// Beyond the specification: GET and DELETE of an upload, the catalog, Basic
// credentials. Any media type can be a manifest; of those that are known the
// children must be there. Deleting a manifest deletes its tags.
//
// It does not know how callers are found (package access), where content is
// kept (package repository), nor that registries are ARM resources.
package oci
