package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options of a [Directory]. Store, Seal, Unseal and Domain are required.
type Options struct {
	Store *store.Store
	// Seal and Unseal encrypt the server key for the store.
	Seal, Unseal func([]byte) ([]byte, error)
	// Domain is the domain of the first tenant's user names, "lazuli.localhost".
	Domain string
	// Login is the scheme, host and port of the token service: the issuer of
	// principals that [Directory.SignIn] makes.
	Login  string
	Now    func() time.Time // nil means time.Now
	Random io.Reader        // nil means crypto/rand
}

// Directory is the directory. It is safe for concurrent use, also by several
// processes on one store. Reads answer from memory.
type Directory struct {
	Options
	tenants    *store.Table[Tenant]
	users      *store.Table[User]
	apps       *store.Table[Application]
	principals *store.Table[ServicePrincipal]
	groups     *store.Table[Group]
	claims     *store.Table[string] // what must be unique -> object id
	state      *store.Table[state]
	macKey     []byte
	hashing    chan struct{} // bounds the memory of argon2
	brake      brake
	tickets    tickets
}

// state is the one row K("state") of identity/state.
type state struct {
	FirstTenant string `json:"firstTenant,omitempty"`
	FirstUser   string `json:"firstUser,omitempty"`
	SealedKey   []byte `json:"sealedKey"` // the server key
}

var stateKey = store.K("state")

// Open opens the directory and makes the server key at the first start.
func Open(ctx context.Context, o Options) (*Directory, error) {
	if o.Store == nil || o.Seal == nil || o.Unseal == nil || o.Domain == "" {
		return nil, errors.New("identity: Options need Store, Seal, Unseal and Domain")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	d := &Directory{
		Options: o,
		tenants: store.NewTable[Tenant](o.Store, "identity/tenants"),
		users: store.NewTable(o.Store, "identity/users",
			store.Index[User]{Name: "tenant", Keys: func(u User) []string { return []string{u.TenantID} }},
			store.Index[User]{Name: "upn", Keys: func(u User) []string { return []string{strings.ToLower(u.UPN)} }}),
		apps: store.NewTable(o.Store, "identity/applications",
			store.Index[Application]{Name: "tenant", Keys: func(a Application) []string { return []string{a.TenantID} }},
			store.Index[Application]{Name: "appId", Keys: func(a Application) []string { return []string{a.AppID} }}),
		principals: store.NewTable(o.Store, "identity/servicePrincipals",
			store.Index[ServicePrincipal]{Name: "tenant", Keys: func(p ServicePrincipal) []string { return []string{p.TenantID} }},
			store.Index[ServicePrincipal]{Name: "appId", Keys: func(p ServicePrincipal) []string { return []string{p.AppID} }}),
		groups: store.NewTable(o.Store, "identity/groups",
			store.Index[Group]{Name: "tenant", Keys: func(g Group) []string { return []string{g.TenantID} }},
			store.Index[Group]{Name: "member", Keys: func(g Group) []string { return g.Members }}),
		claims:  store.NewTable[string](o.Store, "identity/unique"),
		state:   store.NewTable[state](o.Store, "identity/state"),
		hashing: make(chan struct{}, 2),
	}
	if err := d.openKey(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Directory) openKey(ctx context.Context) error {
	if it, ok := d.state.Get(stateKey); ok {
		key, err := d.Unseal(it.Value.SealedKey)
		if err != nil {
			return fmt.Errorf("identity: unseal the server key: %w", err)
		}
		d.macKey = key
		return nil
	}
	key := make([]byte, sha256.Size)
	if _, err := io.ReadFull(d.Random, key); err != nil {
		return fmt.Errorf("identity: make the server key: %w", err)
	}
	sealed, err := d.Seal(key)
	if err != nil {
		return fmt.Errorf("identity: seal the server key: %w", err)
	}
	err = d.Store.Update(ctx, func(tx *store.Tx) error { return d.state.Insert(tx, stateKey, state{SealedKey: sealed}) })
	if errors.Is(err, store.ErrExists) { // another process was faster
		return d.openKey(ctx)
	}
	d.macKey = key
	return err
}

// MAC is the HMAC-SHA256 of parts under the server key. Different purposes give
// unrelated values.
func (d *Directory) MAC(purpose string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, d.macKey)
	for _, p := range append([][]byte{[]byte(purpose)}, parts...) {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return h.Sum(nil)
}

// newID makes a GUID.
func (d *Directory) newID() (string, error) {
	id, err := uuid.NewRandomFromReader(d.Random)
	if err != nil {
		return "", fmt.Errorf("identity: make an id: %w", err)
	}
	return id.String(), nil
}

// BootstrapResult is what the first start made, or had made.
type BootstrapResult struct {
	TenantID     string
	UserObjectID string
	UPN          string
	Password     azure.Secret // only when just created; it is shown once and not kept
}

// Bootstrap makes the first tenant and its first user, admin@Domain with a
// password made here, unless that was done before. created tells which.
func (d *Directory) Bootstrap(ctx context.Context) (res BootstrapResult, created bool, err error) {
	if it, ok := d.state.Get(stateKey); ok && it.Value.FirstTenant != "" {
		u, _ := d.users.Get(store.K(it.Value.FirstUser))
		return BootstrapResult{TenantID: it.Value.FirstTenant, UserObjectID: it.Value.FirstUser, UPN: u.Value.UPN}, false, nil
	}
	tenantID, err := d.newID()
	if err != nil {
		return res, false, err
	}
	secret, err := d.newSecret()
	if err != nil {
		return res, false, err
	}
	u := User{TenantID: tenantID, UPN: "admin@" + d.Domain, DisplayName: "Administrator"}
	if u, err = d.prepareUser(ctx, u, secret); err != nil {
		return res, false, err
	}
	err = d.Store.Update(ctx, func(tx *store.Tx) error {
		created = false
		it, _, err := d.state.GetTx(tx, stateKey)
		if err != nil || it.Value.FirstTenant != "" {
			return err
		}
		created = true
		it.Value.FirstTenant, it.Value.FirstUser = tenantID, u.ID
		if err := d.state.Put(tx, stateKey, it.Value); err != nil {
			return err
		}
		if err := d.insertTenant(tx, Tenant{ID: tenantID, DisplayName: "Lazuli", Domain: d.Domain, Created: d.Now()}); err != nil {
			return err
		}
		return d.insertUser(tx, u)
	})
	if err != nil {
		return res, false, fmt.Errorf("identity: make the first tenant: %w", err)
	}
	if !created { // another process was faster
		return d.Bootstrap(ctx)
	}
	return BootstrapResult{TenantID: tenantID, UserObjectID: u.ID, UPN: u.UPN, Password: secret}, true, nil
}

// CreateTenant makes a further tenant, without users.
func (d *Directory) CreateTenant(ctx context.Context, displayName, domain string) (Tenant, error) {
	if domain == "" || strings.ContainsAny(domain, "@/ ") {
		return Tenant{}, azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The domain '%s' is not valid. Give a DNS name.", domain)
	}
	id, err := d.newID()
	if err != nil {
		return Tenant{}, err
	}
	t := Tenant{ID: id, DisplayName: displayName, Domain: strings.ToLower(domain), Created: d.Now()}
	return t, d.Store.Update(ctx, func(tx *store.Tx) error { return d.insertTenant(tx, t) })
}

func (d *Directory) insertTenant(tx *store.Tx, t Tenant) error {
	if err := d.claim(tx, t.ID, "The domain '%s' belongs to another tenant already.", claimDomain, "", []string{t.Domain}); err != nil {
		return err
	}
	return d.tenants.Insert(tx, store.K(t.ID), t)
}

// TenantID is the id of the first tenant, "" before [Directory.Bootstrap].
func (d *Directory) TenantID() string {
	it, _ := d.state.Get(stateKey)
	return it.Value.FirstTenant
}

// Tenant finds a tenant by id or domain, in any case.
func (d *Directory) Tenant(name string) (Tenant, bool) {
	name = strings.ToLower(name)
	if it, ok := d.tenants.Get(store.K(name)); ok {
		return it.Value, true
	}
	for _, t := range d.Tenants() {
		if t.Domain == name {
			return t, true
		}
	}
	return Tenant{}, false
}

// Tenants lists all tenants.
func (d *Directory) Tenants() []Tenant { return values(d.tenants.List("", "", 0)) }

// values drops keys and ETags.
func values[T any](items []store.Item[T]) []T {
	out := make([]T, len(items))
	for i := range items {
		out[i] = items[i].Value
	}
	return out
}

// Live reports whether the principal exists in the tenant and is enabled.
func (d *Directory) Live(tenantID, objectID string) bool {
	if it, ok := d.users.Get(store.K(objectID)); ok {
		return it.Value.TenantID == tenantID && !it.Value.Disabled
	}
	it, ok := d.principals.Get(store.K(objectID))
	return ok && it.Value.TenantID == tenantID && !it.Value.Disabled
}

// PrincipalType tells what the object id names and how it is displayed; ok is
// false for ids of no principal.
func (d *Directory) PrincipalType(objectID string) (typ authz.PrincipalType, displayName string, ok bool) {
	key := store.K(strings.ToLower(objectID))
	if it, ok := d.users.Get(key); ok {
		return authz.User, it.Value.DisplayName, true
	}
	if it, ok := d.principals.Get(key); ok {
		return authz.ServicePrincipal, it.Value.DisplayName, true
	}
	if it, ok := d.groups.Get(key); ok {
		return authz.Group, it.Value.DisplayName, true
	}
	return "", "", false
}

// The kinds of values that must be unique.
const (
	claimDomain = "domain"
	claimUPN    = "upn"
	claimURI    = "identifierUri"
	claimApp    = "servicePrincipal"
)

// claim reserves values of a kind, in any case, for the object id; message
// names a value that another object has.
func (d *Directory) claim(tx *store.Tx, id, message, kind, tenantID string, values []string) error {
	for _, v := range values {
		key := claimKey(kind, tenantID, v)
		it, ok, err := d.claims.GetTx(tx, key)
		if err != nil {
			return err
		}
		if ok && it.Value != id {
			return azure.Errorf(azure.Conflict, azure.CodeDirectoryDuplicate, message, v)
		}
		if err := d.claims.Put(tx, key, id); err != nil {
			return err
		}
	}
	return nil
}

func (d *Directory) release(tx *store.Tx, kind, tenantID string, values []string) error {
	for _, v := range values {
		if err := d.claims.Delete(tx, claimKey(kind, tenantID, v)); err != nil {
			return err
		}
	}
	return nil
}

func claimKey(kind, tenantID, value string) store.Key {
	return store.K(kind, tenantID, strings.ToLower(value))
}

// notFound is the error of an id that names nothing. Azure's own words are
// avoided: az repeats requests whose answer carries them.
func notFound(kind, id string) *azure.Error {
	return azure.Errorf(azure.NotFound, azure.CodeDirectoryNotFound, "No %s with the id '%s' was found in this tenant. List them to see the ids.", kind, id)
}

// issuer is the issuer of a tenant's tokens.
func (d *Directory) issuer(tenantID string) string {
	return strings.TrimSuffix(d.Login, "/") + "/" + tenantID + "/v2.0"
}

// validURI reports whether s is an absolute URI without fragment.
func validURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Fragment == "" && (u.Host != "" || u.Opaque != "")
}

// HashToken is the lookup key of a random token whose material is not kept.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
