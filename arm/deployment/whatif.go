package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// The kinds of a WhatIfChange.
const (
	changeCreate      = "Create"
	changeDelete      = "Delete"
	changeDeploy      = "Deploy"
	changeIgnore      = "Ignore"
	changeModify      = "Modify"
	changeNone        = "NoChange"
	changeUnsupported = "Unsupported"
)

// changes are the WhatIfOperationProperties.
type changes struct {
	CorrelationID string   `json:"correlationId"`
	Changes       []change `json:"changes"`
}

// change is a WhatIfChange.
type change struct {
	ResourceID        string           `json:"resourceId"`
	ChangeType        string           `json:"changeType"`
	UnsupportedReason string           `json:"unsupportedReason,omitempty"`
	SymbolicName      string           `json:"symbolicName,omitempty"`
	DeploymentID      string           `json:"deploymentId,omitempty"`
	Before            map[string]any   `json:"before,omitempty"`
	After             map[string]any   `json:"after,omitempty"`
	Delta             []propertyChange `json:"delta,omitempty"`
}

// keepResults is how long the answer of a what-if can be fetched.
const keepResults = time.Hour

// whatIf serves POST whatIf: 202, the answer behind Location. It reads as the caller and changes nothing.
func (s *Service) whatIf(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	reply := httpd.Reply[httpd.None]{Status: http.StatusAccepted, Header: http.Header{}}
	j, err := s.jobOf(ctx, r)
	if err != nil {
		return reply, err
	}
	if err := oneOf("whatIfSettings.resultFormat", j.req.resultFormat, "", "FullResourcePayloads", "ResourceIdOnly"); err != nil {
		return reply, err
	}
	j.onlyNew = true
	if err := s.preflight(ctx, j); err != nil {
		return reply, err
	}
	look := &preview{s: s, idOnly: strings.EqualFold(j.req.resultFormat, "ResourceIdOnly"), seen: map[string]bool{}}
	if err := look.job(ctx, j); err != nil {
		return reply, err
	}
	if err := look.rest(ctx, j); err != nil {
		return reply, err
	}
	sort.SliceStable(look.found, func(a, b int) bool { return look.found[a].ResourceID < look.found[b].ResourceID })
	now := s.o.Now().UTC()
	id := uuid.NewString()
	op := azure.Operation{Name: id, Status: azure.Succeeded, StartTime: j.start, EndTime: &now, Properties: changes{j.correlation, look.found}}
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error {
		return s.tables.results.PutTTL(tx, store.K(id), result{op, r.Principal.ObjectID}, keepResults)
	})
	reply.Header.Set("Location", s.statusURL(j.id, id, j.req.settings.APIVersion))
	reply.Header.Set("retry-after-ms", strconv.Itoa(azure.PollMilliseconds))
	return reply, err
}

// preview collects changes.
type preview struct {
	s      *Service
	idOnly bool
	seen   map[string]bool
	found  []change
}

func (p *preview) add(id azure.ResourceID, c change) {
	if p.seen[id.Key()] {
		return
	}
	p.seen[id.Key()] = true
	c.ResourceID = id.String()
	if c.Before == nil && c.After == nil {
		p.found = append(p.found, c)
		return
	}
	if p.idOnly {
		c.Before, c.After, c.Delta = nil, nil, nil
		if c.ChangeType == changeModify || c.ChangeType == changeNone {
			c.ChangeType = changeDeploy // Azure: without the payloads nothing is compared
		}
	}
	p.found = append(p.found, c)
}

// job previews the resources of one deployment.
func (p *preview) job(ctx context.Context, j *job) error {
	for _, r := range j.plan.Resources {
		if r.Skipped || r.Existing {
			continue
		}
		if r.Nested() {
			if err := p.nested(ctx, j, r); err != nil {
				return err
			}
			continue
		}
		if err := p.resource(ctx, j, r); err != nil {
			return err
		}
	}
	return nil
}

func (p *preview) nested(ctx context.Context, j *job, r *template.Resource) error {
	inner, err := p.s.nested(ctx, j, r)
	if err != nil {
		return err
	}
	if inner == nil {
		p.add(r.ID, change{ChangeType: changeUnsupported, SymbolicName: r.Symbolic,
			UnsupportedReason: "The nested deployment cannot be expanded: its parameters or its resource group are known only when the deployment runs."})
		return nil
	}
	return p.job(ctx, inner)
}

func (p *preview) resource(ctx context.Context, j *job, r *template.Resource) error {
	after, err := afterOf(r)
	if err != nil {
		return err
	}
	c := change{ChangeType: changeCreate, SymbolicName: r.Symbolic, DeploymentID: j.id.String(), After: after}
	before, err := p.read(ctx, j, r)
	switch e := azure.AsError(err); {
	case e == nil:
		if r.OnlyIfNew() {
			c.After = before
			after = before
		}
		c.Before = before
		c.Delta = compare(before, after, r.Preview())
		c.ChangeType = changeNone
		if len(c.Delta) > 0 {
			c.ChangeType = changeModify
		}
	case e.Kind == azure.NotFound:
	case e.Kind == azure.Unsupported || e.Kind == azure.Forbidden:
		c = change{ChangeType: changeUnsupported, SymbolicName: r.Symbolic, UnsupportedReason: "The resource cannot be read: " + e.Message}
	default:
		return err
	}
	if shown, _ := j.withheld(c.After); shown != nil {
		c.After, _ = shown.(map[string]any)
	}
	c.Delta = j.withheldChanges(c.Delta)
	p.add(r.ID, c)
	return nil
}

func (p *preview) read(ctx context.Context, j *job, r *template.Resource) (map[string]any, error) {
	a := p.s.o.Hall.Do(ctx, j.caller, http.MethodGet, r.ID.String()+"?api-version="+r.APIVersion, nil)
	if err := a.Err(); err != nil {
		return nil, err
	}
	var before map[string]any
	if err := json.Unmarshal(a.Body, &before); err != nil {
		return nil, err
	}
	delete(before, "systemData")
	delete(before, "etag")
	if props, ok := before["properties"].(map[string]any); ok {
		delete(props, "provisioningState")
	}
	return before, nil
}

// afterOf is the resource as the template makes it, secrets left out.
func afterOf(r *template.Resource) (map[string]any, error) {
	after := map[string]any{}
	if err := json.Unmarshal(r.Preview().Redacted(), &after); err != nil {
		return nil, err
	}
	after["id"], after["type"], after["name"], after["apiVersion"] = r.ID.String(), r.Type, r.ID.Name(), r.APIVersion
	return after, nil
}

// rest tells what becomes of the group's other resources.
func (p *preview) rest(ctx context.Context, j *job) error {
	if j.scope().ResourceGroup == "" {
		return nil
	}
	left, err := p.s.leftovers(ctx, j, p.seen)
	if azure.HasCode(err, azure.CodeAuthorizationFailed) {
		return nil // who may deploy need not be able to list
	}
	if err != nil {
		return err
	}
	for _, item := range left {
		c := change{ChangeType: changeIgnore, Before: map[string]any{"id": item.ID.String(), "type": item.Type, "name": item.Name}}
		if j.req.settings.Mode == modeComplete {
			c.ChangeType = changeDelete
		}
		p.add(item.ID, c)
	}
	return nil
}
