package identity

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Applications lists the applications of a tenant.
func (d *Directory) Applications(tenantID string) []Application {
	return values(d.apps.By("tenant", tenantID))
}

// Application finds an application of the tenant by object id.
func (d *Directory) Application(tenantID, id string) (Application, bool) {
	it, ok := d.apps.Get(store.K(strings.ToLower(id)))
	return it.Value, ok && it.Value.TenantID == tenantID
}

// ApplicationByAppID finds an application of the tenant by application id.
func (d *Directory) ApplicationByAppID(tenantID, appID string) (Application, bool) {
	for _, it := range d.apps.By("appId", strings.ToLower(appID)) {
		if it.Value.TenantID == tenantID {
			return it.Value, true
		}
	}
	return Application{}, false
}

// ApplicationByURI finds an application of the tenant by identifier URI.
func (d *Directory) ApplicationByURI(tenantID, uri string) (Application, bool) {
	it, ok := d.claims.Get(claimKey(claimURI, tenantID, uri))
	if !ok {
		return Application{}, false
	}
	return d.Application(tenantID, it.Value)
}

const uriTaken = "Another object with the same value for property identifierUris already exists: '%s'."

// CreateApplication registers an application in a.TenantID. IDs and times are
// set here. Errors: CodeDirectoryBadRequest, CodeDirectoryDuplicate.
func (d *Directory) CreateApplication(ctx context.Context, a Application) (Application, error) {
	if err := checkApplication(a); err != nil {
		return Application{}, err
	}
	var err error
	if a.ID, err = d.newID(); err != nil {
		return Application{}, err
	}
	if a.AppID, err = d.newID(); err != nil {
		return Application{}, err
	}
	a.Created = d.Now()
	return a, d.Store.Update(ctx, func(tx *store.Tx) error {
		if err := d.claim(tx, a.ID, uriTaken, claimURI, a.TenantID, a.IdentifierURIs); err != nil {
			return err
		}
		return d.apps.Insert(tx, store.K(a.ID), a)
	})
}

func checkApplication(a Application) error {
	if strings.TrimSpace(a.DisplayName) == "" || len(a.DisplayName) > 256 {
		return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The property displayName must have 1 to 256 characters.").At("displayName")
	}
	for _, u := range a.IdentifierURIs {
		if !validURI(u) {
			return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The identifier URI '%s' is not an absolute URI without fragment, such as api://name.", u).At("identifierUris")
		}
	}
	for _, u := range slices.Concat(a.Redirects.Web, a.Redirects.SPA, a.Redirects.Public) {
		if !validURI(u) || unsafeScheme.MatchString(u) {
			return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The redirect URI '%s' is not an absolute URI without fragment, such as https://host/path.", u).At("redirectUris")
		}
	}
	return nil
}

// unsafeScheme matches URIs that a browser runs instead of visits.
var unsafeScheme = regexp.MustCompile(`(?i)^\s*(javascript|data|vbscript|file|blob|about):`)

// UpdateApplication changes an application. change may run several times; its
// error is returned as it is. A new display name reaches the service principals.
func (d *Directory) UpdateApplication(ctx context.Context, tenantID, id string, change func(*Application) error) error {
	a, ok := d.Application(tenantID, id)
	if !ok {
		return notFound("application", id)
	}
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := d.apps.GetTx(tx, store.K(a.ID))
		if err != nil {
			return err
		}
		if !ok {
			return notFound("application", id)
		}
		old := it.Value
		old.IdentifierURIs = slices.Clone(old.IdentifierURIs)
		if err := change(&it.Value); err != nil {
			return err
		}
		if err := checkApplication(it.Value); err != nil {
			return err
		}
		if err := d.release(tx, claimURI, tenantID, old.IdentifierURIs); err != nil {
			return err
		}
		if err := d.claim(tx, a.ID, uriTaken, claimURI, tenantID, it.Value.IdentifierURIs); err != nil {
			return err
		}
		if it.Value.DisplayName != old.DisplayName {
			if err := d.rename(tx, it.Value); err != nil {
				return err
			}
		}
		return d.apps.Put(tx, it.Key, it.Value)
	})
}

func (d *Directory) rename(tx *store.Tx, a Application) error {
	for _, p := range d.principals.By("appId", a.AppID) {
		it, ok, err := d.principals.GetTx(tx, p.Key)
		if err != nil {
			return err
		}
		if ok {
			it.Value.DisplayName = a.DisplayName
			if err := d.principals.Put(tx, it.Key, it.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// DeleteApplication removes an application and its service principals.
func (d *Directory) DeleteApplication(ctx context.Context, tenantID, id string) error {
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		a, ok := d.Application(tenantID, id)
		if !ok {
			return notFound("application", id)
		}
		// The row itself is read in the transaction so that a service principal
		// made meanwhile, which touches it, makes this run again.
		if _, _, err := d.apps.GetTx(tx, store.K(a.ID)); err != nil {
			return err
		}
		for _, p := range d.principals.By("appId", a.AppID) {
			if err := d.removePrincipal(tx, p.Value); err != nil {
				return err
			}
		}
		if err := d.release(tx, claimURI, tenantID, a.IdentifierURIs); err != nil {
			return err
		}
		return d.apps.Delete(tx, store.K(a.ID))
	})
}

// ServicePrincipals lists the service principals of a tenant.
func (d *Directory) ServicePrincipals(tenantID string) []ServicePrincipal {
	return values(d.principals.By("tenant", tenantID))
}

// ServicePrincipal finds a service principal of the tenant by object id.
func (d *Directory) ServicePrincipal(tenantID, id string) (ServicePrincipal, bool) {
	it, ok := d.principals.Get(store.K(strings.ToLower(id)))
	return it.Value, ok && it.Value.TenantID == tenantID
}

// ServicePrincipalByAppID finds a service principal of the tenant by
// application id.
func (d *Directory) ServicePrincipalByAppID(tenantID, appID string) (ServicePrincipal, bool) {
	for _, it := range d.principals.By("appId", strings.ToLower(appID)) {
		if it.Value.TenantID == tenantID {
			return it.Value, true
		}
	}
	return ServicePrincipal{}, false
}

// CreateServicePrincipal makes the service principal of p.AppID in p.TenantID.
// ID, display name and times are set here. Errors: CodeDirectoryBadRequest for
// an application that is not there, CodeDirectoryDuplicate.
func (d *Directory) CreateServicePrincipal(ctx context.Context, p ServicePrincipal) (ServicePrincipal, error) {
	id, err := d.newID()
	if err != nil {
		return ServicePrincipal{}, err
	}
	p.ID, p.AppID, p.Created = id, strings.ToLower(p.AppID), d.Now()
	return p, d.Store.Update(ctx, func(tx *store.Tx) error {
		a, ok := d.ApplicationByAppID(p.TenantID, p.AppID)
		if !ok {
			return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "No application with the appId '%s' is registered in this tenant. Create the application first.", p.AppID).At("appId")
		}
		it, ok, err := d.apps.GetTx(tx, store.K(a.ID))
		if err != nil || !ok {
			return err
		}
		p.DisplayName = it.Value.DisplayName
		const taken = "The service principal cannot be created because the service principal name '%s' is already in use."
		if err := d.claim(tx, p.ID, taken, claimApp, p.TenantID, []string{p.AppID}); err != nil {
			return err
		}
		if err := d.apps.Put(tx, it.Key, it.Value); err != nil { // orders it with a deletion of the application
			return err
		}
		return d.principals.Insert(tx, store.K(p.ID), p)
	})
}

// UpdateServicePrincipal changes a service principal. change may run several
// times; its error is returned as it is.
func (d *Directory) UpdateServicePrincipal(ctx context.Context, tenantID, id string, change func(*ServicePrincipal) error) error {
	p, ok := d.ServicePrincipal(tenantID, id)
	if !ok {
		return notFound("service principal", id)
	}
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := d.principals.GetTx(tx, store.K(p.ID))
		if err != nil {
			return err
		}
		if !ok {
			return notFound("service principal", id)
		}
		if err := change(&it.Value); err != nil {
			return err
		}
		return d.principals.Put(tx, it.Key, it.Value)
	})
}

// DeleteServicePrincipal removes a service principal; its application stays.
func (d *Directory) DeleteServicePrincipal(ctx context.Context, tenantID, id string) error {
	p, ok := d.ServicePrincipal(tenantID, id)
	if !ok {
		return notFound("service principal", id)
	}
	return d.Store.Update(ctx, func(tx *store.Tx) error { return d.removePrincipal(tx, p) })
}

func (d *Directory) removePrincipal(tx *store.Tx, p ServicePrincipal) error {
	if err := d.release(tx, claimApp, p.TenantID, []string{p.AppID}); err != nil {
		return err
	}
	return d.principals.Delete(tx, store.K(p.ID))
}
