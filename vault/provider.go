package vault

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const (
	namespace = "Microsoft.KeyVault"
	typeVault = namespace + "/vaults"
)

// Provider is the room's table for the hall.
func (s *Service) Provider() arm.Provider {
	vaults := arm.Resource("vaults", arm.Handlers[VaultProperties]{Put: s.putVault, Get: s.getVault, Delete: s.deleteVault})
	vaults.Versions = []string{"2026-02-01", "2024-11-01", "2023-07-01", "2023-02-01", "2022-07-01", "2019-09-01"}
	vaults.CheckName = checkVaultName
	vaults.Calls = []arm.Call{
		arm.Do(http.MethodPut, "accessPolicies/{operation}", authz.Control(typeVault+"/accessPolicies/write"), s.updateAccessPolicy),
		arm.Do(http.MethodGet, "secrets", authz.Control(typeVault+"/secrets/read"), s.listControlSecrets),
		arm.Do(http.MethodGet, "secrets/{secret}", authz.Control(typeVault+"/secrets/read"), s.getControlSecret),
		arm.Do(http.MethodPut, "secrets/{secret}", authz.Control(typeVault+"/secrets/write"), s.putControlSecret),
		arm.Do(http.MethodPatch, "secrets/{secret}", authz.Control(typeVault+"/secrets/write"), s.patchControlSecret),
	}
	return arm.Provider{Namespace: namespace, Types: []arm.Type{vaults}, Calls: []arm.Call{
		arm.Do(http.MethodGet, "deletedVaults", authz.Control(namespace+"/deletedVaults/read"), s.listDeletedVaults),
		arm.Do(http.MethodGet, "locations/{location}/deletedVaults/{vault}", authz.Control(namespace+"/locations/deletedVaults/read"), s.getDeletedVault),
		arm.Do(http.MethodPost, "locations/{location}/deletedVaults/{vault}/purge", authz.Control(namespace+"/locations/deletedVaults/purge/action"), s.purgeDeletedVault),
		arm.Do(http.MethodPost, "checkNameAvailability", authz.Control(namespace+"/checkNameAvailability/read"), s.checkNameAvailability),
		// No managed HSMs: az lists them beside the vaults and wants an answer.
		arm.Do(http.MethodGet, "managedHSMs", authz.Control(namespace+"/managedHSMs/read"), s.noManagedHSMs),
		arm.Do(http.MethodGet, "managedHSMs", authz.Control(namespace+"/managedHSMs/read"), s.noManagedHSMs).At(arm.AtGroup),
		arm.Do(http.MethodGet, "deletedManagedHSMs", authz.Control(namespace+"/deletedManagedHSMs/read"), s.noManagedHSMs),
	}}
}

// putVault creates, updates or recovers a vault.
func (s *Service) putVault(ctx context.Context, tx *store.Tx, r *arm.Put[VaultProperties]) error {
	recovering, err := recoverMode(r.Properties.CreateMode)
	if err != nil {
		return err
	}
	key := vaultKey(r.ID.Name())
	it, taken, err := s.tables.vaults.GetTx(tx, key)
	if err != nil {
		return err
	}
	v := it.Value
	switch {
	case taken && v.Deleted == nil && !v.ID.Equal(r.ID):
		return alreadyExists(r.ID.Name())
	case taken && v.Deleted != nil && recovering:
		if err := recoverable(v, r.ID, r.Location); err != nil {
			return err
		}
		if r.Tags == nil {
			r.Tags = v.Deleted.Tags
		}
		v.Deleted = nil
		return s.tables.vaults.Put(tx, key, v)
	case taken && v.Deleted != nil:
		return inDeletedState(r.ID.Name())
	case !taken && recovering:
		return deletedNotFound(r.ID.Name())
	}
	var old *settings
	if taken {
		old = &v.Settings
	}
	set, err := s.settle(&r.Properties, old, r.APIVersion)
	if err != nil {
		return err
	}
	if !taken {
		v = &vaultRecord{UID: uuid.NewString(), ID: r.ID}
		if err := s.o.Seal.Make(ctx, tx, v.dataKey()); err != nil {
			return err
		}
	}
	v.Location, v.Settings = r.Location, set
	return s.tables.vaults.Put(tx, key, v)
}

// recoverable holds a recovery against what was deleted.
func recoverable(v *vaultRecord, id azure.ResourceID, location azure.Location) error {
	switch {
	case v.Deleted.Purging:
		return azure.Errorf(azure.Conflict, azure.CodeConflictError, "The deleted vault '%s' is being purged and cannot be recovered. Wait until it is gone, then create it again.", v.name())
	case !v.ID.Equal(id):
		return azure.Errorf(azure.Conflict, azure.CodeConflictError, "The deleted vault '%s' was the resource '%s' and can be recovered only there.", v.name(), v.ID)
	case v.Location != location:
		return azure.Errorf(azure.Conflict, azure.CodeInvalidResourceLocation, "The deleted vault '%s' was in location '%s' and cannot be recovered to '%s'. Send its own location.", v.name(), v.Location, location)
	}
	return nil
}

func alreadyExists(name string) error {
	return azure.Errorf(azure.Conflict, azure.CodeVaultAlreadyExists, "The vault name '%s' is already in use. Vault names are globally unique so it is possible that the name is already taken. Choose another name.", name)
}

func inDeletedState(name string) error {
	return azure.Errorf(azure.Conflict, azure.CodeConflictError, "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Recover it with 'az keyvault recover --name %s', or purge it with 'az keyvault purge --name %s'.", name, name)
}

// getVault shows a live vault.
func (s *Service) getVault(_ context.Context, e *arm.Envelope, _ bool) (VaultProperties, error) {
	v, ok := s.live(e.ID.Name())
	if !ok {
		return VaultProperties{}, vaultNotFound(e.ID.Name())
	}
	return s.show(v), nil
}

// deleteVault is the soft delete, on its own or with the resource group.
func (s *Service) deleteVault(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	it, ok, err := s.tables.vaults.GetTx(tx, vaultKey(e.ID.Name()))
	if err != nil || !ok || it.Value.Deleted != nil || !it.Value.ID.Equal(e.ID) {
		return err
	}
	v := it.Value
	v.Deleted = s.deletion(v)
	v.Deleted.Tags = e.Tags
	return s.tables.vaults.Put(tx, it.Key, v)
}

// deletion is a delete of now in a vault.
func (s *Service) deletion(v *vaultRecord) *deletion {
	now := s.now()
	return &deletion{At: now, PurgeAt: now.Add(time.Duration(v.Settings.RetentionDays) * 24 * time.Hour)}
}
