package oci

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// tagList is the answer of tags/list.
type tagList struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

// Catalog is the answer of _catalog.
type Catalog struct {
	Repositories []string `json:"repositories"`
}

// Next is the Link header that leads to the page after last. more holds further
// parameters to keep.
func Next(path, last string, p Page, more url.Values) string {
	q := url.Values{"last": {last}, "n": {strconv.Itoa(p.N)}}
	for k, v := range more {
		q[k] = v
	}
	return "<" + path + "?" + q.Encode() + `>; rel="next"`
}

// page cuts names and sets Link when there are more.
func page(w http.ResponseWriter, path string, p Page, names []string) []string {
	keep, more := p.Cut(len(names))
	if more {
		w.Header().Set("Link", Next(path, names[keep-1], p, nil))
	}
	return names[:keep]
}

func (h *Handler) tags(x *exchange) error {
	if _, err := h.Content.Repository(x.name); err != nil {
		return err
	}
	tags := h.Content.Tags(x.name, x.req.Page.Last)
	names := make([]string, 0, len(tags))
	for _, t := range tags {
		if !t.Value.Locks.NoList {
			names = append(names, t.Name)
		}
	}
	names = page(x.w, "/v2/"+x.req.Repository+"/tags/list", x.req.Page, names)
	return httpd.WriteValue(x.w, tagList{x.req.Repository, names})
}

func (h *Handler) catalog(x *exchange) error {
	return WriteCatalog(x.w, h.Content, x.registry.UID, "/v2/_catalog", x.req.Page)
}

// WriteCatalog answers with the repositories of a registry; path is that of the
// request, for the link to the next page.
func WriteCatalog(w http.ResponseWriter, content *repository.Store, registry, path string, p Page) error {
	names := content.Repositories(registry, p.Last)
	if names == nil {
		names = []string{}
	}
	return httpd.WriteValue(w, Catalog{page(w, path, p, names)})
}

// referrers lists what refers to a manifest, as an index. A manifest that is
// not there has none.
func (h *Handler) referrers(x *exchange) error {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{}}
	if err := h.Content.Readable(x.name); err != nil {
		return err
	}
	for _, m := range h.Content.Referrers(x.name, x.req.Digest) {
		if m.Value.Locks.NoRead || m.Value.Locks.NoList || x.req.Filter != "" && m.Value.ArtifactType != x.req.Filter {
			continue
		}
		index.Manifests = append(index.Manifests, ocispec.Descriptor{MediaType: m.Value.MediaType, Digest: digest.Digest(m.Name), Size: m.Value.Size,
			ArtifactType: m.Value.ArtifactType, Annotations: m.Value.Annotations})
	}
	if x.req.Filter != "" {
		x.w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	x.w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
	return httpd.WriteValue(x.w, index)
}
