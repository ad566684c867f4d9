package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/access"
)

// sealName says what is sealed: one password of one registry.
func sealName(rec record, i int) string {
	return "registry/" + rec.UID + "/" + access.PasswordNames[i]
}

func (s *Service) newPassword(rec record, i int) (access.Password, error) {
	return access.NewPassword(rec.Admin.Passwords[i], func(data []byte) ([]byte, error) { return s.o.Seal.Seal(sealName(rec, i), data) })
}

func adminOff(id azure.ResourceID) error {
	return azure.Errorf(azure.Invalid, azure.CodeAdminUserDisabled, "Cannot perform credential operations for %s as admin user is disabled. Enable it with 'az acr update --name %s --admin-enabled true'.", id, id.Name())
}

// listCredentials shows the admin user's passwords.
func (s *Service) listCredentials(_ context.Context, r *arm.CallRequest, _ httpd.None) (Credentials, error) {
	rec, err := s.recordOf(r.ID)
	if err != nil {
		return Credentials{}, err
	}
	return s.credentials(rec)
}

func (s *Service) credentials(rec record) (Credentials, error) {
	if !rec.Admin.Enabled {
		return Credentials{}, adminOff(rec.ID)
	}
	c := Credentials{Username: rec.Name}
	for i, p := range rec.Admin.Passwords {
		text, err := s.o.Seal.Unseal(sealName(rec, i), p.Sealed)
		if err != nil {
			return Credentials{}, fmt.Errorf("cannot open %s of the registry %s: %w", access.PasswordNames[i], rec.Name, err)
		}
		c.Passwords = append(c.Passwords, Password{Name: access.PasswordNames[i], Value: string(text)})
	}
	return c, nil
}

// regenerateCredential replaces one password. Tokens made with it end with it.
func (s *Service) regenerateCredential(ctx context.Context, r *arm.CallRequest, in RegenerateCredential) (Credentials, error) {
	i := slices.Index(access.PasswordNames[:], in.Name)
	if i < 0 {
		return Credentials{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The credential name '%s' is invalid. It is 'password' or 'password2'.", in.Name).At("name")
	}
	var rec record
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.registries.GetTx(tx, nameKey(r.ID.Name()))
		if err != nil {
			return err
		}
		if rec = it.Value; !ok || !rec.ID.Equal(r.ID) {
			_, err := s.recordOf(r.ID)
			return err
		}
		if !rec.Admin.Enabled {
			return adminOff(r.ID)
		}
		p, err := s.newPassword(rec, i)
		if err != nil {
			return err
		}
		rec.Admin.Passwords[i] = p
		return s.registries.Put(tx, it.Key, rec)
	})
	if err != nil {
		return Credentials{}, conflictOr(err)
	}
	return s.credentials(rec)
}
