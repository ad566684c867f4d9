package oauth

import "github.com/lazuli-cloud/lazuli/internal/httpd"

// routes of the token service. Every row is public, because it is here that
// callers become somebody: each handler checks the secret, password or code it
// is given itself.
var routes = []httpd.Route[*Service]{
	{Pattern: "GET /{tenant}/.well-known/openid-configuration", Action: httpd.Public, Serve: httpd.JSON((*Service).openIDConfiguration)},
	{Pattern: "GET /{tenant}/v2.0/.well-known/openid-configuration", Action: httpd.Public, Serve: httpd.JSON((*Service).openIDConfiguration)},
	{Pattern: "GET /{tenant}/discovery/keys", Action: httpd.Public, Serve: httpd.JSON((*Service).keys)},
	{Pattern: "GET /{tenant}/discovery/v2.0/keys", Action: httpd.Public, Serve: httpd.JSON((*Service).keys)},
	{Pattern: "GET /{tenant}/discovery/instance", Action: httpd.Public, Serve: httpd.JSON((*Service).instance)},
	{Pattern: "GET /{tenant}/userrealm/{upn}", Action: httpd.Public, Serve: httpd.JSON((*Service).userRealm)},

	{Pattern: "POST /{tenant}/oauth2/token", Action: httpd.Public, Serve: httpd.Form((*Service).token)},
	{Pattern: "POST /{tenant}/oauth2/v2.0/token", Action: httpd.Public, Serve: httpd.Form((*Service).token)},
	{Pattern: "POST /{tenant}/oauth2/devicecode", Action: httpd.Public, Serve: httpd.Form((*Service).deviceCode)},
	{Pattern: "POST /{tenant}/oauth2/v2.0/devicecode", Action: httpd.Public, Serve: httpd.Form((*Service).deviceCode)},

	// Pages for people; the forms are checked to come from this site.
	{Pattern: "GET /error", Action: httpd.Public, Serve: (*Service).showError},
	{Pattern: "GET /device", Action: httpd.Public, Serve: (*Service).showDevice},
	{Pattern: "POST /device", Action: httpd.Public, Serve: (*Service).postDevice},
	{Pattern: "GET /{tenant}/oauth2/authorize", Action: httpd.Public, Serve: (*Service).showAuthorize},
	{Pattern: "POST /{tenant}/oauth2/authorize", Action: httpd.Public, Serve: (*Service).postAuthorize},
	{Pattern: "GET /{tenant}/oauth2/v2.0/authorize", Action: httpd.Public, Serve: (*Service).showAuthorize},
	{Pattern: "POST /{tenant}/oauth2/v2.0/authorize", Action: httpd.Public, Serve: (*Service).postAuthorize},
	{Pattern: "GET /{tenant}/oauth2/logout", Action: httpd.Public, Serve: (*Service).logout},
	{Pattern: "GET /{tenant}/oauth2/v2.0/logout", Action: httpd.Public, Serve: (*Service).logout},
}
