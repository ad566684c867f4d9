package container

import (
	"context"
	"net/http"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/wire"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// NetworkProvider is the one call of Microsoft.Network in this cloud: whether a
// DNS name label is free. Azure: container groups take their labels from the
// same names as public addresses, and the portal asks here while one is typed.
func (s *Service) NetworkProvider() arm.Provider {
	return arm.Provider{Namespace: "Microsoft.Network", Calls: []arm.Call{
		arm.Do(http.MethodGet, "locations/{location}/CheckDnsNameAvailability", authz.Control("Microsoft.Network/locations/checkDnsNameAvailability/read"), s.checkLabel),
	}}
}

// checkLabel tells whether a group could take the label now.
func (s *Service) checkLabel(_ context.Context, r *arm.CallRequest, _ httpd.None) (wire.DNSNameAvailabilityResult, error) {
	l, err := location(r)
	if err != nil {
		return wire.DNSNameAvailabilityResult{}, err
	}
	label := r.URL.Query().Get("domainNameLabel")
	if len(label) < 5 || len(label) > 63 || !labelRule.MatchString(label) {
		return wire.DNSNameAvailabilityResult{}, azure.Errorf(azure.Invalid, azure.CodeInvalidDNSNameLabel, "The DNS name label '%s' is invalid. It can contain only lowercase letters, numbers and hyphens. The first character must be a letter. The last character must be a letter or number. The value must be between 5 and 63 characters long.", label).At("domainNameLabel")
	}
	_, taken := s.labels.Get(labelKey(l, label))
	return wire.DNSNameAvailabilityResult{Available: !taken}, nil
}
