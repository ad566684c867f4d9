package vault

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
)

// rbacVersion is the first api-version in which a new vault that does not say
// otherwise uses role assignments. Azure: control plane 2026-02-01.
const rbacVersion = "2026-02-01"

// defaultRetention, minRetention and maxRetention are days of soft delete.
const (
	defaultRetention = 90
	minRetention     = 7
	maxRetention     = 90
)

func badVault(property, format string, args ...any) error {
	return azure.Errorf(azure.Invalid, azure.CodeBadRequest, format, args...).At("properties." + property)
}

// recoverMode reads createMode.
func recoverMode(mode string) (recovering bool, err error) {
	switch strings.ToLower(mode) {
	case "", "default":
		return false, nil
	case "recover":
		return true, nil
	}
	return false, badVault("createMode", "The createMode '%s' is not valid. It is 'default' or 'recover'.", mode)
}

// settle makes the settings of a vault of what was sent over what it had; old is
// nil for a new vault. What was not sent stays, or gets its default.
func (s *Service) settle(p *VaultProperties, old *settings, apiVersion string) (settings, error) {
	set := settings{TenantID: s.o.TenantID, RetentionDays: defaultRetention, PublicAccessSpelling: "Enabled",
		RBAC: old == nil && datePart(apiVersion) >= rbacVersion}
	if old != nil {
		set = *old
	}
	if err := s.checkTenant("tenantId", p.TenantID); err != nil {
		return set, err
	}
	for _, step := range []func(*VaultProperties, *settings, *settings) error{settleSKU, settleDelete, s.settlePolicies, settleNetwork} {
		if err := step(p, &set, old); err != nil {
			return set, err
		}
	}
	setBool(&set.ForDeployment, p.EnabledForDeployment)
	setBool(&set.ForDiskEncryption, p.EnabledForDiskEncryption)
	setBool(&set.ForTemplates, p.EnabledForTemplateDeployment)
	return set, nil
}

func setBool(to *bool, sent *bool) {
	if sent != nil {
		*to = *sent
	}
}

// datePart is an api-version without its suffix.
func datePart(version string) string {
	if len(version) > 10 {
		return version[:10]
	}
	return version
}

// checkTenant wants the id of the cloud's tenant.
func (s *Service) checkTenant(property, tenant string) error {
	switch {
	case tenant == "":
		return badVault(property, "The property '%s' is required. Give the tenant of the subscription, '%s'.", property, s.o.TenantID)
	case !strings.EqualFold(tenant, s.o.TenantID):
		return badVault(property, "The tenant '%s' in '%s' is not the tenant of the subscription, '%s'.", tenant, property, s.o.TenantID)
	}
	return nil
}

func settleSKU(p *VaultProperties, set, old *settings) error {
	switch {
	case p.SKU == nil && old != nil:
		return nil
	case p.SKU == nil:
		return badVault("sku", "The property 'sku' is required. Give {\"family\":\"A\",\"name\":\"standard\"}.")
	case p.SKU.Family != "" && !strings.EqualFold(p.SKU.Family, "A"):
		return badVault("sku.family", "The sku family '%s' is not valid. It is 'A'.", p.SKU.Family)
	}
	name := strings.ToLower(p.SKU.Name)
	if name != "standard" && name != "premium" {
		return badVault("sku.name", "The sku name '%s' is not valid. It is 'standard' or 'premium'.", p.SKU.Name)
	}
	set.SKU = name
	return nil
}

// settleDelete reads what cannot be taken back: soft delete, its retention, and
// purge protection.
func settleDelete(p *VaultProperties, set, old *settings) error {
	if p.EnableSoftDelete != nil && !*p.EnableSoftDelete {
		return badVault("enableSoftDelete", "The property \"enableSoftDelete\" cannot be set to false. Soft delete is always on; leave the property out.")
	}
	if days := p.SoftDeleteRetentionInDays; days != nil {
		if *days < minRetention || *days > maxRetention {
			return badVault("softDeleteRetentionInDays", "The property \"softDeleteRetentionInDays\" is %d. It must be between %d and %d.", *days, minRetention, maxRetention)
		}
		if old != nil && old.RetentionDays != *days {
			return badVault("softDeleteRetentionInDays", "The property \"softDeleteRetentionInDays\" has been set already and it can't be modified. It is %d.", old.RetentionDays)
		}
		set.RetentionDays = *days
	}
	if protect := p.EnablePurgeProtection; protect != nil {
		if !*protect {
			return badVault("enablePurgeProtection", "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action. Set it to true or leave it out.")
		}
		set.PurgeProtection = true
	}
	return nil
}

func (s *Service) settlePolicies(p *VaultProperties, set, old *settings) error {
	setBool(&set.RBAC, p.EnableRbacAuthorization)
	if p.AccessPolicies == nil {
		if old == nil && !set.RBAC {
			return badVault("accessPolicies", "The property 'accessPolicies' is required unless enableRbacAuthorization is true. Give a list, which may be empty.")
		}
		return nil
	}
	policies, err := s.policiesOf(p.AccessPolicies)
	if err != nil {
		return err
	}
	set.Policies = policies
	return nil
}

func settleNetwork(p *VaultProperties, set, _ *settings) error {
	switch strings.ToLower(p.PublicNetworkAccess) {
	case "":
	case "enabled", "disabled":
		set.NoPublicAccess = strings.EqualFold(p.PublicNetworkAccess, "disabled")
		set.PublicAccessSpelling = p.PublicNetworkAccess
	default:
		return badVault("publicNetworkAccess", "The publicNetworkAccess '%s' is not valid here. It is 'Enabled' or 'Disabled'.", p.PublicNetworkAccess)
	}
	if p.NetworkAcls == nil {
		return nil
	}
	f := &firewall{Bypass: "AzureServices"}
	if b := p.NetworkAcls.Bypass; b != "" {
		if !strings.EqualFold(b, "AzureServices") && !strings.EqualFold(b, "None") {
			return badVault("networkAcls.bypass", "The networkAcls.bypass '%s' is not valid. It is 'AzureServices' or 'None'.", b)
		}
		f.Bypass = b
	}
	switch strings.ToLower(p.NetworkAcls.DefaultAction) {
	case "", "allow":
	case "deny":
		f.Deny = true
	default:
		return badVault("networkAcls.defaultAction", "The networkAcls.defaultAction '%s' is not valid. It is 'Allow' or 'Deny'.", p.NetworkAcls.DefaultAction)
	}
	if len(p.NetworkAcls.VirtualNetworkRules) > 0 {
		return badVault("networkAcls.virtualNetworkRules", "Virtual network rules are not supported: this cloud has no virtual networks. Admit addresses with networkAcls.ipRules instead.")
	}
	for _, rule := range p.NetworkAcls.IPRules {
		if _, ok := prefixOf(rule.Value); !ok {
			return badVault("networkAcls.ipRules", "The IP rule '%s' is not an address or a range in CIDR notation, for example '203.0.113.7' or '203.0.113.0/24'.", rule.Value)
		}
		if !slices.Contains(f.IPs, rule.Value) {
			f.IPs = append(f.IPs, rule.Value)
		}
	}
	set.Network = f
	return nil
}

// prefixOf reads an address or a range.
func prefixOf(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// show is a vault on the wire.
func (s *Service) show(v *vaultRecord) VaultProperties {
	set := v.Settings
	yes := true
	p := VaultProperties{
		TenantID: set.TenantID, SKU: &SKU{Family: "A", Name: set.SKU}, AccessPolicies: entriesOf(set.Policies),
		EnabledForDeployment: &set.ForDeployment, EnabledForDiskEncryption: &set.ForDiskEncryption, EnabledForTemplateDeployment: &set.ForTemplates,
		EnableSoftDelete: &yes, SoftDeleteRetentionInDays: &set.RetentionDays, EnableRbacAuthorization: &set.RBAC,
		PublicNetworkAccess: set.PublicAccessSpelling, VaultURI: s.hostURL(v.name()) + "/",
	}
	if set.PurgeProtection {
		p.EnablePurgeProtection = &yes
	}
	if f := set.Network; f != nil {
		n := &NetworkRuleSet{Bypass: f.Bypass, DefaultAction: "Allow", IPRules: []IPRule{}, VirtualNetworkRules: []VirtualNetworkRule{}}
		if f.Deny {
			n.DefaultAction = "Deny"
		}
		for _, ip := range f.IPs {
			n.IPRules = append(n.IPRules, IPRule{Value: ip})
		}
		p.NetworkAcls = n
	}
	return p
}
