// Package portal serves the web portal, https://portal.D: the bundle that web/
// is built into. It holds no business logic: the portal is a client of the
// public API, with the user's own token.
//
// The bundle lies in dist, which git ignores: `go run ./tools/build` makes it
// where Node.js is installed. Without it this package still compiles, and serves
// a page that says how to build it.
//
// Every path that is no file is the page itself, because the page's URLs are ids
// of resources. The page is told the cloud's addresses in a meta element; its
// content security policy lets in nothing but the bundle's own scripts, styles
// with a nonce made for the answer, and calls to this cloud. Text lies in the
// binary compressed (br and gzip) and goes out as it lies.
//
// It does not know: rooms, principals, or anything the page shows.
package portal

//go:generate go run ../tools/wire
