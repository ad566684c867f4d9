package vault

import (
	"context"
	"net/http"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// The control-plane face of secrets, vaults/{vault}/secrets/{secret}: it needs a
// role on the vault and no data action, and never shows a value. The secrets are
// the same as in the data plane, so the hall keeps no records of them.

// maxControlPage is the largest page of the control-plane list, and its default.
const maxControlPage = 1000

// putControlSecret serves PUT: a new version.
func (s *Service) putControlSecret(ctx context.Context, r *arm.CallRequest, in SecretCreateOrUpdateParameters) (httpd.Reply[*Secret], error) {
	reply := httpd.Reply[*Secret]{Status: http.StatusOK}
	v, name, err := s.controlTarget(r)
	if err != nil {
		return reply, err
	}
	if _, _, err := s.find(v, name, ""); err != nil {
		reply.Status = http.StatusCreated
	}
	p := in.Properties
	rec, ver, err := s.set(ctx, v, name, SecretSetParameters{Value: p.Value, ContentType: p.ContentType, Tags: in.Tags, Attributes: p.Attributes})
	if err != nil {
		return reply, err
	}
	reply.Body = s.controlView(v, rec, ver)
	return reply, nil
}

// patchControlSecret serves PATCH: with a value a new version, else a change of
// the current one.
func (s *Service) patchControlSecret(ctx context.Context, r *arm.CallRequest, in SecretCreateOrUpdateParameters) (*Secret, error) {
	v, name, err := s.controlTarget(r)
	if err != nil {
		return nil, err
	}
	_, old, err := s.find(v, name, "")
	if err != nil {
		return nil, err
	}
	p := in.Properties
	if p.Value == nil {
		rec, ver, err := s.update(ctx, v, name, "", SecretUpdateParameters{ContentType: p.ContentType, Tags: in.Tags, Attributes: p.Attributes})
		if err != nil {
			return nil, err
		}
		return s.controlView(v, rec, ver), nil
	}
	set := SecretSetParameters{Value: p.Value, ContentType: p.ContentType, Tags: in.Tags, Attributes: p.Attributes}
	if set.ContentType == nil {
		set.ContentType = &old.ContentType
	}
	if set.Tags == nil {
		set.Tags = old.Tags
	}
	if set.Attributes == nil {
		enabled := !old.Disabled
		set.Attributes = &SecretAttributes{Enabled: &enabled, NotBefore: old.NotBefore, Expires: old.Expires}
	}
	rec, ver, err := s.set(ctx, v, name, set)
	if err != nil {
		return nil, err
	}
	return s.controlView(v, rec, ver), nil
}

// getControlSecret serves GET.
func (s *Service) getControlSecret(_ context.Context, r *arm.CallRequest, _ httpd.None) (*Secret, error) {
	v, name, err := s.controlTarget(r)
	if err != nil {
		return nil, err
	}
	rec, ver, err := s.find(v, name, "")
	if err != nil {
		return nil, err
	}
	return s.controlView(v, rec, ver), nil
}

// listControlSecrets serves GET of the collection.
func (s *Service) listControlSecrets(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[*Secret], error) {
	v, ok := s.live(r.ID.Name())
	if !ok {
		return azure.Page[*Secret]{}, vaultNotFound(r.ID.Name())
	}
	w, err := windowOf(r.URL.Query(), "$top", maxControlPage)
	if err != nil {
		return azure.Page[*Secret]{}, err
	}
	items, next := collect(s.tables.secrets, store.K(v.UID), w, func(rec *secretRecord) (*Secret, bool) {
		ver, ok := s.tables.versions.Get(versionKey(v, rec.Name, rec.Current))
		if !ok || rec.Deleted != nil {
			return nil, false
		}
		return s.controlView(v, rec, ver.Value), true
	})
	return azure.NewPage(items, nextLink(s.o.Scheme+"://"+r.Host, r.URL, next)), nil
}

// controlTarget finds the vault of a call and checks the secret's name.
func (s *Service) controlTarget(r *arm.CallRequest) (*vaultRecord, string, error) {
	v, ok := s.live(r.ID.Name())
	if !ok {
		return nil, "", vaultNotFound(r.ID.Name())
	}
	name := r.Values["secret"]
	return v, name, checkSecretName(name)
}

func (s *Service) controlView(v *vaultRecord, rec *secretRecord, ver *versionRecord) *Secret {
	uri := s.hostURL(v.name()) + "/secrets/" + rec.Name
	a := attributesOf(v, ver)
	a.RecoveryLevel, a.RecoverableDays = "", 0
	id := v.ID.Child("secrets", rec.Name)
	return &Secret{ID: id.String(), Name: rec.Name, Type: id.Type(), Location: v.Location, Tags: ver.Tags, Properties: SecretProperties{
		ContentType: ver.ContentType, Attributes: a, SecretURI: uri, SecretURIWithVersion: uri + "/" + ver.Version}}
}
