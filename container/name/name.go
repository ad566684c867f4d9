// Package name makes the part of a group's DNS name that says whose it is. It
// knows no groups and claims no names.
package name

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
)

// Scopes say who may have the same label, and so the same name, again. Azure:
// the first is the default and has no hash in its names.
var Scopes = []string{"Unsecure", "TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "Noreuse"}

// Hash is what the same owner gets again for the same label and others cannot
// get: owner is label, tenant, subscription and resource group. Unique is for the
// scope Noreuse. It is empty for Unsecure.
func Hash(scope, unique string, owner ...string) string {
	n := slices.Index(Scopes, scope)
	switch n {
	case 1, 2, 3:
		owner = owner[:n+1]
	case 4:
		owner = []string{unique}
	default:
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(owner, "\n")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
