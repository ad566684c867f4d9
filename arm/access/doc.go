// Package access is Microsoft.Authorization: the HTTP face of authz. It owns
// role assignments and custom role definitions, answers them at every scope, and
// is the [authz.Source] that every decision reads, from memory and with every
// acknowledged write in it: a role binds at the next request.
//
// Endpoints, below any scope: roleAssignments, roleDefinitions, locks,
// permissions, denyAssignments (there are none). Api-version 2022-04-01.
//
// It does not know: who principals are beyond what [Options].Principal tells, or
// what actions mean. It differs from Azure in that conditions (ABAC) on an
// assignment are refused instead of stored: what is not enforced must not look
// as if it were.
package access
