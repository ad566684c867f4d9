// Package label answers whether a DNS name label is free: the one call of
// Microsoft.Network in this cloud. Azure: container groups take their labels
// from the same names as public addresses, and its portal asks here while one
// is typed.
//
// It does not know who holds a label.
package label

import (
	"context"
	"net/http"
	"regexp"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// Result is DnsNameAvailabilityResult.
type Result struct {
	Available bool `json:"available"`
}

var rule = regexp.MustCompile(`^[a-z][a-z0-9-]{3,61}[a-z0-9]$`)

// Provider is the table for the hall. taken reports whether a group of the
// region has the label.
func Provider(taken func(l azure.Location, label string) bool) arm.Provider {
	check := func(_ context.Context, r *arm.CallRequest, _ httpd.None) (Result, error) {
		l, known := azure.ParseLocation(r.Values["location"])
		if !known {
			return Result{}, azure.Errorf(azure.Invalid, azure.CodeLocationNotAvailable, "The location '%s' is not a region of this cloud. List the regions with 'az account list-locations'.", r.Values["location"])
		}
		label := r.URL.Query().Get("domainNameLabel")
		if !rule.MatchString(label) {
			return Result{}, azure.Errorf(azure.Invalid, azure.CodeInvalidDNSNameLabel, "The DNS name label '%s' is invalid. It can contain only lowercase letters, numbers and hyphens. The first character must be a letter. The last character must be a letter or number. The value must be between 5 and 63 characters long.", label).At("domainNameLabel")
		}
		return Result{!taken(l, label)}, nil
	}
	return arm.Provider{Namespace: "Microsoft.Network", Calls: []arm.Call{
		arm.Do(http.MethodGet, "locations/{location}/CheckDnsNameAvailability", authz.Control("Microsoft.Network/locations/checkDnsNameAvailability/read"), check),
	}}
}
