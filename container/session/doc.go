// Package session is the way from a promised exec or attach to the one web
// socket that uses it up: addresses that are secrets, a password as the first
// message, what is typed and written, and an end in order. It knows containers by
// the runtime's names alone, and no groups.
package session
