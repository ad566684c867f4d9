package token

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Subject is who a token speaks of.
type Subject struct {
	TenantID string
	ObjectID string
	Type     authz.PrincipalType // User or ServicePrincipal
	Name     string              // display name
	UPN      string              // of users
}

// Grant is what a token is issued for.
type Grant struct {
	Subject  Subject
	ClientID string   // the application that asked: claim appid, and aud of an id token
	Secret   bool     // the application proved itself with a secret
	Audience string   // the resource: aud of an access token
	Scopes   []string // claim scp of a user's access token
	Nonce    string   // echoed in the id token
	// Until bounds when the token ends; zero means Options.Lifetime alone does.
	Until time.Time
}

// Token is a signed token.
type Token struct {
	Raw     azure.Secret
	Issued  time.Time
	Expires time.Time
}

// Claims are the claims of our tokens, in Azure's names.
type Claims struct {
	jwt.RegisteredClaims
	AppID             string `json:"appid,omitempty"`
	AppIDACR          string `json:"appidacr,omitempty"` // "0" public client, "1" client secret
	AZP               string `json:"azp,omitempty"`
	AZPACR            string `json:"azpacr,omitempty"`
	AppDisplayName    string `json:"app_displayname,omitempty"`
	IDTyp             string `json:"idtyp,omitempty"` // "user" or "app"
	Name              string `json:"name,omitempty"`
	Nonce             string `json:"nonce,omitempty"`
	OID               string `json:"oid,omitempty"`
	PreferredUsername string `json:"preferred_username,omitempty"`
	Scp               string `json:"scp,omitempty"`
	TID               string `json:"tid,omitempty"`
	UniqueName        string `json:"unique_name,omitempty"`
	names
}

// names is the rest of [Claims].
type names struct {
	UPN string `json:"upn,omitempty"`
	UTI string `json:"uti,omitempty"` // token id
	Ver string `json:"ver,omitempty"`
}

// Access issues an access token of g for g.Audience.
func (a *Authority) Access(ctx context.Context, g Grant) (Token, error) {
	c, err := a.claims(g, g.Audience)
	if err != nil {
		return Token{}, err
	}
	acr := "0"
	if g.Secret {
		acr = "1"
	}
	c.AppID, c.AppIDACR, c.AZP, c.AZPACR = g.ClientID, acr, g.ClientID, acr
	if g.Subject.Type == authz.User {
		c.IDTyp, c.Scp = "user", strings.Join(g.Scopes, " ")
	} else {
		c.IDTyp, c.AppDisplayName = "app", g.Subject.Name
	}
	return a.sign(ctx, c)
}

// ID issues an OpenID Connect id token of g for the client.
func (a *Authority) ID(ctx context.Context, g Grant) (Token, error) {
	c, err := a.claims(g, g.ClientID)
	if err != nil {
		return Token{}, err
	}
	c.Nonce = g.Nonce
	return a.sign(ctx, c)
}

func (a *Authority) claims(g Grant, audience string) (Claims, error) {
	var id [16]byte
	if _, err := io.ReadFull(a.Random, id[:]); err != nil {
		return Claims{}, fmt.Errorf("make a token id: %w", err)
	}
	now := a.Now().Truncate(time.Second)
	end := now.Add(a.Lifetime)
	if !g.Until.IsZero() && g.Until.Before(end) {
		end = g.Until
	}
	c := Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: a.Issuer(g.Subject.TenantID), Subject: g.Subject.ObjectID, Audience: jwt.ClaimStrings{audience},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now.Add(-clockSlack)), ExpiresAt: jwt.NewNumericDate(end),
		},
		OID: g.Subject.ObjectID, TID: g.Subject.TenantID,
		names: names{UTI: base64.RawURLEncoding.EncodeToString(id[:]), Ver: "2.0"},
	}
	if g.Subject.Type == authz.User {
		c.Name, c.UPN, c.UniqueName, c.PreferredUsername = g.Subject.Name, g.Subject.UPN, g.Subject.UPN, g.Subject.UPN
	}
	return c, nil
}

func (a *Authority) sign(ctx context.Context, c Claims) (Token, error) {
	kid, key, err := a.signer(ctx)
	if err != nil {
		return Token{}, err
	}
	t := jwt.NewWithClaims(method, wire{c, c.Audience[0]})
	t.Header["kid"] = kid
	raw, err := t.SignedString(key)
	if err != nil {
		return Token{}, fmt.Errorf("sign a token: %w", err)
	}
	return Token{Raw: azure.NewSecret(raw), Issued: c.IssuedAt.Time, Expires: c.ExpiresAt.Time}, nil
}

// wire writes aud as one string: clients compare it with their id.
type wire struct {
	Claims
	Aud string `json:"aud"`
}
