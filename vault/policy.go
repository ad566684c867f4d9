package vault

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// maxPolicies is how many access policies a vault may have.
const maxPolicies = 1024

// permissionWords are the words of access policies, by kind of object. Source:
// Microsoft.KeyVault 2023-07-01, Permissions.
var permissionWords = map[string][]string{
	"keys": {"all", "encrypt", "decrypt", "wrapkey", "unwrapkey", "sign", "verify", "get", "list", "create", "update", "import", "delete",
		"backup", "restore", "recover", "purge", "release", "rotate", "getrotationpolicy", "setrotationpolicy"},
	"secrets": {"all", "get", "list", "set", "delete", "backup", "restore", "recover", "purge"},
	"certificates": {"all", "get", "list", "delete", "create", "import", "update", "managecontacts", "getissuers", "listissuers", "setissuers",
		"deleteissuers", "manageissuers", "recover", "purge", "backup", "restore"},
	"storage": {"all", "get", "list", "delete", "set", "update", "regeneratekey", "recover", "purge", "backup", "restore", "setsas", "listsas",
		"getsas", "deletesas"},
}

// policiesOf reads and checks access policies.
func (s *Service) policiesOf(entries []AccessPolicyEntry) ([]policy, error) {
	if len(entries) > maxPolicies {
		return nil, badVault("accessPolicies", "A vault has at most %d access policies; %d were given. Use groups or role assignments.", maxPolicies, len(entries))
	}
	policies := make([]policy, 0, len(entries))
	for i, e := range entries {
		at := fmt.Sprintf("accessPolicies[%d]", i)
		if err := s.checkTenant(at+".tenantId", e.TenantID); err != nil {
			return nil, err
		}
		if !guidPattern.MatchString(e.ObjectID) {
			return nil, badVault(at+".objectId", "The objectId '%s' in '%s' is not a GUID. Give the object id of a user, group or service principal.", e.ObjectID, at)
		}
		if e.ApplicationID != "" && !guidPattern.MatchString(e.ApplicationID) {
			return nil, badVault(at+".applicationId", "The applicationId '%s' in '%s' is not a GUID.", e.ApplicationID, at)
		}
		p := policy{TenantID: e.TenantID, ObjectID: e.ObjectID, ApplicationID: e.ApplicationID,
			Keys: e.Permissions.Keys, Secrets: e.Permissions.Secrets, Certificates: e.Permissions.Certificates, Storage: e.Permissions.Storage}
		for kind, words := range p.kinds() {
			for _, w := range *words {
				if !slices.Contains(permissionWords[kind], strings.ToLower(w)) {
					return nil, badVault(at+".permissions."+kind, "The permission '%s' in '%s.permissions.%s' is not valid. It is one of: %s.", w, at, kind, strings.Join(permissionWords[kind], ", "))
				}
			}
		}
		policies = append(policies, p)
	}
	return policies, nil
}

// kinds are the permission lists of a policy by kind of object.
func (p *policy) kinds() map[string]*[]string {
	return map[string]*[]string{"keys": &p.Keys, "secrets": &p.Secrets, "certificates": &p.Certificates, "storage": &p.Storage}
}

// sameHolder reports whether both policies speak of the same principal and application.
func (p *policy) sameHolder(o *policy) bool {
	return strings.EqualFold(p.TenantID, o.TenantID) && strings.EqualFold(p.ObjectID, o.ObjectID) && strings.EqualFold(p.ApplicationID, o.ApplicationID)
}

func entriesOf(policies []policy) []AccessPolicyEntry {
	entries := make([]AccessPolicyEntry, 0, len(policies))
	for _, p := range policies {
		entries = append(entries, AccessPolicyEntry{TenantID: p.TenantID, ObjectID: p.ObjectID, ApplicationID: p.ApplicationID,
			Permissions: Permissions{Keys: p.Keys, Secrets: p.Secrets, Certificates: p.Certificates, Storage: p.Storage}})
	}
	return entries
}

// updateAccessPolicy serves PUT accessPolicies/{add|replace|remove}.
func (s *Service) updateAccessPolicy(ctx context.Context, r *arm.CallRequest, in VaultAccessPolicyParameters) (VaultAccessPolicyParameters, error) {
	var out VaultAccessPolicyParameters
	change, ok := policyChanges[strings.ToLower(r.Values["operation"])]
	if !ok {
		return out, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The access policy operation '%s' is not valid. It is 'add', 'replace' or 'remove'.", r.Values["operation"])
	}
	sent, err := s.policiesOf(in.Properties.AccessPolicies)
	if err != nil {
		return out, err
	}
	var result []policy
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.tables.vaults.GetTx(tx, vaultKey(r.ID.Name()))
		if err != nil {
			return err
		}
		if !ok || it.Value.Deleted != nil {
			return vaultNotFound(r.ID.Name())
		}
		v := it.Value
		v.Settings.Policies = change(v.Settings.Policies, sent)
		if len(v.Settings.Policies) > maxPolicies {
			return badVault("accessPolicies", "A vault has at most %d access policies. Use groups or role assignments.", maxPolicies)
		}
		result = v.Settings.Policies
		return s.tables.vaults.Put(tx, it.Key, v)
	})
	if err != nil {
		return out, err
	}
	return VaultAccessPolicyParameters{ID: r.ID.String() + "/accessPolicies/", Type: typeVault + "/accessPolicies", Location: r.Envelope.Location,
		Properties: VaultAccessPolicyProperties{AccessPolicies: entriesOf(result)}}, nil
}

// policyChanges lay sent policies over those a vault has.
var policyChanges = map[string]func(have, sent []policy) []policy{
	"add": func(have, sent []policy) []policy {
		return eachPolicy(have, sent, func(old, words []string) []string {
			for _, w := range words {
				if !containsFold(old, w) {
					old = append(old, w)
				}
			}
			return old
		})
	},
	"replace": func(have, sent []policy) []policy {
		return eachPolicy(have, sent, func(_, words []string) []string { return words })
	},
	"remove": func(have, sent []policy) []policy {
		return eachPolicy(have, sent, func(old, words []string) []string {
			return slices.DeleteFunc(old, func(w string) bool { return containsFold(words, w) })
		})
	},
}

// eachPolicy merges each sent policy into the one of the same holder, or into an
// empty one; policies without any permission go away.
func eachPolicy(have, sent []policy, merge func(old, words []string) []string) []policy {
	for i := range sent {
		at := slices.IndexFunc(have, func(p policy) bool { return p.sameHolder(&sent[i]) })
		if at < 0 {
			at = len(have)
			have = append(have, policy{TenantID: sent[i].TenantID, ObjectID: sent[i].ObjectID, ApplicationID: sent[i].ApplicationID})
		}
		words := sent[i].kinds()
		for kind, old := range have[at].kinds() {
			*old = merge(*old, *words[kind])
		}
	}
	return slices.DeleteFunc(have, func(p policy) bool { return len(p.Keys)+len(p.Secrets)+len(p.Certificates)+len(p.Storage) == 0 })
}

func containsFold(words []string, w string) bool {
	return slices.ContainsFunc(words, func(have string) bool { return strings.EqualFold(have, w) })
}
