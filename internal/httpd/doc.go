// Package httpd is the one way requests come in: route tables whose rows name
// the action they need, authentication, authorization, decoding, encoding, the
// error envelope, request ids, the audit record and the host router.
//
// Rooms hand it a [Plane]: a table of [Route] rows and functions that return
// (value, error). They never choose a status or write an error body. A row
// without an action does not build.
//
// It does not know: any room, how tokens verify, where assignments are stored.
package httpd
