// Package registry is the room of container registries: the resource type
// Microsoft.ContainerRegistry/registries, and behind the host name of each
// registry its data plane.
//
//	oci         the OCI distribution protocol, /v2/
//	acr         the token service, /oauth2/, and /acr/v1/
//	access      callers, tokens, decisions
//	repository  repositories, tags, manifests, blobs, uploads
//	bucket      content in an S3-compatible bucket
//	webhook     telling others what happened
//	outbound    connections to addresses that users name
//
// The room itself owns the registries with their scope maps, tokens and webhooks
// (child resources), policies and imports, and wires these together.
//
// # State
//
// A PUT is complete at once. A DELETE marks the registry's row, so that its host
// answers no more, then removes all repositories, then the row; a crash between
// is finished at the next start. The admin user's two passwords are made with
// the registry, sealed, and shown only while the admin user is enabled.
//
// An import that was answered with 202 goes on after a stop of the cloud, as do
// deliveries to webhooks that wait.
//
// # Where it differs from Azure
//
// The three SKUs differ in the limit that usages show, which is not enforced, in
// anonymous pull (not in Basic) and retention (in Premium). What is not built (replication, network rules, private endpoints,
// customer-managed keys, quarantine, trust, soft delete, data endpoints,
// repository-scoped permissions, certificates of tokens) is refused when it is
// switched on, never silently stored. The attributes of a manifest say how far it
// is unpacked for container groups (unpackState). A deleted scope map leaves its tokens
// without rights.
//
// # What it does not know
//
// Users and roles (joints SignIn, VerifyToken, Alive, the authz.Checker), how
// secrets are sealed (Seal, Unseal), containers (OnPush, [Service.Pull]).
package registry
