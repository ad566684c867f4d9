// Package identity is the directory of the cloud: tenants, users, applications,
// service principals and their credentials.
//
// It owns: those tables (identity/tenants, identity/users,
// identity/applications, identity/servicePrincipals), the hashing of what
// proves an identity, and the answer to "who is this": [Directory.SignIn],
// [Directory.VerifySecret], [Directory.VerifyPassword], [Directory.Live].
// Beside it in the room stand token (signing and verifying), oauth (the token
// service, https://login.D) and graph (Microsoft Graph, https://graph.D).
//
// Passwords of people are stretched with argon2id (19 MiB, 2 passes) and braked:
// after ten wrong ones each further try waits, twice as long every time up to
// five minutes. The count is kept in memory, per process. Secrets of machines
// are made here with 236 bits, so they need no stretching: what is stored is
// their HMAC-SHA256 under a server key that is sealed before it is stored, and
// checking one takes microseconds.
//
// Services that give tokens of their own for a password or secret, such as the
// registry, ask [Directory.Stands] at every use whether it still counts.
// [Directory.OneTimePassword] is how the operator of this machine signs in
// without one.
//
// An application and its service principal are two objects: deleting the
// application deletes its service principals, deleting a service principal
// leaves the application.
//
// Azure: a display name that is an http or https URL is one of the service
// principal's names, as it was with the clients of 2019; `az ad sp show --id
// http://name` depends on it.
//
// It does not know: HTTP, tokens, roles. Who may change the directory is
// decided in graph.
package identity
