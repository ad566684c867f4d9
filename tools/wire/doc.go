// Command wire writes the portal's TypeScript types from the Go structs that go over the wire, so that the two cannot drift:
// go generate ./portal.
package main
