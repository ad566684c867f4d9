package identity

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// CreateManaged makes, in tx, the service principal of a managed identity in the
// first tenant. It has no application and no credential; resource is what it
// belongs to.
func (d *Directory) CreateManaged(tx *store.Tx, name string, resource azure.ResourceID) (azure.ManagedIdentity, error) {
	id, err := d.newID()
	if err != nil {
		return azure.ManagedIdentity{}, err
	}
	app, err := d.newID()
	if err != nil {
		return azure.ManagedIdentity{}, err
	}
	p := ServicePrincipal{ID: id, TenantID: d.TenantID(), AppID: app, DisplayName: name, Managed: resource.String(), Created: d.Now()}
	if err := d.claim(tx, p.ID, "The application id '%s' is already in use.", claimApp, p.TenantID, []string{p.AppID}); err != nil {
		return azure.ManagedIdentity{}, err
	}
	return azure.ManagedIdentity{TenantID: p.TenantID, PrincipalID: p.ID, ClientID: p.AppID}, d.principals.Insert(tx, store.K(p.ID), p)
}

// DeleteManaged removes, in tx, what [Directory.CreateManaged] made. One that is
// gone already is no error.
func (d *Directory) DeleteManaged(tx *store.Tx, m azure.ManagedIdentity) error {
	it, ok, err := d.principals.GetTx(tx, store.K(strings.ToLower(m.PrincipalID)))
	if err != nil || !ok {
		return err
	}
	return d.removePrincipal(tx, it.Value)
}
