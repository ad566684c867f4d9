package graph

import (
	"context"
	"net/http"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// applicationInput is the body of POST and PATCH /applications: the properties
// that mean something here.
type applicationInput struct {
	DisplayName            *string          `json:"displayName"`
	IdentifierURIs         *[]string        `json:"identifierUris"`
	IsFallbackPublicClient *bool            `json:"isFallbackPublicClient"`
	Web                    *redirectInput   `json:"web"`
	SPA                    *redirectInput   `json:"spa"`
	PublicClient           *redirectInput   `json:"publicClient"`
	KeyCredentials         *[]keyCredential `json:"keyCredentials"`
	PasswordCredentials    []any            `json:"passwordCredentials"`
}

type redirectInput struct {
	RedirectURIs *[]string `json:"redirectUris"`
}

// applicationExtras are the properties of applications that are kept as given.
var applicationExtras = []string{"addIns", "api", "appRoles", "authenticationBehaviors", "defaultRedirectUri", "description", "groupMembershipClaims", "info",
	"isDeviceOnlyAuthSupported", "nativeAuthenticationApisEnabled", "notes", "oauth2RequirePostResponse", "optionalClaims", "parentalControlSettings",
	"requestSignatureVerification", "requiredResourceAccess", "samlMetadataUrl", "serviceManagementReference", "servicePrincipalLockConfiguration",
	"signInAudience", "tags", "tokenEncryptionKeyId", "uniqueName", "web", "spa", "publicClient"}

func readApplication(r *httpd.Request) (in applicationInput, extra map[string]any, err error) {
	extra, err = decode(r, "application", &in, applicationExtras)
	if err == nil && len(in.PasswordCredentials) > 0 {
		err = badRequest("passwordCredentials", "Passwords cannot be set with the application. Use its addPassword.")
	}
	return in, extra, err
}

// apply changes a by what in has.
func (in applicationInput) apply(a *identity.Application, extra map[string]any) {
	if in.DisplayName != nil {
		a.DisplayName = *in.DisplayName
	}
	if in.IdentifierURIs != nil {
		a.IdentifierURIs = *in.IdentifierURIs
	}
	if in.IsFallbackPublicClient != nil {
		a.Public = *in.IsFallbackPublicClient
	}
	set := func(in *redirectInput, uris *[]string) {
		if in != nil && in.RedirectURIs != nil {
			*uris = *in.RedirectURIs
		}
	}
	set(in.Web, &a.Redirects.Web)
	set(in.SPA, &a.Redirects.SPA)
	set(in.PublicClient, &a.Redirects.Public)
	a.Extra = lay(a.Extra, extra)
}

// appEntry is an application in answers and filters.
type appEntry struct {
	identity.Application
	domain string // of its tenant
}

func (e appEntry) field(name string) (any, bool) {
	switch name {
	case "id":
		return e.ID, true
	case "appid":
		return e.AppID, true
	case "displayname":
		return e.DisplayName, true
	case "identifieruris":
		return e.IdentifierURIs, true
	case "signinaudience":
		if v, ok := e.Extra["signInAudience"]; ok {
			return v, true
		}
		return "AzureADMyOrg", true
	case "publisherdomain":
		return e.domain, true
	case "tags":
		return stringsOf(e.Extra["tags"]), true
	}
	return nil, false
}

func (e appEntry) wire() map[string]any {
	m := map[string]any{
		"id": e.ID, "appId": e.AppID, "displayName": e.DisplayName, "identifierUris": listOf(e.IdentifierURIs),
		"createdDateTime": stamp(e.Created), "deletedDateTime": nil, "publisherDomain": e.domain, "signInAudience": "AzureADMyOrg",
		"isFallbackPublicClient": e.Public, "keyCredentials": keyCredentials(e.Certificates), "passwordCredentials": credentials(e.Credentials),
		"appRoles": []any{}, "requiredResourceAccess": []any{}, "tags": []any{}, "optionalClaims": nil, "notes": nil, "description": nil, "groupMembershipClaims": nil,
		"addIns": []any{}, "info": map[string]any{},
		"api": map[string]any{"acceptMappedClaims": nil, "knownClientApplications": []any{}, "oauth2PermissionScopes": []any{}, "preAuthorizedApplications": []any{}, "requestedAccessTokenVersion": 2},
	}
	for k, v := range e.Extra {
		m[k] = v
	}
	for k, uris := range map[string][]string{"web": e.Redirects.Web, "spa": e.Redirects.SPA, "publicClient": e.Redirects.Public} {
		kept, _ := e.Extra[k].(map[string]any)
		m[k] = lay(kept, map[string]any{"redirectUris": listOf(uris)})
	}
	return m
}

// credentials is passwordCredentials: never the material.
func credentials(cs []identity.Credential) []map[string]any {
	out := []map[string]any{}
	for _, c := range cs {
		out = append(out, credential(c))
	}
	return out
}

func credential(c identity.Credential) map[string]any {
	return map[string]any{"keyId": c.KeyID, "hint": c.Hint, "displayName": orNull(c.DisplayName), "startDateTime": stamp(c.Start), "endDateTime": stamp(c.End),
		"secretText": nil, "customKeyIdentifier": nil}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Service) appEntryOf(a identity.Application) appEntry {
	t, _ := s.Directory.Tenant(a.TenantID)
	return appEntry{a, t.Domain}
}

func (s *Service) listApplications(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	var entries []appEntry
	for _, a := range s.Directory.Applications(r.Principal.TenantID) {
		entries = append(entries, s.appEntryOf(a))
	}
	return list(s, r, "applications", appEntry{}, entries)
}

func (s *Service) createApplication(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.Reply[map[string]any], error) {
	var none httpd.Reply[map[string]any]
	in, extra, err := readApplication(r)
	if err != nil {
		return none, err
	}
	a := identity.Application{TenantID: r.Principal.TenantID, Owners: []string{r.Principal.ObjectID}}
	in.apply(&a, extra)
	if a.Certificates, err = s.certificates(in.KeyCredentials, nil); err != nil {
		return none, err
	}
	if a, err = s.Directory.CreateApplication(ctx, a); err != nil {
		return none, err
	}
	body, err := s.one(r, "applications", s.appEntryOf(a))
	return httpd.Reply[map[string]any]{Status: http.StatusCreated, Header: http.Header{"Location": {s.Graph + "/v1.0/applications/" + a.ID}}, Body: body}, err
}

// pathApplication is the application that the path names.
func (s *Service) pathApplication(r *httpd.Request) (identity.Application, error) {
	a, ok := s.findApplication(r.Principal.TenantID, r.PathValue("id"))
	if !ok {
		return a, notFound("application", r.PathValue("id"))
	}
	return a, nil
}

func (s *Service) getApplication(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return nil, err
	}
	return s.one(r, "applications", s.appEntryOf(a))
}

func (s *Service) patchApplication(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return httpd.None{}, err
	}
	in, extra, err := readApplication(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.UpdateApplication(ctx, a.TenantID, a.ID, func(a *identity.Application) (err error) {
		in.apply(a, extra)
		a.Certificates, err = s.certificates(in.KeyCredentials, a.Certificates)
		return err
	})
}

func (s *Service) deleteApplication(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.DeleteApplication(ctx, a.TenantID, a.ID)
}

// noneOfApplication is an empty list of something applications here never have.
func (s *Service) noneOfApplication(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	if _, err := s.pathApplication(r); err != nil {
		return collection{}, err
	}
	return list(s, r, "directoryObjects", mapEntry{}, nil)
}

// passwordInput is the body of addPassword.
type passwordInput struct {
	PasswordCredential struct {
		DisplayName   string `json:"displayName"`
		StartDateTime string `json:"startDateTime"`
		EndDateTime   string `json:"endDateTime"`
	} `json:"passwordCredential"`
}

func (in passwordInput) credential() (c identity.Credential, err error) {
	c.DisplayName = in.PasswordCredential.DisplayName
	if c.Start, err = parseTime("startDateTime", in.PasswordCredential.StartDateTime); err != nil {
		return c, err
	}
	c.End, err = parseTime("endDateTime", in.PasswordCredential.EndDateTime)
	return c, err
}

// keyInput is the body of removePassword.
type keyInput struct {
	KeyID string `json:"keyId"`
}

// shown is a new password: the one answer that carries the material.
func (s *Service) shown(c identity.Credential, secret azure.Secret) map[string]any {
	m := credential(c)
	m["secretText"] = secret.Reveal()
	m["@odata.context"] = s.context("microsoft.graph.passwordCredential")
	return m
}

func (s *Service) addApplicationPassword(ctx context.Context, r *httpd.Request, in passwordInput) (map[string]any, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return nil, err
	}
	c, err := in.credential()
	if err != nil {
		return nil, err
	}
	c, secret, err := s.Directory.AddApplicationPassword(ctx, a.TenantID, a.ID, c)
	if err != nil {
		return nil, err
	}
	return s.shown(c, secret), nil
}

func (s *Service) removeApplicationPassword(ctx context.Context, r *httpd.Request, in keyInput) (httpd.None, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.RemoveApplicationPassword(ctx, a.TenantID, a.ID, in.KeyID)
}
