// Package profile keeps what az keeps in AZURE_CONFIG_DIR: which clouds there
// are, who is signed in, whose tokens are at hand, and the user's configuration.
// The files are the real az's own, in its forms (config, clouds.config,
// cloudEndpoints.json, azureProfile.json, service_principal_entries.json,
// msal_token_cache.json), each replaced whole and never half written, so either
// program goes on where the other stopped.
//
// It does not know: commands and output.
package profile
