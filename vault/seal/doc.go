// Package seal is the encryption at rest of whatever must not be readable on a
// stolen disk: secret values, backup blobs, credentials and signing keys.
//
// It owns two layers of keys. The master key wraps; it is a file of this machine
// ([OpenMasterFile]) or any KMS ([Options].Master takes a Tink AEADWithContext,
// which the KMS clients of Tink implement). Below it stand data keys, one a
// [Box], kept wrapped in the store's table "seal/keys". A box seals with
// AES-256-GCM under a random nonce and binds associated data, so that a sealed
// value cannot be moved to another row: give [Bind] of everything that names the
// row.
//
//	master key file or KMS  --wraps-->  data key of box "vault/data/..."  --seals-->  value
//
// Data keys are unwrapped once and then live in memory: sealing and unsealing is
// about a microsecond and never calls the KMS. Destroying a data key destroys
// everything its box sealed ([Ring.Destroy]).
//
// # Rotation
//
// [MasterFile.Rotate] adds a new master key to the file and keeps the old ones,
// [Ring.Rewrap] wraps every data key anew, [MasterFile.Prune] drops what is no
// longer used; [Rotate] does the three. A crash between them loses nothing: both
// keys are in the file until all data keys are rewrapped. Rotate while one process
// alone uses the file: others hold the old key in memory. With a KMS that keeps
// its old versions [Ring.Rewrap] alone is enough. Sealed values do not change.
//
// It does not know: vaults, secrets, HTTP, or who may read what.
package seal
