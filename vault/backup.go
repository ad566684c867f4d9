package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

// Limits of a backup. Azure: 500 versions. The size keeps the blob, twice in
// base64, within maxBody.
const (
	maxBackupVersions = 500
	maxBackupBytes    = 4 << 20
)

// backup is the inside of a backup blob. Values are in the clear here: it leaves
// only sealed.
type backup struct {
	Name     string         `json:"name"`
	Current  string         `json:"current"`
	Versions []savedVersion `json:"versions"`
}

type savedVersion struct {
	versionRecord
	Value []byte `json:"value"`
}

// backupBinding ties a blob to the tenant and subscription it may be restored in.
func (s *Service) backupBinding(v *vaultRecord) []byte {
	return seal.Bind("vault backup", strings.ToLower(s.o.TenantID), strings.ToLower(v.ID.Subscription))
}

// backupSecret serves POST /secrets/{name}/backup: all versions in one sealed blob.
func (s *Service) backupSecret(ctx context.Context, r *httpd.Request, _ httpd.None) (BackupSecretResult, error) {
	v, ok := s.live(r.Label())
	if !ok {
		return BackupSecretResult{}, vaultNotFound(r.Label())
	}
	rec, _, err := s.find(v, r.PathValue("name"), "")
	if err != nil {
		return BackupSecretResult{}, err
	}
	box, err := s.o.Seal.Existing(ctx, v.dataKey())
	if err != nil {
		return BackupSecretResult{}, err
	}
	rows := s.tables.versions.List(secretKey(v, rec.Name), "", maxBackupVersions+1)
	if len(rows) > maxBackupVersions {
		return BackupSecretResult{}, badParameter("The secret '%s' has more than %d versions and cannot be backed up.", rec.Name, maxBackupVersions)
	}
	b := backup{Name: rec.Name, Current: rec.Current}
	for _, it := range rows {
		value, err := box.Unseal(it.Value.Sealed, rowOf(v, rec.Name, it.Value.Version))
		if err != nil {
			return BackupSecretResult{}, err
		}
		saved := savedVersion{versionRecord: *it.Value, Value: value}
		saved.Sealed = nil
		b.Versions = append(b.Versions, saved)
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return BackupSecretResult{}, err
	}
	if len(plain) > maxBackupBytes {
		return BackupSecretResult{}, badParameter("The versions of the secret '%s' have %d bytes together and cannot be backed up; the limit is %d.", rec.Name, len(plain), maxBackupBytes)
	}
	sealed, err := s.backups.Seal(plain, s.backupBinding(v))
	if err != nil {
		return BackupSecretResult{}, err
	}
	return BackupSecretResult{Value: base64.RawURLEncoding.EncodeToString(sealed)}, nil
}

// restoreSecret serves POST /secrets/restore: the secret comes back with its
// versions, into any vault of its subscription that has not got the name.
func (s *Service) restoreSecret(ctx context.Context, r *httpd.Request, in SecretRestoreParameters) (SecretBundle, error) {
	v, ok := s.live(r.Label())
	if !ok {
		return SecretBundle{}, vaultNotFound(r.Label())
	}
	b, err := s.openBackup(v, in.Value)
	if err != nil {
		return SecretBundle{}, err
	}
	var current *versionRecord
	for i := range b.Versions {
		ver := &b.Versions[i]
		if ver.Sealed, err = s.seal(ctx, v, b.Name, ver.Version, ver.Value); err != nil {
			return SecretBundle{}, err
		}
		if ver.Version == b.Current {
			current = &ver.versionRecord
		}
	}
	rec := &secretRecord{Name: b.Name, Current: b.Current}
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.restoreTx(tx, v, rec, b.Versions) })
	if errors.Is(err, store.ErrTooLarge) {
		return SecretBundle{}, badParameter("The backup has %d versions, more than this cloud's store takes at once. Raise --max-txn-ops of the etcd cluster.", len(b.Versions)).Because(err)
	}
	if err != nil {
		return SecretBundle{}, err
	}
	return s.bundle(v, rec, current, true), nil
}

func (s *Service) restoreTx(tx *store.Tx, v *vaultRecord, rec *secretRecord, versions []savedVersion) error {
	if _, err := s.liveTx(tx, v); err != nil {
		return err
	}
	it, ok, err := s.tables.secrets.GetTx(tx, secretKey(v, rec.Name))
	switch {
	case err != nil:
		return err
	case ok && it.Value.Deleted != nil:
		return nameHeld(it.Value)
	case ok:
		return azure.Errorf(azure.Conflict, azure.CodeConflict, "The secret '%s' already exists in vault '%s' and cannot be restored over. Delete and purge it first, or restore into another vault.", it.Value.Name, v.name())
	}
	if err := s.tables.secrets.Put(tx, secretKey(v, rec.Name), rec); err != nil {
		return err
	}
	for i := range versions {
		if err := s.tables.versions.Put(tx, versionKey(v, rec.Name, versions[i].Version), &versions[i].versionRecord); err != nil {
			return err
		}
	}
	return nil
}

// openBackup verifies a blob. Anything that this cloud did not seal for the
// vault's subscription is refused with one text.
func (s *Service) openBackup(v *vaultRecord, blob string) (*backup, error) {
	refused := badParameter("The backup blob is not valid for this vault. It must be what the backup of a secret answered, unchanged, from a vault of the same subscription.").At("value")
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(blob, "="))
	if err != nil {
		return nil, refused.Because(err)
	}
	plain, err := s.backups.Unseal(sealed, s.backupBinding(v))
	if err != nil {
		return nil, refused.Because(err)
	}
	var b backup
	if err := json.Unmarshal(plain, &b); err != nil {
		return nil, err
	}
	return &b, nil
}
