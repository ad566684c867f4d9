package token

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// signingKey is a row of identity/signingKeys, under its ID.
type signingKey struct {
	ID      string    `json:"id"` // kid: hash of the public half
	Created time.Time `json:"created"`
	Retired time.Time `json:"retired,omitzero"` // when it stopped signing; zero while it signs
	Public  []byte    `json:"public"`           // PKIX
	Sealed  []byte    `json:"sealed,omitempty"` // sealed PKCS 8; gone once retired
}

// JWKS is a JSON Web Key Set (RFC 7517).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWK is the public half of a signing key: kty EC, crv P-256.
type JWK struct {
	Kty    string `json:"kty"`
	Use    string `json:"use"`
	Kid    string `json:"kid"`
	Alg    string `json:"alg"`
	Crv    string `json:"crv"`
	X      string `json:"x"`
	Y      string `json:"y"`
	Issuer string `json:"issuer,omitempty"`
}

// published reports whether tokens of the key may still be good at now.
func (a *Authority) published(k signingKey, now time.Time) bool {
	return k.Retired.IsZero() || now.Before(k.Retired.Add(a.Lifetime+clockSlack))
}

// JWKS lists the public keys that tokens in circulation may be signed with.
func (a *Authority) JWKS() (JWKS, error) {
	set := JWKS{Keys: []JWK{}}
	for _, it := range a.keys.List("", "", 0) {
		if !a.published(it.Value, a.Now()) {
			continue
		}
		pub, err := parsePublic(it.Value.Public)
		if err != nil {
			return JWKS{}, err
		}
		point, err := pub.Bytes() // 0x04, X, Y
		if err != nil {
			return JWKS{}, fmt.Errorf("encode signing key %s: %w", it.Value.ID, err)
		}
		b64 := base64.RawURLEncoding.EncodeToString
		set.Keys = append(set.Keys, JWK{Kty: "EC", Use: "sig", Kid: it.Value.ID, Alg: method.Alg(), Crv: "P-256", X: b64(point[1:33]), Y: b64(point[33:])})
	}
	return set, nil
}

// public gives the verification key of kid while it is published.
func (a *Authority) public(kid string) (*ecdsa.PublicKey, bool) {
	it, ok := a.keys.Get(store.K(kid))
	if kid == "" || !ok || !a.published(it.Value, a.Now()) {
		return nil, false
	}
	pub, err := parsePublic(it.Value.Public)
	return pub, err == nil
}

func parsePublic(der []byte) (*ecdsa.PublicKey, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("read a signing key: %w", err)
	}
	pub, ok := key.(*ecdsa.PublicKey)
	if !ok || pub.Curve != elliptic.P256() {
		return nil, fmt.Errorf("read a signing key: it is %T, not ECDSA P-256", key)
	}
	return pub, nil
}

// newest is the youngest key that signs, of those given.
func newest(items []store.Item[signingKey]) (signingKey, bool) {
	items = slices.DeleteFunc(items, func(it store.Item[signingKey]) bool { return !it.Value.Retired.IsZero() })
	if len(items) == 0 {
		return signingKey{}, false
	}
	return slices.MaxFunc(items, func(x, y store.Item[signingKey]) int {
		return cmp.Or(x.Value.Created.Compare(y.Value.Created), cmp.Compare(x.Value.ID, y.Value.ID))
	}).Value, true
}

// signer gives the key that signs now; an old one is replaced first.
func (a *Authority) signer(ctx context.Context) (string, *ecdsa.PrivateKey, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, ok := newest(a.keys.List("", "", 0))
	if !ok || a.Now().Sub(k.Created) >= a.RotateEvery {
		if err := a.rotate(ctx, k.ID); err != nil {
			return "", nil, err
		}
		if k, ok = newest(a.keys.List("", "", 0)); !ok {
			return "", nil, fmt.Errorf("find the signing key just made")
		}
	}
	if a.private == nil || a.privateID != k.ID {
		der, err := a.Unseal(k.Sealed)
		if err != nil {
			return "", nil, fmt.Errorf("unseal signing key %s: %w", k.ID, err)
		}
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return "", nil, fmt.Errorf("read signing key %s: %w", k.ID, err)
		}
		priv, ok := key.(*ecdsa.PrivateKey)
		if !ok {
			return "", nil, fmt.Errorf("read signing key %s: it is %T, not ECDSA", k.ID, key)
		}
		a.private, a.privateID = priv, k.ID
	}
	return a.privateID, a.private, nil
}

// RotateKeys makes a new signing key. Tokens of the old ones stay good until
// they end.
func (a *Authority) RotateKeys(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, _ := newest(a.keys.List("", "", 0))
	return a.rotate(ctx, k.ID)
}

// rotate replaces the key old ("" when there is none), unless another process
// has done so already, and forgets keys whose tokens have all ended.
func (a *Authority) rotate(ctx context.Context, old string) error {
	fresh, err := a.generate()
	if err != nil {
		return err
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		items, err := a.keys.ListTx(tx, "")
		if err != nil {
			return err
		}
		if k, _ := newest(slices.Clone(items)); k.ID != old {
			return nil
		}
		for _, it := range items {
			k := it.Value
			switch {
			case k.Retired.IsZero():
				k.Retired, k.Sealed = fresh.Created, nil
				err = a.keys.Put(tx, it.Key, k)
			case !a.published(k, fresh.Created):
				err = a.keys.Delete(tx, it.Key)
			}
			if err != nil {
				return err
			}
		}
		return a.keys.Put(tx, store.K(fresh.ID), fresh)
	})
}

func (a *Authority) generate() (signingKey, error) {
	priv, err := ecdsa.GenerateKey(elliptic.P256(), a.Random)
	if err != nil {
		return signingKey{}, fmt.Errorf("generate a signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return signingKey{}, fmt.Errorf("encode a signing key: %w", err)
	}
	sealed, err := a.Seal(der)
	if err != nil {
		return signingKey{}, fmt.Errorf("seal a signing key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&priv.PublicKey)
	if err != nil {
		return signingKey{}, fmt.Errorf("encode a signing key: %w", err)
	}
	sum := sha256.Sum256(public)
	return signingKey{ID: base64.RawURLEncoding.EncodeToString(sum[:16]), Created: a.Now(), Public: public, Sealed: sealed}, nil
}
