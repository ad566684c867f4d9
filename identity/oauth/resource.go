package oauth

import (
	"net/url"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity/token"
)

// Microsoft's application ids of the services that clients name by them.
const (
	appMicrosoftGraph  = "00000003-0000-0000-c000-000000000000"
	appAzureManagement = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
)

// target is what a token is asked for.
type target struct {
	Resource string   `json:"resource"` // the audience; empty when none was named
	Scopes   []string `json:"scopes,omitempty"`
	Asked    string   `json:"asked,omitempty"` // scope as sent; empty in version 1
	OpenID   bool     `json:"openid,omitempty"`
	Offline  bool     `json:"offline,omitempty"`
	V1       bool     `json:"v1,omitempty"`
}

// parseTarget reads resource (version 1) or scope (version 2). It does not ask
// whether the resource exists.
func parseTarget(form url.Values) (target, error) {
	if res := form.Get("resource"); res != "" && form.Get("scope") == "" || res != "" && !strings.Contains(form.Get("scope"), "/") {
		return target{Resource: res, Scopes: []string{"user_impersonation"}, OpenID: true, Offline: true, V1: true}, nil
	}
	t := target{Asked: form.Get("scope")}
	for _, sc := range strings.Fields(t.Asked) {
		switch sc {
		case "openid":
			t.OpenID = true
			continue
		case "offline_access":
			t.Offline = true
			continue
		case "profile", "email":
			continue
		}
		resource, permission := splitScope(sc)
		if permission == "" {
			return t, azure.Errorf(azure.Invalid, azure.CodeSignInScopeMalformed, "The provided value for the input parameter 'scope' is not valid: '%s' is not of the form resource/permission, such as https://host/.default.", sc)
		}
		if t.Resource != "" && !token.SameAudience(t.Resource, resource) {
			return t, azure.Errorf(azure.Invalid, azure.CodeSignInScopesOfManyResources, "The scopes of one request must be for one resource, and '%s' and '%s' are two. Ask for them one after the other.", t.Resource, resource)
		}
		t.Resource = resource
		if permission == ".default" {
			permission = "user_impersonation"
		}
		if !slices.Contains(t.Scopes, permission) {
			t.Scopes = append(t.Scopes, permission)
		}
	}
	return t, nil
}

// splitScope splits "https://host//.default" into "https://host/" and
// ".default". A bare word is a permission of Microsoft Graph.
func splitScope(sc string) (resource, permission string) {
	i := strings.LastIndexByte(sc, '/')
	if i < 0 {
		return appMicrosoftGraph, sc
	}
	return sc[:i], sc[i+1:]
}

// resolve replaces an alias by the resource's URL, Graph for none, and refuses
// what the cloud does not know: CodeSignInResourceNotFound.
func (s *Service) resolve(tenantID string, t *target) error {
	name := strings.ToLower(strings.TrimSuffix(t.Resource, "/"))
	switch alias := s.Aliases[name]; {
	case alias != "":
		t.Resource = alias
		return nil
	case t.Resource == "" || name == appMicrosoftGraph:
		t.Resource = s.Graph
		return nil
	case name == appAzureManagement:
		t.Resource = s.Management
		return nil
	}
	if token.SameAudience(t.Resource, s.Graph) || token.SameAudience(t.Resource, s.Management) || s.KnownResource != nil && s.KnownResource(t.Resource) {
		return nil
	}
	if _, ok := s.Directory.ApplicationByAppID(tenantID, name); ok {
		return nil
	}
	if _, ok := s.Directory.ApplicationByURI(tenantID, t.Resource); ok {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeSignInResourceNotFound,
		"The resource principal named '%s' was not found in the tenant named '%s'. Check the resource or scope for a typing error, and that it is one of this cloud.", t.Resource, tenantID)
}

// Audience finds the audience of tokens for a resource as clients name it, for
// who issues tokens elsewhere: CodeSignInResourceNotFound when the cloud does not
// know it.
func (s *Service) Audience(tenantID, resource string) (string, error) {
	t := target{Resource: resource}
	err := s.resolve(tenantID, &t)
	return t.Resource, err
}
