package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
)

// The kinds of tokens, as the claim grant_type says them.
const (
	kindAccess  = "access_token"
	kindRefresh = "refresh_token"
)

const issuer = "Azure Container Registry"

// claims is the content of a token. Names that Azure uses are Azure's.
type claims struct {
	jwt.RegisteredClaims
	Version    string              `json:"version"`
	RegistryID string              `json:"rid"` // uid of the registry
	Kind       string              `json:"grant_type"`
	AppID      string              `json:"appid,omitempty"`
	TenantID   string              `json:"tenant,omitempty"`
	ObjectID   string              `json:"oid,omitempty"`
	Type       authz.PrincipalType `json:"idtyp,omitempty"`
	Credential string              `json:"credential,omitempty"`
	Admin      *adminKey           `json:"admin,omitempty"`
	Token      *tokenKey           `json:"token,omitempty"`
	Anonymous  bool                `json:"anonymous,omitempty"`
	Access     []Access            `json:"access,omitempty"`
}

// MarshalJSON writes ASCII without '>', '?' and '~'. Azure: the SDK for Go reads
// the payload with standard base64, which these characters would break.
func (c claims) MarshalJSON() ([]byte, error) {
	type plain claims
	data, err := json.Marshal(plain(c))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, r := range string(data) {
		switch {
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r > 0x7d || r == '>' || r == '?':
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.Bytes(), nil
}

// tokens signs and verifies. Only this cloud reads its registry tokens, so one
// secret key (HS256) serves both.
type tokens struct {
	key   []byte
	now   func() time.Time
	mu    sync.RWMutex
	known map[[sha256.Size]byte]*claims // verified before
}

const knownTokens = 4096

func (t *tokens) sign(reg Registry, c Caller, kind string, grants []Access) (string, error) {
	now := t.now()
	life := AccessLifetime
	if kind == kindRefresh {
		life = RefreshLifetime
	}
	p := c.Principal
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{ID: uuid.NewString(), Issuer: issuer, Subject: c.name(), Audience: jwt.ClaimStrings{reg.LoginServer},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now.Add(-15 * time.Minute)), ExpiresAt: jwt.NewNumericDate(now.Add(life))},
		Version: "1.0", RegistryID: reg.UID, Kind: kind, AppID: p.AppID, TenantID: p.TenantID, ObjectID: p.ObjectID, Type: p.Type,
		Credential: c.Credential, Admin: c.admin, Token: c.token, Anonymous: c.anonymous, Access: grants,
	}).SignedString(t.key)
}

// verify reads a token of the registry. The error says what is wrong with it.
// The claims are shared: read only.
func (t *tokens) verify(reg Registry, token string) (*claims, error) {
	sum := sumOf(token)
	t.mu.RLock()
	c := t.known[sum]
	t.mu.RUnlock()
	if c == nil {
		c = &claims{}
		_, err := jwt.ParseWithClaims(token, c, func(*jwt.Token) (any, error) { return t.key, nil },
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now))
		if err != nil {
			return nil, err
		}
		t.remember(sum, c)
	}
	if !t.now().Before(c.ExpiresAt.Time) {
		return nil, jwt.ErrTokenExpired
	}
	if c.RegistryID != reg.UID {
		return nil, jwt.ErrTokenInvalidAudience
	}
	return c, nil
}

// sumOf hashes a token; one of the usual length without memory of its own.
func sumOf(token string) [sha256.Size]byte {
	var room [2048]byte
	return sha256.Sum256(append(room[:0], token...))
}

func (t *tokens) remember(sum [sha256.Size]byte, c *claims) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) >= knownTokens {
		t.known = map[[sha256.Size]byte]*claims{}
	}
	t.known[sum] = c
}

// caller is who the token was made for.
func (c *claims) caller() Caller {
	return Caller{
		Principal:  authz.Principal{ObjectID: c.ObjectID, TenantID: c.TenantID, AppID: c.AppID, Type: c.Type, Name: c.Subject, Expires: c.ExpiresAt.Time},
		Credential: c.Credential, admin: c.Admin, token: c.Token, anonymous: c.Anonymous, registry: c.RegistryID, grants: c.Access, limited: c.Kind == kindAccess,
	}
}
