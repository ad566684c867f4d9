// Package bulk carries much data over connections beneath TLS with few system
// calls.
//
// crypto/tls asks the kernel for one record at a time, of 16 KiB, both ways. On a
// fast link that is the most of what a connection costs: each call wakes the other
// side for little. A [Conn] below it
//
//   - reads far ahead while data arrives faster than it is read. It decides that
//     itself, and takes the memory only when the data is there: a connection that
//     waits holds none
//   - gathers what is written, while a handler that sends much says so with
//     [Gather], and sends it in large pieces
//
// A server puts [NewListener] below its TLS listener and [Context] into
// [net/http.Server.ConnContext]. Without either, everything works as before.
//
// It does not know TLS or HTTP, but for the one rule that connections with several
// requests at once, HTTP/2, never gather: there, one request would hold back the
// answers to others.
package bulk
