package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// TemplateSpecProperties are the properties of Microsoft.Resources/templateSpecs.
type TemplateSpecProperties struct {
	Description string                             `json:"description,omitempty"`
	DisplayName string                             `json:"displayName,omitempty"`
	Metadata    json.RawMessage                    `json:"metadata,omitempty"`
	Versions    map[string]TemplateSpecVersionInfo `json:"versions,omitempty"` // shown only
}

// TemplateSpecVersionInfo says when a version was written.
type TemplateSpecVersionInfo struct {
	Description  string    `json:"description,omitempty"`
	TimeCreated  time.Time `json:"timeCreated"`
	TimeModified time.Time `json:"timeModified"`
}

// TemplateSpecVersionProperties are the properties of Microsoft.Resources/templateSpecs/versions.
type TemplateSpecVersionProperties struct {
	Description      string                   `json:"description,omitempty"`
	Metadata         json.RawMessage          `json:"metadata,omitempty"`
	MainTemplate     json.RawMessage          `json:"mainTemplate,omitempty"`
	LinkedTemplates  []LinkedTemplateArtifact `json:"linkedTemplates,omitempty"`
	UIFormDefinition json.RawMessage          `json:"uiFormDefinition,omitempty"`
}

// LinkedTemplateArtifact is a template that the main template links to by its path.
type LinkedTemplateArtifact struct {
	Path     string          `json:"path"`
	Template json.RawMessage `json:"template"`
}

const typeSpecVersion = namespace + "/templateSpecs/versions"

// specTypes are the rows of template specs: templates kept as resources, deployed by templateLink.id.
func (s *Service) specTypes() []arm.Type {
	versions := []string{"2022-02-01", "2021-05-01", "2021-03-01-preview", "2019-06-01-preview"}
	specs := arm.Resource("templateSpecs", arm.Handlers[TemplateSpecProperties]{
		Put: func(_ context.Context, tx *store.Tx, r *arm.Put[TemplateSpecProperties]) error {
			r.Properties.Versions = nil
			return s.tables.specs.Put(tx, specKey(r.ID), r.Properties)
		},
		Get: s.getSpec,
		Delete: func(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
			return s.tables.specs.Delete(tx, specKey(e.ID))
		},
	})
	kept := arm.Resource("templateSpecs/versions", arm.Handlers[TemplateSpecVersionProperties]{
		Put: s.putSpecVersion,
		Get: func(_ context.Context, e *arm.Envelope, _ bool) (TemplateSpecVersionProperties, error) {
			item, _ := s.tables.specVersions.Get(specKey(e.ID))
			return item.Value.TemplateSpecVersionProperties, nil
		},
		Delete: func(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
			return s.tables.specVersions.Delete(tx, specKey(e.ID))
		},
	})
	specs.Versions, kept.Versions = versions, versions
	return []arm.Type{specs, kept}
}

// specKey is the key of a spec, and the prefix of those of its versions.
func specKey(id azure.ResourceID) store.Key {
	return store.K(strings.Split(strings.Trim(id.Key(), "/"), "/")...)
}

// specVersion is the stored form of a version.
type specVersion struct {
	TemplateSpecVersionProperties
	Name     string    `json:"name"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
}

// getSpec shows a spec, by itself with its versions.
func (s *Service) getSpec(_ context.Context, e *arm.Envelope, list bool) (TemplateSpecProperties, error) {
	item, _ := s.tables.specs.Get(specKey(e.ID))
	p := item.Value
	if list {
		return p, nil
	}
	p.Versions = map[string]TemplateSpecVersionInfo{}
	for _, v := range s.tables.specVersions.List(specKey(e.ID), "", 0) {
		p.Versions[v.Value.Name] = TemplateSpecVersionInfo{v.Value.Description, v.Value.Created, v.Value.Modified}
	}
	return p, nil
}

// putSpecVersion writes a version whose templates can be read.
func (s *Service) putSpecVersion(_ context.Context, tx *store.Tx, r *arm.Put[TemplateSpecVersionProperties]) error {
	p := r.Properties
	if len(p.MainTemplate) == 0 {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The template spec version '%s' has no mainTemplate.", r.ID.FullName()).At("properties.mainTemplate")
	}
	if _, err := template.Parse(p.MainTemplate, template.Limits{}); err != nil {
		return azure.AsError(err).At("properties.mainTemplate")
	}
	for _, l := range p.LinkedTemplates {
		if l.Path == "" || len(l.Template) == 0 {
			return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "A linked template of the template spec version '%s' has no path or no template.", r.ID.FullName()).At("properties.linkedTemplates")
		}
	}
	return s.tables.specVersions.Put(tx, specKey(r.ID), specVersion{p, r.ID.Name(), r.Created.At, r.Updated.At})
}

// linked fetches the template that the job's link names, and makes the link say where it was.
func (s *Service) linked(ctx context.Context, j *job) error {
	l, base := j.req.settings.TemplateLink, j.req.settings.Base
	id, inside := l.ID, l.RelativePath
	if l.ID == "" && l.URI == "" && strings.HasPrefix(base, "/") { // relative to a template of a spec
		at := ""
		id, at, _ = strings.Cut(base, "#")
		inside = path.Join(path.Dir(at), l.RelativePath)
	}
	if id == "" {
		text, at, err := s.follow(ctx, l, base)
		if err != nil {
			return err
		}
		j.req.template = text
		l.URI, l.RelativePath, l.QueryString = at, "", "" // the query may hold a key
		return nil
	}
	if l.URI != "" {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink, "The content link is not valid: it has both 'id' and 'uri'.")
	}
	text, err := s.ofSpec(ctx, j, id, inside)
	if err != nil {
		return err
	}
	l.ID, l.RelativePath = id, inside
	j.req.template = string(text)
	return l.checkContent(text, strings.TrimSuffix(id+"#"+inside, "#"))
}

// ofSpec reads a template of a template spec's version as the caller: the main one, or the linked one of that path.
func (s *Service) ofSpec(ctx context.Context, j *job, text, inside string) (json.RawMessage, error) {
	id, err := azure.ParseID(text)
	if err != nil || !strings.EqualFold(id.Type(), typeSpecVersion) || id.IsCollection() {
		return nil, azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink,
			"The content link is not valid: '%s' is not the id of a version of a template spec, …/providers/Microsoft.Resources/templateSpecs/{name}/versions/{version}.", text)
	}
	a := s.o.Hall.Do(ctx, j.caller, http.MethodGet, id.String()+"?api-version=2022-02-01", nil)
	if err := a.Err(); err != nil {
		return nil, azure.AsError(err).At("properties.templateLink.id")
	}
	var shown struct {
		Properties TemplateSpecVersionProperties `json:"properties"`
	}
	if err := json.Unmarshal(a.Body, &shown); err != nil {
		return nil, err
	}
	if inside == "" {
		return shown.Properties.MainTemplate, nil
	}
	for _, l := range shown.Properties.LinkedTemplates {
		if path.Clean(strings.ReplaceAll(l.Path, `\`, "/")) == path.Clean(strings.ReplaceAll(inside, `\`, "/")) {
			return l.Template, nil
		}
	}
	return nil, azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink, "The template spec version '%s' has no linked template '%s'.", id, inside)
}
