package deployment

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// request is a deployment as asked for.
type request struct {
	location        string
	tags            map[string]string
	settings        settings
	template        string // its text as sent, "" when linked
	parameters      string // their text, "" when linked or absent
	inputs          string // the text of the external inputs, "" when absent
	validationLevel string
	resultFormat    string
}

var namePattern = regexp.MustCompile(`^[-\w._()]+$`)

// maxName is how long a deployment's name may be.
const maxName = 64

// deploymentID is the id of the deployment a call names, after a check of scope and name.
func (s *Service) deploymentID(r *arm.CallRequest) (azure.ResourceID, error) {
	name := r.Values["name"]
	id := r.ID.Resource(namespace, "deployments", name)
	if err := s.checkScope(r.ID); err != nil {
		return id, err
	}
	switch {
	case len(name) > maxName:
		return id, azure.Errorf(azure.Invalid, azure.CodeDeploymentNameLengthLimitExceeded,
			"The deployment name '%s' has %d characters, the limit is %d.", name, len(name), maxName)
	case !namePattern.MatchString(name):
		return id, azure.Errorf(azure.Invalid, azure.CodeDeploymentNameInvalidCharacters,
			"The deployment name '%s' is not valid. It has letters, digits, '-', '.', '_', '(' and ')' only.", name)
	}
	return id, nil
}

// checkScope refuses what nothing can be deployed to.
func (s *Service) checkScope(scope azure.ResourceID) error {
	switch name := scope.ManagementGroup(); {
	case len(scope.Provider) == 0:
		return nil
	case name == "" || !strings.EqualFold(scope.Type(), azure.TypeManagementGroup):
		return azure.Errorf(azure.Invalid, azure.CodeInvalidDeployment,
			"Nothing can be deployed to the resource '%s'. Deploy to a resource group, a subscription, a management group or the tenant.", scope)
	case !s.o.Hall.Exists(scope):
		return azure.Errorf(azure.NotFound, azure.CodeManagementGroupNotFound, "The management group '%s' could not be found. Create it before deploying to it.", name)
	}
	return nil
}

// readRequest reads the body of PUT, validate and whatIf.
func readRequest(r *arm.CallRequest) (*request, error) {
	data, err := httpd.Body(r.Request)
	if err != nil {
		return nil, err
	}
	req, err := parseRequest(data)
	if err != nil {
		return nil, err
	}
	for k, v := range r.URL.Query() {
		if strings.EqualFold(k, "api-version") && len(v) > 0 {
			req.settings.APIVersion = v[0]
		}
	}
	return req, nil
}

// parseRequest reads a deployment's JSON. Azure: az sends the text of the template file under an unquoted key.
func parseRequest(data []byte) (*request, error) {
	var b body
	tree, err := lenient.ParseTree(data)
	if err == nil {
		_, err = lenient.Decode(data, &b)
	}
	if err != nil {
		return nil, httpd.BadContent(err)
	}
	p := b.Properties
	req := &request{location: b.Location, tags: b.Tags, validationLevel: p.ValidationLevel,
		settings: settings{Mode: p.Mode, TemplateLink: p.TemplateLink, ParametersLink: p.ParametersLink, OnError: p.OnError, Debug: p.DebugSetting}}
	if p.WhatIf != nil {
		req.resultFormat = p.WhatIf.ResultFormat
	}
	properties, ok := member(tree, "properties")
	if !ok || properties.Kind() != lenient.Object {
		return nil, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The request content is not valid: 'properties' with a template is missing.").At("properties")
	}
	if t, ok := member(properties, "template"); ok && t.Kind() != lenient.Null {
		req.template = string(data[t.Offset():t.End()])
	}
	if t, ok := member(properties, "parameters"); ok && t.Kind() != lenient.Null {
		req.parameters = string(data[t.Offset():t.End()])
	}
	if t, ok := member(properties, "externalInputs"); ok && t.Kind() != lenient.Null {
		req.inputs = string(data[t.Offset():t.End()])
	}
	return req, req.check()
}

// member finds a member by name in any case.
func member(t lenient.Tree, name string) (lenient.Tree, bool) {
	if t.Kind() != lenient.Object {
		return t, false
	}
	for i := range t.Len() {
		if key, v := t.Member(i); strings.EqualFold(key, name) {
			return v, true
		}
	}
	return t, false
}

// check refuses what contradicts itself, and spells enumerations as Azure does.
func (q *request) check() error {
	set := &q.settings
	bad := func(format string, args ...any) error {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, format, args...)
	}
	switch {
	case set.Mode == "":
		set.Mode = modeIncremental
	case strings.EqualFold(set.Mode, modeIncremental):
		set.Mode = modeIncremental
	case strings.EqualFold(set.Mode, modeComplete):
		set.Mode = modeComplete
	default:
		return bad("The deployment mode '%s' is not valid. It is 'Incremental' or 'Complete'.", set.Mode)
	}
	switch {
	case q.template == "" && set.TemplateLink == nil:
		return bad("The deployment has no template. Give one of the properties 'template' and 'templateLink'.")
	case q.template != "" && set.TemplateLink != nil:
		return bad("The deployment has both 'template' and 'templateLink'. Give one of them.")
	case q.parameters != "" && set.ParametersLink != nil:
		return bad("The deployment has both 'parameters' and 'parametersLink'. Give one of them.")
	}
	if o := set.OnError; o != nil {
		o.ProvisioningState = ""
		switch {
		case strings.EqualFold(o.Type, onErrorLast):
			o.Type, o.DeploymentName = onErrorLast, ""
		case strings.EqualFold(o.Type, onErrorSpecific) && o.DeploymentName != "":
			o.Type = onErrorSpecific
		default:
			return bad("The property 'onErrorDeployment' is not valid. Its type is 'LastSuccessful', or 'SpecificDeployment' with a deploymentName.")
		}
	}
	return oneOf("validationLevel", q.validationLevel, "", "Template", "Provider", "ProviderNoRbac")
}

func oneOf(property, value string, allowed ...string) error {
	for _, a := range allowed {
		if strings.EqualFold(a, value) {
			return nil
		}
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The value '%s' of the property '%s' is not valid. It is one of %s.",
		value, property, strings.Join(allowed[1:], ", ")).At("properties." + property)
}

const (
	modeIncremental = "Incremental"
	modeComplete    = "Complete"
	onErrorLast     = "LastSuccessful"
	onErrorSpecific = "SpecificDeployment"
)

// lineage is what a parent hands to a nested deployment, in the context of the request.
type lineage struct {
	correlation string
	depth       int
	base        string          // the link of the parent's template
	redacted    json.RawMessage // the body as it may be stored; nil when it may as it is
	secrets     []string        // that stand in the body
}

type lineageKey struct{}

func lineageOf(ctx context.Context) lineage {
	l, _ := ctx.Value(lineageKey{}).(lineage)
	return l
}

// maxDepth is how deep deployments may nest.
const maxDepth = 8

// resolve gives the address of a link, relative ones against base.
func (l *link) resolve(base string) (string, error) {
	invalid := func(why string) error {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink, "The content link is not valid: %s.", why)
	}
	switch {
	case l.URI != "" && l.RelativePath != "":
		return "", invalid("it has both 'uri' and 'relativePath'")
	case l.RelativePath != "" && base == "":
		return "", invalid("'relativePath' needs a parent deployment that was itself linked by 'uri'")
	case l.URI == "" && l.RelativePath == "":
		return "", invalid("it needs 'uri' or 'relativePath'")
	}
	out, err := url.Parse(l.URI)
	if err == nil && l.RelativePath != "" {
		var from *url.URL
		if from, err = url.Parse(base); err == nil {
			out, err = from.Parse(l.RelativePath)
		}
	}
	if err != nil || out.Host == "" || out.Scheme != "https" && out.Scheme != "http" {
		return "", invalid("'" + l.URI + l.RelativePath + "' is no http or https address")
	}
	return out.String(), nil
}

// follow fetches what a link names. at is its address without the query that the link names apart, which may hold a key.
func (s *Service) follow(ctx context.Context, l *link, base string) (text, at string, err error) {
	at, err = l.resolve(base)
	if err != nil {
		return "", "", err
	}
	invalid := func(format string, args ...any) *azure.Error {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink, format, args...)
	}
	if s.o.Fetch == nil {
		return "", at, invalid("This cloud fetches no linked content; '%s' was not read. Send the template itself.", at)
	}
	from := at
	if l.QueryString != "" {
		bare, _, _ := strings.Cut(at, "?")
		from = bare + "?" + strings.TrimPrefix(l.QueryString, "?")
	}
	data, err := s.o.Fetch(ctx, from)
	if err != nil {
		return "", at, invalid("Unable to download deployment content from '%s': %v.", at, err).Because(err)
	}
	return string(data), at, l.checkContent(data, at)
}

// checkContent holds what was fetched against the link.
func (l *link) checkContent(data []byte, at string) error {
	tree, err := lenient.ParseTree(data)
	if err != nil {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink, "The deployment content from '%s' is not JSON: %v.", at, err).Because(err)
	}
	if has, _ := member(tree, "contentVersion"); l.ContentVersion != "" && (has.Kind() != lenient.String || has.Text() != l.ContentVersion) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidContentLink, "The deployment content from '%s' does not have the contentVersion '%s' that the link asks for.", at, l.ContentVersion)
	}
	return nil
}

// insideFile is the parameters of a parameter file; one with $schema is read as it is.
func insideFile(text string) string {
	tree, err := lenient.ParseTree([]byte(text))
	if err != nil {
		return text
	}
	inner, ok := member(tree, "parameters")
	if _, named := member(tree, "$schema"); named || !ok || inner.Kind() != lenient.Object {
		return text
	}
	return text[inner.Offset():inner.End()]
}
