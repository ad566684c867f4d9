package azure

// ManagedIdentity is the service principal of a resource, which needs no secret:
// the cloud vouches for it. The three are GUIDs.
type ManagedIdentity struct {
	TenantID    string
	PrincipalID string // the object id that role assignments name
	ClientID    string // the application id
}
