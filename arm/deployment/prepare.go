package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// job is a deployment that is about to run: its plan and for whom.
type job struct {
	id          azure.ResourceID // of the deployment
	run         string
	start       time.Time
	correlation string
	caller      authz.Principal
	req         *request
	stored      string // the template as it may be stored, "" when that is as sent
	tmpl        *template.Template
	bound       *template.Bound
	plan        *template.Plan
	secrets     []string // values that must not be in error texts
	inherited   []string // those that the parent put into the template
	onlyNew     bool     // what-if: how existing resources would change is told, also where they must not
}

func (j *job) scope() azure.ResourceID { return j.id.Scope() }

// newJob is the job of a request of caller.
func (s *Service) newJob(ctx context.Context, id azure.ResourceID, caller authz.Principal, req *request) (*job, error) {
	from := lineageOf(ctx)
	j := &job{id: id, run: uuid.NewString(), start: s.o.Now().UTC(), correlation: from.correlation, caller: caller, req: req}
	if j.correlation == "" {
		j.correlation = uuid.NewString()
	}
	req.settings.Depth, req.settings.Base = from.depth, from.base
	j.inherited = from.secrets
	if from.redacted != nil {
		shown, err := parseRequest(from.redacted)
		if err != nil {
			return nil, err
		}
		j.stored = shown.template
	}
	if err := s.checkPlace(j); err != nil {
		return nil, err
	}
	return j, s.prepare(ctx, j)
}

// checkPlace holds the request against its scope.
func (s *Service) checkPlace(j *job) error {
	scope, req := j.scope(), j.req
	switch {
	case req.settings.Depth > maxDepth:
		return azure.Errorf(azure.Invalid, azure.CodeInvalidTemplate, "The deployment '%s' is nested more than %d deployments deep.", j.id.Name(), maxDepth)
	case req.settings.Depth > 0 && req.settings.Mode == modeComplete:
		return azure.Errorf(azure.Invalid, azure.CodeInvalidDeployment, "The nested deployment '%s' has the mode 'Complete'. Only the outermost deployment may.", j.id.Name())
	case scope.ResourceGroup != "":
		return nil
	case req.settings.Mode == modeComplete:
		return azure.Errorf(azure.Invalid, azure.CodeInvalidDeployment, "The mode 'Complete' is for deployments to a resource group only; '%s' goes to '%s'.", j.id.Name(), scope)
	case req.location == "":
		return azure.Errorf(azure.Invalid, azure.CodeLocationRequired, "The 'location' property must be specified for '%s': it says where the deployment itself is kept.", j.id.Name()).At("location")
	}
	loc, known := azure.ParseLocation(req.location)
	if !known {
		return azure.Errorf(azure.Invalid, azure.CodeLocationNotAvailable, "The provided location '%s' is not available for deployments. List the regions with 'az account list-locations'.", req.location).At("location")
	}
	req.location = string(loc)
	return nil
}

// prepare reads the template and makes the plan: everything that can be said before anything is touched.
func (s *Service) prepare(ctx context.Context, j *job) error {
	set := &j.req.settings
	if set.TemplateLink != nil && j.req.template == "" { // else it was fetched before a restart
		if err := s.linked(ctx, j); err != nil {
			return err
		}
	}
	if set.ParametersLink != nil && j.req.parameters == "" {
		var err error
		if j.req.parameters, _, err = s.follow(ctx, set.ParametersLink, ""); err != nil {
			return err
		}
		j.req.parameters = insideFile(j.req.parameters)
		set.ParametersLink.QueryString = ""
	}
	var err error
	if j.tmpl, err = template.Parse([]byte(j.req.template), template.Limits{}); err != nil {
		return err
	}
	if err := j.checkLevel(); err != nil {
		return err
	}
	args, err := argument.Parse([]byte(j.req.parameters))
	if err != nil {
		return err
	}
	if err := args.Inputs([]byte(j.req.inputs)); err != nil {
		return err
	}
	if err := s.fetchSecrets(ctx, j, args); err != nil {
		return err
	}
	j.secrets = append(j.secrets, j.inherited...)
	j.collectSecrets()
	context, err := s.context(ctx, j)
	if err != nil {
		return err
	}
	if j.bound, err = template.Bind(j.tmpl, args, context); err != nil {
		return j.scrub(err)
	}
	for _, secret := range j.bound.Hidden() {
		j.secrets = append(j.secrets, secret.Reveal())
	}
	j.plan, err = j.bound.Plan()
	return j.scrub(err)
}

// checkLevel wants the template's $schema to be that of the scope. Azure: nested templates are not held to it.
func (j *job) checkLevel() error {
	want := template.LevelOf(j.scope())
	if j.req.settings.Depth > 0 || j.tmpl.Level() == want {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidTemplate,
		"Deployment template validation failed: 'The $schema of the template is that of a deployment to the scope '%s', but '%s' goes to the scope '%s'. Deploy it there, or change $schema.'.",
		j.tmpl.Level(), j.id.Name(), want)
}

// fetchSecrets resolves the Key Vault references. Every one is tried, so that all that is wrong is said at once.
func (s *Service) fetchSecrets(ctx context.Context, j *job, args *argument.Set) error {
	var failed []*azure.Error
	for _, ref := range args.References() {
		secret, err := s.secret(ctx, j, ref)
		if err != nil {
			failed = append(failed, azure.AsError(err).At(ref.Parameter))
			continue
		}
		args.Resolve(ref.Parameter, secret)
		j.secrets = append(j.secrets, secret.Reveal())
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	}
	kinds := make([]string, len(failed))
	for i, e := range failed {
		kinds[i] = strings.ReplaceAll(http.StatusText(e.Kind.Status()), " ", "")
		if e.Code == azure.CodeKeyVaultReferenceNotFound || strings.Contains(e.Message, "'NotFound'") {
			kinds[i] = "NotFound"
		}
	}
	return azure.Errorf(azure.Invalid, azure.CodeMultipleErrors, "Multiple error occurred: %s. Please see details.", strings.Join(kinds, ",")).WithDetails(failed...)
}

// vaultHelp is where Azure's texts send the reader.
const vaultHelp = " Please see https://aka.ms/arm-keyvault for usage details."

// secret fetches the secret of one reference, in the words of deployments.
func (s *Service) secret(ctx context.Context, j *job, ref argument.Reference) (azure.Secret, error) {
	if s.o.Secret == nil {
		return azure.Secret{}, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "This cloud has no key vaults; the parameter '%s' cannot be read.", ref.Parameter)
	}
	if !s.o.Hall.Exists(azure.ResourceID{Subscription: ref.Vault.Subscription}) {
		return azure.Secret{}, azure.Errorf(azure.Invalid, azure.CodeKeyVaultReferenceOtherTenant,
			"The specified KeyVault '%s' is not in current tenant '%s' for subscription '%s'.%s", ref.Vault, s.o.TenantID, ref.Vault.Subscription, vaultHelp)
	}
	secret, err := s.o.Secret(ctx, ref.Vault, ref.Secret, ref.Version, j.caller)
	e := azure.AsError(err)
	switch {
	case e == nil:
		return secret, nil
	case e.Code == azure.CodeKeyVaultReferenceFailed:
		if _, why, ok := strings.Cut(e.Message, "cannot be retrieved. "); ok {
			e = azure.Errorf(e.Kind, e.Code, "The secret of KeyVault parameter '%s' cannot be retrieved. %s", ref.Parameter, why).Because(err)
		}
	case e.Code == azure.CodeKeyVaultReferenceNotFound || e.Code == azure.CodeKeyVaultReferenceDenied:
		e = azure.Errorf(e.Kind, e.Code, "%s%s", e.Message, vaultHelp).Because(err)
	}
	return azure.Secret{}, e
}

// collectSecrets notes the values of secure parameters that were given in clear.
func (j *job) collectSecrets() {
	tree, err := lenient.ParseTree([]byte(j.req.parameters))
	if err != nil {
		return // there are none: what is given has been read before
	}
	if inner, ok := member(tree, "parameters"); ok && j.req.settings.ParametersLink != nil {
		tree = inner
	}
	for _, d := range j.tmpl.Declarations() {
		given, ok := member(tree, d.Name)
		if !ok || !d.Secure {
			continue
		}
		if v, ok := member(given, "value"); ok && v.Kind() == lenient.String {
			j.secrets = append(j.secrets, v.Text())
		}
	}
}

// context is what the template may ask about its deployment.
func (s *Service) context(ctx context.Context, j *job) (template.Context, error) {
	scope, set := j.scope(), j.req.settings
	c := template.Context{Scope: scope, Name: j.id.Name(), Location: j.req.location, Mode: set.Mode, Now: j.start, NewGUID: guids(j.run),
		Tenant:   map[string]any{"id": "/tenants/" + s.o.TenantID, "tenantId": s.o.TenantID, "displayName": "Lazuli", "countryCode": ""},
		Deployer: map[string]any{"objectId": j.caller.ObjectID, "tenantId": j.caller.TenantID, "userPrincipalName": j.caller.Name}}
	c.Provider = func(namespace string) (any, error) { // asked while the deployment runs, too
		at := strings.TrimSuffix(azure.ResourceID{Subscription: scope.Subscription}.String(), "/")
		return s.ask(s.base, j, at+"/providers/"+url.PathEscape(namespace)+"?api-version="+groupVersion)
	}
	if set.TemplateLink != nil {
		c.TemplateLink = set.TemplateLink
	}
	var err error
	if c.Environment, err = s.ask(ctx, j, "/metadata/endpoints?api-version=2022-09-01"); err != nil {
		return c, err
	}
	if scope.ManagementGroup() != "" {
		c.ManagementGroup, err = s.ask(ctx, j, scope.String()+"?api-version="+groupVersion)
		if err != nil { // who may deploy here need not read the group
			c.ManagementGroup = map[string]any{"id": scope.String(), "name": scope.Name(), "type": azure.TypeManagementGroup}
		}
	}
	if scope.Subscription != "" {
		at := "/subscriptions/" + scope.Subscription
		c.Subscription, err = s.ask(ctx, j, at+"?api-version="+groupVersion)
		if err != nil { // Azure: who may deploy here need not read the subscription
			c.Subscription = map[string]any{"id": at, "subscriptionId": scope.Subscription, "tenantId": s.o.TenantID, "displayName": ""}
		}
	}
	if scope.ResourceGroup != "" {
		if c.ResourceGroup, err = s.ask(ctx, j, scope.String()+"?api-version="+groupVersion); err != nil {
			return c, fmt.Errorf("cannot read the resource group of the deployment: %w", err)
		}
	}
	return c, nil
}

// groupVersion is an api-version of subscriptions and groups.
const groupVersion = "2024-11-01"

// ask reads a document of the control plane as the caller.
func (s *Service) ask(ctx context.Context, j *job, target string) (any, error) {
	a := s.o.Hall.Do(ctx, j.caller, http.MethodGet, target, nil)
	if err := a.Err(); err != nil {
		return nil, err
	}
	var v any
	return v, json.Unmarshal(a.Body, &v)
}

// guids gives the same ids again when the same run is planned again after a restart.
func guids(run string) func() string {
	space := uuid.NewSHA1(uuid.NameSpaceOID, []byte(run))
	n := 0
	return func() string {
		n++
		return uuid.NewSHA1(space, fmt.Append(nil, n)).String()
	}
}

// jobOf is the job of a PUT, validate or whatIf.
func (s *Service) jobOf(ctx context.Context, r *arm.CallRequest) (*job, error) {
	id, err := s.deploymentID(r)
	if err != nil {
		return nil, err
	}
	req, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	return s.newJob(ctx, id, r.Principal, req)
}
