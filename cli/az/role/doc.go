// Package role has az's commands for roles: az role definition and az role
// assignment.
//
// It does not know: how a role decides.
package role
