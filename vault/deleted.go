package vault

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// listDeletedVaults lists the soft-deleted vaults of a subscription.
func (s *Service) listDeletedVaults(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[DeletedVault], error) {
	var out []DeletedVault
	for _, it := range s.tables.vaults.By(byDeleted, "yes") {
		if strings.EqualFold(it.Value.ID.Subscription, r.ID.Subscription) {
			out = append(out, deletedView(it.Value))
		}
	}
	return azure.NewPage(out, ""), nil
}

// getDeletedVault shows one of them.
func (s *Service) getDeletedVault(_ context.Context, r *arm.CallRequest, _ httpd.None) (DeletedVault, error) {
	v, err := s.findDeleted(r)
	if err != nil {
		return DeletedVault{}, err
	}
	return deletedView(v), nil
}

// purgeDeletedVault removes a deleted vault and everything in it for good. Azure
// answers 202 and does it later; here it is done when the answer comes.
func (s *Service) purgeDeletedVault(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	reply := httpd.Reply[httpd.None]{Status: http.StatusOK}
	v, err := s.findDeleted(r)
	if err != nil {
		return reply, err
	}
	if v.Settings.PurgeProtection {
		return reply, azure.Errorf(azure.Unsupported, azure.CodeMethodNotAllowedVault,
			"Operation 'DeletedVaultPurge' is not allowed. The vault '%s' has purge protection; it goes by itself on %s.", v.name(), v.Deleted.PurgeAt.Format(time.RFC3339))
	}
	return reply, s.purgeVault(ctx, v)
}

// findDeleted finds the deleted vault that a call names, in its own subscription
// and location only.
func (s *Service) findDeleted(r *arm.CallRequest) (*vaultRecord, error) {
	name := r.Values["vault"]
	it, ok := s.tables.vaults.Get(vaultKey(name))
	location, _ := azure.ParseLocation(r.Values["location"])
	if !ok || it.Value.Deleted == nil || !strings.EqualFold(it.Value.ID.Subscription, r.ID.Subscription) || it.Value.Location != location {
		return nil, deletedNotFound(name)
	}
	return it.Value, nil
}

func deletedNotFound(name string) error {
	return azure.Errorf(azure.NotFound, azure.CodeDeletedVaultNotFound, "The specified deleted vault '%s' does not exist. List the deleted vaults with 'az keyvault list-deleted'.", name)
}

func deletedView(v *vaultRecord) DeletedVault {
	id := azure.ResourceID{Subscription: v.ID.Subscription}.With(namespace, []string{"locations", "deletedVaults"}, []string{string(v.Location), v.name()})
	tags := v.Deleted.Tags
	if tags == nil {
		tags = map[string]string{}
	}
	return DeletedVault{ID: id.String(), Name: v.name(), Type: namespace + "/deletedVaults", Properties: DeletedVaultProperties{
		VaultID: v.ID.String(), Location: v.Location, DeletionDate: v.Deleted.At.Format(time.RFC3339), Tags: tags,
		ScheduledPurgeDate: v.Deleted.PurgeAt.Format(time.RFC3339), PurgeProtectionEnabled: v.Settings.PurgeProtection}}
}

// checkNameAvailability tells whether a vault of that name could be made.
func (s *Service) checkNameAvailability(_ context.Context, _ *arm.CallRequest, in VaultCheckNameAvailabilityParameters) (CheckNameAvailabilityResult, error) {
	if in.Type != "" && !strings.EqualFold(in.Type, typeVault) {
		return CheckNameAvailabilityResult{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The type '%s' is not valid. It is '%s'.", in.Type, typeVault).At("type")
	}
	if err := checkVaultName(in.Name); err != nil {
		return CheckNameAvailabilityResult{Reason: "AccountNameInvalid", Message: azure.AsError(err).Message}, nil
	}
	if it, taken := s.tables.vaults.Get(vaultKey(in.Name)); taken {
		err := alreadyExists(in.Name)
		if it.Value.Deleted != nil {
			err = inDeletedState(in.Name)
		}
		return CheckNameAvailabilityResult{Reason: "AlreadyExists", Message: azure.AsError(err).Message}, nil
	}
	return CheckNameAvailabilityResult{NameAvailable: true}, nil
}

// noManagedHSMs is the truth about managed HSMs here: there are none.
func (s *Service) noManagedHSMs(context.Context, *arm.CallRequest, httpd.None) (azure.Page[struct{}], error) {
	return azure.NewPage[struct{}](nil, ""), nil
}
