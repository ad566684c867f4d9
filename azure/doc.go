// Package azure holds the words every room speaks: resource ids, the error and
// its wire envelope, list pages, operations, locations and secret material.
//
// It owns: the spelling of ids and error codes as Azure Resource Manager uses
// them. It performs no I/O and imports only the standard library, so that the
// client, the command line and every server room can share it.
//
// It does not know: HTTP, storage, roles, or any resource type.
package azure
