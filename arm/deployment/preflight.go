package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
)

// violation is the info of an additionalInfo of type TemplateViolation.
type violation struct {
	LineNumber   int    `json:"lineNumber"`
	LinePosition int    `json:"linePosition"`
	Path         string `json:"path"`
}

// preflight asks about every resource of the plan, and of nested deployments as far as they are known, what the door would
// refuse: types, api-versions, names, locations, parents, roles, locks, and by a rehearsal the properties. Nothing is touched. The error is
// InvalidTemplateDeployment, with one detail for each refusal.
func (s *Service) preflight(ctx context.Context, j *job) error {
	if strings.EqualFold(j.req.validationLevel, "Template") {
		return nil
	}
	p := &flight{s: s, rights: !strings.EqualFold(j.req.validationLevel, "ProviderNoRbac"), onlyNew: j.onlyNew, coming: map[string]bool{}, inner: map[*template.Resource]*job{}}
	p.check(ctx, j)
	if len(p.refused) == 0 {
		p.rehearse(ctx, j)
	}
	if err := p.checkCleanup(ctx, j); err != nil {
		return err
	}
	if err := s.checkOnError(j); err != nil {
		return err
	}
	if len(p.refused) == 0 {
		return nil
	}
	kind := azure.Forbidden
	for _, e := range p.refused {
		if e.Kind != azure.Forbidden {
			kind = azure.Invalid
		}
	}
	return azure.Errorf(kind, azure.CodeInvalidTemplateDeployment,
		"The template deployment '%s' is not valid according to the validation procedure. The tracking id is '%s'. See inner errors for details.",
		j.id.Name(), j.correlation).WithDetails(p.refused...)
}

// flight collects what is refused.
type flight struct {
	s       *Service
	rights  bool
	onlyNew bool            // rehearse only what is not there yet
	coming  map[string]bool // keys of what the deployment makes
	inner   map[*template.Resource]*job
	refused []*azure.Error
}

func (p *flight) check(ctx context.Context, j *job) {
	for _, r := range j.plan.Resources {
		if !r.Skipped && !r.Existing {
			p.coming[r.ID.Key()] = true
		}
	}
	for _, r := range j.plan.Resources {
		if r.Skipped || r.Existing {
			continue
		}
		if err := p.resource(j, r); err != nil {
			p.refuse(r, err)
			continue
		}
		if !r.Nested() {
			continue
		}
		inner, err := p.s.nested(ctx, j, r)
		if err != nil {
			p.refuse(r, err)
		} else if inner != nil {
			p.inner[r] = inner
			p.check(ctx, inner)
		}
	}
}

// resource says what is wrong with one resource.
func (p *flight) resource(j *job, r *template.Resource) error {
	err := p.s.o.Hall.Check(j.caller, http.MethodPut, r.ID.String()+"?api-version="+r.APIVersion)
	if e := azure.AsError(err); e != nil && (e.Kind != azure.Forbidden || p.rights) {
		return err
	}
	group := r.ID.Group()
	if group.ResourceGroup != "" && !p.s.o.Hall.Exists(group) && !p.coming[group.Key()] {
		return azure.Errorf(azure.NotFound, azure.CodeResourceGroupNotFound, "Resource group '%s' could not be found.", group.ResourceGroup)
	}
	if parent := r.ID.Parent(); len(parent.Provider) > 0 && !p.coming[parent.Key()] && !p.s.o.Hall.Exists(parent) {
		return azure.Errorf(azure.NotFound, azure.CodeParentResourceNotFound,
			"Failed to perform 'write' on resource(s) of type '%s', because the parent resource '%s' could not be found.", r.ID.RelativeType(), parent)
	}
	if _, known := azure.ParseLocation(r.Location); r.Location != "" && !known && !strings.HasPrefix(r.Location, "[") {
		return azure.Errorf(azure.Invalid, azure.CodeLocationNotAvailable,
			"The provided location '%s' is not available for resource type '%s'. List the regions with 'az account list-locations'.", r.Location, r.ID.Type())
	}
	return nil
}

// refuse notes an error with the place of the resource in the template.
func (p *flight) refuse(r *template.Resource, err error) {
	e := *azure.AsError(err)
	switch {
	case e.Kind == azure.Forbidden:
		e.Message = "Authorization failed for template resource '" + r.Name + "' of type '" + r.Type + "'. " + e.Message
	case len(e.Details) == 0:
		at := azure.Errorf(e.Kind, e.Code, "The template resource '%s' of type '%s' at line '%d' and column '%d' is not valid. %s", r.Name, r.Type, r.Line, r.Column, e.Message)
		e.Message = at.Message
	}
	e.Target = r.ID.String()
	if e.Additional == nil {
		e.Additional = []azure.AdditionalInfo{{Type: "TemplateViolation", Info: violation{r.Line, r.Column, "properties.template.resources"}}}
	}
	p.refused = append(p.refused, &e)
}

// checkCleanup asks whether the caller may delete what mode Complete would.
func (p *flight) checkCleanup(ctx context.Context, j *job) error {
	if j.req.settings.Mode != modeComplete {
		return nil
	}
	left, err := p.s.leftovers(ctx, j, p.coming)
	if err != nil {
		return err
	}
	for _, r := range left {
		if err := p.s.o.Hall.Check(j.caller, http.MethodDelete, r.ID.String()+"?api-version="+p.s.versionOf(r.ID)); err != nil {
			e := azure.AsError(err).At(r.ID.String())
			if e.Kind != azure.Forbidden || p.rights {
				p.refused = append(p.refused, e)
			}
		}
	}
	return nil
}

// nested is the job of a nested deployment before anything runs; nil when it is not known yet.
func (s *Service) nested(ctx context.Context, j *job, r *template.Resource) (*job, error) {
	preview := r.Preview()
	if preview == nil || preview.Partial {
		return nil, nil
	}
	req, err := parseRequest(preview.JSON)
	if err != nil {
		return nil, err
	}
	req.settings.APIVersion, req.validationLevel = r.APIVersion, j.req.validationLevel
	if scope := r.ID.Scope(); !s.o.Hall.Exists(scope) {
		if scope.ResourceGroup == "" && scope.ManagementGroup() == "" {
			return nil, s.checkScope(scope)
		}
		return nil, nil // its group is made by the deployment itself
	}
	return s.newJob(context.WithValue(ctx, lineageKey{}, j.lineage(preview, nil)), r.ID, j.caller, req)
}

// lineage is what the job hands to a deployment nested in it: its body, and that as it may be stored.
func (j *job) lineage(body *template.Body, redacted json.RawMessage) lineage {
	return lineage{correlation: j.correlation, depth: j.req.settings.Depth + 1, base: j.linkedAt(), redacted: redacted,
		secrets: append(reveal(body.Hidden()), j.secrets...)}
}

// linkedAt is the address of the job's own template, or "".
func (j *job) linkedAt() string {
	switch l := j.req.settings.TemplateLink; {
	case l != nil && l.ID != "":
		return l.ID + "#" + l.RelativePath
	case l != nil:
		return l.URI
	}
	return j.req.settings.Base
}
