package graph

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// principalInput is the body of POST and PATCH /servicePrincipals.
type principalInput struct {
	AppID                 *string          `json:"appId"`
	AccountEnabled        *bool            `json:"accountEnabled"`
	ServicePrincipalNames *[]string        `json:"servicePrincipalNames"`
	KeyCredentials        *[]keyCredential `json:"keyCredentials"`
	PasswordCredentials   []any            `json:"passwordCredentials"`
}

// principalExtras are the properties of service principals that are kept as
// given.
var principalExtras = []string{"alternativeNames", "appRoleAssignmentRequired", "description", "homepage", "info", "loginUrl", "logoutUrl", "notes",
	"notificationEmailAddresses", "preferredSingleSignOnMode", "replyUrls", "samlSingleSignOnSettings", "servicePrincipalType", "tags"}

func readPrincipal(r *httpd.Request) (in principalInput, extra map[string]any, err error) {
	extra, err = decode(r, "servicePrincipal", &in, principalExtras)
	if err == nil && len(in.PasswordCredentials) > 0 {
		err = badRequest("passwordCredentials", "Passwords cannot be set with the service principal. Use its addPassword.")
	}
	return in, extra, err
}

func (in principalInput) apply(p *identity.ServicePrincipal, known []string, extra map[string]any) {
	if in.AccountEnabled != nil {
		p.Disabled = !*in.AccountEnabled
	}
	if in.ServicePrincipalNames != nil {
		p.Names = slices.DeleteFunc(slices.Clone(*in.ServicePrincipalNames), func(n string) bool { return slices.Contains(known, n) })
	}
	p.Extra = lay(p.Extra, extra)
}

// spEntry is a service principal in answers and filters.
type spEntry struct {
	identity.ServicePrincipal
	names []string
}

func (e spEntry) field(name string) (any, bool) {
	switch name {
	case "id":
		return e.ID, true
	case "appid":
		return e.AppID, true
	case "displayname", "appdisplayname":
		return e.DisplayName, true
	case "serviceprincipalnames":
		return e.names, true
	case "accountenabled":
		return !e.Disabled, true
	case "serviceprincipaltype":
		return e.kind(), true
	case "tags":
		return stringsOf(e.Extra["tags"]), true
	}
	return nil, false
}

func (e spEntry) wire() map[string]any {
	m := map[string]any{
		"id": e.ID, "appId": e.AppID, "displayName": e.DisplayName, "appDisplayName": e.DisplayName, "servicePrincipalNames": e.names,
		"accountEnabled": !e.Disabled, "servicePrincipalType": e.kind(), "createdDateTime": stamp(e.Created), "deletedDateTime": nil,
		"appOwnerOrganizationId": e.TenantID, "passwordCredentials": credentials(e.Credentials), "keyCredentials": keyCredentials(e.Certificates),
		"appRoles": []any{}, "oauth2PermissionScopes": []any{}, "alternativeNames": []any{}, "replyUrls": []any{}, "tags": []any{}, "notificationEmailAddresses": []any{},
		"appRoleAssignmentRequired": false, "signInAudience": "AzureADMyOrg", "homepage": nil, "loginUrl": nil, "logoutUrl": nil, "notes": nil, "description": nil,
	}
	for k, v := range e.Extra {
		m[k] = v
	}
	if e.Managed != "" {
		m["alternativeNames"] = []string{"isExplicit=" + strconv.FormatBool(strings.Contains(e.Managed, "/userAssignedIdentities/")), e.Managed}
	}
	return m
}

func (e spEntry) kind() string {
	if e.Managed != "" {
		return "ManagedIdentity"
	}
	return "Application"
}

func (s *Service) spEntryOf(p identity.ServicePrincipal) spEntry {
	return spEntry{p, s.Directory.ServicePrincipalNames(p)}
}

func (s *Service) listServicePrincipals(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	var entries []spEntry
	for _, p := range s.Directory.ServicePrincipals(r.Principal.TenantID) {
		entries = append(entries, s.spEntryOf(p))
	}
	return list(s, r, "servicePrincipals", spEntry{}, entries)
}

func (s *Service) createServicePrincipal(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.Reply[map[string]any], error) {
	var none httpd.Reply[map[string]any]
	in, extra, err := readPrincipal(r)
	if err != nil {
		return none, err
	}
	if in.AppID == nil || *in.AppID == "" {
		return none, badRequest("appId", "The property appId is missing. Give the appId of an application of this tenant.")
	}
	p := identity.ServicePrincipal{TenantID: r.Principal.TenantID, AppID: *in.AppID, Owners: []string{r.Principal.ObjectID}}
	in.apply(&p, []string{p.AppID}, extra)
	if p.Certificates, err = s.certificates(in.KeyCredentials, nil); err != nil {
		return none, err
	}
	if p, err = s.Directory.CreateServicePrincipal(ctx, p); err != nil {
		return none, err
	}
	body, err := s.one(r, "servicePrincipals", s.spEntryOf(p))
	return httpd.Reply[map[string]any]{Status: http.StatusCreated, Header: http.Header{"Location": {s.Graph + "/v1.0/servicePrincipals/" + p.ID}}, Body: body}, err
}

// pathPrincipal is the service principal that the path names.
func (s *Service) pathPrincipal(r *httpd.Request) (identity.ServicePrincipal, error) {
	p, ok := s.findServicePrincipal(r.Principal.TenantID, r.PathValue("id"))
	if !ok {
		return p, notFound("service principal", r.PathValue("id"))
	}
	return p, nil
}

func (s *Service) getServicePrincipal(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	p, err := s.pathPrincipal(r)
	if err != nil {
		return nil, err
	}
	return s.one(r, "servicePrincipals", s.spEntryOf(p))
}

func (s *Service) patchServicePrincipal(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	p, err := s.pathPrincipal(r)
	if err != nil {
		return httpd.None{}, err
	}
	in, extra, err := readPrincipal(r)
	if err != nil {
		return httpd.None{}, err
	}
	if in.AppID != nil && *in.AppID != p.AppID {
		return httpd.None{}, badRequest("appId", "The appId of a service principal cannot change. Create another service principal.")
	}
	own := p
	own.Names = nil
	known := s.Directory.ServicePrincipalNames(own)
	return httpd.None{}, s.Directory.UpdateServicePrincipal(ctx, p.TenantID, p.ID, func(p *identity.ServicePrincipal) (err error) {
		in.apply(p, known, extra)
		p.Certificates, err = s.certificates(in.KeyCredentials, p.Certificates)
		return err
	})
}

func (s *Service) deleteServicePrincipal(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	p, err := s.pathPrincipal(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.DeleteServicePrincipal(ctx, p.TenantID, p.ID)
}

func (s *Service) addServicePrincipalPassword(ctx context.Context, r *httpd.Request, in passwordInput) (map[string]any, error) {
	p, err := s.pathPrincipal(r)
	if err != nil {
		return nil, err
	}
	c, err := in.credential()
	if err != nil {
		return nil, err
	}
	c, secret, err := s.Directory.AddServicePrincipalPassword(ctx, p.TenantID, p.ID, c)
	if err != nil {
		return nil, err
	}
	return s.shown(c, secret), nil
}

func (s *Service) removeServicePrincipalPassword(ctx context.Context, r *httpd.Request, in keyInput) (httpd.None, error) {
	p, err := s.pathPrincipal(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.RemoveServicePrincipalPassword(ctx, p.TenantID, p.ID, in.KeyID)
}
