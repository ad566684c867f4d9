// Package access decides who may do what in a registry.
//
// It owns the words of the token protocol (actions, scopes), the tokens
// themselves, the admin user's passwords, and the [Guard], through which every
// request of the data plane passes twice: [Guard.Authenticate] finds the
// [Caller] behind a password or token, [Guard.Authorize] asks whether that
// caller may do what the request needs.
//
// A token only narrows: it says which repositories and actions were asked for
// and granted when it was made. Whether its caller still has the right is asked
// again at every request, from memory: a role, a secret or an admin password
// that is taken away binds at the next request, not when the token ends.
//
// Azure: the rights are those of the roles' control-plane actions
// (registries/pull/read, push/write, artifacts/delete) at the registry's scope,
// as in registries with the role assignment mode LegacyRegistryPermissions.
//
// It does not know repositories' content, nor where users and roles are kept.
package access
