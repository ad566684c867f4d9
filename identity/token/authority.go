package token

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// method is the one algorithm of all tokens.
var method = jwt.SigningMethodES256

// clockSlack is how far a token's start lies before its issue, for clients
// whose clock is behind, as in Azure.
const clockSlack = 5 * time.Minute

// Options of an [Authority]. Store, Seal, Unseal, Login and Live are required.
type Options struct {
	Store *store.Store
	// Seal and Unseal encrypt private keys for the store.
	Seal, Unseal func([]byte) ([]byte, error)
	// Login is the scheme, host and port of the token service, without a slash
	// at the end: the issuer of a tenant is Login/{tenant}/v2.0.
	Login string
	// Live reports whether the principal exists in the tenant and is enabled.
	// It is asked on every request, so it must answer from memory.
	Live func(tenantID, objectID string) bool
	// Tenant is the tenant whose tokens Authenticate accepts; nil means any.
	Tenant func() string
	// Lifetime of access and id tokens; zero means one hour.
	Lifetime time.Duration
	// RotateEvery is the age at which a signing key is replaced; zero means 30 days.
	RotateEvery time.Duration
	Now         func() time.Time // nil means time.Now
	Random      io.Reader        // nil means crypto/rand
}

// Authority signs and verifies. It is safe for concurrent use, also by several
// processes on one store.
type Authority struct {
	Options
	keys   *store.Table[signingKey]
	parser *jwt.Parser
	seen   cache

	mu        sync.Mutex // of the key that signs
	private   *ecdsa.PrivateKey
	privateID string
}

// Open reads the signing keys and makes the first one when there is none.
func Open(ctx context.Context, o Options) (*Authority, error) {
	if o.Store == nil || o.Seal == nil || o.Unseal == nil || o.Live == nil || o.Login == "" {
		return nil, errors.New("token: Options need Store, Seal, Unseal, Live and Login")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Lifetime == 0 {
		o.Lifetime = time.Hour
	}
	if o.RotateEvery == 0 {
		o.RotateEvery = 30 * 24 * time.Hour
	}
	o.Login = strings.TrimSuffix(o.Login, "/")
	a := &Authority{Options: o, keys: store.NewTable[signingKey](o.Store, "identity/signingKeys")}
	a.parser = jwt.NewParser(jwt.WithValidMethods([]string{method.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return a.Now() }))
	_, _, err := a.signer(ctx)
	return a, err
}

// Issuer is the claim iss of the tenant's tokens.
func (a *Authority) Issuer(tenantID string) string { return a.Login + "/" + tenantID + "/v2.0" }

// Algorithm is the name of the signing algorithm, for discovery documents.
func (a *Authority) Algorithm() string { return method.Alg() }
