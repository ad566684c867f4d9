package vault

import "github.com/lazuli-cloud/lazuli/azure"

// VaultProperties are the properties of a vault. VaultURI and ProvisioningState
// are read-only, CreateMode is write-only ("default" or "recover").
type VaultProperties struct {
	TenantID                     string              `json:"tenantId"`
	SKU                          *SKU                `json:"sku,omitempty"`
	AccessPolicies               []AccessPolicyEntry `json:"accessPolicies"`
	EnabledForDeployment         *bool               `json:"enabledForDeployment,omitempty"`
	EnabledForDiskEncryption     *bool               `json:"enabledForDiskEncryption,omitempty"`
	EnabledForTemplateDeployment *bool               `json:"enabledForTemplateDeployment,omitempty"`
	EnableSoftDelete             *bool               `json:"enableSoftDelete,omitempty"`
	SoftDeleteRetentionInDays    *int                `json:"softDeleteRetentionInDays,omitempty"`
	EnableRbacAuthorization      *bool               `json:"enableRbacAuthorization,omitempty"`
	EnablePurgeProtection        *bool               `json:"enablePurgeProtection,omitempty"`
	NetworkAcls                  *NetworkRuleSet     `json:"networkAcls,omitempty"`
	PublicNetworkAccess          string              `json:"publicNetworkAccess,omitempty"`
	VaultURI                     string              `json:"vaultUri,omitempty"`
	CreateMode                   string              `json:"createMode,omitempty"`
	ProvisioningState            string              `json:"provisioningState,omitempty"`
}

// SKU is a vault's tier: family A, name standard or premium. Both are served the same.
type SKU struct {
	Family string `json:"family"`
	Name   string `json:"name"`
}

// AccessPolicyEntry gives a principal permissions in a vault without RBAC. With
// ApplicationID it holds only when the principal comes through that application.
type AccessPolicyEntry struct {
	TenantID      string      `json:"tenantId"`
	ObjectID      string      `json:"objectId"`
	ApplicationID string      `json:"applicationId,omitempty"`
	Permissions   Permissions `json:"permissions"`
}

// Permissions are the words of an access policy, by kind of object.
type Permissions struct {
	Keys         []string `json:"keys,omitempty"`
	Secrets      []string `json:"secrets,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
	Storage      []string `json:"storage,omitempty"`
}

// NetworkRuleSet says from where the data plane may be reached. VirtualNetworkRules
// must be empty: the cloud has no virtual networks.
type NetworkRuleSet struct {
	Bypass              string               `json:"bypass,omitempty"`        // AzureServices (default) or None
	DefaultAction       string               `json:"defaultAction,omitempty"` // Allow (default) or Deny
	IPRules             []IPRule             `json:"ipRules"`
	VirtualNetworkRules []VirtualNetworkRule `json:"virtualNetworkRules"`
}

// IPRule admits an address or a CIDR range.
type IPRule struct {
	Value string `json:"value"`
}

// VirtualNetworkRule would admit a subnet.
type VirtualNetworkRule struct {
	ID string `json:"id"`
}

// VaultAccessPolicyParameters is the body and answer of accessPolicies/{add|replace|remove}.
type VaultAccessPolicyParameters struct {
	ID         string                      `json:"id,omitempty"`
	Name       string                      `json:"name,omitempty"`
	Type       string                      `json:"type,omitempty"`
	Location   azure.Location              `json:"location,omitempty"`
	Properties VaultAccessPolicyProperties `json:"properties"`
}

// VaultAccessPolicyProperties are the entries of [VaultAccessPolicyParameters].
type VaultAccessPolicyProperties struct {
	AccessPolicies []AccessPolicyEntry `json:"accessPolicies"`
}

// DeletedVault is a soft-deleted vault.
type DeletedVault struct {
	ID         string                 `json:"id"`
	Name       string                 `json:"name"`
	Type       string                 `json:"type"`
	Properties DeletedVaultProperties `json:"properties"`
}

// DeletedVaultProperties tell what was deleted and when it goes for good.
type DeletedVaultProperties struct {
	VaultID                string            `json:"vaultId"`
	Location               azure.Location    `json:"location"`
	DeletionDate           string            `json:"deletionDate"` // RFC 3339
	ScheduledPurgeDate     string            `json:"scheduledPurgeDate"`
	Tags                   map[string]string `json:"tags"`
	PurgeProtectionEnabled bool              `json:"purgeProtectionEnabled,omitempty"`
}

// VaultCheckNameAvailabilityParameters is the body of checkNameAvailability.
type VaultCheckNameAvailabilityParameters struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// CheckNameAvailabilityResult is its answer; Reason is AccountNameInvalid or AlreadyExists.
type CheckNameAvailabilityResult struct {
	NameAvailable bool   `json:"nameAvailable"`
	Reason        string `json:"reason,omitempty"`
	Message       string `json:"message,omitempty"`
}

// Secret is the control-plane form of a secret (vaults/secrets).
type Secret struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   azure.Location    `json:"location,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Properties SecretProperties  `json:"properties"`
}

// SecretProperties show a secret without its value.
type SecretProperties struct {
	ContentType          string           `json:"contentType,omitempty"`
	Attributes           SecretAttributes `json:"attributes"`
	SecretURI            string           `json:"secretUri"`
	SecretURIWithVersion string           `json:"secretUriWithVersion"`
}

// SecretCreateOrUpdateParameters is the body of the control-plane PUT and PATCH.
type SecretCreateOrUpdateParameters struct {
	Tags       map[string]string      `json:"tags"`
	Properties SecretSetOnControlSide `json:"properties"`
}

// SecretSetOnControlSide is [SecretSetParameters] without tags, which stand beside it.
type SecretSetOnControlSide struct {
	Value       *azure.Secret     `json:"value"`
	ContentType *string           `json:"contentType"`
	Attributes  *SecretAttributes `json:"attributes"`
}

// SecretAttributes are a secret version's attributes. Times are Unix seconds;
// created, updated and the recovery fields are read-only.
type SecretAttributes struct {
	Enabled         *bool  `json:"enabled,omitempty"`
	NotBefore       *int64 `json:"nbf,omitempty"`
	Expires         *int64 `json:"exp,omitempty"`
	Created         int64  `json:"created,omitempty"`
	Updated         int64  `json:"updated,omitempty"`
	RecoveryLevel   string `json:"recoveryLevel,omitempty"`
	RecoverableDays int    `json:"recoverableDays,omitempty"`
}

// SecretSetParameters is the body of the data plane's PUT /secrets/{name}.
type SecretSetParameters struct {
	Value       *azure.Secret     `json:"value"`
	ContentType *string           `json:"contentType"`
	Tags        map[string]string `json:"tags"`
	Attributes  *SecretAttributes `json:"attributes"`
}

// SecretUpdateParameters is the body of the data plane's PATCH; what is absent stays.
type SecretUpdateParameters struct {
	ContentType *string           `json:"contentType"`
	Tags        map[string]string `json:"tags"`
	Attributes  *SecretAttributes `json:"attributes"`
}

// SecretBundle is a secret in the data plane. Value is the material itself: it
// is set only in the answers to get and set.
type SecretBundle struct {
	Value       *string           `json:"value,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	ID          string            `json:"id"`
	Attributes  SecretAttributes  `json:"attributes"`
	Tags        map[string]string `json:"tags,omitempty"`
	// Of deleted secrets only. Dates are Unix seconds.
	RecoveryID         string `json:"recoveryId,omitempty"`
	DeletedDate        int64  `json:"deletedDate,omitempty"`
	ScheduledPurgeDate int64  `json:"scheduledPurgeDate,omitempty"`
}

// BackupSecretResult is a backup, base64url without padding.
type BackupSecretResult struct {
	Value string `json:"value"`
}

// SecretRestoreParameters is the body of POST /secrets/restore.
type SecretRestoreParameters struct {
	Value string `json:"value"`
}
