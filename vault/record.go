package vault

import (
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// vaultRecord is the stored form of a vault, live or deleted. The table's key is
// the folded name: names are unique in the cloud.
type vaultRecord struct {
	UID      string           `json:"uid"` // of this incarnation; names its data key and its secrets
	ID       azure.ResourceID `json:"id"`
	Location azure.Location   `json:"location"`
	Settings settings         `json:"settings"`
	Deleted  *deletion        `json:"deleted,omitempty"`
}

// settings are what a vault's owner chooses.
type settings struct {
	TenantID             string    `json:"tenantId"`
	SKU                  string    `json:"sku"`
	Policies             []policy  `json:"policies,omitempty"`
	ForDeployment        bool      `json:"forDeployment,omitempty"`
	ForDiskEncryption    bool      `json:"forDiskEncryption,omitempty"`
	ForTemplates         bool      `json:"forTemplates,omitempty"`
	RetentionDays        int       `json:"retentionDays"`
	RBAC                 bool      `json:"rbac,omitempty"`
	PurgeProtection      bool      `json:"purgeProtection,omitempty"`
	Network              *firewall `json:"network,omitempty"`
	NoPublicAccess       bool      `json:"noPublicAccess,omitempty"`
	PublicAccessSpelling string    `json:"publicAccess,omitempty"` // as written
}

// policy is one entry of a vault's access policies.
type policy struct {
	TenantID      string   `json:"tenantId"`
	ObjectID      string   `json:"objectId"`
	ApplicationID string   `json:"applicationId,omitempty"`
	Keys          []string `json:"keys,omitempty"`
	Secrets       []string `json:"secrets,omitempty"`
	Certificates  []string `json:"certificates,omitempty"`
	Storage       []string `json:"storage,omitempty"`
}

// firewall is a vault's network rules.
type firewall struct {
	Bypass string   `json:"bypass"` // AzureServices or None
	Deny   bool     `json:"deny"`   // defaultAction Deny
	IPs    []string `json:"ips,omitempty"`
}

// deletion says since when something is deleted and when it goes for good.
type deletion struct {
	At      time.Time         `json:"at"`
	PurgeAt time.Time         `json:"purgeAt"`
	Purging bool              `json:"purging,omitempty"` // the purge has begun and only goes on
	Tags    map[string]string `json:"tags,omitempty"`    // of a vault's envelope, which is gone
}

// secretRecord is the stored form of a secret; its versions are rows of their own.
type secretRecord struct {
	Name    string    `json:"name"`    // as first written
	Current string    `json:"current"` // version
	Deleted *deletion `json:"deleted,omitempty"`
}

// versionRecord is the stored form of one version of a secret.
type versionRecord struct {
	Version     string            `json:"version"` // 32 hex digits
	Sealed      []byte            `json:"sealed"`
	ContentType string            `json:"contentType,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Disabled    bool              `json:"disabled,omitempty"`
	NotBefore   *int64            `json:"nbf,omitempty"` // Unix seconds
	Expires     *int64            `json:"exp,omitempty"`
	Created     int64             `json:"created"`
	Updated     int64             `json:"updated"`
}

// tables are the room's own.
type tables struct {
	vaults   *store.Table[*vaultRecord]   // K(name)
	secrets  *store.Table[*secretRecord]  // K(vault UID, name)
	versions *store.Table[*versionRecord] // K(vault UID, name, version)
}

// byDeleted indexes what is deleted under "yes".
const byDeleted = "deleted"

func newTables(s *store.Store) tables {
	flag := func(d *deletion) []string {
		if d == nil {
			return nil
		}
		return []string{"yes"}
	}
	return tables{
		vaults: store.NewTable(s, "vault/vaults",
			store.Index[*vaultRecord]{Name: byDeleted, Keys: func(v *vaultRecord) []string { return flag(v.Deleted) }}),
		secrets: store.NewTable(s, "vault/secrets",
			store.Index[*secretRecord]{Name: byDeleted, Keys: func(v *secretRecord) []string { return flag(v.Deleted) }}),
		versions: store.NewTable[*versionRecord](s, "vault/versions"),
	}
}

func vaultKey(name string) store.Key { return store.K(strings.ToLower(name)) }

func secretKey(v *vaultRecord, name string) store.Key { return store.K(v.UID, strings.ToLower(name)) }

func versionKey(v *vaultRecord, name, version string) store.Key {
	return store.K(v.UID, strings.ToLower(name), version)
}

// dataKey names the box that seals the vault's values.
func (v *vaultRecord) dataKey() string { return "vault/data/" + v.UID }

// name is the vault's name as written.
func (v *vaultRecord) name() string { return v.ID.Name() }

// place is how Key Vault's errors name a vault.
func (v *vaultRecord) place() string { return v.name() + ";location=" + string(v.Location) }

// live finds the vault of that name unless it is deleted.
func (s *Service) live(name string) (*vaultRecord, bool) {
	it, ok := s.tables.vaults.Get(vaultKey(name))
	if !ok || it.Value.Deleted != nil {
		return nil, false
	}
	return it.Value, true
}

// liveTx is live within a transaction, for the incarnation that was seen
// outside it: another one is not found.
func (s *Service) liveTx(tx *store.Tx, seen *vaultRecord) (*vaultRecord, error) {
	it, ok, err := s.tables.vaults.GetTx(tx, vaultKey(seen.name()))
	if err != nil {
		return nil, err
	}
	if !ok || it.Value.Deleted != nil || it.Value.UID != seen.UID {
		return nil, vaultNotFound(seen.name())
	}
	return it.Value, nil
}

func vaultNotFound(name string) error {
	return azure.Errorf(azure.NotFound, azure.CodeVaultNotFound, "There is no vault named '%s' in this cloud. List the vaults with 'az keyvault list', the deleted ones with 'az keyvault list-deleted'.", name)
}
