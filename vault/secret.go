package vault

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/vault/seal"
)

// Limits of a secret. Source: Key Vault secrets 7.4.
const (
	maxValue       = 25 << 10 // bytes
	maxContentType = 255      // characters
	maxTags        = 15
	maxTag         = 256 // characters of a name or a value
)

// setSecret serves PUT /secrets/{name}: always a new version.
func (s *Service) setSecret(ctx context.Context, r *httpd.Request, in SecretSetParameters) (SecretBundle, error) {
	v, ok := s.live(r.Label())
	if !ok {
		return SecretBundle{}, vaultNotFound(r.Label())
	}
	rec, ver, err := s.set(ctx, v, r.PathValue("name"), in)
	if err != nil {
		return SecretBundle{}, err
	}
	out := s.bundle(v, rec, ver, true)
	value := in.Value.Reveal()
	out.Value = &value
	return out, nil
}

// set writes a new version, for both planes.
func (s *Service) set(ctx context.Context, v *vaultRecord, name string, in SecretSetParameters) (*secretRecord, *versionRecord, error) {
	if err := checkSet(in); err != nil {
		return nil, nil, err
	}
	now := s.now().Unix()
	ver := &versionRecord{Version: newVersion(), Created: now}
	change(ver, SecretUpdateParameters{ContentType: in.ContentType, Tags: in.Tags, Attributes: in.Attributes}, now)
	var err error
	if ver.Sealed, err = s.seal(ctx, v, name, ver.Version, []byte(in.Value.Reveal())); err != nil {
		return nil, nil, err
	}
	var rec *secretRecord
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.liveTx(tx, v); err != nil {
			return err
		}
		key := secretKey(v, name)
		it, ok, err := s.tables.secrets.GetTx(tx, key)
		if err != nil {
			return err
		}
		if rec = it.Value; !ok {
			rec = &secretRecord{Name: name}
		}
		if rec.Deleted != nil {
			return nameHeld(rec)
		}
		rec.Current = ver.Version
		if err := s.tables.secrets.Put(tx, key, rec); err != nil {
			return err
		}
		return s.tables.versions.Put(tx, versionKey(v, name, ver.Version), ver)
	})
	return rec, ver, err
}

// getSecret serves GET /secrets/{name}[/{version}].
func (s *Service) getSecret(ctx context.Context, r *httpd.Request, _ httpd.None) (SecretBundle, error) {
	v, ok := s.live(r.Label())
	if !ok {
		return SecretBundle{}, vaultNotFound(r.Label())
	}
	rec, ver, err := s.find(v, r.PathValue("name"), r.PathValue("version"))
	if err != nil {
		return SecretBundle{}, err
	}
	value, err := s.reveal(ctx, v, rec, ver)
	if err != nil {
		return SecretBundle{}, err
	}
	out := s.bundle(v, rec, ver, true)
	plain := value.Reveal()
	out.Value = &plain
	return out, nil
}

// find reads a live secret and one of its versions; no version means the current one.
func (s *Service) find(v *vaultRecord, name, version string) (*secretRecord, *versionRecord, error) {
	it, ok := s.tables.secrets.Get(secretKey(v, name))
	if !ok || it.Value.Deleted != nil {
		return nil, nil, secretNotFound(name, version)
	}
	if version == "" {
		version = it.Value.Current
	}
	ver, ok := s.tables.versions.Get(versionKey(v, name, strings.ToLower(version)))
	if !ok {
		return nil, nil, secretNotFound(name, version)
	}
	return it.Value, ver.Value, nil
}

// reveal unseals a version, unless it is disabled.
func (s *Service) reveal(ctx context.Context, v *vaultRecord, rec *secretRecord, ver *versionRecord) (azure.Secret, error) {
	if ver.Disabled {
		return azure.Secret{}, azure.Errorf(azure.Forbidden, azure.CodeForbidden, "Operation get is not allowed on a disabled secret. Enable '%s' with 'az keyvault secret set-attributes --enabled true' first.", rec.Name).
			WithInner(azure.InnerSecretDisabled)
	}
	box, err := s.o.Seal.Existing(ctx, v.dataKey())
	if err != nil {
		return azure.Secret{}, err
	}
	value, err := box.Unseal(ver.Sealed, rowOf(v, rec.Name, ver.Version))
	return azure.NewSecret(string(value)), err
}

// seal seals the value of one version.
func (s *Service) seal(ctx context.Context, v *vaultRecord, name, version string, value []byte) ([]byte, error) {
	box, err := s.o.Seal.Existing(ctx, v.dataKey())
	if err != nil {
		return nil, err
	}
	return box.Seal(value, rowOf(v, name, version))
}

// rowOf binds a sealed value to its row, so that it cannot be moved to another.
func rowOf(v *vaultRecord, name, version string) []byte {
	return seal.Bind("secret", v.UID, strings.ToLower(name), version)
}

// updateSecret serves PATCH /secrets/{name}[/{version}]: all but the value.
func (s *Service) updateSecret(ctx context.Context, r *httpd.Request, in SecretUpdateParameters) (SecretBundle, error) {
	v, ok := s.live(r.Label())
	if !ok {
		return SecretBundle{}, vaultNotFound(r.Label())
	}
	rec, ver, err := s.update(ctx, v, r.PathValue("name"), r.PathValue("version"), in)
	if err != nil {
		return SecretBundle{}, err
	}
	return s.bundle(v, rec, ver, true), nil
}

// update changes a version, for both planes; no version means the current one.
func (s *Service) update(ctx context.Context, v *vaultRecord, name, version string, in SecretUpdateParameters) (rec *secretRecord, ver *versionRecord, err error) {
	if err := checkUpdate(in); err != nil {
		return nil, nil, err
	}
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.liveTx(tx, v); err != nil {
			return err
		}
		it, ok, err := s.tables.secrets.GetTx(tx, secretKey(v, name))
		if err != nil {
			return err
		}
		if !ok || it.Value.Deleted != nil {
			return secretNotFound(name, version)
		}
		rec = it.Value
		want := strings.ToLower(version)
		if want == "" {
			want = rec.Current
		}
		row, ok, err := s.tables.versions.GetTx(tx, versionKey(v, name, want))
		if err != nil {
			return err
		}
		if !ok {
			return secretNotFound(name, version)
		}
		ver = row.Value
		change(ver, in, s.now().Unix())
		return s.tables.versions.Put(tx, row.Key, ver)
	})
	return rec, ver, err
}

// change lays what was sent over a version.
func change(ver *versionRecord, in SecretUpdateParameters, now int64) {
	if in.ContentType != nil {
		ver.ContentType = *in.ContentType
	}
	if in.Tags != nil {
		ver.Tags = in.Tags
	}
	if a := in.Attributes; a != nil {
		if a.Enabled != nil {
			ver.Disabled = !*a.Enabled
		}
		if a.NotBefore != nil {
			ver.NotBefore = a.NotBefore
		}
		if a.Expires != nil {
			ver.Expires = a.Expires
		}
	}
	ver.Updated = now
}

func checkSet(in SecretSetParameters) error {
	if in.Value == nil {
		return badParameter("The property 'value' is required. Send {\"value\": \"...\"}.").At("value")
	}
	if n := len(in.Value.Reveal()); n > maxValue {
		return badParameter("The secret value has %d bytes. It may have at most %d; keep larger data elsewhere and a key to it here.", n, maxValue).At("value")
	}
	return checkUpdate(SecretUpdateParameters{ContentType: in.ContentType, Tags: in.Tags, Attributes: in.Attributes})
}

func checkUpdate(in SecretUpdateParameters) error {
	if in.ContentType != nil && utf8.RuneCountInString(*in.ContentType) > maxContentType {
		return badParameter("The property 'contentType' has more than %d characters. Shorten it.", maxContentType).At("contentType")
	}
	if len(in.Tags) > maxTags {
		return badParameter("A secret has at most %d tags; %d were given.", maxTags, len(in.Tags)).At("tags")
	}
	for k, value := range in.Tags {
		if k == "" || utf8.RuneCountInString(k) > maxTag || utf8.RuneCountInString(value) > maxTag {
			return badParameter("The tag '%s' is not valid: its name has 1 to %d characters, its value at most %d.", k, maxTag, maxTag).At("tags")
		}
	}
	if a := in.Attributes; a != nil && (a.NotBefore != nil && *a.NotBefore < 0 || a.Expires != nil && *a.Expires < 0) {
		return badParameter("The attributes 'nbf' and 'exp' are seconds since 1970 and cannot be negative.").At("attributes")
	}
	return nil
}

// newVersion is a random version: 32 hex digits.
func newVersion() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b[:])
}

// bundle is a secret on the wire without its value.
func (s *Service) bundle(v *vaultRecord, rec *secretRecord, ver *versionRecord, withVersion bool) SecretBundle {
	id := s.hostURL(v.name()) + "/secrets/" + rec.Name
	b := SecretBundle{ID: id, ContentType: ver.ContentType, Tags: ver.Tags, Attributes: attributesOf(v, ver)}
	if withVersion {
		b.ID += "/" + ver.Version
	}
	if d := rec.Deleted; d != nil {
		b.RecoveryID = s.hostURL(v.name()) + "/deletedsecrets/" + rec.Name
		b.DeletedDate, b.ScheduledPurgeDate = d.At.Unix(), d.PurgeAt.Unix()
	}
	return b
}

func attributesOf(v *vaultRecord, ver *versionRecord) SecretAttributes {
	enabled := !ver.Disabled
	return SecretAttributes{Enabled: &enabled, NotBefore: ver.NotBefore, Expires: ver.Expires, Created: ver.Created, Updated: ver.Updated,
		RecoveryLevel: v.recoveryLevel(), RecoverableDays: v.Settings.RetentionDays}
}

// recoveryLevel is Azure's word for how a deleted secret of the vault may go.
func (v *vaultRecord) recoveryLevel() string {
	level := "Recoverable"
	if v.Settings.RetentionDays < maxRetention {
		level = "CustomizedRecoverable"
	}
	if !v.Settings.PurgeProtection {
		level += "+Purgeable"
	}
	return level
}

func secretNotFound(name, version string) error {
	if version != "" {
		name += "/" + version
	}
	return azure.Errorf(azure.NotFound, azure.CodeSecretNotFound, "A secret with (name/id) %s was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command: 'az keyvault secret recover'.", name)
}

// nameHeld refuses the name of a deleted secret.
func nameHeld(rec *secretRecord) error {
	if rec.Deleted.Purging {
		return azure.Errorf(azure.Conflict, azure.CodeConflict, "Secret %s is currently being deleted. Try again when it is gone.", rec.Name).WithInner(azure.InnerObjectIsBeingDeleted)
	}
	return azure.Errorf(azure.Conflict, azure.CodeConflict, "Secret %s is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.", rec.Name).
		WithInner(azure.InnerObjectIsDeletedButRecoverable)
}
