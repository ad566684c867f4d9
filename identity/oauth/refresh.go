package oauth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const (
	refreshLifetime = 90 * 24 * time.Hour // since the last use, as in Azure
	refreshPrefix   = "0."
)

// refreshGrant is a family of refresh tokens: one sign-in of one user with one
// client. Its row is identity/refreshTokens, under the hex of its id.
type refreshGrant struct {
	ClientID   string    `json:"clientId"`
	UserID     string    `json:"userId"`
	TenantID   string    `json:"tenantId"`
	Secret     bool      `json:"secret,omitempty"` // the client must prove itself again
	Generation uint32    `json:"generation"`       // of the newest token
	Rotated    time.Time `json:"rotated"`          // when that was made
	Created    time.Time `json:"created"`
}

func (g refreshGrant) expired(now time.Time) bool { return !now.Before(g.Rotated.Add(refreshLifetime)) }

// refreshToken prints a token: family id, generation, MAC.
func (s *Service) refreshToken(id []byte, generation uint32) string {
	b := binary.BigEndian.AppendUint32(bytes.Clone(id), generation)
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(append(b, s.Directory.MAC("refresh", b)...))
}

const familyBytes = 16

// parseRefresh reads a token that this cloud made.
func (s *Service) parseRefresh(tok string) (id []byte, generation uint32, ok bool) {
	enc, ok := strings.CutPrefix(tok, refreshPrefix)
	b, err := base64.RawURLEncoding.Strict().DecodeString(enc)
	if !ok || err != nil || len(b) < familyBytes+4 {
		return nil, 0, false
	}
	head, mac := b[:familyBytes+4], b[familyBytes+4:]
	if !hmac.Equal(mac, s.Directory.MAC("refresh", head)) {
		return nil, 0, false
	}
	return head[:familyBytes], binary.BigEndian.Uint32(head[familyBytes:]), true
}

// newFamily stores g and gives its first token.
func (s *Service) newFamily(ctx context.Context, g refreshGrant) (string, error) {
	s.sweep(ctx)
	enc, err := s.random(familyBytes)
	if err != nil {
		return "", err
	}
	id, err := base64.RawURLEncoding.DecodeString(enc)
	if err != nil {
		return "", err
	}
	g.Created, g.Rotated = s.Now(), s.Now()
	err = s.Store.Update(ctx, func(tx *store.Tx) error { return s.families.Insert(tx, familyKey(id), g) })
	return s.refreshToken(id, g.Generation), err
}

func familyKey(id []byte) store.Key { return store.K(hex.EncodeToString(id)) }

// sweep removes expired families, at most once an hour and a thousand at once.
// It is housekeeping: what it does not reach is refused by its time anyway.
func (s *Service) sweep(ctx context.Context) {
	now := s.Now()
	s.mu.Lock()
	due := now.Sub(s.swept) >= time.Hour
	if due {
		s.swept = now
	}
	s.mu.Unlock()
	if !due {
		return
	}
	var old []store.Key
	for _, it := range s.families.List("", "", 0) {
		if it.Value.expired(now) && len(old) < 1000 {
			old = append(old, it.Key)
		}
	}
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		for _, k := range old {
			if err := s.families.Delete(tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && s.Log != nil {
		s.Log.Warn("cannot remove expired refresh tokens", "error", err)
	}
}

func invalidGrant(format string, args ...any) *azure.Error {
	return azure.Errorf(azure.Unauthenticated, azure.CodeSignInInvalidGrant, format, args...)
}

// refresh redeems a refresh token for any resource.
func (s *Service) refresh(ctx context.Context, req tokenRequest) (granted, error) {
	tok := req.form.Get("refresh_token")
	if tok == "" {
		return granted{}, missing("refresh_token")
	}
	id, generation, ok := s.parseRefresh(tok)
	if !ok {
		return granted{}, invalidGrant("The refresh token is malformed. Sign in again.")
	}
	next, u, err := s.rotate(ctx, req, id, generation)
	if err != nil {
		return granted{}, err
	}
	t := req.target
	if t.Resource == "" {
		t.OpenID = true // a bare refresh: Graph, as in Azure
	}
	if err := s.resolve(u.TenantID, &t); err != nil {
		return granted{}, err
	}
	return granted{subject: subjectOf(u), caller: req.caller, target: t, refresh: next}, nil
}

// rotate checks that a token of a family may be used by the request, and gives
// the token after it.
func (s *Service) rotate(ctx context.Context, req tokenRequest, id []byte, generation uint32) (next string, u identity.User, err error) {
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.families.GetTx(tx, familyKey(id))
		if err != nil {
			return err
		}
		g := it.Value
		if !ok {
			return invalidGrant("The refresh token was revoked. Sign in again.")
		}
		if u, err = s.usable(req, g); err != nil {
			return err
		}
		if generation != g.Generation { // an older one: the newest is given again
			next = s.refreshToken(id, g.Generation)
			return nil
		}
		g.Generation, g.Rotated = g.Generation+1, s.Now()
		next = s.refreshToken(id, g.Generation)
		return s.families.Put(tx, it.Key, g)
	})
	return next, u, err
}

// usable checks that a family is bound to the request's client and tenant, and
// that its user may still use it.
func (s *Service) usable(req tokenRequest, g refreshGrant) (identity.User, error) {
	var none identity.User
	if g.ClientID != req.caller.ID || !req.open && g.TenantID != req.tenant.ID {
		return none, invalidGrant("The refresh token was issued to another client or in another tenant. Use it where it was issued.")
	}
	if g.Secret && !req.caller.proven {
		return none, secretRequired()
	}
	if g.expired(s.Now()) {
		return none, azure.Errorf(azure.Unauthenticated, azure.CodeSignInGrantExpired, "The refresh token has expired due to inactivity; it was last used at %s. Sign in again.", g.Rotated.UTC().Format(time.RFC3339))
	}
	u, ok := s.Directory.User(g.TenantID, g.UserID)
	switch {
	case !ok:
		return none, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUnknownUser, "The user of the refresh token was deleted. Sign in as another one.")
	case u.Disabled:
		return none, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUserDisabled, "The user account is disabled. An administrator of the directory can enable it.")
	case g.Created.Before(u.SessionsFrom):
		return none, azure.Errorf(azure.Unauthenticated, azure.CodeSignInGrantRevoked, "The provided grant has expired due to it being revoked at %s, for one because the password changed. Sign in again.", u.SessionsFrom.UTC().Format(time.RFC3339))
	}
	return u, nil
}

// endFamily ends a family by the hex of its id; "" is none.
func (s *Service) endFamily(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error { return s.families.Delete(tx, store.K(id)) })
}
