package deployment

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// body is a deployment as clients send it (Deployment, DeploymentWhatIf). The template itself is cut out of the text, so that
// errors tell its own lines.
type body struct {
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags"`
	Properties struct {
		TemplateLink    *link       `json:"templateLink"`
		ParametersLink  *link       `json:"parametersLink"`
		Mode            string      `json:"mode"`
		DebugSetting    *debugging  `json:"debugSetting"`
		OnError         *onError    `json:"onErrorDeployment"`
		ValidationLevel string      `json:"validationLevel"`
		WhatIf          *whatIfAsks `json:"whatIfSettings"`
	} `json:"properties"`
}

// link is a TemplateLink or ParametersLink.
type link struct {
	URI            string `json:"uri,omitempty"`
	ID             string `json:"id,omitempty"`
	RelativePath   string `json:"relativePath,omitempty"`
	QueryString    string `json:"queryString,omitempty"`
	ContentVersion string `json:"contentVersion,omitempty"`
}

// debugging is a DebugSetting.
type debugging struct {
	DetailLevel string `json:"detailLevel"`
}

func (d *debugging) has(what string) bool {
	return d != nil && strings.Contains(strings.ToLower(d.DetailLevel), strings.ToLower(what))
}

// onError is an OnErrorDeployment, extended by its state.
type onError struct {
	Type              string `json:"type"` // LastSuccessful or SpecificDeployment
	DeploymentName    string `json:"deploymentName,omitempty"`
	ProvisioningState string `json:"provisioningState,omitempty"`
}

// whatIfAsks are the DeploymentWhatIfSettings.
type whatIfAsks struct {
	ResultFormat string `json:"resultFormat"` // FullResourcePayloads or ResourceIdOnly
}

// view is a deployment on the wire (DeploymentExtended).
type view struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   string            `json:"location,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Properties viewProperties    `json:"properties"`
}

type viewProperties struct {
	shownRequest
	shownResult
}

// shownRequest is what was asked.
type shownRequest struct {
	TemplateHash      string          `json:"templateHash,omitempty"`
	TemplateLink      *link           `json:"templateLink,omitempty"`
	ParametersLink    *link           `json:"parametersLink,omitempty"`
	Parameters        json.RawMessage `json:"parameters,omitempty"`
	Mode              string          `json:"mode"`
	DebugSetting      *debugging      `json:"debugSetting,omitempty"`
	OnErrorDeployment *onError        `json:"onErrorDeployment,omitempty"`
}

// shownResult is what came of it.
type shownResult struct {
	ProvisioningState string             `json:"provisioningState"`
	Timestamp         time.Time          `json:"timestamp"`
	Duration          string             `json:"duration"`
	CorrelationID     string             `json:"correlationId"`
	Providers         []shownProvider    `json:"providers"`
	Dependencies      []dependency       `json:"dependencies"`
	Outputs           json.RawMessage    `json:"outputs,omitempty"`
	OutputResources   []idOnly           `json:"outputResources,omitempty"`
	ValidatedResource []idOnly           `json:"validatedResources,omitempty"`
	Error             *azure.ErrorDetail `json:"error,omitempty"`
}

type idOnly struct {
	ID string `json:"id"`
}

// shownPlan is what a deployment tells of its plan.
type shownPlan struct {
	Providers    []shownProvider `json:"providers"`
	Dependencies []dependency    `json:"dependencies"`
	Resources    []idOnly        `json:"resources"` // what it deploys
}

// shownProvider is a Provider.
type shownProvider struct {
	Namespace     string              `json:"namespace"`
	ResourceTypes []shownResourceType `json:"resourceTypes"`
}

type shownResourceType struct {
	ResourceType string   `json:"resourceType"`
	Locations    []string `json:"locations"`
}

// dependency is a Dependency, and without DependsOn a BasicDependency.
type dependency struct {
	DependsOn    []dependency `json:"dependsOn,omitempty"`
	ID           string       `json:"id"`
	ResourceType string       `json:"resourceType"`
	ResourceName string       `json:"resourceName"`
}

// target is a TargetResource.
type target struct {
	ID           string `json:"id"`
	ResourceType string `json:"resourceType"`
	ResourceName string `json:"resourceName"`
	APIVersion   string `json:"apiVersion,omitempty"`
	SymbolicName string `json:"symbolicName,omitempty"`
}

// operationView is a DeploymentOperation.
type operationView struct {
	ID          string              `json:"id"`
	OperationID string              `json:"operationId"`
	Properties  operationProperties `json:"properties"`
}

type operationProperties struct {
	ProvisioningOperation string           `json:"provisioningOperation"`
	ProvisioningState     string           `json:"provisioningState"`
	Timestamp             time.Time        `json:"timestamp"`
	Duration              string           `json:"duration"`
	TrackingID            string           `json:"trackingId"`
	StatusCode            string           `json:"statusCode,omitempty"`
	StatusMessage         *statusMessage   `json:"statusMessage,omitempty"`
	TargetResource        *target          `json:"targetResource,omitempty"`
	Request               *json.RawMessage `json:"request,omitempty"`
	Response              *json.RawMessage `json:"response,omitempty"`
}

type statusMessage struct {
	Status string             `json:"status,omitempty"`
	Error  *azure.ErrorDetail `json:"error,omitempty"`
}

// duration is an ISO 8601 duration in seconds.
func duration(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	return fmt.Sprintf("PT%gS", d.Round(time.Millisecond).Seconds())
}

// show is the deployment as GET answers.
func (s *Service) show(rec record) view {
	id, err := azure.ParseID(rec.ID)
	if err != nil { // impossible: only parsed ids are written
		id = azure.ResourceID{}
	}
	end := s.o.Now().UTC()
	stamp := rec.Start
	if rec.End != nil {
		end, stamp = *rec.End, *rec.End
	}
	set := rec.Settings
	v := view{ID: rec.ID, Name: id.Name(), Type: typeName, Location: rec.Location, Tags: rec.Tags}
	v.Properties.shownRequest = shownRequest{TemplateHash: rec.Hash, TemplateLink: set.TemplateLink, ParametersLink: set.ParametersLink,
		Parameters: rec.Parameters, Mode: set.Mode, DebugSetting: set.Debug, OnErrorDeployment: set.OnError}
	v.Properties.shownResult = shownResult{ProvisioningState: rec.State, Timestamp: stamp, Duration: duration(end.Sub(rec.Start)),
		CorrelationID: rec.Correlation, Providers: rec.Plan.Providers, Dependencies: rec.Plan.Dependencies, Outputs: rec.Outputs, Error: rec.Error}
	if rec.State == stateSucceeded {
		v.Properties.OutputResources = rec.Plan.Resources
	}
	return v
}
