package oauth

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
)

// Client is a program every tenant knows and that has no secret.
type Client struct {
	ID   string // application id, lower case
	Name string
	// RedirectURIs are where its sign-in may return to, beside any port of this
	// machine (http://localhost) if Desktop.
	RedirectURIs []string
	Desktop      bool
}

// The application ids of first-party clients.
const (
	ClientAzureCLI        = "04b07795-8ddb-461a-bbee-02f9e1bf7b46" // also the default of the Azure SDKs
	ClientAzurePowerShell = "1950a258-227b-4e31-a9cf-717495945fc2"
	ClientPortal          = "8b0a5e5c-6a1c-4e0b-9d0e-6c617a756c69" // our portal; its redirect URI is in Options.Clients
)

// firstParty is the table of programs known without registration.
var firstParty = []Client{
	{ID: ClientAzureCLI, Name: "Azure CLI", Desktop: true},
	{ID: ClientAzurePowerShell, Name: "Azure PowerShell", Desktop: true},
	{ID: "14d82eec-204b-4c2f-b7e8-296a70dab67e", Name: "Microsoft Graph Command Line Tools", Desktop: true},
	{ID: "872cd9fa-d31f-45e0-9eab-6e460a02d1f1", Name: "Visual Studio", Desktop: true},
}

// caller is the client of a request.
type caller struct {
	Client
	app    *identity.Application // nil for first-party clients
	sp     identity.ServicePrincipal
	proven bool // it showed its secret
}

// public reports whether it may sign users in without a secret.
func (c caller) public() bool { return c.app == nil || c.app.Public }

// find gives the client of an id in the tenant, not yet proven. The error is
// CodeSignInUnknownApplication.
func (s *Service) find(tenantID, id string) (caller, error) {
	id = strings.ToLower(id)
	for _, c := range slices.Concat(firstParty, s.Clients) {
		if strings.EqualFold(c.ID, id) {
			return caller{Client: c}, nil
		}
	}
	a, ok := s.Directory.ApplicationByAppID(tenantID, id)
	if !ok {
		return caller{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUnknownApplication,
			"Application with identifier '%s' was not found in the directory '%s'. Check the client id, or create the application in this tenant.", id, tenantID)
	}
	return caller{Client: Client{ID: a.AppID, Name: a.DisplayName}, app: &a}, nil
}

// authenticate finds the client of a token request and checks its secret, from
// the form or the Basic header (RFC 6749, 2.3.1).
func (s *Service) authenticate(r *http.Request, tenantID string, form url.Values) (caller, error) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		u, err1 := url.QueryUnescape(user)
		p, err2 := url.QueryUnescape(pass)
		if err1 != nil || err2 != nil || id != "" && !strings.EqualFold(id, u) {
			return caller{}, azure.Errorf(azure.Invalid, azure.CodeSignInInvalidRequest, "The Basic Authorization header is not URL-encoded, or names another client than client_id. Send the client's credentials once.")
		}
		id, secret = u, p
	}
	if id == "" {
		return caller{}, missing("client_id")
	}
	c, err := s.find(tenantID, id)
	assertion := form.Get("client_assertion")
	if err != nil || secret == "" && assertion == "" {
		return c, err
	}
	if c.app == nil {
		return c, azure.Errorf(azure.Unauthenticated, azure.CodeSignInSecretForbidden, "Client '%s' (%s) is public so neither 'client_assertion' nor 'client_secret' should be presented.", c.ID, c.Name)
	}
	if assertion != "" {
		if t := form.Get("client_assertion_type"); t != assertionType {
			return c, azure.Errorf(azure.Invalid, azure.CodeSignInAssertionType, "The client_assertion_type '%s' is not supported. It must be '%s'.", t, assertionType)
		}
		c.sp, err = s.Directory.ProvenBy(assertion, tenantID, c.ID, func(aud string) bool { return s.here(tenantID, aud) })
	} else {
		c.sp, err = s.Directory.VerifySecret(tenantID, c.ID, azure.NewSecret(secret))
	}
	c.proven = err == nil
	return c, err
}

// assertionType is the client_assertion_type of tokens (RFC 7523, 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// here reports whether an audience is this service as the tenant sees it: its
// issuer, or one of the token endpoints.
func (s *Service) here(tenantID, audience string) bool {
	audience = strings.TrimSuffix(audience, "/")
	if audience == strings.TrimSuffix(s.Tokens.Issuer(tenantID), "/") {
		return true
	}
	rest, ok := strings.CutPrefix(audience, s.Login+"/")
	if !ok {
		return false
	}
	rest = strings.TrimPrefix(rest, "adfs/")
	name, path, _ := strings.Cut(rest, "/")
	if name == "oauth2" || name == "v2.0" { // the tenant was folded away: /adfs/oauth2/token
		name, path = "adfs", rest
	}
	t, known := s.Directory.Tenant(name)
	switch name {
	case "adfs", "common", "organizations":
		t, known = s.Directory.Tenant(s.Directory.TenantID())
	}
	return known && t.ID == tenantID && slices.Contains([]string{"oauth2/token", "oauth2/v2.0/token", "v2.0", ""}, path)
}

// secretRequired is the error of a client that did not prove itself.
func secretRequired() *azure.Error {
	return azure.Errorf(azure.Unauthenticated, azure.CodeSignInSecretRequired, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
}

// mayActForUsers lets public clients and those with a proven secret sign users
// in by password or device code.
func (c caller) mayActForUsers() error {
	switch {
	case c.proven || c.public():
		return nil
	case len(c.app.Credentials)+len(c.app.Certificates) == 0:
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInPublicClientForbidden, "The application '%s' is not a public client. Set its isFallbackPublicClient, or send its secret.", c.ID)
	}
	return secretRequired()
}

// The kinds of places a sign-in returns to.
const (
	redirectWeb     = "web"     // a server: it redeems the code with a secret
	redirectSPA     = "spa"     // a page in a browser
	redirectDesktop = "desktop" // a program on the user's machine
)

// redirect checks a redirect URI against those registered and tells its kind.
// The error is Invalid with CodeSignInRedirectMismatch.
func (c caller) redirect(uri string) (kind string, err error) {
	if c.app == nil {
		if slices.ContainsFunc(c.RedirectURIs, func(reg string) bool { return sameRedirect(reg, uri) }) {
			return redirectSPA, nil
		}
		if c.Desktop && sameRedirect("http://localhost", uri) {
			return redirectDesktop, nil
		}
	} else {
		for _, k := range []struct {
			kind string
			uris []string
		}{{redirectWeb, c.app.Redirects.Web}, {redirectSPA, c.app.Redirects.SPA}, {redirectDesktop, c.app.Redirects.Public}} {
			if slices.ContainsFunc(k.uris, func(reg string) bool { return sameRedirect(reg, uri) }) {
				return k.kind, nil
			}
		}
	}
	return "", azure.Errorf(azure.Invalid, azure.CodeSignInRedirectMismatch,
		"The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'. Add it to the application.", uri, c.ID)
}

// sameRedirect compares exactly, but for the port of this machine's loopback
// address, which a program takes as it comes (RFC 8252, 7.3).
func sameRedirect(registered, uri string) bool {
	if registered == uri {
		return true
	}
	a, err1 := url.Parse(registered)
	b, err2 := url.Parse(uri)
	return err1 == nil && err2 == nil && a.Scheme == "http" && b.Scheme == "http" && loopback(a) && loopback(b) && b.User == nil &&
		(a.Hostname() == b.Hostname() || a.Hostname() == "localhost") && strings.Trim(a.Path, "/") == strings.Trim(b.Path, "/") && b.RawQuery == a.RawQuery && b.Fragment == ""
}

func loopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}
