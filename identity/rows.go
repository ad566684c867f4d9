package identity

import (
	"slices"
	"strings"
	"time"
)

// Tenant is a directory of its own. There is one unless more are made.
type Tenant struct {
	ID          string    `json:"id"` // GUID, lower case
	DisplayName string    `json:"displayName"`
	Domain      string    `json:"domain"` // of its users' names
	Created     time.Time `json:"created"`
}

// User is a person. Values handed out are shared: read them only.
type User struct {
	ID           string         `json:"id"` // object id, GUID, lower case
	TenantID     string         `json:"tenantId"`
	UPN          string         `json:"upn"` // user principal name, "admin@lazuli.localhost"
	DisplayName  string         `json:"displayName"`
	PasswordHash string         `json:"passwordHash,omitempty"` // argon2id; empty: cannot sign in
	Disabled     bool           `json:"disabled,omitempty"`
	Created      time.Time      `json:"created"`
	SessionsFrom time.Time      `json:"sessionsFrom"`    // grants made before it are void
	Extra        map[string]any `json:"extra,omitempty"` // descriptive properties, as given
}

// Application is the registration of a program. Values handed out are shared:
// read them only.
type Application struct {
	ID             string         `json:"id"` // object id
	TenantID       string         `json:"tenantId"`
	AppID          string         `json:"appId"` // the client id programs sign in with
	DisplayName    string         `json:"displayName"`
	IdentifierURIs []string       `json:"identifierUris,omitempty"`
	Credentials    []Credential   `json:"credentials,omitempty"`
	Certificates   []Certificate  `json:"certificates,omitempty"`
	Owners         []string       `json:"owners,omitempty"` // object ids
	Public         bool           `json:"public,omitempty"` // may sign users in without a secret
	Redirects      Redirects      `json:"redirects,omitzero"`
	Created        time.Time      `json:"created"`
	Extra          map[string]any `json:"extra,omitempty"`
}

// Redirects are the addresses to which sign-in may send its answer, by the kind
// of program that waits there.
type Redirects struct {
	Web    []string `json:"web,omitempty"`    // on servers, which have a secret
	SPA    []string `json:"spa,omitempty"`    // in browsers
	Public []string `json:"public,omitempty"` // on desktops
}

// ServicePrincipal is the identity of an application in a tenant: what role
// assignments name. Values handed out are shared: read them only.
type ServicePrincipal struct {
	ID           string         `json:"id"` // object id
	TenantID     string         `json:"tenantId"`
	AppID        string         `json:"appId"`
	DisplayName  string         `json:"displayName"`
	Names        []string       `json:"names,omitempty"` // beyond those of the application
	Disabled     bool           `json:"disabled,omitempty"`
	Credentials  []Credential   `json:"credentials,omitempty"`
	Certificates []Certificate  `json:"certificates,omitempty"`
	Owners       []string       `json:"owners,omitempty"`
	Managed      string         `json:"managed,omitempty"` // the resource id of a managed identity, which has no application
	Created      time.Time      `json:"created"`
	Extra        map[string]any `json:"extra,omitempty"`
}

// Credential is one password of an application or service principal. The
// material itself is not kept.
type Credential struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName,omitempty"`
	Hint        string    `json:"hint"` // its first three characters
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	MAC         []byte    `json:"mac"` // HMAC-SHA256 of key id and material
}

// isURL reports whether a display name counts as a service principal name.
func isURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// ServicePrincipalNames lists every name of sp: the application id first, then
// the application's identifier URIs, a display name that is a URL, and its own.
func (d *Directory) ServicePrincipalNames(sp ServicePrincipal) []string {
	names := []string{sp.AppID}
	add := func(more ...string) {
		for _, n := range more {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	if app, ok := d.ApplicationByAppID(sp.TenantID, sp.AppID); ok {
		add(app.IdentifierURIs...)
	}
	if isURL(sp.DisplayName) {
		add(sp.DisplayName)
	}
	add(sp.Names...)
	return names
}
