// Package authz decides: may this principal perform this action at this scope?
//
// It owns: principals, actions, role definitions (the built-in ones are a table,
// builtin.go), the matching of wildcards, and the one decision function
// [Checker.Allowed]. Access is the union over the role assignments at the scope
// and its parents of actions minus notActions; data actions are a separate
// world. Everything not allowed is denied. Source: Azure RBAC, api-version
// 2022-04-01.
//
// It does not know: where assignments are stored (a [Source] tells), tokens,
// HTTP, or what a resource is beyond its id.
package authz
