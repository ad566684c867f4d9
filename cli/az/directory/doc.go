// Package directory has az's commands for the people and programs of a tenant: az
// ad. What Microsoft Graph answers is printed as it stands.
//
// It does not know: how the directory keeps them.
package directory
