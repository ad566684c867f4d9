package registry

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/access"
)

// Namespace is the room's resource provider.
const Namespace = "Microsoft.ContainerRegistry"

// Type is the full type of registries.
const Type = Namespace + "/registries"

// versions are the published ones of the type, newest first.
var versions = []string{"2026-01-01-preview", "2025-11-01", "2025-04-01", "2025-03-01-preview", "2024-11-01-preview", "2023-11-01-preview", "2023-07-01",
	"2023-01-01-preview", "2022-12-01", "2022-02-01-preview", "2021-09-01", "2021-06-01-preview", "2020-11-01-preview", "2019-12-01-preview", "2019-05-01", "2017-10-01"}

// tiers are the SKUs and the bytes of storage that each includes.
var tiers = map[string]int64{basicTier: 10 << 30, "Standard": 100 << 30, premiumTier: 500 << 30}

// The SKUs with less, and with more than the middle one.
const (
	basicTier   = "Basic"
	premiumTier = "Premium"
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9]{5,50}$`)

// Provider is the room's table for the hall.
func (s *Service) Provider() arm.Provider {
	t := arm.Resource("registries", arm.Handlers[RegistryProperties]{Put: s.put, Get: s.get, Delete: s.remove, Release: s.release})
	t.Versions = versions
	t.CheckName = checkName
	t.Calls = append(childCalls(),
		arm.Do(http.MethodPost, "listCredentials", authz.Control(Type+"/listCredentials/action"), s.listCredentials),
		arm.Do(http.MethodPost, "regenerateCredential", authz.Control(Type+"/regenerateCredential/action"), s.regenerateCredential),
		arm.Do(http.MethodPost, "importImage", authz.Control(Type+"/importImage/action"), s.importImage),
		arm.Do(http.MethodGet, "importStatuses/{operation}", authz.Control(Type+"/operationStatuses/read"), s.importStatus),
		arm.Do(http.MethodPost, "generateCredentials", authz.Control(Type+"/generateCredentials/action"), s.generateCredentials),
		arm.Do(http.MethodGet, "listUsages", authz.Control(Type+"/listUsages/read"), s.listUsages),
		arm.Do(http.MethodPost, "listUsages", authz.Control(Type+"/listUsages/read"), s.listUsages),
	)
	return arm.Provider{Namespace: Namespace, Types: []arm.Type{t, s.scopeMapType(), s.tokenType(), s.webhookType()}, Calls: []arm.Call{
		arm.Do(http.MethodPost, "checkNameAvailability", authz.Control(Namespace+"/checkNameAvailability/read"), s.checkNameAvailability),
	}}
}

func checkName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The registry name '%s' is invalid. It has 5 to 50 letters and digits, nothing else.", name)
}

// put validates a registry and writes its row.
func (s *Service) put(_ context.Context, tx *store.Tx, r *arm.Put[RegistryProperties]) error {
	if err := checkSKU(r); err != nil {
		return err
	}
	for _, x := range r.Properties.settings() {
		if !x.ok() {
			return azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "The registry '%s' cannot have %s '%s': this cloud does not implement it. Leave the property out or set it to '%s'.",
				r.ID.Name(), x.path, x.sent, x.accepted).At("properties." + x.path)
		}
	}
	bypass := r.Properties.NetworkRuleBypassOptions
	if bypass != "" && bypass != bypassAzure && bypass != bypassNone {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The networkRuleBypassOptions '%s' are invalid. They are '%s' or '%s'.", bypass, bypassAzure, bypassNone).At("properties.networkRuleBypassOptions")
	}
	it, ok, err := s.registries.GetTx(tx, nameKey(r.ID.Name()))
	if err != nil {
		return err
	}
	rec := it.Value
	switch {
	case !ok:
		if rec, err = s.newRecord(r.ID); err != nil {
			return err
		}
	case !rec.ID.Equal(r.ID):
		return azure.Errorf(azure.Conflict, azure.CodeRegistryNameInUse, "The registry DNS name %s is already in use. You can check if the name is already claimed using following API: https://docs.microsoft.com/rest/api/containerregistry/registries/checknameavailability. Choose another name.", s.loginServer(r.ID.Name()))
	case rec.Deleting:
		return azure.Errorf(azure.Conflict, azure.CodeResourceBeingDeleted, "The registry '%s' is being deleted. Wait until it is gone, then create it again.", r.ID.Name())
	}
	if rec.Anonymous = r.Properties.AnonymousPullEnabled; rec.Anonymous && r.SKU.Name == basicTier {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidSKU, "The registry '%s' of the SKU Basic cannot have anonymous pull. Choose Standard or Premium: 'az acr update --name %s --sku Standard --anonymous-pull-enabled'.", r.ID.Name(), r.ID.Name()).At("properties.anonymousPullEnabled")
	}
	if err := s.setRetention(&rec, r); err != nil {
		return err
	}
	rec.Admin.Enabled, rec.Bypass = r.Properties.AdminUserEnabled, bypass
	return s.registries.Put(tx, nameKey(r.ID.Name()), rec)
}

func checkSKU(r *arm.Put[RegistryProperties]) error {
	var sent string
	if r.SKU != nil {
		sent = r.SKU.Name
	}
	for name := range tiers {
		if strings.EqualFold(sent, name) {
			r.SKU = &arm.SKU{Name: name, Tier: name}
			return nil
		}
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidSKU, "The SKU '%s' of the registry '%s' is invalid. Give sku.name as 'Basic', 'Standard' or 'Premium'.", sent, r.ID.Name()).At("sku.name")
}

func (s *Service) newRecord(id azure.ResourceID) (record, error) {
	rec := record{Registry: access.Registry{UID: uuid.NewString(), Name: id.Name(), ID: id}, Created: s.o.Now().UTC()}
	for i := range rec.Admin.Passwords {
		p, err := s.newPassword(rec, i)
		if err != nil {
			return rec, err
		}
		rec.Admin.Passwords[i] = p
	}
	return rec, nil
}

// recordOf gives the row of a resource the hall knows.
func (s *Service) recordOf(id azure.ResourceID) (record, error) {
	it, ok := s.registries.Get(nameKey(id.Name()))
	if !ok || !it.Value.ID.Equal(id) {
		return record{}, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The Resource '%s/%s' under resource group '%s' was not found.", Type, id.Name(), id.ResourceGroup)
	}
	return it.Value, nil
}

// get shows a registry.
func (s *Service) get(_ context.Context, e *arm.Envelope, _ bool) (RegistryProperties, error) {
	rec, err := s.recordOf(e.ID)
	if err != nil {
		return RegistryProperties{}, err
	}
	p := RegistryProperties{LoginServer: s.loginServer(rec.Name), CreationDate: rec.Created.Format("2006-01-02T15:04:05.0000000Z"),
		AdminUserEnabled: rec.Admin.Enabled, AnonymousPullEnabled: rec.Anonymous, NetworkRuleBypassOptions: rec.Bypass}
	if p.NetworkRuleBypassOptions == "" {
		p.NetworkRuleBypassOptions = bypassAzure
	}
	p.fixed()
	p.Policies.RetentionPolicy = rec.Retention.show()
	return p, nil
}

// release closes the registry's host and removes what it holds.
func (s *Service) release(ctx context.Context, e *arm.Envelope) error {
	var uid string
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.registries.GetTx(tx, nameKey(e.ID.Name()))
		if err != nil || !ok || !it.Value.ID.Equal(e.ID) {
			return err
		}
		rec := it.Value
		uid, rec.Deleting = rec.UID, true
		return s.registries.Put(tx, it.Key, rec)
	})
	if err != nil || uid == "" {
		return conflictOr(err)
	}
	s.o.OnDelete(ctx) // its host has no registry any more
	return s.content.DeleteRegistry(ctx, uid)
}

// remove frees the name.
func (s *Service) remove(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	it, ok, err := s.registries.GetTx(tx, nameKey(e.ID.Name()))
	if err != nil || !ok || !it.Value.ID.Equal(e.ID) {
		return err
	}
	return s.registries.Delete(tx, it.Key)
}

// listUsages measures.
func (s *Service) listUsages(_ context.Context, r *arm.CallRequest, _ httpd.None) (Usages, error) {
	rec, err := s.recordOf(r.ID)
	if err != nil {
		return Usages{}, err
	}
	var limit int64
	if r.Envelope.SKU != nil {
		limit = tiers[r.Envelope.SKU.Name]
	}
	return Usages{[]Usage{{Name: "Size", Limit: limit, CurrentValue: s.content.Usage(rec.UID), Unit: "Bytes"}}}, nil
}

func (s *Service) checkNameAvailability(_ context.Context, _ *arm.CallRequest, in NameCheck) (NameStatus, error) {
	if !strings.EqualFold(in.Type, Type) {
		return NameStatus{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The type '%s' is invalid. Give '%s'.", in.Type, Type).At("type")
	}
	if err := checkName(in.Name); err != nil {
		return NameStatus{Reason: "Invalid", Message: azure.AsError(err).Message}, nil
	}
	if _, taken := s.registries.Get(nameKey(in.Name)); taken {
		return NameStatus{Reason: "AlreadyExists", Message: "The registry " + in.Name + " is already in use."}, nil
	}
	return NameStatus{NameAvailable: true}, nil
}
