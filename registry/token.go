package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/access"
)

// tokenRow is the row of a token, by registry and name.
type tokenRow struct {
	Name      string                  `json:"name"`
	ScopeMap  string                  `json:"scopeMap"` // its name
	Disabled  bool                    `json:"disabled,omitempty"`
	Passwords [2]access.TokenPassword `json:"passwords"`
	Created   time.Time               `json:"created"`
}

func (s *Service) tokenType() arm.Type {
	t := arm.Resource("registries/tokens", arm.Handlers[TokenProperties]{Put: s.putToken, Get: s.getToken, Delete: s.removeToken})
	t.Versions, t.Proxy, t.CheckName = versions, true, checkChildName
	return t
}

// tokenNow finds a token for the guard, with what its scope map allows now.
func (s *Service) tokenNow(reg access.Registry, name string) (access.Token, bool) {
	it, ok := s.tokens.Get(store.K(strings.ToLower(reg.Name), strings.ToLower(name)))
	if !ok {
		return access.Token{}, false
	}
	actions, _ := s.mapActions(reg.Name, it.Value.ScopeMap)
	return access.Token{Name: it.Value.Name, Enabled: !it.Value.Disabled, Passwords: it.Value.Passwords, Actions: actions}, true
}

func (s *Service) putToken(_ context.Context, tx *store.Tx, r *arm.Put[TokenProperties]) error {
	it, ok, err := s.tokens.GetTx(tx, childKey(r.ID))
	if err != nil {
		return err
	}
	row := it.Value
	if !ok {
		row = tokenRow{Name: r.ID.Name(), Created: s.o.Now().UTC()}
	}
	switch p := r.Properties; {
	case strings.EqualFold(p.Status, policyOff):
		row.Disabled = true
	case p.Status == "" || strings.EqualFold(p.Status, policyOn):
		row.Disabled = false
	default:
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The status '%s' of the token is invalid. It is 'enabled' or 'disabled'.", p.Status).At("properties.status")
	}
	if row.ScopeMap, err = s.checkScopeMap(tx, r); err != nil {
		return err
	}
	if c := r.Properties.Credentials; c != nil {
		if len(c.Certificates) > 0 {
			return azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "The token '%s' cannot have certificates: this cloud does not implement them. Use its passwords.", r.ID.Name()).At("properties.credentials.certificates")
		}
		dropPasswords(&row, c)
	}
	return s.tokens.Put(tx, childKey(r.ID), row)
}

// dropPasswords takes away the passwords that a written list leaves out. Azure:
// so az deletes one. None is made here; see generateCredentials.
func dropPasswords(row *tokenRow, c *TokenCredentials) {
	if c.Passwords == nil {
		return
	}
	for i, name := range access.TokenPasswordNames {
		if !slices.ContainsFunc(c.Passwords, func(p TokenPassword) bool { return p.Name == name }) {
			row.Passwords[i] = access.TokenPassword{}
		}
	}
}

// checkScopeMap gives the name of the scope map that the token names.
func (s *Service) checkScopeMap(tx *store.Tx, r *arm.Put[TokenProperties]) (string, error) {
	sent := r.Properties.ScopeMapID
	id, err := azure.ParseID(sent)
	if err == nil && id.Parent().Equal(r.ID.Parent()) && strings.EqualFold(id.RelativeType(), "registries/scopeMaps") {
		for _, m := range systemMaps {
			if strings.EqualFold(m.name, id.Name()) {
				return m.name, nil
			}
		}
		_, ok, err := s.scopeMaps.GetTx(tx, childKey(id))
		if ok || err != nil {
			return id.Name(), err
		}
	}
	return "", azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The scopeMapId '%s' of the token '%s' names no scope map of the registry '%s'. List them with 'az acr scope-map list --registry %s'.",
		sent, r.ID.Name(), r.ID.Parent().Name(), r.ID.Parent().Name()).At("properties.scopeMapId")
}

func (s *Service) getToken(_ context.Context, e *arm.Envelope, _ bool) (TokenProperties, error) {
	it, ok := s.tokens.Get(childKey(e.ID))
	if !ok {
		return TokenProperties{}, childMissing(e.ID)
	}
	row := it.Value
	p := TokenProperties{CreationDate: wireTime(row.Created), ScopeMapID: e.ID.Parent().Child("scopeMaps", row.ScopeMap).String(), Status: onOff(!row.Disabled),
		Credentials: &TokenCredentials{Certificates: []struct{}{}, Passwords: []TokenPassword{}}}
	for i, pw := range row.Passwords {
		if len(pw.Hash) > 0 {
			p.Credentials.Passwords = append(p.Credentials.Passwords, showTokenPassword(i, pw))
		}
	}
	return p, nil
}

func showTokenPassword(i int, p access.TokenPassword) TokenPassword {
	return TokenPassword{Name: access.TokenPasswordNames[i], CreationTime: wireTime(p.Created), Expiry: wireTime(p.Expires)}
}

func (s *Service) removeToken(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	return s.tokens.Delete(tx, childKey(e.ID))
}

// generateCredentials makes one password of a token, or both, and shows them for
// the only time. What was signed in with before ends.
func (s *Service) generateCredentials(ctx context.Context, r *arm.CallRequest, in GenerateCredentials) (GeneratedCredentials, error) {
	which := []int{0, 1}
	if in.Name != "" {
		i := slices.Index(access.TokenPasswordNames[:], in.Name)
		if i < 0 {
			return GeneratedCredentials{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The password name '%s' is invalid. It is 'password1' or 'password2'.", in.Name).At("name")
		}
		which = []int{i}
	}
	id, err := azure.ParseID(in.TokenID)
	if err != nil || !id.Parent().Equal(r.ID) || !strings.EqualFold(id.RelativeType(), "registries/tokens") {
		return GeneratedCredentials{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The tokenId '%s' names no token of the registry '%s'.", in.TokenID, r.ID.Name()).At("tokenId")
	}
	now := s.o.Now().UTC()
	expires, err := expiry(in.Expiry, now)
	if err != nil {
		return GeneratedCredentials{}, err
	}
	var out GeneratedCredentials
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.tokens.GetTx(tx, childKey(id))
		if err != nil {
			return err
		}
		if !ok {
			return childMissing(id)
		}
		row := it.Value
		out = GeneratedCredentials{Username: row.Name}
		for _, i := range which {
			p, text, err := access.NewTokenPassword(now, expires)
			if err != nil {
				return err
			}
			row.Passwords[i] = p
			shown := showTokenPassword(i, p)
			shown.Value = text
			out.Passwords = append(out.Passwords, shown)
		}
		return s.tokens.Put(tx, it.Key, row)
	})
	return out, conflictOr(err)
}

// expiry reads when a password ends; empty means never.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02"} { // without a zone it is UTC
		if t, err := time.Parse(layout, text); err == nil && t.After(now) {
			return t.UTC(), nil
		}
	}
	return time.Time{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The expiry '%s' is invalid. Give a time in the future like 2027-01-31T00:00:00Z.", text).At("expiry")
}
