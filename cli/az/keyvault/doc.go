// Package keyvault has az's commands for key vaults and their secrets: az
// keyvault. Keys, certificates and managed HSMs are not among them.
//
// It does not know: how secrets are kept.
package keyvault
