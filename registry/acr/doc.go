// Package acr speaks what Azure Container Registry has beside the OCI protocol,
// on each registry's own host:
//
//	POST /oauth2/exchange   a token of the directory for a refresh token
//	POST /oauth2/token      a refresh token or password for an access token
//	GET  /oauth2/token      a Basic credential for an access token
//	     /acr/v1/...        repositories, tags and manifests with their attributes
//
// The token service answers with what of the asked scopes is granted, as
// docker's protocol wants it; a login that asks for no scope is refused when its
// caller has no role in the registry at all.
//
// Attributes lock: what is locked against writing cannot be deleted either.
//
// It does not know how users sign in (package access is told), nor how
// content is kept (package repository).
package acr
