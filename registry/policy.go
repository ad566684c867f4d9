package registry

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// retention is the stored policy for manifests without a tag.
type retention struct {
	Enabled bool      `json:"enabled,omitempty"`
	Days    int       `json:"days,omitempty"`
	Since   time.Time `json:"since,omitzero"` // when it was last switched on
}

// The days of the retention policy. Azure: these.
const (
	defaultDays = 7
	maxDays     = 365
)

// setRetention takes the retention policy over from what was sent.
func (s *Service) setRetention(rec *record, r *arm.Put[RegistryProperties]) error {
	old := rec.Retention
	rec.Retention = retention{Days: defaultDays, Since: old.Since}
	if r.Properties.Policies == nil || r.Properties.Policies.RetentionPolicy == nil {
		return nil
	}
	p := r.Properties.Policies.RetentionPolicy
	switch {
	case strings.EqualFold(p.Status, policyOn):
		rec.Retention.Enabled = true
	case p.Status != "" && !strings.EqualFold(p.Status, policyOff):
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The status '%s' of the retention policy is invalid. It is 'enabled' or 'disabled'.", p.Status).At("properties.policies.retentionPolicy.status")
	}
	if p.Days != nil {
		rec.Retention.Days = *p.Days
	}
	if d := rec.Retention.Days; d < 0 || d > maxDays {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The retention policy has %d days. It has 0 to %d.", d, maxDays).At("properties.policies.retentionPolicy.days")
	}
	if rec.Retention.Enabled && r.SKU.Name != premiumTier {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidSKU, "The registry '%s' of the SKU %s cannot have a retention policy. Choose Premium: 'az acr update --name %s --sku Premium'.", r.ID.Name(), r.SKU.Name, r.ID.Name()).At("properties.policies.retentionPolicy")
	}
	if rec.Retention.Enabled && !old.Enabled {
		rec.Retention.Since = s.o.Now().UTC()
	}
	return nil
}

func (r retention) show() *RetentionPolicy {
	days := r.Days
	if !r.Enabled && days == 0 && r.Since.IsZero() {
		days = defaultDays
	}
	return &RetentionPolicy{Days: &days, Status: onOff(r.Enabled), LastUpdated: wireTime(r.Since)}
}

// expire lets go of what the registries' retention policies no longer keep.
func (s *Service) expire(ctx context.Context) error {
	var errs []error
	for _, it := range s.registries.List("", "", 0) {
		if r := it.Value.Retention; r.Enabled && !it.Value.Deleting {
			errs = append(errs, s.content.Expire(ctx, it.Value.UID, repository.Retention{Age: time.Duration(r.Days) * 24 * time.Hour, Since: r.Since}))
		}
	}
	if len(errs) > 0 {
		s.o.OnDelete(ctx)
	}
	return errors.Join(errs...)
}
