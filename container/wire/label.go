package wire

// DNSNameAvailabilityResult answers whether a DNS name label is free. Source:
// Microsoft.Network, CheckDnsNameAvailability.
type DNSNameAvailabilityResult struct {
	Available bool `json:"available"`
}
