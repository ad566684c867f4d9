package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// mapEntry is an entry of any type, by its wire form.
type mapEntry map[string]any

func (e mapEntry) field(name string) (any, bool) {
	for k, v := range e {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}

func (e mapEntry) wire() map[string]any { return e }

// object finds a directory object of the tenant by id, with its @odata.type.
func (s *Service) object(tenantID, id string) (mapEntry, bool) {
	typed := func(kind string, e entry) (mapEntry, bool) {
		m := e.wire()
		m["@odata.type"] = "#microsoft.graph." + kind
		return m, true
	}
	if u, ok := s.Directory.User(tenantID, id); ok && strings.EqualFold(u.ID, id) {
		return typed("user", userEntry{u})
	}
	if p, ok := s.Directory.ServicePrincipal(tenantID, id); ok {
		return typed("servicePrincipal", s.spEntryOf(p))
	}
	if g, ok := s.Directory.Group(tenantID, id); ok {
		return typed("group", groupEntry{g})
	}
	if a, ok := s.Directory.Application(tenantID, id); ok {
		return typed("application", s.appEntryOf(a))
	}
	return nil, false
}

// objects finds several; ids of nothing are left out.
func (s *Service) objects(tenantID string, ids []string) []mapEntry {
	var out []mapEntry
	for _, id := range ids {
		if e, ok := s.object(tenantID, id); ok {
			out = append(out, e)
		}
	}
	return out
}

func (s *Service) getObject(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	e, ok := s.object(r.Principal.TenantID, r.PathValue("id"))
	if !ok {
		return nil, notFound("directory object", r.PathValue("id"))
	}
	return s.one(r, "directoryObjects", e)
}

// maxIDs bounds getByIds, as in Azure.
const maxIDs = 1000

// idsInput is the body of getByIds.
type idsInput struct {
	IDs   []string `json:"ids"`
	Types []string `json:"types"` // "user", "servicePrincipal", ...; empty means all
}

func (s *Service) getByIDs(_ context.Context, r *httpd.Request, in idsInput) (collection, error) {
	if len(in.IDs) == 0 || len(in.IDs) > maxIDs {
		return collection{}, badRequest("ids", "The property ids must list 1 to %d object ids; it has %d.", maxIDs, len(in.IDs))
	}
	found := slices.DeleteFunc(s.objects(r.Principal.TenantID, in.IDs), func(e mapEntry) bool {
		kind, _ := e["@odata.type"].(string)
		return len(in.Types) > 0 && !slices.ContainsFunc(in.Types, func(t string) bool {
			return strings.EqualFold(t, "directoryObject") || strings.EqualFold("#microsoft.graph."+t, kind)
		})
	})
	return list(s, r, "directoryObjects", mapEntry{}, found)
}

// listOwnedObjects lists what the principal of the path owns.
func (s *Service) listOwnedObjects(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	id, err := s.pathPrincipalID(r)
	if err != nil {
		return collection{}, err
	}
	var ids []string
	for _, a := range s.Directory.Applications(r.Principal.TenantID) {
		if slices.Contains(a.Owners, id) {
			ids = append(ids, a.ID)
		}
	}
	for _, p := range s.Directory.ServicePrincipals(r.Principal.TenantID) {
		if slices.Contains(p.Owners, id) {
			ids = append(ids, p.ID)
		}
	}
	for _, g := range s.Directory.Groups(r.Principal.TenantID) {
		if slices.Contains(g.Owners, id) {
			ids = append(ids, g.ID)
		}
	}
	return list(s, r, "directoryObjects", mapEntry{}, s.objects(r.Principal.TenantID, ids))
}

// pathPrincipalID is the object id of the user or service principal of the
// path, or of the caller.
func (s *Service) pathPrincipalID(r *httpd.Request) (string, error) {
	if strings.HasPrefix(r.URL.Path, "/v1.0/servicePrincipals/") {
		p, err := s.pathPrincipal(r)
		return p.ID, err
	}
	if strings.HasPrefix(r.URL.Path, "/v1.0/groups/") {
		g, err := s.pathGroup(r)
		return g.ID, err
	}
	u, err := s.pathUser(r)
	return u.ID, err
}

// noneOfPrincipal is an empty list of something principals here never have.
func (s *Service) noneOfPrincipal(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	if _, err := s.pathPrincipalID(r); err != nil {
		return collection{}, err
	}
	return list(s, r, "directoryObjects", mapEntry{}, nil)
}

func (s *Service) listApplicationOwners(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return collection{}, err
	}
	return list(s, r, "directoryObjects", mapEntry{}, s.objects(a.TenantID, a.Owners))
}

func (s *Service) listServicePrincipalOwners(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	p, err := s.pathPrincipal(r)
	if err != nil {
		return collection{}, err
	}
	return list(s, r, "directoryObjects", mapEntry{}, s.objects(p.TenantID, p.Owners))
}

// refInput is the body of a reference: the URL of an object.
type refInput struct {
	ID string `json:"@odata.id"`
}

func (s *Service) addApplicationOwner(ctx context.Context, r *httpd.Request, in refInput) (httpd.None, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return httpd.None{}, err
	}
	id := strings.ToLower(in.ID[strings.LastIndexByte(in.ID, '/')+1:])
	if e, ok := s.object(a.TenantID, id); !ok || e["@odata.type"] != "#microsoft.graph.user" && e["@odata.type"] != "#microsoft.graph.servicePrincipal" {
		return httpd.None{}, badRequest("@odata.id", "'%s' names no user or service principal of this tenant. Write it as %s/v1.0/directoryObjects/{id}.", in.ID, s.Graph)
	}
	return httpd.None{}, s.Directory.UpdateApplication(ctx, a.TenantID, a.ID, func(a *identity.Application) error {
		if slices.Contains(a.Owners, id) {
			return badRequest("@odata.id", "One or more added object references already exist for the following modified properties: 'owners'.")
		}
		a.Owners = append(a.Owners, id)
		return nil
	})
}

func (s *Service) removeApplicationOwner(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	a, err := s.pathApplication(r)
	if err != nil {
		return httpd.None{}, err
	}
	owner := strings.ToLower(r.PathValue("owner"))
	return httpd.None{}, s.Directory.UpdateApplication(ctx, a.TenantID, a.ID, func(a *identity.Application) error {
		n := len(a.Owners)
		a.Owners = slices.DeleteFunc(a.Owners, func(o string) bool { return o == owner })
		if len(a.Owners) == n {
			return notFound("owner", owner)
		}
		return nil
	})
}

func organization(t identity.Tenant) mapEntry {
	return mapEntry{"id": t.ID, "displayName": t.DisplayName, "tenantType": "AAD", "createdDateTime": stamp(t.Created),
		"verifiedDomains": []any{map[string]any{"name": t.Domain, "isDefault": true, "isInitial": true, "type": "Managed"}}}
}

func domain(t identity.Tenant) mapEntry {
	return mapEntry{"id": t.Domain, "authenticationType": "Managed", "isDefault": true, "isInitial": true, "isRoot": true, "isVerified": true,
		"isAdminManaged": true, "supportedServices": []any{}}
}

// ownTenant is the caller's tenant; id, if given, must name it.
func (s *Service) ownTenant(r *httpd.Request, kind string, key func(identity.Tenant) string) (identity.Tenant, error) {
	t, ok := s.Directory.Tenant(r.Principal.TenantID)
	if !ok {
		return t, azure.Errorf(azure.NotFound, azure.CodeDirectoryNotFound, "The tenant '%s' was deleted.", r.Principal.TenantID)
	}
	if id := r.PathValue("id"); id != "" && !strings.EqualFold(id, key(t)) {
		return t, notFound(kind, id)
	}
	return t, nil
}

func tenantKey(t identity.Tenant) string { return t.ID }

func domainKey(t identity.Tenant) string { return t.Domain }

func (s *Service) listOrganizations(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	t, err := s.ownTenant(r, "organization", tenantKey)
	if err != nil {
		return collection{}, err
	}
	return list(s, r, "organization", organization(t), []mapEntry{organization(t)})
}

func (s *Service) getOrganization(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	t, err := s.ownTenant(r, "organization", tenantKey)
	if err != nil {
		return nil, err
	}
	return s.one(r, "organization", organization(t))
}

func (s *Service) listDomains(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	t, err := s.ownTenant(r, "domain", domainKey)
	if err != nil {
		return collection{}, err
	}
	return list(s, r, "domains", domain(t), []mapEntry{domain(t)})
}

func (s *Service) getDomain(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	t, err := s.ownTenant(r, "domain", domainKey)
	if err != nil {
		return nil, err
	}
	return s.one(r, "domains", domain(t))
}
