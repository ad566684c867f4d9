package arm

import (
	"context"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// cloudMetadata is the 2019-05-01 and 2022-09-01 shape of /metadata/endpoints.
// Azure: tenant "common" and identityProvider "AAD" keep Terraform from taking
// the cloud for Azure Stack; the loginEndpoint ends with /adfs so that no client
// asks login.microsoftonline.com about the authority.
type cloudMetadata struct {
	Name                     string                 `json:"name"`
	ResourceManager          string                 `json:"resourceManager"`
	Portal                   string                 `json:"portal"`
	Gallery                  string                 `json:"gallery"`
	Graph                    string                 `json:"graph"`
	GraphAudience            string                 `json:"graphAudience"`
	MicrosoftGraphResourceID string                 `json:"microsoftGraphResourceId"`
	Authentication           metadataAuthentication `json:"authentication"`
	Suffixes                 metadataSuffixes       `json:"suffixes"`
}

type metadataAuthentication struct {
	LoginEndpoint    string   `json:"loginEndpoint"`
	Audiences        []string `json:"audiences"`
	Tenant           string   `json:"tenant"`
	IdentityProvider string   `json:"identityProvider"`
}

type metadataSuffixes struct {
	KeyVaultDNS    string `json:"keyVaultDns"`
	ACRLoginServer string `json:"acrLoginServer"`
	Storage        string `json:"storage"`
}

// stackMetadata is the 2015-01-01 shape, asked by az 2.45 and Azure Stack tools.
type stackMetadata struct {
	GalleryEndpoint string              `json:"galleryEndpoint"`
	GraphEndpoint   string              `json:"graphEndpoint"`
	PortalEndpoint  string              `json:"portalEndpoint"`
	Authentication  stackAuthentication `json:"authentication"`
}

type stackAuthentication struct {
	LoginEndpoint string   `json:"loginEndpoint"`
	Audiences     []string `json:"audiences"`
}

// metadata answers in the shape of the api-version: before 2018 flat, 2019 an
// array, from 2020 on one object.
func (h *Hall) metadata(_ context.Context, r *CallRequest, _ httpd.None) (any, error) {
	q := r.URL.Query()
	if err := checkVersion(q); err != nil {
		return nil, err
	}
	e := h.o.Endpoints
	login := e.Login + "/adfs"
	full := cloudMetadata{Name: "Lazuli", ResourceManager: e.ResourceManager, Portal: e.Portal, Gallery: e.ResourceManager, Graph: e.Graph,
		GraphAudience: e.Graph, MicrosoftGraphResourceID: e.Graph,
		Authentication: metadataAuthentication{LoginEndpoint: login, Audiences: []string{e.ResourceManager}, Tenant: "common", IdentityProvider: "AAD"},
		Suffixes:       metadataSuffixes{KeyVaultDNS: e.VaultSuffix, ACRLoginServer: e.RegistrySuffix, Storage: e.StorageSuffix}}
	switch v := apiVersion(q); {
	case v < "2018":
		return stackMetadata{GalleryEndpoint: e.ResourceManager, GraphEndpoint: e.Graph, PortalEndpoint: e.Portal,
			Authentication: stackAuthentication{LoginEndpoint: login, Audiences: full.Authentication.Audiences}}, nil
	case v < "2020":
		return []cloudMetadata{full}, nil
	}
	return full, nil
}

// providerView is a resource provider on the wire.
type providerView struct {
	ID                 string             `json:"id"`
	Namespace          string             `json:"namespace"`
	RegistrationState  string             `json:"registrationState"`
	RegistrationPolicy string             `json:"registrationPolicy"`
	ResourceTypes      []resourceTypeView `json:"resourceTypes"`
}

type resourceTypeView struct {
	ResourceType string   `json:"resourceType"`
	Locations    []string `json:"locations"`
	APIVersions  []string `json:"apiVersions"`
	Capabilities string   `json:"capabilities"`
}

func (h *Hall) viewProvider(scope azure.ResourceID, p *provider) providerView {
	v := providerView{ID: strings.TrimSuffix(scope.String(), "/") + "/providers/" + p.Namespace, Namespace: p.Namespace, RegistrationState: "Registered",
		RegistrationPolicy: "RegistrationRequired", ResourceTypes: []resourceTypeView{}}
	var locations []string
	for _, l := range azure.Regions {
		locations = append(locations, l.DisplayName)
	}
	for _, t := range p.Types {
		versions := t.Versions
		if versions == nil {
			versions = []string{}
		}
		v.ResourceTypes = append(v.ResourceTypes, resourceTypeView{t.Name, locations, versions, "None"})
	}
	return v
}

func (h *Hall) listProviders(_ context.Context, r *CallRequest, _ httpd.None) (azure.Page[providerView], error) {
	var out []providerView
	for _, p := range h.namespaces() {
		out = append(out, h.viewProvider(r.ID, p))
	}
	return azure.NewPage(out, ""), nil
}

// getProvider shows one provider; registering one only shows it: all are
// registered always.
func (h *Hall) getProvider(_ context.Context, r *CallRequest, _ httpd.None) (providerView, error) {
	p := h.providers[strings.ToLower(r.Values["namespace"])]
	if p == nil {
		_, err := h.typeOf(r.ID.Resource(r.Values["namespace"], "", ""))
		return providerView{}, err
	}
	return h.viewProvider(r.ID, p), nil
}

// Rows describes every endpoint of the hall and its providers, with {name}
// placeholders, for the authorization matrix and the API document.
func (h *Hall) Rows() []httpd.Row {
	var rows []httpd.Row
	for _, c := range h.core {
		rows = append(rows, httpd.Row{Method: c.Method, Path: "/" + c.Path, Action: c.Action})
	}
	for _, p := range h.namespaces() {
		for i := range p.Types {
			rows = append(rows, typeRows(p, &p.Types[i])...)
		}
		for _, c := range p.Calls {
			rows = append(rows, httpd.Row{Method: c.Method, Path: levelPath(c.Level) + "/providers/" + p.Namespace + "/" + c.Path, Action: c.Action})
		}
	}
	return rows
}

func levelPath(l Level) string {
	switch l {
	case AtTenant:
		return ""
	case AtGroup, AtAnyScope:
		return "/subscriptions/{subscription}/resourceGroups/{group}"
	}
	return "/subscriptions/{subscription}"
}

func typeRows(p *provider, t *Type) []httpd.Row {
	path := levelPath(AtGroup) + "/providers/" + p.Namespace
	id := azure.ResourceID{Subscription: "s", ResourceGroup: "g"}
	var names []string
	for i, seg := range typeSegments(t) {
		path += "/" + seg
		if i < len(typeSegments(t))-1 {
			path += "/{parent}"
		}
		names = append(names, "n")
	}
	id = id.With(p.Namespace, typeSegments(t), names)
	one := path + "/{name}"
	rows := []httpd.Row{
		{Method: http.MethodGet, Path: path, Action: httpd.AnyCaller},
		{Method: http.MethodGet, Path: one, Action: action(id, "read")},
		{Method: http.MethodPut, Path: one, Action: action(id, "write")},
		{Method: http.MethodPatch, Path: one, Action: action(id, "write")},
		{Method: http.MethodDelete, Path: one, Action: action(id, "delete")},
	}
	for _, c := range t.Calls {
		rows = append(rows, httpd.Row{Method: c.Method, Path: one + "/" + c.Path, Action: c.Action})
	}
	return rows
}
