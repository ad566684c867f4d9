// Package msi is the token endpoint inside of a container group, by which its
// programs prove the group's managed identities: IDENTITY_ENDPOINT and
// IDENTITY_HEADER, in the form of App Service's api-version 2019-08-01, which
// Azure's SDKs look for.
//
// It knows the protocol only. That nobody outside of the group reaches it is its
// listener's doing, and who the identities are is told by its maker.
package msi
