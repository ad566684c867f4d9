// Package vault is Microsoft.KeyVault: vaults in the control plane and secrets
// in the data plane.
//
// It owns: the resource type vaults with its settings, access policies, network
// rules and soft delete; the control-plane face of secrets (vaults/secrets,
// whose values are written and never shown); and the secrets data plane under
// {vault}.vault.D, one table in routes.go. Source: Microsoft.KeyVault
// 2023-07-01 and 2026-02-01, Key Vault secrets 7.4 to 2026-04-01.
//
// # State
//
//	vault:  (PUT) -> live -> (DELETE, or its group's) -> deleted -> (PUT createMode=recover) -> live
//	                                                            -> (purge, or the retention ends) -> gone
//	secret: (PUT) -> live -> (DELETE) -> deleted -> (recover) -> live
//	                                            -> (purge, or the retention ends) -> gone
//
// A name stays taken until its vault or secret is gone. Going is marked first and
// then done in steps, so that a crash leaves a purge for [Service.Sweep] to end.
// A vault's values are sealed with a data key of its own (package seal), bound to
// vault, name and version; purging the vault destroys the key first.
//
// # Access
//
// A vault with enableRbacAuthorization asks the role assignments (data actions,
// at the vault or the secret), any other its own access policies. Network rules
// come before both.
//
// # What it does not know
//
// How tokens verify, where role assignments are kept, deployments (they call
// [Service.Secret]), and the envelope of resources, which is the hall's.
//
// Where it differs from Azure: keys, certificates, managed HSMs and virtual
// network rules are not built and say so; properties that a PUT of an existing
// vault leaves out stay as they are; purging a deleted vault is done when the
// call answers.
package vault
