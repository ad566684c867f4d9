package vault

import (
	"context"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// deleteSecret serves DELETE /secrets/{name}: the soft delete of all versions.
func (s *Service) deleteSecret(ctx context.Context, r *httpd.Request, _ httpd.None) (SecretBundle, error) {
	return s.flip(ctx, r, func(v *vaultRecord, rec *secretRecord) error {
		if rec.Deleted != nil {
			return secretNotFound(rec.Name, "")
		}
		rec.Deleted = s.deletion(v)
		return nil
	})
}

// recoverDeletedSecret serves POST /deletedsecrets/{name}/recover.
func (s *Service) recoverDeletedSecret(ctx context.Context, r *httpd.Request, _ httpd.None) (SecretBundle, error) {
	return s.flip(ctx, r, func(_ *vaultRecord, rec *secretRecord) error {
		if rec.Deleted == nil {
			return deletedSecretNotFound(rec.Name)
		}
		if rec.Deleted.Purging {
			return nameHeld(rec)
		}
		rec.Deleted = nil
		return nil
	})
}

// flip changes whether the secret that r names is deleted, and shows it.
func (s *Service) flip(ctx context.Context, r *httpd.Request, f func(*vaultRecord, *secretRecord) error) (SecretBundle, error) {
	name := r.PathValue("name")
	seen, ok := s.live(r.Label())
	if !ok {
		return SecretBundle{}, vaultNotFound(r.Label())
	}
	var out SecretBundle
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		v, err := s.liveTx(tx, seen)
		if err != nil {
			return err
		}
		it, ok, err := s.tables.secrets.GetTx(tx, secretKey(v, name))
		if err != nil {
			return err
		}
		if !ok {
			return secretNotFound(name, "")
		}
		if err := f(v, it.Value); err != nil {
			return err
		}
		ver, ok, err := s.tables.versions.GetTx(tx, versionKey(v, name, it.Value.Current))
		if err != nil {
			return err
		}
		if !ok {
			return secretNotFound(name, it.Value.Current)
		}
		out = s.bundle(v, it.Value, ver.Value, true)
		return s.tables.secrets.Put(tx, it.Key, it.Value)
	})
	return out, err
}

// getDeletedSecret serves GET /deletedsecrets/{name}.
func (s *Service) getDeletedSecret(_ context.Context, r *httpd.Request, _ httpd.None) (SecretBundle, error) {
	v, rec, err := s.findDeletedSecret(r)
	if err != nil {
		return SecretBundle{}, err
	}
	ver, ok := s.tables.versions.Get(versionKey(v, rec.Name, rec.Current))
	if !ok { // being purged
		return SecretBundle{}, deletedSecretNotFound(rec.Name)
	}
	return s.bundle(v, rec, ver.Value, true), nil
}

// purgeDeletedSecret serves DELETE /deletedsecrets/{name}.
func (s *Service) purgeDeletedSecret(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	v, rec, err := s.findDeletedSecret(r)
	if err != nil {
		return httpd.None{}, err
	}
	if v.Settings.PurgeProtection {
		return httpd.None{}, azure.Errorf(azure.Forbidden, azure.CodeForbidden,
			"Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed, on %s.\r\nVault: %s",
			rec.Deleted.PurgeAt.Format(time.RFC3339), v.place()).WithInner(azure.InnerForbiddenByPolicy)
	}
	return httpd.None{}, s.purgeSecret(ctx, secretKey(v, rec.Name))
}

func (s *Service) findDeletedSecret(r *httpd.Request) (*vaultRecord, *secretRecord, error) {
	v, ok := s.live(r.Label())
	if !ok {
		return nil, nil, vaultNotFound(r.Label())
	}
	it, ok := s.tables.secrets.Get(secretKey(v, r.PathValue("name")))
	if !ok || it.Value.Deleted == nil {
		return nil, nil, deletedSecretNotFound(r.PathValue("name"))
	}
	return v, it.Value, nil
}

func deletedSecretNotFound(name string) error {
	return azure.Errorf(azure.NotFound, azure.CodeSecretNotFound, "A deleted secret with (name/id) %s was not found in this key vault. List the deleted secrets with 'az keyvault secret list-deleted'.", name)
}
