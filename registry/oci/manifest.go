package oci

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// maxManifest bounds manifests, in bytes. Azure: 4 MiB.
const maxManifest = 4 << 20

// getManifest serves GET and HEAD of a manifest, whatever the client accepts:
// registries do not convert manifests.
func (h *Handler) getManifest(x *exchange) error {
	d, m, err := h.Content.Pull(x.name, x.req.Reference)
	if err != nil {
		return err
	}
	header := x.w.Header()
	if isHead(x.r.Request) {
		contentHeaders(header, d.String(), m.MediaType, m.Size)
		x.w.WriteHeader(http.StatusOK)
		return nil
	}
	data, err := h.Content.Bytes(x.r.Context(), d)
	if err != nil {
		return err
	}
	contentHeaders(header, d.String(), m.MediaType, int64(len(data)))
	_, err = x.w.Write(data) // one write: header and body leave together
	return err
}

func (h *Handler) putManifest(x *exchange) error {
	data, err := io.ReadAll(io.LimitReader(x.r.Body, maxManifest+1))
	if err != nil {
		return azure.Errorf(azure.Invalid, azure.CodeOCIManifestInvalid, "The manifest ended early. Send it again.").Because(err)
	}
	if len(data) > maxManifest {
		return azure.Errorf(azure.TooLarge, azure.CodeOCISizeInvalid, "The manifest is larger than %d bytes, the limit of this registry.", maxManifest)
	}
	p := repository.Push{Name: x.name, Data: data, Digest: x.req.Digest}
	if !strings.Contains(x.req.Reference, ":") {
		p.Tag = x.req.Reference
	}
	if p.Digest == "" {
		p.Digest = digest.FromBytes(data)
	} else if got := p.Digest.Algorithm().FromBytes(data); got != p.Digest {
		return azure.Errorf(azure.Invalid, azure.CodeOCIDigestInvalid, "The manifest is %s, not %s as the request says.", got, p.Digest)
	}
	if p.Manifest, p.Config, err = Describe(h.Content.Holds(x.name), x.r.Header.Get("Content-Type"), data); err != nil {
		return err
	}
	if err := h.Content.PutManifest(x.r.Context(), p); err != nil {
		return err
	}
	if h.OnEvent != nil {
		e := NewEvent(x.r, x.registry, x.req.Repository)
		e.Tag, e.Descriptor = p.Tag, ocispec.Descriptor{MediaType: p.Manifest.MediaType, Digest: p.Digest, Size: p.Manifest.Size}
		h.OnEvent(x.r.Context(), e)
	}
	if p.Manifest.Subject != "" {
		x.w.Header().Set("OCI-Subject", p.Manifest.Subject.String())
	}
	return x.created("manifests", p.Digest)
}

func (h *Handler) deleteManifest(x *exchange) (err error) {
	e := NewEvent(x.r, x.registry, x.req.Repository)
	e.Deleted = true
	if d, m, err := h.Content.Resolve(x.name, x.req.Reference); err == nil {
		e.Descriptor = ocispec.Descriptor{MediaType: m.MediaType, Digest: d, Size: m.Size}
	}
	if x.req.Digest != "" && strings.Contains(x.req.Reference, ":") {
		err = h.Content.DeleteManifest(x.r.Context(), x.name, x.req.Digest)
	} else {
		e.Tag = x.req.Reference
		err = h.Content.DeleteTag(x.r.Context(), x.name, x.req.Reference)
	}
	if err != nil {
		return err
	}
	if h.OnEvent != nil {
		h.OnEvent(x.r.Context(), e)
	}
	return httpd.WriteValue(x.w, httpd.Reply[httpd.None]{Status: http.StatusAccepted})
}

// The media types whose content the registry understands.
const (
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// document is what image manifests and indexes have, each a part of it.
type document struct {
	SchemaVersion int                  `json:"schemaVersion"`
	MediaType     string               `json:"mediaType"`
	ArtifactType  string               `json:"artifactType"`
	Config        *ocispec.Descriptor  `json:"config"`
	Layers        []ocispec.Descriptor `json:"layers"`
	Manifests     []ocispec.Descriptor `json:"manifests"`
	Subject       *ocispec.Descriptor  `json:"subject"`
	Annotations   map[string]string    `json:"annotations"`
}

func invalidManifest(format string, args ...any) *azure.Error {
	e := azure.Errorf(azure.Invalid, azure.CodeOCIManifestInvalid, format, args...)
	e.Message = "The manifest is not valid: " + e.Message
	return e
}

// Describe checks a manifest against its media type, as a Content-Type header
// gives it, and draws its row. Layers that are kept elsewhere by intent are left
// out unless the repository holds them. Manifests of media types nobody knows
// are kept as they are. Invalid with CodeOCIManifestInvalid.
func Describe(holds func(digest.Digest) bool, contentType string, data []byte) (m repository.Manifest, config digest.Digest, err error) {
	var doc document
	perr := json.Unmarshal(data, &doc)
	m = repository.Manifest{MediaType: doc.MediaType, Size: int64(len(data))}
	if contentType != "" {
		if m.MediaType, _, err = mime.ParseMediaType(contentType); err != nil {
			return m, "", invalidManifest("its Content-Type '%s' is not a media type.", contentType)
		}
	}
	switch m.MediaType {
	case "":
		return m, "", invalidManifest("neither Content-Type nor mediaType says what it is.")
	case ocispec.MediaTypeImageManifest, dockerManifest, ocispec.MediaTypeImageIndex, dockerList:
	default:
		return m, "", nil
	}
	if perr != nil {
		return m, "", invalidManifest("it is not JSON of the media type '%s': %v.", m.MediaType, perr)
	}
	if err := checkDocument(doc, m.MediaType); err != nil {
		return m, "", err
	}
	m.ArtifactType, m.Annotations = doc.ArtifactType, doc.Annotations
	if doc.Subject != nil {
		m.Subject = doc.Subject.Digest
	}
	for _, c := range doc.Manifests {
		child := repository.Child{Digest: c.Digest}
		if c.Platform != nil {
			child.OS, child.Architecture = c.Platform.OS, c.Platform.Architecture
		}
		m.Manifests = append(m.Manifests, child)
	}
	if doc.Config == nil {
		return m, "", nil
	}
	m.ConfigMediaType = doc.Config.MediaType
	if m.ArtifactType == "" {
		m.ArtifactType = doc.Config.MediaType
	}
	m.Blobs, m.ImageSize = []digest.Digest{doc.Config.Digest}, doc.Config.Size
	for _, l := range doc.Layers {
		if m.ImageSize += l.Size; m.ImageSize < 0 {
			return m, "", invalidManifest("the sizes of its layers are larger together than any content can be.")
		}
		if foreign(l) && !holds(l.Digest) {
			continue
		}
		m.Blobs = append(m.Blobs, l.Digest)
	}
	return m, doc.Config.Digest, nil
}

// foreign reports a layer that clients fetch from elsewhere.
func foreign(l ocispec.Descriptor) bool {
	return len(l.URLs) > 0 || strings.Contains(l.MediaType, ".nondistributable.") || strings.Contains(l.MediaType, ".foreign.")
}

// checkDocument refuses what is not clearly of its media type. An index with
// layers, or an image with manifests, could be read as one or the other.
func checkDocument(doc document, mediaType string) error {
	index := mediaType == ocispec.MediaTypeImageIndex || mediaType == dockerList
	switch {
	case doc.SchemaVersion != 2:
		return invalidManifest("schemaVersion is %d, not 2.", doc.SchemaVersion)
	case doc.MediaType != "" && doc.MediaType != mediaType:
		return invalidManifest("its mediaType is '%s', but it was sent as '%s'.", doc.MediaType, mediaType)
	case index && (doc.Config != nil || doc.Layers != nil):
		return invalidManifest("an index has no config and no layers.")
	case !index && doc.Manifests != nil:
		return invalidManifest("an image has no manifests.")
	case !index && doc.Config == nil:
		return invalidManifest("an image has a config.")
	}
	var errs []error
	check := func(what string, descs ...ocispec.Descriptor) {
		for _, d := range descs {
			if d.Digest.Validate() != nil || d.Size < 0 {
				errs = append(errs, invalidManifest("%s has the digest '%s' and the size %d.", what, d.Digest, d.Size))
			}
		}
	}
	if doc.Config != nil {
		check("the config", *doc.Config)
	}
	check("a layer", doc.Layers...)
	check("a manifest of the index", doc.Manifests...)
	if doc.Subject != nil {
		check("the subject", *doc.Subject)
	}
	return errors.Join(errs...)
}
