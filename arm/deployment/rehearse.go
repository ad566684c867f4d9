package deployment

import (
	"context"
	"slices"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
)

// part is a resource of a rehearsal.
type part struct {
	j     *job
	r     *template.Resource
	waits bool // for another resource that is not there yet
}

// rehearse tries the resources whose bodies are known beforehand, those of nested deployments too, in the order in which they
// would be made. Those that wait for something they refer to at run time are not tried.
func (p *flight) rehearse(ctx context.Context, j *job) {
	parts := p.parts(nil, j, false)
	puts := make([]arm.Rehearsal, len(parts))
	for i, x := range parts {
		puts[i] = arm.Rehearsal{Target: x.r.ID.String() + "?api-version=" + x.r.APIVersion, Body: x.r.Preview().JSON}
	}
	refusals, err := p.s.o.Hall.Rehearse(ctx, j.caller, puts)
	if err != nil { // a deployment of this size tries less beforehand
		p.s.o.Log.Warn("a deployment was not rehearsed", "deployment", j.id.String(), "error", err)
		return
	}
	for i, err := range refusals {
		if e := azure.AsError(err); e != nil && p.counts(e, parts[i].waits) {
			p.refuse(parts[i].r, parts[i].j.scrub(e))
		}
	}
}

// parts are the resources of a job to be tried. The first to be made come first.
func (p *flight) parts(out []part, j *job, waits bool) []part {
	for _, r := range j.plan.Order() {
		if r.Skipped || r.Existing || (p.onlyNew || r.OnlyIfNew()) && p.s.o.Hall.Exists(r.ID) && !r.Nested() {
			continue
		}
		later := waits || slices.ContainsFunc(r.DependsOn, func(to *template.Resource) bool { return !to.Existing && !p.s.o.Hall.Exists(to.ID) })
		switch preview := r.Preview(); {
		case p.inner[r] != nil:
			out = p.parts(out, p.inner[r], later)
		case !r.Nested() && preview != nil && !preview.Partial:
			out = append(out, part{j, r, later})
		}
	}
	return out
}

// unsure are refusals that may be of something that is only about to be made.
var unsure = []string{azure.CodeFailedIdentityOperation, azure.CodePrincipalNotFound, azure.CodeRoleDefinitionDoesNotExist}

// counts reports whether a refusal of the rehearsal would be one of the deployment, too.
func (p *flight) counts(e *azure.Error, waits bool) bool {
	switch e.Kind {
	case azure.Invalid, azure.TooLarge, azure.Unimplemented:
		return !waits || !slices.Contains(unsure, e.Code)
	case azure.Conflict:
		return !waits
	case azure.Forbidden:
		return !waits && p.rights
	}
	return false // groups and parents were asked for before
}
