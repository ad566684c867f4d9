// Package account has az's commands about who is signed in and where: login,
// logout, account, cloud, configure, version and rest.
//
// It does not know: what the signed-in may do.
package account
