// Package identity has az's commands for managed identities: az identity.
//
// It does not know: who uses them.
package identity
