// Package oauth is the token service, https://login.D.
//
// It owns the endpoints of Microsoft's identity platform that clients need, each
// under three families of paths: /{tenant}/..., /adfs/... (the first tenant) and
// /adfs/{tenant}/.... {tenant} is a tenant's id or domain, or "common" or
// "organizations", which mean the tenant of whoever signs in.
//
//	/.well-known/openid-configuration, /v2.0/.well-known/..., /discovery/keys
//	/discovery/instance, /userrealm/{upn}      what older clients ask first
//	/oauth2[/v2.0]/token                       all grants
//	/oauth2[/v2.0]/devicecode, and /device     sign-in on another device
//	/oauth2[/v2.0]/authorize, .../logout       sign-in in a browser
//
// Why /adfs: clients trust only Microsoft's own hosts as authority, unless the
// path says AD FS; then they ask nobody and take the endpoints as they are.
//
// Grants: client_credentials with a secret or an assertion signed by the key of a
// certificate of the application (RFC 7523), password, device code,
// authorization_code (public clients must use PKCE with S256) and
// refresh_token. A version 1 request names a resource, a version 2 request a
// scope; a refresh token serves every resource. Not built: assertions of
// other issuers (federation), on-behalf-of, the implicit grant.
//
// A refresh token is a family id, a generation and a MAC: nothing of it is
// stored but the family, which is bound to user, client and tenant. Each use
// makes the next generation. Azure: older ones stay good, because several az
// share one token cache and a copied cache must work; what ends a family is 90
// days without use, revoking it, or a new password of the user.
//
// Forms are protected against other web sites by the Origin and Sec-Fetch-Site
// headers, so that curl can post them too.
//
// It does not know: roles, which resources exist (Options.KnownResource tells),
// or what a token is used for.
package oauth
